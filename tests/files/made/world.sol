// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Coin {
    string public symbol = "=COIN()";
    string public name = "Toy, \"quoted\" Coin";
    uint8 public decimals = 6;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    event Transfer(address indexed from, address indexed to, uint256 value);

    function mint(address to, uint256 value) external {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(balanceOf[msg.sender] >= value, "too little");
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

contract Picture {
    string public symbol = "PIC";
    string public name = "Picture";
    mapping(uint256 => address) public ownerOf;
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

    function mint(address to, uint256 item) external {
        ownerOf[item] = to;
        emit Transfer(address(0), to, item);
    }

    function transferFrom(address from, address to, uint256 item) external {
        require(ownerOf[item] == from);
        ownerOf[item] = to;
        emit Transfer(from, to, item);
    }
}

contract Sink {
    receive() external payable {}

    function refuse(address payable to) external payable {
        to.transfer(msg.value);
        revert("no");
    }
}

contract Splitter {
    Sink public sink;

    constructor(Sink to) payable {
        sink = to;
    }

    receive() external payable {}

    function split(address payable[] calldata to) external payable {
        for (uint256 n = 0; n < to.length; n++) {
            (bool ok, ) = to[n].call{value: msg.value / to.length}("");
            require(ok);
        }
    }

    // The inner call pays and then fails; its caller goes on. What it paid never moved.
    function caught(address payable to) external payable {
        try sink.refuse{value: msg.value}(to) {} catch {}
    }

    function failing(address payable to) external payable {
        to.transfer(msg.value);
        revert("all of it");
    }

    function burst(address payable to) external payable {
        new Bomb{value: msg.value}(to);
    }
}

contract Bomb {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}
