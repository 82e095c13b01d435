"""A node over a toy chain, which answers as anvil does: with few blocks at once, and only what it has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fetch.rpc_chain import (
    NOBODY,
    WETH,
    Call,
    Chain,
    Json,
    Log,
    deed,
    item,
    items,
    paid,
    topic,
    wrapped,
)
from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import DEPOSIT, ETHEREUM, WITHDRAWAL, Address, Request

ANN, BEN, CLEO = ("0x" + pair * 20 for pair in ("a1", "b2", "c3"))
SPLITTER, WALLET, BOMB, MADE = ("0x" + pair * 20 for pair in ("d1", "d2", "d3", "d4"))
COIN, ITEMS, DEEDS = ("0x" + pair * 20 for pair in ("e1", "e2", "e3"))
ENTRY = "0x0000000071727de22e5e9d8baf0edac6f37da032"
COPIER = f"0x{4:040x}"
USER_OPERATION = "0x49628fd1471006c1482da88028e9ce4dbb080b815c9b0344d39e5a8e6ec1419f"
_AT_ONCE = 12  # blocks in one question
_CALLS = {"call": "CALL", "create": "CREATE"}
_OPERATIONS = {"CALL": 0, "SELFDESTRUCT": 1, "CREATE": 2}


class Refused(Exception):  # noqa: N818  what a node says
    """An error of JSON-RPC: its code and its words."""


@dataclass
class Rpc:
    """A node; ``lacks`` are the beginnings of the names of methods it does not have."""

    chain: Chain
    address: Address = field(default_factory=lambda: Address.parse(ETHEREUM, ANN))
    lacks: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[str, list[Any]]] = field(default_factory=list)

    @property
    def provider(self) -> Provider:
        """The node as flowtrace knows it."""
        return Provider(
            id="toy@ethereum", service="toy", kind="rpc", chain=ETHEREUM, url="https://node.example",
            key=None, needs_key=False, requests=1000, seconds=1.0, concurrent=4, page=0, window=0, depth=2,
            verified_on="", source="a test", options=self.options,
        )  # fmt: skip

    @property
    def pin(self) -> Pin:
        """The block below the newest."""
        block = self.chain.blocks[-2]
        return Pin(ETHEREUM.id, int(block["number"], 16), block["hash"], int(block["timestamp"], 16))

    def answer(self, request: Request) -> Reply:
        """Answer a call as a node would."""
        asked = json.loads(request.body)
        told: Json = {"id": asked["id"], "jsonrpc": "2.0"}
        try:
            told["result"] = self.result(asked["method"], asked["params"])
        except Refused as refused:
            told["error"] = {"code": refused.args[0], "message": refused.args[1]}
        return 200, {"content-type": "application/json"}, json.dumps(told).encode()

    def result(self, method: str, params: list[Any]) -> Any:  # noqa: ANN401  JSON
        """Return what a method gives."""
        self.asked.append((method, params))
        known = _METHODS.get(method)
        if known is None or method.startswith(self.lacks or ("-",)):
            raise Refused(-32601, "Method not found")
        return known(self.chain, *params)


def _block(chain: Chain, tag: str, whole: bool) -> Json | None:  # noqa: FBT001  as the method has it
    height = chain.height - 1 if tag == "finalized" else int(tag, 16)
    if height > chain.height:
        return None
    block = chain.blocks[height]
    return block if whole else {**block, "transactions": [one["hash"] for one in block["transactions"]]}


def _span(chain: Chain, asked: Json) -> range:
    first, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
    assert first <= last <= chain.height
    if last - first >= _AT_ONCE:
        raise Refused(-32602, f"query exceeds max block range {_AT_ONCE}")
    return range(first, last + 1)


def _logs(chain: Chain, asked: Json) -> list[Json]:
    found = []
    for height in _span(chain, asked):
        for sent in chain.blocks[height]["transactions"]:
            found += [log for log in chain.receipts[sent["hash"]]["logs"] if _wanted(log, asked)]
    return found


def _wanted(log: Json, asked: Json) -> bool:
    if log["address"] not in asked.get("address", [log["address"]]) or len(log["topics"]) < len(
        asked["topics"]
    ):
        return False
    for told, wanted in zip(log["topics"], asked["topics"], strict=False):
        if wanted is not None and told not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def _tree(chain: Chain, tx: str) -> Json:
    if tx not in chain.trees:
        raise Refused(-32000, "transaction not found")
    return chain.trees[tx]


def parity(chain: Chain, tx: str) -> list[Json]:
    """Return what ``trace_transaction`` would give."""
    if tx not in chain.sent:
        return []
    sent = chain.sent[tx]
    place = {
        "blockNumber": int(sent["blockNumber"], 16), "blockHash": sent["blockHash"], "transactionHash": tx,
        "transactionPosition": int(sent["transactionIndex"], 16),
    }  # fmt: skip
    return [{**row, **place} for row in rows_of(chain.trees[tx], ())]


def rows_of(call: Json, path: tuple[int, ...]) -> Iterator[Json]:
    """Return a call tree as the rows of a list, which most nodes write without precompiled contracts."""
    inner = [one for one in call.get("calls", ()) if one["to"] != COPIER]
    row: Json = {"traceAddress": list(path), "subtraces": len(inner), "result": None}
    match call["type"]:
        case "SELFDESTRUCT":
            action = {"address": call["from"], "refundAddress": call["to"], "balance": call["value"]}
            row |= {"type": "suicide", "action": action}
        case "CREATE":
            row |= {"type": "create", "action": {"from": call["from"], "value": call["value"]}}
            row["result"] = None if "error" in call else {"address": call["to"]}
        case kind:
            action = {"from": call["from"], "to": call["to"], "value": call.get("value", "0x0")}
            row |= {"type": "call", "action": action | {"callType": kind.lower()}}
    if "error" in call:
        row["error"] = "Reverted"
    yield row
    for place, one in enumerate(inner):
        yield from rows_of(one, (*path, place))


def _filtered(chain: Chain, asked: Json) -> list[Json]:
    found = []
    for height in _span(chain, asked):
        for sent in chain.blocks[height]["transactions"]:
            for row in parity(chain, sent["hash"]):
                action, made = row["action"], row["result"] or {}
                giver = action.get("from", action.get("address"))
                taker = action.get("to", action.get("refundAddress", made.get("address")))
                if giver in asked.get("fromAddress", [giver]) and taker in asked.get("toAddress", [taker]):
                    found.append(row)
    return found


def _touched(chain: Chain, account: str, tx: str) -> bool:
    return any(account in (row["from"], row["to"]) for row in _flat(chain.trees[tx]))


def _flat(call: Json) -> Iterator[Json]:
    yield call
    for one in call.get("calls", ()):
        yield from _flat(one)


def _index(chain: Chain, account: str, before: int, size: int) -> Json:  # noqa: PLR0917  as the method has it
    txs: list[Json] = []
    assert size <= 25
    for height in range(min(before, chain.height + 1) - 1, -1, -1):
        if len(txs) >= 2:
            return {"txs": txs, "receipts": [], "firstPage": False, "lastPage": False}
        here = [
            sent for sent in chain.blocks[height]["transactions"] if _touched(chain, account, sent["hash"])
        ]
        txs += reversed(here)
    return {"txs": txs, "receipts": [], "firstPage": False, "lastPage": True}


def _operations(chain: Chain, tx: str) -> list[Json]:
    calls = [
        one
        for one in list(_flat(_tree(chain, tx)))[1:]
        if one["type"] in _OPERATIONS and one["value"] != "0x0"
    ]
    return [
        {"type": _OPERATIONS[one["type"]], "from": one["from"], "to": one["to"], "value": one["value"]}
        for one in calls
    ]


def _called(chain: Chain, asked: Json, tag: str) -> str:
    """Answer ``balanceOf``, with or without an item's number."""
    data = bytes.fromhex(asked["data"][2:])
    number = int.from_bytes(data[36:68]) if len(data) > 36 else -1
    units = chain.holdings[int(tag, 16)][asked["to"], "0x" + data[16:36].hex(), number]
    return f"0x{units % (1 << 256):064x}"


