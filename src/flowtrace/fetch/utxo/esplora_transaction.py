"""A transaction as Esplora tells it: rebuilt and hashed, and proved to be in its block."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flowtrace.errors import InputError, SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import WHOLE, Asking, Batch, Together, unreadable
from flowtrace.fetch.utxo.blocks import Header, merkle_root, proved_place
from flowtrace.fetch.utxo.fields import BROKEN, hash_text, whole
from flowtrace.model import Answer, Fact, Request, Transfer
from flowtrace.moves.coin import CoinTransaction, Output, read_transaction
from flowtrace.moves.form import Form

_U32, _MOST_BLOCKS = 0xFFFFFFFF, 16
Sums = tuple[int, int, int, int, int]
"""Of a script: transactions, times paid, units paid to it, times spent from, units spent from it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One transaction as Esplora lists it."""

    tx: CoinTransaction
    spent: tuple[Output, ...]
    height: int
    block: str
    time: int

    @classmethod
    def read(cls, found: Any) -> Listed:  # noqa: ANN401  JSON
        """Read it; whatever is not as it should be ends in one of BROKEN."""
        tx = read_transaction(_plain(found))
        if tx.txid != found["txid"]:
            raise InputError("its name is not its hash")
        tx = replace(tx, form=_form(found))
        prevouts = [one["prevout"] for one in found["vin"]] if tx.spends else []
        status = found["status"]
        if status["confirmed"] is not True:
            raise InputError("it is in no block yet")
        return cls(
            tx, tuple(_output(one) for one in prevouts),
            whole(status["block_height"]), hash_text(status["block_hash"]), whole(status["block_time"]),
        )  # fmt: skip

    def sums(self, script: bytes) -> Sums:
        """Return what it adds to what is stated of a script."""
        paid = [one.units for one in self.tx.outputs if one.script == script]
        drawn = [one.units for one in self.spent if one.script == script]
        return 1, len(paid), sum(paid), len(drawn), sum(drawn)


@dataclass
class Proofs:
    """Proofs of where transactions are, as they are asked for; of whole blocks the last few are kept."""

    provider: Provider
    blocks: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def tell(self, answer: Answer, found: list[Listed]) -> Asking[None]:
        """Ask for the proofs of transactions that were told by an answer, and tell them."""
        places: Sequence[int] = yield Together(tuple(self._place(answer, one) for one in found))
        told: list[Transfer | None] = []
        shapes: list[Fact] = []
        chain = self.provider.chain
        for one, index in zip(found, places, strict=True):
            try:
                told.append(one.tx.told(chain, one.spent, height=one.height, index=index, time=one.time))
                shapes += one.tx.shape(chain, height=one.height, index=index, time=one.time)
            except InputError as error:
                raise unreadable(answer, f"a transaction that cannot be: {error}") from None
        blocks = {(one.height, one.block) for one in found}
        moves = tuple(one for one in told if one is not None)
        yield Batch(moves, answer.number, tuple(sorted(blocks)), tuple(shapes))

    def _place(self, listed: Answer, one: Listed) -> Asking[int]:
        """Ask for the proof that a transaction is in its block; return its place there."""
        path = f"/tx/{one.tx.txid}/merkleblock-proof"
        try:
            answer: Answer = yield get(self.provider, path, as_of=one.block)
            text = body(answer)
        except WHOLE:
            raise
        except SourceError:
            return (yield from self._place_in_list(listed, one))
        try:
            header, place = proved_place(bytes.fromhex(text.decode()), one.tx.txid)
        except BROKEN as error:
            raise unreadable(answer, f"no proof ({error})") from None
        _same(listed, one, (header.name, header.time))
        yield Batch((), answer.number, ((one.height, one.block),))
        return place

    def _place_in_list(self, listed: Answer, one: Listed) -> Asking[int]:
        """Find a transaction in the list of its block, where there is no proof to be had."""
        if one.block not in self.blocks:
            block = yield from self._block(one)
            if len(self.blocks) >= _MOST_BLOCKS:
                del self.blocks[next(iter(self.blocks))]
            self.blocks[one.block] = block
        time, txids = self.blocks[one.block]
        _same(listed, one, (one.block, time))
        if one.tx.txid not in txids:
            raise unreadable(listed, f"transaction {one.tx.txid} in a block that does not hold it")
        return txids.index(one.tx.txid)

    def _block(self, one: Listed) -> Asking[tuple[int, list[str]]]:
        """Ask for a block's header and for its transactions, which must be those the header names."""
        answer: Answer = yield get(self.provider, f"/block/{one.block}/header")
        try:
            header = Header.read(bytes.fromhex(body(answer).decode()))
        except BROKEN as error:
            raise unreadable(answer, f"no header ({error})") from None
        if header.name != one.block:
            raise unreadable(answer, f"block {header.name}")
        yield Batch((), answer.number, ((one.height, one.block),))
        answer = yield get(self.provider, f"/block/{one.block}/txids")
        try:
            txids = [hash_text(txid) for txid in json.loads(body(answer))]
        except BROKEN as error:
            raise unreadable(answer, f"no list of transactions ({error})") from None
        if merkle_root(txids) != header.root:
            raise unreadable(answer, "a list of transactions that is not the block's")
        yield Batch((), answer.number, ((one.height, one.block),))
        return header.time, txids


