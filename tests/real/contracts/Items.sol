// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// An ERC-1155 with the calls that move items, one at a time and in batches.
contract Items {
    event TransferSingle(
        address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value
    );
    event TransferBatch(
        address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values
    );

    mapping(address => mapping(uint256 => uint256)) private _held;

    function balanceOf(address account, uint256 id) external view returns (uint256) {
        return _held[account][id];
    }

    function mint(address to, uint256 id, uint256 value) external {
        _held[to][id] += value;
        emit TransferSingle(msg.sender, address(0), to, id, value);
    }

    function move(address to, uint256 id, uint256 value) external {
        _held[msg.sender][id] -= value;
        _held[to][id] += value;
        emit TransferSingle(msg.sender, msg.sender, to, id, value);
    }

    function moveBatch(address to, uint256[] calldata ids, uint256[] calldata values) external {
        for (uint256 i = 0; i < ids.length; i++) {
            _held[msg.sender][ids[i]] -= values[i];
            _held[to][ids[i]] += values[i];
        }
        emit TransferBatch(msg.sender, msg.sender, to, ids, values);
    }
}

/// An ERC-721 with the least that moves a deed.
contract Deeds {
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 id) external {
        ownerOf[id] = to;
        balanceOf[to] += 1;
        emit Transfer(address(0), to, id);
    }

    function move(address to, uint256 id) external {
        require(ownerOf[id] == msg.sender, "not the owner");
        ownerOf[id] = to;
        balanceOf[msg.sender] -= 1;
        balanceOf[to] += 1;
        emit Transfer(msg.sender, to, id);
    }
}
