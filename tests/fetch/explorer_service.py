"""A stand-in for an explorer, in the dialects of Etherscan and Blockscout, over a small invented world.

Ann's world has what makes trouble: a block with more rows than a page, the same token move twice in one
transaction, a token that calls itself "rate limit reached", failed payments, a failed creation, a call that
only looks as if it moved coin (``delegatecall``), a token move of nothing, and wrapped coin: of which
Etherscan's list has no row, and Blockscout's rows all stand as if it had been unwrapped, as old ones do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import DEPOSIT, ETHEREUM, NOBODY, WITHDRAWAL, Address, Key, Request

ANN, BEN, CLEO, MAKER = ("0x" + name * 20 for name in ("a1", "b2", "c3", "4d"))
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
SPAM = "0x" + "5a" * 20
_SYMBOLS = {USDC: ("USDC", "6"), SPAM: ("rate limit reached", "18"), WETH: ("WETH", "18")}
_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_TOP, _BEGINNING = 100, 10**9
Row = dict[str, str]


def digest(*words: object) -> str:
    """Return 32 bytes that these words name."""
    return "0x" + hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


@dataclass(frozen=True)
class Tx:
    """A transaction: ``paid`` are (payer, payee, wei, kind) of its internal ones, ``logs`` token moves.

    ``wraps`` are (topic, holder, wei) of wrapped coin; the coin itself is among its payments.
    """

    block: int
    index: int
    sender: str
    to: str
    value: int = 0
    nonce: int = 0
    ok: bool = True
    paid: tuple[tuple[str, str, int, str], ...] = ()
    logs: tuple[tuple[str, str, str, int], ...] = ()
    wraps: tuple[tuple[str, str, int], ...] = ()

    @property
    def hash(self) -> str:
        """Its hash."""
        return digest("tx", self.block, self.index)

    @property
    def wrapped(self) -> list[tuple[str, str, str, int]]:
        """What its wraps move, as its logs are written."""
        ends = ((NOBODY, who) if topic == DEPOSIT else (who, NOBODY) for topic, who, _ in self.wraps)
        return [(WETH, *pair, wei) for pair, (_, _, wei) in zip(ends, self.wraps, strict=True)]


def world() -> list[Tx]:
    """Return what happened: Ann got coin from Ben, paid it on, and met tokens; one block is crowded."""
    gifts = [Tx(10 + n, 0, BEN, ANN, 10**18 + n) for n in range(4)]
    spent = [Tx(20 + 2 * n, 1, ANN, CLEO, 10**15, nonce=n, ok=n != 2) for n in range(5)]
    crowd = [Tx(40, n, BEN, ANN, 7 + n) for n in range(9)]
    failed = Tx(45, 0, ANN, "", 5, nonce=5, ok=False)
    made = Tx(
        46, 0, ANN, MAKER, 0, nonce=6, paid=((MAKER, ANN, 30, "call"), (ANN, MAKER, 30, "delegatecall"))
    )
    swap = Tx(50, 3, ANN, MAKER, 10**17, nonce=7, logs=((USDC, MAKER, ANN, 500),))
    twice = Tx(51, 0, BEN, MAKER, logs=((USDC, BEN, ANN, 70), (USDC, BEN, ANN, 70), (USDC, BEN, CLEO, 1)))
    spam = [
        Tx(52 + n, 0, CLEO, SPAM, logs=((SPAM, CLEO, ANN, 10**30 + n), (SPAM, ANN, CLEO, 0)))
        for n in range(5)
    ]
    gains = [Tx(60 + n, 0, CLEO, MAKER, paid=((MAKER, ANN, 11, "call"),)) for n in range(6)]
    mixed = Tx(70, 0, BEN, MAKER, paid=tuple((MAKER, ANN, 5, "call") for _ in range(6)))
    return [*gifts, *spent, *crowd, failed, made, swap, twice, *spam, *gains, mixed, *_wrapping()]


def _wrapping() -> list[Tx]:
    """Let Ann wrap coin twice, once through a contract, and unwrap some; others do so beside her."""
    beside = (DEPOSIT, BEN, 9)
    return [
        Tx(72, 0, ANN, WETH, 10**16, nonce=8, wraps=((DEPOSIT, ANN, 10**16),)),
        Tx(72, 1, BEN, MAKER, paid=((ANN, WETH, 50, "call"),), wraps=(beside, (DEPOSIT, ANN, 50))),
        Tx(73, 0, ANN, WETH, 0, nonce=9, logs=((WETH, ANN, BEN, 10**15),)),
        Tx(
            74, 1, ANN, WETH, 0, nonce=10, paid=((WETH, ANN, 60, "call"), (WETH, ANN, 60, "call")),
            wraps=((WITHDRAWAL, ANN, 60), (WITHDRAWAL, ANN, 60)),
        ),
    ]  # fmt: skip


@dataclass
class Explorer:
    """The stand-in; ``modern`` speaks as Etherscan does, else as Blockscout.

    ``hidden`` are transactions that no list shows; from block ``forked`` on the chain is another one. Of logs
    it gives so many at once, and no word that there are more.
    """

    modern: bool = True
    txs: list[Tx] = field(default_factory=world)
    page: int = 4
    window: int = 40
    later: tuple[Tx, ...] = ()
    forked: int = _TOP + 1
    untraced: bool = False
    hidden: frozenset[str] = frozenset()
    logs: int = 1_000

    def __post_init__(self) -> None:
        self.address = Address.parse(ETHEREUM, ANN)
        self.pin = Pin(ETHEREUM.id, 80, digest("block", 80), _BEGINNING + 80)
        etherscan, blockscout = "https://api.etherscan.io/v2/api?chainid=1", "https://eth.blockscout.com/api"
        name = "etherscan" if self.modern else "blockscout"
        self.provider = Provider(
            id=f"{name}@ethereum", service=name, kind="explorer", chain=ETHEREUM,
            url=etherscan if self.modern else blockscout, key=Key("ETHERSCAN_API_KEY", "query apikey"),
            needs_key=False, requests=5, seconds=1.0, concurrent=4, page=self.page, window=self.window,
            depth=20, verified_on="", source="", options={} if self.modern else {"rpc": "/api/eth-rpc"},
        )  # fmt: skip

    def answer(self, request: Request) -> Reply:
        """Answer as the service would."""
        if request.method == "POST":
            asked = json.loads(request.body)
            return self._rpc(asked["method"], asked["params"])
        query = dict(parse_qsl(urlsplit(request.url).query))
        if query["module"] == "proxy":
            names = ("txhash", "tag", "boolean")
            return self._rpc(query["action"], [query[name] for name in names if name in query])
        if query["action"] in ("balance", "tokenbalance"):
            return _json({"status": "1", "message": "OK", "result": str(self._balance(query))})
        return self._logs(query) if query["action"] == "getLogs" else self._list(query)

    def _logs(self, query: Mapping[str, str]) -> Reply:
        span = range(int(query["fromBlock"]), int(query["toBlock"]) + 1)
        topics = [query["topic0"], query["topic1"]]
        told = [
            self._log(tx, log)
            for tx in (*self.txs, *self.later)
            if tx.block in span and tx.hash not in self.hidden
            for log in _logs(tx)
        ]
        found = [row for row in told if row["address"] == query["address"] and row["topics"][:2] == topics]
        if not found:
            return _json({"status": "0", "message": "No records found", "result": []})
        return _json({"status": "1", "message": "OK", "result": found[: self.logs]})

    def _log(self, tx: Tx, log: Mapping[str, Any]) -> dict[str, Any]:
        topics, index = log["topics"], tx.index
        own = {"blockHash": self._hash(tx.block), "transactionIndex": hex(index) if index else "0x"}
        other = {"topics": [*topics, *[None] * (4 - len(topics))], "transactionIndex": hex(index)}
        return {
            **log, "blockNumber": hex(tx.block), "timeStamp": hex(_BEGINNING + tx.block), "gasPrice": "0x3",
            "gasUsed": "0x8", "transactionHash": tx.hash, **(own if self.modern else other),
        }  # fmt: skip

    def _list(self, query: Mapping[str, str]) -> Reply:
        number, size = int(query["page"]), int(query["offset"])
        if number * size > self.window:
            words = "Result window is too large, PageNo x Offset size must be less than or equal to"
            words = f"{words} {self.window}"
            return _json({"status": "0", "message": words, "result": None})
        span = range(int(query["startblock"]), int(query["endblock"]) + 1)
        rows = [row for row in self._rows(query) if int(row["blockNumber"]) in span]
        found = rows[(number - 1) * size : number * size]
        if self.untraced and query["action"] == "txlistinternal":
            words = "Some internal transactions within this block range have not yet been processed"
            return _json({"status": "2", "message": words, "result": found})
        if not found:
            words = "No transactions found" if self.modern else _NONE[query["action"]]
            return _json({"status": "0", "message": words, "result": []})
        return _json({"status": "1", "message": "OK", "result": found})

    def _rows(self, query: Mapping[str, str]) -> list[Row]:
        makers: dict[str, Callable[[Tx], Iterator[Row]]] = {
            "txlist": self._sent, "txlistinternal": self._paid, "tokentx": self._logged
        }  # fmt: skip
        shown = (tx for tx in (*self.txs, *self.later) if tx.hash not in self.hidden)
        rows = [row for tx in shown for row in makers[query["action"]](tx)]
        contract = query.get("contractaddress", "")
        rows = [row for row in rows if not contract or row["contractAddress"] == contract]
        return [row for row in rows if ANN in (row["from"], row["to"], row["contractAddress"])]

    def _place(self, tx: Tx) -> Row:
        return {"blockNumber": str(tx.block), "timeStamp": str(_BEGINNING + tx.block)}

    def _hash(self, block: int) -> str:
        return digest("block", block, *("fork" for _ in range(block >= self.forked)))

    def _sent(self, tx: Tx) -> Iterator[Row]:
        yield self._place(tx) | {
            "blockHash": self._hash(tx.block), "hash": tx.hash, "nonce": str(tx.nonce),
            "transactionIndex": str(tx.index), "from": tx.sender, "to": tx.to, "value": str(tx.value),
            "gas": "30000", "gasPrice": "3", "gasUsed": "21000", "cumulativeGasUsed": "21000", "input": "0x",
            "contractAddress": "", "isError": str(int(not tx.ok)), "txreceipt_status": str(int(tx.ok)),
            "confirmations": "9", "methodId": "0x", "functionName": "",
        }  # fmt: skip

    def _paid(self, tx: Tx) -> Iterator[Row]:
        for number, (payer, payee, wei, kind) in enumerate(tx.paid):
            own = {"hash": tx.hash, "type": kind, "traceId": f"0_{number}"}
            other = {"transactionHash": tx.hash, "type": "call", "callType": kind, "index": str(number + 1)}
            yield self._place(tx) | {
                "from": payer, "to": payee, "value": str(wei), "contractAddress": "", "input": "",
                "gas": "9", "gasUsed": "8", "isError": "0", "errCode": "", **(own if self.modern else other),
            }  # fmt: skip

    def _logged(self, tx: Tx) -> Iterator[Row]:
        reversed_ = [] if self.modern else [(WETH, who, NOBODY, wei) for _, who, wei in tx.wraps]
        for contract, payer, payee, units in (*tx.logs, *reversed_):
            symbol, decimals = _SYMBOLS[contract]
            yield self._place(tx) | {
                "blockHash": self._hash(tx.block), "hash": tx.hash, "nonce": str(tx.nonce), "from": payer,
                "contractAddress": contract, "to": payee, "value": str(units), "tokenName": symbol,
                "tokenSymbol": symbol, "tokenDecimal": decimals, "transactionIndex": str(tx.index),
                "gas": "9", "gasPrice": "3", "gasUsed": "8", "cumulativeGasUsed": "8", "input": "deprecated",
                "confirmations": "9",
            }  # fmt: skip

    def _balance(self, query: Mapping[str, str]) -> int:
        moves = [
            move
            for tx in (*self.txs, *self.later)
            for move in ((*tx.logs, *tx.wrapped) if query["action"] == "tokenbalance" else _coin(tx))
        ]
        contract = query.get("contractaddress", "")
        return sum(
            units * ((payee == ANN) - (payer == ANN))
            for token, payer, payee, units in moves
            if token == contract
        )

    def _rpc(self, method: str, params: list[Any]) -> Reply:
        txs = {tx.hash: tx for tx in self.txs}
        found: object = None
        if method == "eth_blockNumber":
            found = hex(_TOP)
        elif method == "eth_getBlockByNumber":
            number = int(params[0], 16)
            found = {
                "number": hex(number), "hash": self._hash(number), "parentHash": self._hash(number - 1),
                "timestamp": hex(_BEGINNING + number), "miner": BEN, "transactions": [],
            }  # fmt: skip
        elif params and params[0] in txs:
            tx = txs[params[0]]
            found = self._whole(tx) if method == "eth_getTransactionByHash" else self._receipt(tx)
        return _json({"jsonrpc": "2.0", "id": 1, "result": found})

    def _whole(self, tx: Tx) -> dict[str, object]:
        return {
            "blockHash": self._hash(tx.block), "blockNumber": hex(tx.block), "from": tx.sender,
            "gas": "0x7530", "gasPrice": "0x3", "hash": tx.hash, "input": "0x", "nonce": hex(tx.nonce),
            "to": tx.to or None, "transactionIndex": hex(tx.index), "value": hex(tx.value), "type": "0x0",
        }  # fmt: skip

    def _receipt(self, tx: Tx) -> dict[str, object]:
        return {
            "transactionHash": tx.hash, "blockHash": self._hash(tx.block), "blockNumber": hex(tx.block),
            "gasUsed": hex(21_000), "effectiveGasPrice": "0x3", "status": hex(tx.ok), "logs": _logs(tx),
            "contractAddress": None,
        }  # fmt: skip


_NONE = {
    "txlist": "No transactions found",
    "txlistinternal": "No internal transactions found",
    "tokentx": "No token transfers found",
}


def _coin(tx: Tx) -> Iterator[tuple[str, str, str, int]]:
    yield "", tx.sender, "", 3 * 21_000
    if tx.ok:
        yield "", tx.sender, tx.to, tx.value
    yield from (("", payer, payee, wei) for payer, payee, wei, kind in tx.paid if kind == "call")


def _logs(tx: Tx) -> list[dict[str, Any]]:
    """Return the logs of a transaction, each where it stands in its block."""
    moved = [
        (contract, [_TRANSFER, _topic(payer), _topic(payee)], n) for contract, payer, payee, n in tx.logs
    ]
    moved += [(WETH, [topic, _topic(holder)], wei) for topic, holder, wei in tx.wraps]
    return [
        {"address": token, "topics": topics, "data": f"0x{n:064x}", "logIndex": hex(10 * tx.index + place)}
        for place, (token, topics, n) in enumerate(moved)
    ]


def _topic(account: str) -> str:
    return "0x" + account[2:].rjust(64, "0")


def _json(found: object) -> Reply:
    return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()


def service() -> Explorer:
    """Return the stand-in as Etherscan speaks."""
    return Explorer()


def services() -> list[Explorer]:
    """Return the stand-in in both dialects."""
    return [Explorer(), Explorer(modern=False)]
