"""A TRON dataset of the SQD Portal over a toy chain: the node's objects, under the dataset's names."""

from __future__ import annotations

from dataclasses import dataclass

from base58_bech32.base58 import b58encode_check

from fetch.portal_dataset import Block, Dataset, Found, Row, Table, joined
from fetch.portal_service import provider
from flowtrace.fetch.source import Pin
from flowtrace.model import Address, Chain

TRON = Chain.of("tron")
ANN, BEN, CLEO, SWAP = ("41" + pair * 20 for pair in ("a1", "b2", "c3", "d4"))
USDT = "41a614f803b6fd780986a42c78ec9c7f77e6ded13c"
TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def base58(account: str) -> str:
    """Return an account as people write it."""
    return b58encode_check(bytes.fromhex(account)).decode()


def sent(kind: str, value: Row, *, fee: int | None = None, failed: str = "") -> Row:
    """Return a transaction of one contract, its internal transactions and logs apart."""
    result = {"contractRet": failed or "SUCCESS"}
    return {
        "type": kind, "parameter": {"value": value, "type_url": f"type.googleapis.com/protocol.{kind}"},
        "ret": [result], "result": failed or None, "fee": None if fee is None else str(fee),
        "contractAddress": None, "withdrawAmount": None, "inside": [], "logs": [],
    }  # fmt: skip


def pays(source: str, target: str, units: int, *, fee: int | None = None, failed: str = "") -> Row:
    """Return a payment of coin."""
    value = {"amount": units, "owner_address": source, "to_address": target}
    return sent("TransferContract", value, fee=fee, failed=failed)


@dataclass(frozen=True)
class Course:
    """What a call leads to: internal transactions, logs, its fee, and why it failed."""

    inside: tuple[Row, ...] = ()
    logs: tuple[Row, ...] = ()
    fee: int = 0
    failed: str = ""


def calls(source: str, contract: str, course: Course, *, pays: int = 0) -> Row:
    """Return a call of a contract, and what it pays."""
    value: Row = {"owner_address": source, "contract_address": contract, "data": "a9059cbb"}
    value |= {"call_value": pays} if pays else {}
    made = sent("TriggerSmartContract", value, fee=course.fee, failed=course.failed)
    return made | {"inside": list(course.inside), "logs": list(course.logs)}


def moves(source: str, target: str, units: int, *, rejected: bool = False, note: str = "call") -> Row:
    """Return an internal transaction."""
    info = [{"callValue": units}] if units else [{}]
    return {
        "callerAddress": source, "transferToAddress": target, "callValueInfo": info,
        "note": note.encode().hex(), "rejected": True if rejected else None,
    }  # fmt: skip


def token(source: str, target: str, units: int) -> Row:
    """Return the log of a token's transfer."""
    topics = [TRANSFER, *(one[2:].rjust(64, "0") for one in (source, target))]
    return {"address": USDT[2:], "topics": topics, "data": f"{units:064x}"}


def chain(*blocks: tuple[Row, ...]) -> list[Block]:
    """Return blocks of transactions."""
    made: list[Block] = []
    for number, rows in enumerate(blocks):
        tables: Found = {"transactions": [], "internalTransactions": [], "logs": []}
        for index, row in enumerate(rows):
            place = {"transactionIndex": index}
            value = row["parameter"]["value"]
            fields = {k: v for k, v in row.items() if k not in ("inside", "logs")}
            filters = {"owner": value.get("owner_address"), "to": value.get("to_address")}
            filters["contract"] = value.get("contract_address")
            tables["transactions"].append(place | {"hash": f"{number:032x}{index:032x}"} | fields | filters)
            for n, one in enumerate(row["inside"]):
                tables["internalTransactions"].append(place | {"internalTransactionIndex": n} | one)
            for n, one in enumerate(row["logs"]):
                topics = {f"topic{m}": topic for m, topic in enumerate(one["topics"])}
                tables["logs"].append(place | {"logIndex": n} | one | topics)
        parent = made[-1].hash if made else ""
        made.append(
            Block(number, f"{number:016x}" + "ef" * 24, 1_700_000_000_123 + 3000 * number, tables, parent)
        )
    return made