def _same(listed: Answer, one: Listed, block: tuple[str, int]) -> None:
    if (one.block, one.time) != block:
        raise unreadable(
            listed, f"transaction {one.tx.txid} in another block, or at another time, than it is"
        )


def get(provider: Provider, path: str, *, as_of: str = "") -> Request:
    """Return a question.

    What the answer will be may change as the chain grows: then ``as_of`` says up to which block it is wanted,
    behind a ``#``, which is never sent, so that an answer from before that block does not serve.
    """
    return Request("GET", f"{provider.url}{path}" + (f"#{as_of}" if as_of else ""), key=provider.key)


def body(answer: Answer) -> bytes:
    """Return the body of a good answer; complaints are plain text here."""
    if fault_of(answer) is not Fault.NONE:
        raise SourceError(f"{answer.source}: {' '.join(map(str, complaint(answer)))[:300]}")
    return answer.body


def _plain(found: Any) -> bytes:  # noqa: ANN401  JSON
    """Return the bytes that a transaction's name is the hash of: it without its witness."""
    parts = [_u32(found["version"]), _counted(len(found["vin"]))]
    for one in found["vin"]:
        parts += [bytes.fromhex(one["txid"])[::-1], _u32(one["vout"]), _bytes(one["scriptsig"])]
        parts.append(_u32(one["sequence"]))
    parts.append(_counted(len(found["vout"])))
    for one in found["vout"]:
        output = _output(one)
        parts += [output.units.to_bytes(8, "little"), _counted(len(output.script)), output.script]
    return b"".join([*parts, _u32(found["locktime"])])


def _form(found: Any) -> Form:  # noqa: ANN401  JSON
    """Return how a transaction is made; of its witness, which its name does not cover, the service's word."""
    inputs = [
        (
            whole(one["sequence"]),
            bytes.fromhex(one["scriptsig"]),
            [bytes.fromhex(item) for item in one.get("witness", ())],
        )
        for one in found["vin"]
    ]
    version, locktime = found["version"] & _U32, whole(found["locktime"])
    return Form.of(version, locktime, inputs, weight=whole(found.get("weight", 0)))


def _output(found: Mapping[str, Any]) -> Output:
    return Output(found["value"], bytes.fromhex(found["scriptpubkey"]))


def _bytes(text: str) -> bytes:
    data = bytes.fromhex(text)
    return _counted(len(data)) + data


def _u32(number: int) -> bytes:
    """Return four bytes; a version may be written as a negative number."""
    return (number & _U32).to_bytes(4, "little")


def _counted(count: int) -> bytes:
    for most, mark, size in ((0xFC, b"", 1), (0xFFFF, b"\xfd", 2), (_U32, b"\xfe", 4)):
        if count <= most:
            return mark + count.to_bytes(size, "little")
    raise InputError("a transaction longer than any block")
