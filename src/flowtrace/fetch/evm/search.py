"""Finding the transactions in which an account's coin may have moved, by whichever method a node has.

No node keeps an index by address unless it was built for it. ``trace_filter`` searches the calls of a span of
blocks; ``ots_searchTransactionsBefore`` walks an index backwards; a short chain can be read block by block. A
plain node of a long chain cannot list them at all.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError
from flowtrace.fetch.evm.block import Header
from flowtrace.fetch.evm.fields import Row, account_or, ordinal, row, rows, word
from flowtrace.fetch.evm.node import Node, attempt, read, rewritten
from flowtrace.fetch.evm.spans import spans
from flowtrace.fetch.evm.tracer import Tracer
from flowtrace.fetch.faults import Fault, fault_of
from flowtrace.fetch.jsonrpc import result
from flowtrace.fetch.source import Asking, Step, Together, unreadable
from flowtrace.model import Address, Answer

FILTER, INDEX, SCAN = "trace_filter", "ots_searchTransactionsBefore", "every block read"
_NOBODY = "0x" + "00" * 20
_INDEX_PAGE = 25  # Erigon gives no more at once
_SHORT_CHAIN = "2000"
_AT_ONCE = 32


@dataclass
class Search:
    """The search for one account's transactions.

    Attributes
    ----------
    method
        How they are found; empty where this node cannot.
    hits
        Per transaction, the hash of the block it was seen in.
    rewards
        Hashes of blocks that paid it a reward, which no answer here tells the time of.
    built
        How many blocks the account built, where every block was read.
    """

    node: Node
    tracer: Tracer
    address: Address
    last: int
    method: str = ""
    hits: dict[str, tuple[int, str]] = field(default_factory=dict)
    headers: dict[int, Header] = field(default_factory=dict)
    rewards: set[str] = field(default_factory=set)
    built: int = 0

    def run(self) -> Asking[None]:
        """Search by the best method there is."""
        options = self.node.provider.options
        if (yield from self._has(FILTER, self._filter(self.last, self.last, toAddress=_NOBODY))):
            self.method = FILTER
            yield Together(tuple(self._filtered(side) for side in ("fromAddress", "toAddress")))
        elif (yield from self._has("ots_getApiLevel")):
            self.method = INDEX
            yield from self._indexed()
        elif self.last < int(options.get("scan", _SHORT_CHAIN)):
            self.method = SCAN
            yield from self._scanned()

    def _has(self, method: str, *params: object) -> Generator[Step, Any, bool]:
        answer = yield from attempt(self.node.request(method, *params))
        return answer is not None and isinstance(result(answer), list | int)

    def _hit(self, tx: str, block: tuple[int, str]) -> None:
        held = self.hits.setdefault(tx, block)
        if held != block:
            what = f"transaction {tx} is told to be in blocks {held[0]} and {block[0]}"
            raise rewritten(f"{what}, {held[1]} and {block[1]}")

    def _filter(self, first: int, last: int, **side: str) -> dict[str, object]:
        span = {"fromBlock": hex(first), "toBlock": hex(last)}
        return span | {name: [account] for name, account in side.items()}

    def _filtered(self, side: str) -> Asking[int]:
        widest = int(self.node.provider.options.get("range", "0"))

        def one(first: int, last: int) -> Asking[int | None]:
            asked = self._filter(first, last, **{side: self.address.account})
            answer: Answer = yield self.node.request(FILTER, asked)
            if fault_of(answer) is Fault.TOO_BIG:
                return None
            found = read(answer, lambda told: [self._call(call, (first, last), side) for call in rows(told)])
            yield self.node.batch((), answer.number, {block for _, block in found})
            for tx, block in found:
                if tx:
                    self._hit(tx, block)
            return len(found)

        return (yield from spans(0, self.last, one, widest=widest))

    def _call(self, call: Row, span: tuple[int, int], side: str) -> tuple[str, tuple[int, str]]:
        """Return the transaction of a call, empty for a block reward, and its block."""
        block = _block(call)
        if not span[0] <= block[0] <= span[1]:
            raise InputError(f"a call is of block {block[0]}, which was not asked for")
        if call.get("type") == "reward":
            self.rewards.add(block[1])
            return "", block
        if self.address.account not in _parties(call, side):
            raise InputError(f"a call of {word(call, 'transactionHash')} is not of the account asked for")
        return word(call, "transactionHash"), block

    def _indexed(self) -> Asking[None]:
        before, ended = self.last + 1, False
        while before > 1 and not ended:
            answer: Answer = yield self.node.request(INDEX, self.address.account, before, _INDEX_PAGE)
            found, ended = read(answer, _page)
            blocks = [block for _, block in found]
            if any(block[0] >= before for block in blocks) or not (blocks or ended or before == 1):
                raise unreadable(answer, "transactions of other blocks than asked for, or none and no end")
            yield self.node.batch((), answer.number, blocks)
            for tx, block in found:
                self._hit(tx, block)
            before = min((block[0] for block in blocks), default=before)

    def _scanned(self) -> Asking[None]:
        parent = ""
        for first in range(0, self.last + 1, _AT_ONCE):
            heights = range(first, min(first + _AT_ONCE, self.last + 1))
            headers: tuple[Header, ...] = yield Together(
                tuple(self.node.header(height, whole=True) for height in heights)
            )
            for header in headers:
                if parent and header.parent != parent:
                    raise rewritten(f"block {header.height} does not follow the one before it")
                parent = header.hash
                self._look(header)
            for header in headers:
                yield from self._search(header)

    def _look(self, header: Header) -> None:
        self.built += header.builder == self.address.account
        if header.payments(self.address):
            self.headers[header.height] = header

    def _search(self, header: Header) -> Asking[None]:
        """Look through a block's transactions, traced one by one."""
        txs = header.transactions
        if txs and not self.tracer.used and self.tracer.methods:
            mined = yield from self.node.mined(txs[0])
            if mined is not None:
                yield from self.tracer.choose(mined)
        yield Together(tuple(self._touching(tx, header) for tx in txs))

    def _touching(self, tx: str, header: Header) -> Asking[None]:
        mined = yield from self.node.mined(tx)
        if mined is None or mined.header.named != header.named:
            raise rewritten(f"transaction {tx} is no longer in block {header.height}")
        trace = yield from self.tracer.of(mined)
        mine = self.address.account
        if mine in (mined.sender, mined.target) or (trace is not None and trace.touches(mine)):
            self._hit(tx, (header.height, header.hash))


def _parties(call: Row, side: str) -> set[str]:
    action, made = row(call.get("action")), call.get("result")
    if side == "fromAddress":
        return {account_or(action, key, "") for key in ("from", "address")}
    result_ = row(made) if made is not None else {}
    return {
        account_or(action, "to", ""),
        account_or(action, "refundAddress", ""),
        account_or(result_, "address", ""),
    }


def _page(found: object) -> tuple[list[tuple[str, tuple[int, str]]], bool]:
    page = row(found)
    if not isinstance(page.get("lastPage"), bool):
        raise InputError("a page does not say whether it is the last one")
    return [(word(one, "hash"), _block(one)) for one in rows(page.get("txs"))], page["lastPage"]


def _block(one: Row) -> tuple[int, str]:
    return ordinal(one, "blockNumber"), word(one, "blockHash")
