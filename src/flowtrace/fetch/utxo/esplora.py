"""Esplora: an address's transactions, page by page, and the sums they must come to.

So speak mempool.space, blockstream.info, litecoinspace.org, and one's own server. The list is newest first,
each page beginning behind the last transaction of the one before. It is at its end when as many transactions
are there as the service states, and what they pay to and spend from the script is what it states, to the
unit: asked by the address before the list is read, and by the script's hash after. What is newer than the pin
is read and counted, and not told. Each transaction is rebuilt and hashed, so none is another than its name
says, and proved to be in its block, by which its place there is known too.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import ReorgError, SourceError
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import WHOLE, Asking, Batch, Pin, Step, unreadable
from flowtrace.fetch.utxo.coins import Holding
from flowtrace.fetch.utxo.esplora_transaction import Listed, Proofs, Sums, body, get
from flowtrace.fetch.utxo.fields import BROKEN, hash_text, whole
from flowtrace.model import Address, Answer, Coverage, Scope
from flowtrace.moves.scripts import esplora_hash

_ANY = 1 << 64
_STATED = ("tx_count", "funded_txo_count", "funded_txo_sum", "spent_txo_count", "spent_txo_sum")


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the block so many below the newest that it counts as final."""
    answer: Answer = yield get(provider, "/blocks/tip/height")
    try:
        height = max(0, whole(json.loads(body(answer))) - provider.depth)
    except BROKEN:
        raise unreadable(answer, "no height") from None
    name = yield from _block_at(provider, height)
    answer = yield get(provider, f"/block/{name}")
    try:
        block = json.loads(body(answer))
        same, time = (block["id"], block["height"]) == (name, height), whole(block["timestamp"])
    except BROKEN:
        raise unreadable(answer, "no block") from None
    if not same:
        raise unreadable(answer, "another block")
    return Pin(provider.chain.id, height, name, time)


