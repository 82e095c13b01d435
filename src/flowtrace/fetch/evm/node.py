"""Questions to a node that speaks Ethereum's JSON-RPC, and what it answers.

Every question about the chain names, as its JSON-RPC id, the block that a case is pinned to: so what was
answered before a chain was rewritten is not taken for an answer about the chain as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from flowtrace.errors import InputError, KeyRefusedError, ReorgError, SourceError, UnreadableError
from flowtrace.fetch.evm.block import Header, Mined, header_of, receipt_of, sent_of
from flowtrace.fetch.evm.fields import ordinal, quantity, row, word
from flowtrace.fetch.jsonrpc import call, result
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Batch, Pin, Step, unreadable
from flowtrace.model import Answer, Request, Transfer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Node:
    """A node to ask; ``pin`` is None where no case stands behind the question.

    ``blocks`` are the hashes that its answers name, per height.
    """

    provider: Provider
    pin: Pin | None = None
    blocks: dict[int, str] = field(default_factory=dict, compare=False)

    def request(self, method: str, *params: object, mark: str = "") -> Request:
        """Return a question; the same one under another mark is asked anew."""
        plain = call(self.provider, method, params)
        name = f"{self.pin.hash or self.pin.height} {mark}".strip() if self.pin else mark
        if not name:
            return plain
        body = json.loads(plain.body) | {"id": name}
        return replace(plain, body=json.dumps(body, separators=(",", ":"), sort_keys=True).encode())

    def header(self, height: int, *, whole: bool = False, mark: str = "") -> Generator[Step, Any, Header]:
        """Ask for a block; ``whole`` with the hashes of its transactions."""
        answer: Answer = yield self.request("eth_getBlockByNumber", hex(height), whole, mark=mark)
        header = read(answer, lambda found: header_of(row(found), answer.number, whole=whole))
        if header.height != height:
            raise unreadable(answer, f"block {header.height}, where {height} was asked for")
        yield self.batch((), answer.number, header.named)
        return header

    def mined(self, tx: str) -> Generator[Step, Any, Mined | None]:
        """Ask for a transaction; None where the node does not know it, or has it in no block yet."""
        answer: Answer = yield self.request("eth_getTransactionByHash", tx)
        sent = read(answer, lambda found: None if found is None else sent_of(found, tx))
        if sent is None or "blockNumber" not in sent:
            return None
        first = answer.number
        answer = yield self.request("eth_getTransactionReceipt", tx)
        receipt = read(answer, lambda found: receipt_of(found, sent))
        header = yield from self.header(ordinal(sent, "blockNumber"))
        for told in (sent, receipt):
            block = ordinal(told, "blockNumber"), word(told, "blockHash")
            if block != (header.height, header.hash):
                raise rewritten(f"transaction {tx} is told to be in blocks {block[1]} and {header.hash}")
        yield self.batch((), first, header.named)
        return Mined(sent, receipt, header, answer)

    def batch(self, moves: Iterable[Transfer], answer: int, blocks: Iterable[tuple[int, str]]) -> Batch:
        """Return what an answer tells, and the blocks it names.

        Raises
        ------
        ReorgError
            If an answer before it names another block.
        """
        named = tuple(sorted(set(blocks)))
        for height, name in named:
            held = self.blocks.setdefault(height, name)
            if held != name:
                raise rewritten(f"block {height} is {held} in one answer and {name} in another")
        return Batch(tuple(moves), answer, named)

    def state(self, method: str, *params: object) -> Generator[Step, Any, int | None]:
        """Ask for a number of the state; None where the node does not have it, or not any more."""
        answer = yield from attempt(self.request(method, *params))
        return None if answer is None else read(answer, lambda found: quantity({"it": found}, "it"))


def rewritten(what: str) -> ReorgError:
    """Return the error for answers of two chains.

    Where they part is not known from one block that differs: so nothing that was seen is kept.
    """
    return ReorgError(f"{what}: the chain was rewritten while it was read", 0)


def attempt(request: Request) -> Generator[Step, Any, Answer | None]:
    """Ask what a node may refuse; None where it does."""
    try:
        answer: Answer = yield request
        result(answer)
    except UnreadableError:
        raise
    except (SourceError, KeyRefusedError):
        return None
    return answer


def read(answer: Answer, reader: Callable[[Any], T]) -> T:
    """Return what a reader makes of an answer's result.

    Raises
    ------
    SourceError
        If the node complains.
    UnreadableError
        If the result is not what it must be; then it is asked for again.
    """
    found = result(answer)
    try:
        return reader(found)
    except InputError as error:
        raise unreadable(answer, f"a result in which {error}") from None