_METHODS: Mapping[str, Callable[..., Any]] = {
    "eth_blockNumber": lambda chain: hex(chain.height),
    "eth_getBlockByNumber": _block,
    "eth_getTransactionByHash": lambda chain, tx: chain.sent.get(tx),
    "eth_getTransactionReceipt": lambda chain, tx: chain.receipts.get(tx),
    "eth_getLogs": _logs,
    "eth_getBalance": lambda chain, account, tag: hex(chain.after[int(tag, 16)][account]),
    "eth_getTransactionCount": lambda chain, account, tag: hex(chain.counts[int(tag, 16)][account]),
    "eth_getCode": lambda chain, account, _: "0x60" if account in chain.code else "0x",
    "eth_call": _called,
    "debug_traceTransaction": lambda chain, tx, _: _tree(chain, tx),
    "trace_transaction": parity,
    "trace_filter": _filtered,
    "ots_getApiLevel": lambda _: 8,
    "ots_searchTransactionsBefore": _index,
    "ots_getInternalOperations": _operations,
}


def chain(*, turn: int = 1000) -> Chain:
    """Return a chain on which Ann pays and is paid in every way; ``turn`` is where it is another one from."""
    made = Chain({ANN: 10**18, BEN: 10**18, CLEO: 10**18})
    made.code |= {SPLITTER, WALLET, BOMB, MADE, COIN, ITEMS, DEEDS, ENTRY, WETH}
    split = Call(SPLITTER, 30, (Call(COPIER, kind="STATICCALL"), Call(ANN, 10), Call(CLEO, 20)))
    caught = Call(SPLITTER, 9, (Call(SPLITTER, 9, (Call(ANN, 9),), fails=True), Call(ANN, 4)))
    operation = Log(ENTRY, (USER_OPERATION, topic(COIN), topic(ANN), topic(NOBODY)), "0x" + "00" * 128)
    days: list[list[tuple[str, Call, list[Log]]]] = [
        [(ANN, Call(BEN, 100), []), (BEN, Call(ANN, 7), []), (ANN, Call(ANN, 5), [])],
        [(BEN, split, [])],
        [(BEN, caught, [])],
        [(ANN, Call(SPLITTER, 50, (Call(BEN, 50),), fails=True), [])],
        [(BEN, Call(COIN), [paid(COIN, NOBODY, ANN, units=1000), paid(COIN, ANN, BEN, units=1)])],
        [(ANN, Call(COIN), [paid(COIN, ANN, CLEO, units=10), paid(COIN, ANN, ANN, units=3)])],
        [
            (
                BEN,
                Call(ITEMS),
                [items(ITEMS, NOBODY, ANN, units={7: 5, 8: 6}), item(ITEMS, ANN, BEN, number=7, units=2)],
            )
        ],
        [(BEN, Call(DEEDS), [deed(DEEDS, NOBODY, ANN, number=3), deed(DEEDS, ANN, CLEO, number=3)])],
        [(CLEO, Call(BOMB, 12, kind="CREATE"), [])],
        [(CLEO, Call(BOMB, 0, (Call(ANN, 12, kind="SELFDESTRUCT"),)), [])],
        [(ANN, Call(MADE, 3, kind="CREATE", fails=True), [])],
        [(CLEO, Call(ENTRY, 0, (Call(ANN, 0, (Call(BEN, 2),)),)), [operation])],
        [
            (ANN, Call(WETH, 40), [wrapped(DEPOSIT, ANN, 40), wrapped(DEPOSIT, ANN, 99, by=COIN)]),
            (BEN, Call(SPLITTER, 6, (Call(WETH, 6),)), [wrapped(DEPOSIT, SPLITTER, 6)]),
            (
                ANN,
                Call(WETH, 0, (Call(ANN, 15),)),
                [wrapped(WITHDRAWAL, ANN, 15), paid(WETH, ANN, BEN, units=5)],
            ),
            (ANN, Call(WETH, 7, fails=True), [wrapped(DEPOSIT, ANN, 7)]),
        ],
    ]
    for number, day in enumerate((*days, *days[::-1], *days, [], [])):
        made.fork = "another" if number + 1 >= turn else ""
        made.mine(day, paid=[(ANN, number + 1), (BEN, 1)] if day is days[0] else ())
    return made


def service() -> Rpc:
    """Return a node with every method that a node may have."""
    return Rpc(chain())
