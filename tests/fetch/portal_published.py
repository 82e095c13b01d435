"""What the SQD Portal publishes of its datasets: tables, fields, filters, relations, forms; and its errors.

Carried over from its own specifications, in this project's form. The catalogue: subsquid/sqd-query-engine,
``spec/03-catalog.md`` at bd91a84a0dc9, beside subsquid/data, ``crates/query/src/query`` at 14f2606b6fa0.
The errors: subsquid/sqd-portal, ``docs/openapi/04-errors.md`` at 043c95ede62d and
``spec/14-interface-binding.md`` at 107a8f723ccd, of version 0.12.1. Read on 2026-11-25.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fetch.services import Reply

ITEMS, BODY, MENTIONED = 100, 256 << 10, 10
"""Most filters in one question, most bytes of it, most accounts in one filter by mention."""
RESERVED = frozenset({"type", "fromBlock", "toBlock", "parentBlockHash", "fields", "includeAllBlocks"})


@dataclass(frozen=True)
class Published:
    """A table: what its fields are called in a question, and the names it knows.

    ``decimal`` are the fields that are decimal numbers in quotes.
    """

    part: str
    fields: frozenset[str]
    filters: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    decimal: frozenset[str] = frozenset()


def _table(part: str, fields: str, *names: str, decimal: str = "") -> Published:
    """Return a table; ``names`` are its filters and its relations."""
    words = (fields, *(*names, "", "")[:2], decimal)
    return Published(part, *(frozenset(one.split()) for one in words))


_TOPICS = "address topic0 topic1 topic2 topic3"
_EVM = {
    "blocks": _table(
        "block",
        "number hash parentHash timestamp transactionsRoot receiptsRoot stateRoot logsBloom sha3Uncles "
        "extraData miner nonce mixHash size gasLimit gasUsed difficulty totalDifficulty "
        "baseFeePerGas uncles "
        "withdrawals withdrawalsRoot blobGasUsed excessBlobGas parentBeaconBlockRoot requestsHash "
        "l1BlockNumber",
    ),
    "transactions": _table(
        "transaction",
        "transactionIndex hash nonce from to input value gas gasPrice maxFeePerGas "
        "maxPriorityFeePerGas v r s "
        "yParity accessList chainId sighash contractAddress gasUsed logsBloom cumulativeGasUsed "
        "effectiveGasPrice type status blobGasUsed blobGasPrice maxFeePerBlobGas blobVersionedHashes "
        "authorizationList l1Fee l1FeeScalar l1GasPrice l1GasUsed l1BlobBaseFee l1BlobBaseFeeScalar "
        "l1BaseFeeScalar",
        "from to sighash firstNonce lastNonce",
        "logs traces stateDiffs",
    ),
    "logs": _table(
        "log",
        "logIndex transactionIndex transactionHash address data topics",
        _TOPICS,
        "transaction transactionLogs transactionTraces transactionStateDiffs",
    ),
    "traces": _table(
        "trace",
        "transactionIndex traceAddress type subtraces error revertReason createFrom createValue "
        "createGas "
        "createInit createResultGasUsed createResultCode createResultAddress callFrom callTo "
        "callValue callGas "
        "callInput callSighash callType callCallType callResultGasUsed callResultOutput suicideAddress "
        "suicideRefundAddress suicideBalance rewardAuthor rewardValue rewardType",
        "type createFrom createResultAddress callFrom callTo callSighash callCallType suicideAddress "
        "suicideRefundAddress rewardAuthor",
        "transaction transactionLogs subtraces parents",
    ),
    "stateDiffs": _table(
        "stateDiff", "transactionIndex address key kind prev next", "address key kind", "transaction"
    ),
}
_BITCOIN = {
    "blocks": _table(
        "block",
        "number hash parentHash timestamp medianTime version merkleRoot nonce target bits "
        "difficulty chainWork "
        "strippedSize size weight",
    ),
    "transactions": _table(
        "transaction",
        "transactionIndex hex txid hash size vsize weight version locktime",
        "",
        "inputs outputs",
    ),
    "inputs": _table(
        "input",
        "transactionIndex inputIndex type txid vout scriptSigHex scriptSigAsm sequence coinbase "
        "txInWitness "
        "prevoutGenerated prevoutHeight prevoutValue prevoutScriptPubKeyHex prevoutScriptPubKeyAsm "
        "prevoutScriptPubKeyDesc prevoutScriptPubKeyType prevoutScriptPubKeyAddress",
        "type prevoutScriptPubKeyAddress prevoutScriptPubKeyType prevoutGenerated",
        "transaction transactionInputs transactionOutputs",
    ),
    "outputs": _table(
        "output",
        "transactionIndex outputIndex value scriptPubKeyHex scriptPubKeyAsm scriptPubKeyDesc "
        "scriptPubKeyType "
        "scriptPubKeyAddress",
        "scriptPubKeyAddress scriptPubKeyType",
        "transaction transactionInputs transactionOutputs",
    ),
}
_ACCOUNTS = " ".join(f"a{n}" for n in range(16))
_SOLANA = {
    "blocks": _table("block", "number hash parentNumber parentHash height timestamp"),
    "transactions": _table(
        "transaction",
        "transactionIndex version accountKeys addressTableLookups numReadonlySignedAccounts "
        "numReadonlyUnsignedAccounts numRequiredSignatures recentBlockhash signatures err fee "
        "computeUnitsConsumed loadedAddresses feePayer hasDroppedLogMessages",
        "feePayer mentionsAccount",
        "instructions logs balances tokenBalances",
        decimal="fee computeUnitsConsumed",
    ),
    "instructions": _table(
        "instruction",
        "transactionIndex instructionAddress programId accounts data d1 d2 d4 d8 error "
        "computeUnitsConsumed "
        "isCommitted hasDroppedLogMessages",
        f"programId discriminator d1 d2 d4 d8 {_ACCOUNTS} isCommitted mentionsAccount",
        "transaction transactionInstructions transactionBalances transactionTokenBalances logs "
        "innerInstructions parentInstructions",
        decimal="computeUnitsConsumed",
    ),
    "balances": _table(
        "balance",
        "transactionIndex account pre post",
        "account",
        "transaction transactionInstructions",
        decimal="pre post",
    ),
    "tokenBalances": _table(
        "tokenBalance",
        "transactionIndex account preMint postMint preDecimals postDecimals preProgramId postProgramId "
        "preOwner postOwner preAmount postAmount",
        "account preMint postMint preProgramId postProgramId preOwner postOwner",
        "transaction transactionInstructions transactionBalances transactionTokenBalances",
        decimal="preAmount postAmount",
    ),
}
_SENT = "logs internalTransactions"
_TRON = {
    "blocks": _table(
        "block", "number hash parentHash txTrieRoot version timestamp witnessAddress witnessSignature"
    ),
    "transactions": _table(
        "transaction",
        "transactionIndex hash ret signature type parameter permissionId refBlockBytes "
        "refBlockHash feeLimit "
        "expiration timestamp rawDataHex fee contractResult contractAddress resMessage withdrawAmount "
        "unfreezeAmount withdrawExpireAmount cancelUnfreezeV2Amount result energyFee energyUsage "
        "energyUsageTotal netUsage netFee originEnergyUsage energyPenaltyTotal",
        "type",
        _SENT,
        decimal="feeLimit fee withdrawAmount unfreezeAmount withdrawExpireAmount energyFee energyUsage "
        "energyUsageTotal netUsage netFee originEnergyUsage energyPenaltyTotal",
    ),
    "transferTransactions": _table("", "", "owner to", _SENT),
    "transferAssetTransactions": _table("", "", "owner to asset", _SENT),
    "triggerSmartContractTransactions": _table("", "", "owner contract sighash", _SENT),
    "logs": _table("log", "transactionIndex logIndex address data topics", _TOPICS, "transaction"),
    "internalTransactions": _table(
        "internalTransaction",
        "transactionIndex internalTransactionIndex hash callerAddress transferToAddress "
        "callValueInfo note "
        "rejected extra",
        "caller transferTo",
        "transaction",
    ),
}
CATALOGUE: Mapping[str, Mapping[str, Published]] = {
    "evm": _EVM, "bitcoin": _BITCOIN, "solana": _SOLANA, "tron": _TRON,
}  # fmt: skip


def strange(kind: str, asked: Mapping[str, Any]) -> set[str]:
    """Return what a question names that the catalogue does not; empty where the portal understands it."""
    tables = CATALOGUE[kind]
    fields = {table.part: table.fields for table in tables.values() if table.part}
    found = {key for key in asked if key not in RESERVED | tables.keys()}
    for part, wanted in asked["fields"].items():
        found |= {f"{part}.{name}" for name in wanted if name not in fields.get(part, ())}
    for name in asked.keys() & tables.keys():
        for item in asked[name]:
            filters = {key for key, value in item.items() if value is not True}
            found |= {f"{name}.{key}" for key in filters - tables[name].filters}
            found |= {f"{name}.{key}" for key in item.keys() - filters - tables[name].relations}
    return found


def lines(*blocks: Mapping[str, Any]) -> Reply:
    """Return a stream: one block per line, with the headers that come with each."""
    told = {
        "content-type": "application/jsonl", "x-request-id": "0198c3f1", "x-sqd-data-source": "network",
        "x-sqd-finalized-head-number": "21780900", "x-sqd-finalized-head-hash": "0x" + "fa" * 32,
    }  # fmt: skip
    return 200, told, b"".join(json.dumps(block).encode() + b"\n" for block in blocks)


def told(found: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer in JSON."""
    return status, {"content-type": "application/json", **(headers or {})}, json.dumps(found).encode()


def refused(status: int, kind: str, words: str, **headers: str) -> Reply:
    """Return an error in the envelope that every endpoint uses; its code is the first of the words."""
    code, _, message = words.partition(" ")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return told({"error": {"type": kind, "code": code, "message": message}}, status, named)


def metadata(dataset: str, aliases: Iterable[str] = (), start: int = 0) -> Reply:
    """Return what a dataset says of itself: beta.docs.sqd.dev/en/api/evm/metadata has this of Ethereum."""
    return told(
        {"dataset": dataset, "aliases": list(aliases), "real_time": True, "start_block": start}
    )  # fmt: skip
