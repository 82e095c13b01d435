"""The SQD Portal: every block in which an address appears, streamed, from one service for many chains.

A question is a span of blocks and filters; the answer is one line for each block that holds something, and
may end at any block: its last line says which, and the next question goes on from there, naming the hash of
that block, so that a rewritten chain is noticed. What is asked and read of a chain is its family's business
(:mod:`flowtrace.fetch.portal.evm` and its siblings); here is what they share.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError, ReorgError, SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.portal import bitcoin, evm, solana, tron
from flowtrace.fetch.portal.family import Query, Reader
from flowtrace.fetch.portal.lines import Block, blocks_of, parsed_row, rows_of, text, whole, whole_or_none
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Step, unreadable
from flowtrace.model import Address, Answer, Coverage, Family, Request, Transfer

_BAD_QUESTION = 400
# How many of the service's pieces of a chain one answer covers at most: a mainnet has tens of thousands, and
# an answer must not take minutes or hundreds of megabytes. Where it does all the same, fewer are asked for.
_PIECES, _FEWER = 400, 20


@dataclass(frozen=True, slots=True)
class _Family:
    """How the portal calls a chain family, who reads it, and how many parts of a second its times count."""

    kind: str
    reader: Callable[[Address], Reader]
    parts: int = 1


_FAMILIES = {
    Family.EVM: _Family("evm", evm.reader),
    Family.UTXO: _Family("bitcoin", bitcoin.reader),
    Family.SOLANA: _Family("solana", solana.reader),
    Family.TRON: _Family("tron", tron.reader, tron.PARTS),
}


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the last final block; where finality is a matter of depth, for one so far below the newest."""
    answer: Answer = yield _get(provider, "head" if provider.depth else "finalized-head")
    number = _head(answer, provider.depth)
    found = yield from _one_block(provider, number)
    return Pin(provider.chain.id, found.number, found.hash, found.time // _family(provider).parts)


def block(provider: Provider, height: int) -> Asking[str]:
    """Ask for the hash of the block at a height."""
    return (yield from _one_block(provider, height)).hash


def _one_block(provider: Provider, number: int) -> Asking[Block]:
    asked = {
        "fields": {"block": {"number": True, "hash": True, "timestamp": True}},
        "fromBlock": number,
        "includeAllBlocks": True,
        "toBlock": number,
    }
    answer: Answer = yield _stream(provider, asked)
    if fault_of(answer) is not Fault.NONE:
        raise _refusal(answer)
    for found in blocks_of(answer, number, number):
        return found
    raise unreadable(answer, f"nothing about block {number}")


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for every block up to the pin in which an address moved something."""
    start = yield from _start(provider)
    if start > pin.height:
        raise SourceError(f"{provider.id} begins at block {start}, after the last block to be read")
    reader = _family(provider).reader(address)
    course = _Course(provider, reader, pin, first=start)
    yield from course.run()
    return tuple(
        Coverage(
            address=address, scope=found.scope, first=start, last=pin.height, complete=found.complete,
            check=found.check, fetched_at=course.fetched_at, source=f"{provider.id} stream",
        )
        for found in reader.findings()
    )  # fmt: skip


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Refuse: a dataset is filtered by addresses and topics, and has no filter for a transaction's hash.

    Raises
    ------
    SourceError
        Always; another source can be asked.
    """
    yield from ()
    raise SourceError(f"{provider.id} cannot look up a transaction by its hash, {tx}: ask another source")


@dataclass
class _Course:
    """One stream, from its first block to the pin, over as many answers as it takes."""

    provider: Provider
    reader: Reader
    pin: Pin
    first: int
    parent: str = ""
    fetched_at: str = ""
    pieces: int = _PIECES
    hashes: dict[int, str] = field(default_factory=dict)

    def run(self) -> Asking[None]:
        queries = list(self.reader.queries())
        while self.first <= self.pin.height:
            answer = yield from self._answer(queries[0])
            if answer.status == _BAD_QUESTION and len(queries) > 1:
                del queries[0]
                self.reader.lacks(queries[0].lacks)
                continue
            if fault_of(answer) is Fault.REORG:
                raise _rewritten(answer, self.hashes)
            if fault_of(answer) is not Fault.NONE:
                raise _refusal(answer)
            yield self._read(answer)
        found = self.hashes[self.pin.height]
        if self.pin.hash and found != self.pin.hash:
            what = f"{self.provider.id}: block {self.pin.height} is {found}, not {self.pin.hash}"
            raise ReorgError(f"{what}: the chain was rewritten since the case was pinned", self.pin.height)

    def _answer(self, query: Query) -> Generator[Step, Any, Answer]:
        """Ask from where the last answer ended; for less at once where an answer does not get through."""
        asked = {**query.asked, "fromBlock": self.first, "toBlock": self.pin.height}
        if self.parent:
            asked["parentBlockHash"] = self.parent
        failed: SourceError | None = None
        while True:
            try:
                answer: Answer = yield _stream(self.provider, asked, self.pieces)
            except SourceError as error:
                failed = failed or error
                if self.pieces == 1:
                    raise failed from None
                self.pieces = max(1, self.pieces // _FEWER)
            else:
                self.pieces = min(_PIECES, 2 * self.pieces)
                return answer

    def _read(self, answer: Answer) -> Batch:
        transfers: list[Transfer] = []
        named: list[tuple[int, str]] = []
        for block in blocks_of(answer, self.first, self.pin.height):
            try:
                transfers += self.reader.read(block)
            except InputError as error:
                raise unreadable(answer, f"block {block.number}, in which {error}") from None
            named.append((block.number, block.hash))
        if not named:
            raise unreadable(answer, "not one whole line")
        self.hashes.update(named)
        self.first, self.parent = named[-1][0] + 1, named[-1][1]
        self.fetched_at = max(self.fetched_at, answer.fetched_at)
        return Batch(tuple(transfers), answer.number, tuple(named))


def _rewritten(answer: Answer, hashes: Mapping[int, str]) -> SourceError:
    """Return the error for a conflict: rewritten is all above the last block that both sides know.

    Which way the list of blocks is sorted, the service's own documents do not agree on.
    """
    try:
        listed = rows_of(parsed_row(answer.body), "previousBlocks")
        current = {whole(one, "number"): text(one, "hash") for one in listed}
    except InputError as error:
        return unreadable(answer, f"a conflict in which {error}")
    shared = [number for number, name in current.items() if hashes.get(number) == name]
    above = max(shared, default=-1)  # none shared: all of it is asked for again
    return ReorgError(f"{answer.source}: the chain was rewritten from block {above + 1} on", above + 1)


def _start(provider: Provider) -> Generator[Step, Any, int]:
    """Ask for the first block of the dataset; a question that begins before it would be refused."""
    answer: Answer = yield _get(provider, "metadata")
    if fault_of(answer) is not Fault.NONE:
        return 0  # an older portal, or one's own: then the stream itself will say
    try:
        return whole_or_none(parsed_row(answer.body), "start_block") or 0
    except InputError as error:
        raise unreadable(answer, f"metadata in which {error}") from None


def _head(answer: Answer, depth: int) -> int:
    """Return the number of the block so far below the one an answer names."""
    if fault_of(answer) is not Fault.NONE:
        raise _refusal(answer)
    if answer.body.strip() == b"null":
        raise SourceError(
            f"{answer.source} names no final block: it has to be given a depth that counts as final"
        )
    try:
        return max(0, whole(parsed_row(answer.body), "number") - depth)
    except InputError as error:
        raise unreadable(answer, f"a head in which {error}") from None


def _refusal(answer: Answer) -> SourceError:
    words = complaint(answer)[1] or "nothing: it does not have these blocks yet"
    return SourceError(f"{answer.source} answered with status {answer.status}, {words[:300]}")


def _family(provider: Provider) -> _Family:
    return _FAMILIES[provider.chain.family]


def _get(provider: Provider, path: str) -> Request:
    return Request("GET", f"{provider.url}/{path}", key=provider.key)


def _stream(provider: Provider, asked: Mapping[str, Any], pieces: int = 1) -> Request:
    """Return the question; one of final blocks only, unless finality is a matter of depth."""
    path = "stream" if provider.depth else "finalized-stream"
    kind = {"type": _family(provider).kind}
    body = json.dumps({**kind, **asked}, separators=(",", ":"), sort_keys=True).encode()
    return Request("POST", f"{provider.url}/{path}?max_chunks={pieces}", body, key=provider.key)
