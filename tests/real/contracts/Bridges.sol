// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// A token that anyone may mint, burn and move: what is tested is the logs, not the rights.
contract Chip {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event OFTSent(
        bytes32 indexed guid, uint32 dstEid, address indexed from, uint256 sentLD, uint256 receivedLD
    );
    event OFTReceived(bytes32 indexed guid, uint32 srcEid, address indexed to, uint256 receivedLD);

    mapping(address => uint256) public balanceOf;
    string public symbol;
    uint8 public decimals;

    constructor(string memory symbol_, uint8 decimals_) {
        symbol = symbol_;
        decimals = decimals_;
    }

    function mint(address to, uint256 value) external {
        move(address(0), to, value);
    }

    function burn(address from, uint256 value) external {
        move(from, address(0), value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) public {
        if (from != address(0)) balanceOf[from] -= value;
        if (to != address(0)) balanceOf[to] += value;
        emit Transfer(from, to, value);
    }

    function toldSent(bytes32 guid, uint32 eid, address from, uint256 sent, uint256 arrives) external {
        emit OFTSent(guid, eid, from, sent, arrives);
    }

    function toldReceived(bytes32 guid, uint32 eid, address to, uint256 arrives) external {
        emit OFTReceived(guid, eid, to, arrives);
    }
}

/// What burns here and mints there, as Circle's transmitter of messages writes it (first version).
contract Transmitter {
    event MessageSent(bytes message);
    event MessageReceived(
        address indexed caller, uint32 sourceDomain, uint64 indexed nonce, bytes32 sender, bytes messageBody
    );

    function burn(Chip token, uint256 value, uint32[2] calldata domains, uint64 nonce, bytes32[3] calldata who)
        external
    {
        bytes memory body = abi.encodePacked(
            uint32(0), bytes32(uint256(uint160(address(token)))), who[2], value,
            bytes32(uint256(uint160(msg.sender)))
        );
        token.move(msg.sender, address(this), value);
        token.burn(address(this), value);
        emit MessageSent(
            abi.encodePacked(uint32(0), domains[0], domains[1], nonce, who[0], who[1], bytes32(0), body)
        );
    }

    function receiveMessage(Chip token, uint32 source, uint64 nonce, bytes32 sender, bytes calldata body) external {
        address to = address(uint160(uint256(bytes32(body[36:68]))));
        emit MessageReceived(msg.sender, source, nonce, sender, body);
        token.mint(to, uint256(bytes32(body[68:100])));
    }
}

/// Deposits, and fills by relayers with money of their own, as Across writes them.
contract SpokePool {
    struct Info {
        bytes32 recipient;
        bytes32 message;
        uint256 amount;
        uint8 kind;
    }

    event FundsDeposited(
        bytes32 inputToken, bytes32 outputToken, uint256 inputAmount, uint256 outputAmount,
        uint256 indexed destination, uint256 indexed depositId, uint32 quoted, uint32 deadline, uint32 exclusive,
        bytes32 indexed depositor, bytes32 recipient, bytes32 relayer, bytes message
    );
    event FilledRelay(
        bytes32 inputToken, bytes32 outputToken, uint256 inputAmount, uint256 outputAmount, uint256 repayment,
        uint256 indexed origin, uint256 indexed depositId, uint32 deadline, uint32 exclusive, bytes32 exclusiveRelayer,
        bytes32 indexed relayer, bytes32 depositor, bytes32 recipient, bytes32 message, Info info
    );

    /// tokens and people are (here, there); amounts (in, out)
    function deposit(bytes32[2] calldata tokens, uint256[2] calldata amounts, uint256 to, uint256 id, bytes32 who)
        external
    {
        Chip(address(uint160(uint256(tokens[0])))).move(msg.sender, address(this), amounts[0]);
        emit FundsDeposited(
            tokens[0], tokens[1], amounts[0], amounts[1], to, id, 0, 0, 0,
            bytes32(uint256(uint160(msg.sender))), who, bytes32(0), ""
        );
    }

    function fill(
        bytes32[2] calldata tokens, uint256[2] calldata amounts, uint256 from, uint256 id, bytes32[2] calldata who
    ) external {
        Chip(address(uint160(uint256(tokens[1])))).move(msg.sender, address(uint160(uint256(who[1]))), amounts[1]);
        Info memory info = Info(who[1], bytes32(0), amounts[1], 0);
        emit FilledRelay(
            tokens[0], tokens[1], amounts[0], amounts[1], from, from, id, 0, 0, bytes32(0),
            bytes32(uint256(uint160(msg.sender))), who[0], who[1], bytes32(0), info
        );
    }
}

/// Packets, as the endpoint of LayerZero V2 writes them.
contract Endpoint {
    struct Origin {
        uint32 srcEid;
        bytes32 sender;
        uint64 nonce;
    }

    event PacketSent(bytes encodedPayload, bytes options, address sendLibrary);
    event PacketDelivered(Origin origin, address receiver);

    function send(Chip token, uint64 nonce, uint32[2] calldata eids, address there, uint256[2] calldata amounts)
        external
        payable
    {
        bytes32 sender = bytes32(uint256(uint160(address(token))));
        bytes32 receiver = bytes32(uint256(uint160(there)));
        bytes32 guid = keccak256(abi.encodePacked(nonce, eids[0], sender, eids[1], receiver));
        token.burn(msg.sender, amounts[0]);
        token.toldSent(guid, eids[1], msg.sender, amounts[0], amounts[1]);
        emit PacketSent(
            abi.encodePacked(uint8(1), nonce, eids[0], sender, eids[1], receiver, guid, uint8(0)), "", address(this)
        );
    }

    function deliver(Chip token, uint64 nonce, uint32[2] calldata eids, address from, address to, uint256 value)
        external
    {
        bytes32 sender = bytes32(uint256(uint160(from)));
        bytes32 receiver = bytes32(uint256(uint160(address(token))));
        bytes32 guid = keccak256(abi.encodePacked(nonce, eids[0], sender, eids[1], receiver));
        token.mint(to, value);
        token.toldReceived(guid, eids[0], to, value);
        emit PacketDelivered(Origin(eids[0], sender, nonce), address(token));
    }
}

/// Deposits with a memo, as the router of THORChain writes them; the vault is paid at once.
contract Router {
    event Deposit(address indexed to, address indexed asset, uint256 amount, string memo);

    function deposit(address payable vault, string calldata memo) external payable {
        vault.transfer(msg.value);
        emit Deposit(vault, address(0), msg.value, memo);
    }
}

/// A pool that gives what it is told to for what it is given: prices are no matter here.
contract Swapper {
    receive() external payable {}

    function swap(Chip sold, uint256 give, Chip bought, uint256 get, address payable to) external payable {
        if (address(sold) != address(0)) sold.move(msg.sender, address(this), give);
        if (address(bought) == address(0)) to.transfer(get);
        else bought.move(address(this), to, get);
    }
}

/// An aggregator: takes from its caller, goes through a pool, and hands on what came.
contract Aggregator {
    receive() external payable {}

    function route(Swapper pool, Chip sold, uint256 give, Chip bought, uint256 get) external payable {
        if (address(sold) != address(0)) sold.move(msg.sender, address(this), give);
        pool.swap{value: msg.value}(sold, give, bought, get, payable(address(this)));
        if (address(bought) == address(0)) payable(msg.sender).transfer(get);
        else bought.transfer(msg.sender, get);
    }
}

/// A pool of equal deposits, as Tornado Cash writes them.
contract Mixer {
    event Deposit(bytes32 indexed commitment, uint32 leafIndex, uint256 timestamp);

    uint32 public leaves;

    function deposit(bytes32 commitment) external payable {
        emit Deposit(commitment, leaves++, block.timestamp);
    }
}
