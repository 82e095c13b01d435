// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// A plain ERC-20: what moves is what its logs say.
contract Coin {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// Keeps a tenth of each transfer, and says nothing of it: the taker gets less than the log says.
contract Taxed {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value - value / 10;
        balanceOf[address(this)] += value / 10;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// Grows in every account at once, and says nothing of it: balances are shares of a growing whole.
contract Rebasing {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) private _shares;
    uint256 private _factor = 1;

    constructor(uint256 supply) {
        _shares[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function balanceOf(address account) external view returns (uint256) {
        return _shares[account] * _factor;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _shares[msg.sender] -= value / _factor;
        _shares[to] += value / _factor;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function rebase() external {
        _factor *= 2;
    }
}
