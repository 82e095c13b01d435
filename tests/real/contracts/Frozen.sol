// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// A token with the blacklist of Tether's contract on Ethereum: its events have the address among their data.
contract Tether {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event AddedBlackList(address _user);
    event RemovedBlackList(address _user);
    event DestroyedBlackFunds(address _blackListedUser, uint256 _balance);

    mapping(address => uint256) public balanceOf;
    mapping(address => bool) public isBlackListed;

    function issue(address to, uint256 value) external {
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external {
        require(!isBlackListed[msg.sender]);
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
    }

    function addBlackList(address user) external {
        isBlackListed[user] = true;
        emit AddedBlackList(user);
    }

    function removeBlackList(address user) external {
        isBlackListed[user] = false;
        emit RemovedBlackList(user);
    }

    function destroyBlackFunds(address user) external {
        require(isBlackListed[user]);
        uint256 dirty = balanceOf[user];
        balanceOf[user] = 0;
        emit DestroyedBlackFunds(user, dirty);
    }

    /// What no contract should do: change the list and write no event.
    function setSilently(address user, bool listed) external {
        isBlackListed[user] = listed;
    }
}

/// A token with the blacklist of Circle's contract: its events have the address as a topic.
contract Circle {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Blacklisted(address indexed _account);
    event UnBlacklisted(address indexed _account);

    mapping(address => uint256) public balanceOf;
    mapping(address => bool) internal blacklisted;

    function issue(address to, uint256 value) external {
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(!blacklisted[msg.sender] && !blacklisted[to]);
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function isBlacklisted(address account) external view returns (bool) {
        return blacklisted[account];
    }

    function blacklist(address account) external {
        blacklisted[account] = true;
        emit Blacklisted(account);
    }

    function unBlacklist(address account) external {
        blacklisted[account] = false;
        emit UnBlacklisted(account);
    }
}