_BELONGS = {"logs": joined("logs"), "internalTransactions": joined("internalTransactions")}
_OF_TYPE = {
    "transferTransactions": ("TransferContract", ("owner", "to")),
    "transferAssetTransactions": ("TransferAssetContract", ("owner", "to")),
    "triggerSmartContractTransactions": ("TriggerSmartContract", ("owner", "contract")),
}
TABLES = {
    "transactions": Table(
        "transaction",
        (
            *("transactionIndex", "hash", "type", "parameter", "ret", "result", "fee"),
            *("contractAddress", "withdrawAmount", "contractResult"),
        ),
        {"type": "type"},
        _BELONGS,
    ),
    "logs": Table(
        "log",
        ("transactionIndex", "logIndex", "address", "topics", "data"),
        {name: name for name in ("address", "topic0", "topic1", "topic2", "topic3")},
        {"transaction": joined("transactions")},
    ),
    "internalTransactions": Table(
        "internalTransaction",
        (
            *("transactionIndex", "internalTransactionIndex", "callerAddress", "transferToAddress"),
            *("callValueInfo", "note", "rejected"),
        ),
        {"caller": "callerAddress", "transferTo": "transferToAddress"},
        {"transaction": joined("transactions")},
    ),
    **{
        name: Table("", (), {key: key for key in keys}, _BELONGS, of="transactions", only={"type": kind})
        for name, (kind, keys) in _OF_TYPE.items()
    },
}


def world() -> list[Block]:
    """Return a chain with one of every kind of move, honest and otherwise."""
    swapped = (
        moves(SWAP, ANN, 4_000_000),
        moves(SWAP, ANN, 9, rejected=True),
        moves(ANN, SWAP, 0),
        moves(SWAP, BEN, 1),
    )
    undone = (moves(SWAP, ANN, 77, rejected=True),)
    rewarded = (moves(CLEO, ANN, 2, note="withdrawReward"), moves(CLEO, ANN, 3, note="freeze"))
    logged = (token(BEN, ANN, 1_500_000), token(BEN, ANN, 0), token(ANN, CLEO, 2))
    asset = {"asset_name": "31303032303030", "owner_address": ANN, "to_address": BEN, "amount": 12}
    return chain(
        (),
        (pays(BEN, ANN, 10_000_000, fee=1_100_000), pays(BEN, CLEO, 5)),
        (pays(ANN, CLEO, 3, fee=268_000), pays(ANN, CLEO, 4, failed="REVERT"), pays(ANN, ANN, 1)),
        (),
        (
            calls(ANN, SWAP, Course(swapped, (token(SWAP, ANN, 6), token(SWAP, BEN, 7)), fee=9), pays=8),
            calls(ANN, SWAP, Course(undone, fee=99, failed="OUT_OF_ENERGY"), pays=5),
        ),
        (
            calls(BEN, USDT, Course(logs=logged, fee=3)),
            sent("TransferAssetContract", asset),
            sent("TransferAssetContract", asset | {"asset_name": "546f6b656e"}),
        ),
        (
            sent("VoteWitnessContract", {"owner_address": ANN}),
            sent("CreateSmartContract", {"owner_address": ANN}, fee=1),
        ),
        (calls(CLEO, SWAP, Course(rewarded)),),
        (),
    )


def dataset(blocks: list[Block], account: str = ANN) -> Dataset:
    """Return a portal before a chain."""
    last = blocks[-1]
    known = Address.parse(TRON, base58(account))
    pin = Pin(TRON.id, last.number, last.hash, last.time // 1000)
    return Dataset(provider(TRON), known, pin, "tron", TABLES, blocks)


def service() -> Dataset:
    """Return the stand-in."""
    return dataset(world())
