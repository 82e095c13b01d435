// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Pays on in every way a contract can, and in ways that only look so.
contract Splitter {
    receive() external payable {}

    /// Pays each of them the same; an identity precompile call in between moves nothing.
    function split(address payable[] calldata to) external payable {
        uint256 part = msg.value / to.length;
        for (uint256 i = 0; i < to.length; i++) {
            (bool copied,) = address(4).staticcall(abi.encode(i));
            (bool paid,) = to[i].call{value: part}("");
            require(copied && paid, "a part was not paid");
        }
    }

    /// Pays, then reverts: nothing it paid has moved.
    function payAndFail(address payable to, uint256 value) external payable {
        (bool paid,) = to.call{value: value}("");
        require(paid, "not paid");
        revert("changed my mind");
    }

    /// The inner call pays and reverts, this one goes on: a payment inside a reverted parent never was.
    function tryFail(address payable to, uint256 value) external payable {
        try this.payAndFail{value: value}(to, value) {} catch {}
        (bool paid,) = to.call{value: value / 2}("");
        require(paid, "not paid");
    }

    /// Calls itself so many times, paying 1 wei at the bottom.
    function deep(address payable to, uint256 depth) external payable {
        if (depth == 0) {
            (bool paid,) = to.call{value: 1}("");
            require(paid, "not paid");
        } else {
            this.deep(to, depth - 1);
        }
    }
}

/// Holds coin until it destroys itself.
contract Bomb {
    constructor() payable {}

    function blow(address payable to) external {
        selfdestruct(to);
    }
}

/// Destroys itself while it is being made.
contract Flash {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// Runs another contract's code as its own; also what an account delegates to (EIP-7702).
contract Wallet {
    receive() external payable {}

    function run(address payable to, uint256 value, bytes calldata data) external payable {
        (bool done,) = to.call{value: value}(data);
        require(done, "the call failed");
    }
}

/// Makes contracts: by CREATE with value, by CREATE2, and minimal proxies (ERC-1167).
contract Factory {
    event Made(address made);

    receive() external payable {}

    function bomb() external payable {
        emit Made(address(new Bomb{value: msg.value}()));
    }

    function bomb2(bytes32 salt) external payable {
        emit Made(address(new Bomb{value: msg.value, salt: salt}()));
    }

    function flash(address payable to) external payable {
        emit Made(address(new Flash{value: msg.value}(to)));
    }

    /// Making it fails and is caught: what was to be paid for it stays here.
    function badBomb() external payable {
        try this.bombAndFail{value: msg.value}() {} catch {}
    }

    function bombAndFail() external payable {
        new Bomb{value: msg.value}();
        revert("no");
    }

    function proxy(address target) external {
        bytes memory code = abi.encodePacked(
            hex"3d602d80600a3d3981f3363d3d373d3d3d363d73", target, hex"5af43d82803e903d91602b57fd5bf3"
        );
        address made;
        assembly {
            made := create(0, add(code, 0x20), mload(code))
        }
        emit Made(made);
    }
}
