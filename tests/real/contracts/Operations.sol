// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface Account {
    function run(address payable to, uint256 value, bytes calldata data) external payable;
}

/// Carries out what accounts want, sent by whoever is paid for it (ERC-4337, without its signatures).
contract EntryPoint {
    event UserOperationEvent(
        bytes32 indexed userOpHash, address indexed sender, address indexed paymaster,
        uint256 nonce, bool success, uint256 actualGasCost, uint256 actualGasUsed
    );

    mapping(address => uint256) public deposits;

    function depositTo(address account) external payable {
        deposits[account] += msg.value;
    }

    /// An operation that fails costs its account all the same, and moves nothing.
    function handle(
        address account, address payable to, uint256 value, uint256 cost, address payable beneficiary
    ) external {
        bool success = true;
        try Account(account).run(to, value, "") {} catch {
            success = false;
        }
        deposits[account] -= cost;
        (bool paid,) = beneficiary.call{value: cost}("");
        require(paid, "the bundler was not paid");
        emit UserOperationEvent(keccak256(abi.encode(account, to)), account, address(0), 0, success, cost, 1);
    }
}