def block(provider: Provider, height: int) -> Asking[str]:
    """Ask for the hash of the block at a height."""
    return (yield from _block_at(provider, height))


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction, and for the proof that it is in its block."""
    answer: Answer = yield get(provider, f"/tx/{tx}")
    try:
        found = Listed.read(json.loads(body(answer)))
    except BROKEN as error:
        raise unreadable(answer, f"no transaction of a block ({error})") from None
    if found.tx.txid != tx.lower():
        raise unreadable(answer, "another transaction")
    yield from Proofs(provider).tell(answer, [found])


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for the list of an address's transactions and, before it and after it, for what it must come to."""
    walk = _Walk(provider, address, pin)
    before = yield from walk.stated(f"/address/{address.account}")
    while not walk.comes_to(before) and (yield from walk.page()):
        pass
    check = yield from _checked(walk, before)
    yield from _still_there(provider, pin)
    return (
        Coverage(
            address=address, scope=Scope.EXTERNAL, first=0, last=pin.height, complete=True,
            check=f"{len(walk.rows)} transactions, {check}{walk.holding.unseen}",
            fetched_at=walk.fetched_at, source=provider.id,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    """What is kept of a transaction that has been told: enough to count with."""

    txid: str
    height: int
    sums: Sums


@dataclass
class _Walk:
    """The list of an address's transactions while it is read, newest first."""

    provider: Provider
    address: Address
    pin: Pin
    rows: list[_Row] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    fetched_at: str = ""
    first: Answer | None = None

    def __post_init__(self) -> None:
        self.holding = Holding(self.address)
        self.proofs = Proofs(self.provider)

    def stated(self, path: str) -> Generator[Step, Any, Sums]:
        """Ask what the service states of the script, all blocks counted."""
        answer: Answer = yield get(self.provider, path, as_of=str(self.pin.height))
        try:
            told = json.loads(body(answer))["chain_stats"]
            count, times_paid, paid, times_drawn, drawn = (whole(told[name]) for name in _STATED)
        except BROKEN:
            raise unreadable(answer, "no sums of an address") from None
        return count, times_paid, paid, times_drawn, drawn

    def comes_to(self, stated: Sums) -> bool:
        """Return whether the rows are those that were counted: all of them, but for some above the pin."""
        newer = len(self.rows) - stated[0]
        if newer < 0 or any(row.height <= self.pin.height for row in self.rows[:newer]):
            return False
        rest = [row.sums for row in self.rows[newer:]]
        return stated == (tuple(map(sum, zip(*rest, strict=True))) if rest else (0, 0, 0, 0, 0))

    def page(self) -> Asking[bool]:
        """Ask for the next page, and tell what it holds up to the pin; return whether it holds anything."""
        last = self.rows[-1].txid if self.rows else ""
        highest = self.rows[-1].height if self.rows else _ANY
        answer, found = yield from self._listed(last, str(self.pin.height), highest)
        self.first = self.first or answer
        if any(one.tx.txid in self.seen for one in found):
            raise unreadable(answer, "transactions that it listed before")
        yield from self.proofs.tell(answer, [one for one in found if one.height <= self.pin.height])
        for one in found:
            self.holding.told(one.tx, one.spent if one.height <= self.pin.height else ())
        self._add(found, len(self.rows))
        return bool(found)

    def newer(self) -> Asking[None]:
        """Ask from the top again, for what has been listed since; all of that must be above the pin."""
        fresh: list[Listed] = []
        known = False
        while not known:
            last = fresh[-1].tx.txid if fresh else ""
            highest = fresh[-1].height if fresh else _ANY
            answer, found = yield from self._listed(last, f"{self.pin.height}-again", highest)
            unseen = [one for one in found if one.tx.txid not in self.seen]
            if {one.tx.txid for one in unseen} & {one.tx.txid for one in fresh}:
                raise unreadable(answer, "transactions that it listed before")
            if any(one.height <= self.pin.height for one in unseen):
                raise unreadable(self.first or answer, "a list that is older than the block it was read to")
            known = len(unseen) < len(found) or not found
            fresh += unseen
        self._add(fresh, 0)

    def _add(self, found: list[Listed], place: int) -> None:
        script = self.holding.script
        self.rows[place:place] = [_Row(one.tx.txid, one.height, one.sums(script)) for one in found]
        self.seen |= {one.tx.txid for one in found}

    def _listed(
        self, last: str, as_of: str, highest: int
    ) -> Generator[Step, Any, tuple[Answer, list[Listed]]]:
        """Ask for the page behind a transaction; none of it is of a higher block than ``highest``."""
        path = f"/address/{self.address.account}/txs/chain" + (f"/{last}" if last else "")
        answer: Answer = yield get(self.provider, path, as_of=as_of)
        self.fetched_at = max(self.fetched_at, answer.fetched_at)
        try:
            found = [Listed.read(one) for one in json.loads(body(answer))]
        except BROKEN as error:
            raise unreadable(answer, f"no list of an address's transactions ({error})") from None
        if len({one.tx.txid for one in found}) != len(found):
            raise unreadable(answer, "transactions that it listed before")
        heights = [highest, *(one.height for one in found)]
        if heights != sorted(heights, reverse=True):
            raise unreadable(answer, "transactions out of order")
        if not all(any(one.sums(self.holding.script)[1:]) for one in found):
            raise unreadable(answer, "a transaction that does not touch the address")
        return answer, found


def _checked(walk: _Walk, before: Sums) -> Generator[Step, Any, str]:
    """Ask once more what the list must come to, and return how it does.

    Raises
    ------
    ReorgError
        If it comes to something else: then nothing of it is certain, and all of it is asked for again.
    """
    first = walk.comes_to(before)
    try:
        after = yield from walk.stated(f"/scripthash/{esplora_hash(walk.holding.script)}")
    except WHOLE:
        raise
    except SourceError:
        if first:
            return "as many, with the same sums paid and spent, as the service stated before they were read"
        after = before
    if not walk.comes_to(after):
        yield from walk.newer()
    if not walk.comes_to(after):
        what = f"{len(walk.rows)} transactions of {walk.address} are listed, {after[0]} stated"
        raise ReorgError(f"{walk.provider.id}: {what}, or their sums differ: it cannot be complete", 0)
    when = "before and after they were read" if first else "after they were read"
    return f"as many, with the same sums paid and spent, as the service stated {when}"


def _still_there(provider: Provider, pin: Pin) -> Asking[None]:
    """Ask whether the block that the list was read to is still part of the chain.

    Raises
    ------
    ReorgError
        If it is not: whatever was read may be of another past.
    """
    name = yield from _block_at(provider, pin.height, as_of=str(pin.height))
    if pin.hash and name != pin.hash:
        raise ReorgError(f"block {pin.height} is no longer {pin.hash}: take the chain's head anew", 0)


def _block_at(provider: Provider, height: int, as_of: str = "") -> Generator[Step, Any, str]:
    answer: Answer = yield get(provider, f"/block-height/{height}", as_of=as_of)
    try:
        name = hash_text(body(answer).decode().strip())
    except BROKEN:
        raise unreadable(answer, "no block's hash") from None
    yield Batch((), answer.number, ((height, name),))
    return name
