// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Coin as a token, as WETH9 keeps it: two logs of its own where it is wrapped and unwrapped, and no Transfer.
contract Weth {
    event Transfer(address indexed src, address indexed dst, uint256 wad);
    event Deposit(address indexed dst, uint256 wad);
    event Withdrawal(address indexed src, uint256 wad);

    mapping(address => uint256) public balanceOf;

    receive() external payable {
        deposit();
    }

    function deposit() public payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function withdraw(uint256 wad) external {
        balanceOf[msg.sender] -= wad;
        payable(msg.sender).transfer(wad);
        emit Withdrawal(msg.sender, wad);
    }

    function transfer(address dst, uint256 wad) external returns (bool) {
        balanceOf[msg.sender] -= wad;
        balanceOf[dst] += wad;
        emit Transfer(msg.sender, dst, wad);
        return true;
    }
}

/// Writes the same log about coin that never was.
contract Liar {
    event Deposit(address indexed dst, uint256 wad);

    function lie(address dst, uint256 wad) external {
        emit Deposit(dst, wad);
    }
}
