"""Electrum's protocol (ElectrumX, Fulcrum, electrs): a script's history, with proofs.

A server lists which transactions touch a script. It is not trusted: every transaction comes as its bytes and
is hashed, so are those whose coins it spends, and each is proved to be in its block by its branch of the tree
of hashes that the block's header commits to. What a server could still do is to leave transactions out. So
every coin that is spent must have been received, and what is left unspent is held against the coins that the
server states, one by one; a coin left out with all that became of it would not show.

The greeting ``server.version``, which every connection must begin with, is no question and is no business of
this module: whoever opens connections gives it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

from flowtrace.errors import InputError, ReorgError, SourceError
from flowtrace.fetch.jsonrpc import result
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import WHOLE, Asking, Batch, Pin, Step, Together, unreadable
from flowtrace.fetch.utxo.blocks import Header, branch_root
from flowtrace.fetch.utxo.coins import Holding, Made
from flowtrace.fetch.utxo.fields import BROKEN, hash_text, whole
from flowtrace.model import Address, Answer, Coverage, Request, Scope
from flowtrace.moves.coin import CoinTransaction, read_transaction
from flowtrace.moves.scripts import electrum_hash

_DATA, _SIDE_BY_SIDE = 0x6A, 32
Listed = list[tuple[str, int]]
"""Transactions and the heights of their blocks; zero or less where they are in none yet."""


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the block so many below the newest that it counts as final."""
    answer: Answer = yield _call(provider, "blockchain.headers.subscribe")
    newest = result(answer)
    try:
        height = max(0, whole(newest["height"]) - provider.depth)
    except BROKEN:
        raise unreadable(answer, "no height") from None
    header = yield from _header(provider, height)
    return Pin(provider.chain.id, height, header.name, header.time)


def block(provider: Provider, height: int) -> Asking[str]:
    """Ask for the hash of the block at a height."""
    return (yield from _header(provider, height)).name


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction, and by the history of a script it touches, where it is.

    Raises
    ------
    SourceError
        If it is in no block, or the history of every script it touches is too long for the server.
    """
    one = _Reader(provider)
    _, found = yield from one.made.of(tx.lower())
    spent = yield from one.made.spent_by(found)
    touched = dict.fromkeys(o.script for o in (*found.outputs, *spent) if o.script[:1] != bytes([_DATA]))
    for script in touched:
        try:
            answer, listed = yield from one.listed(script)
        except SourceError:
            continue
        height = dict(listed).get(found.txid, 0)
        if height <= 0:
            raise unreadable(answer, f"transaction {tx} in no block yet")
        yield from one.tell(found.txid, height)
        return
    raise SourceError(f"{provider.id} does not tell in which block {tx} is: ask another source")


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for the transactions of an address, for the proof of each, and for the coins it has left."""
    holding = Holding(address)
    one = _Reader(provider, holding, pin.height)
    answer, listed = yield from one.listed(holding.script)
    settled = [(txid, height) for txid, height in listed if 0 < height <= pin.height]
    for first in range(0, len(settled), _SIDE_BY_SIDE):
        some = settled[first : first + _SIDE_BY_SIDE]
        touching = yield Together(tuple(one.tell(txid, height) for txid, height in some))
        if not all(touching):
            raise unreadable(answer, "a transaction that does not touch the address")
    if holding.lost:
        raise unreadable(answer, f"a history that spends {holding.lost[0]} and does not receive it")
    complete, check = yield from _checked(one, holding, listed)
    there = yield from one.header(pin.height)
    if pin.hash and there.name != pin.hash:
        raise ReorgError(f"block {pin.height} is no longer {pin.hash}: take the chain's head anew", 0)
    return (
        Coverage(
            address=address, scope=Scope.EXTERNAL, first=0, last=pin.height, complete=complete,
            check=f"{len(settled)} transactions, each proved to be in its block; {check}{holding.unseen}",
            fetched_at=one.fetched_at, source=provider.id,
        ),
    )  # fmt: skip


@dataclass
class _Reader:
    """Transactions as they are asked for and told, and what they leave to the address.

    ``as_of`` is the height up to which is read: part of every question whose answer the chain may change.
    """

    provider: Provider
    holding: Holding | None = None
    as_of: int = 0
    fetched_at: str = ""
    headers: dict[int, Header] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made = Made(self.raw)

    def listed(self, script: bytes, as_of: str = "") -> Generator[Step, Any, tuple[Answer, Listed]]:
        """Ask for the history of a script.

        Raises
        ------
        SourceError
            If the server does not give it: it gives a history whole or not at all.
        """
        method, name = "blockchain.scripthash.get_history", electrum_hash(script)
        answer: Answer = yield _call(self.provider, method, name, as_of=as_of or self.as_of)
        self.fetched_at = max(self.fetched_at, answer.fetched_at)
        try:
            found = [(hash_text(one["tx_hash"]), _depth(one["height"])) for one in result(answer)]
        except WHOLE:
            raise
        except SourceError as error:
            raise SourceError(f"{error}: what it lists cannot be complete, ask another source") from None
        except BROKEN:
            raise unreadable(answer, "no history of a script") from None
        if len(dict(found)) != len(found):
            raise unreadable(answer, "a transaction twice")
        return answer, found

    def raw(self, txid: str) -> Asking[tuple[Answer, CoinTransaction]]:
        """Ask for a transaction's bytes, and see that they are those of this name."""
        answer: Answer = yield _call(self.provider, "blockchain.transaction.get", txid, False)  # noqa: FBT003
        self.fetched_at = max(self.fetched_at, answer.fetched_at)
        try:
            found = read_transaction(bytes.fromhex(result(answer)))
        except BROKEN as error:
            raise unreadable(answer, f"no transaction ({error})") from None
        if found.txid != txid:
            raise unreadable(answer, f"transaction {found.txid}")
        return answer, found

    def tell(self, txid: str, height: int) -> Generator[Step, Any, bool]:
        """Ask for a transaction, its inputs and its proof, and tell it; return whether it touches."""
        answer, tx = yield from self.made.of(txid)
        spent = yield from self.made.spent_by(tx)
        header = yield from self.header(height)
        index = yield from self._place(tx, height, header)
        try:
            told = tx.told(self.provider.chain, spent, height=height, index=index, time=header.time)
        except InputError as error:
            raise unreadable(answer, f"a transaction that cannot be: {error}") from None
        shape = tx.shape(self.provider.chain, height=height, index=index, time=header.time)
        yield Batch(() if told is None else (told,), answer.number, facts=shape)
        if self.holding is None:
            return False
        self.holding.take(tx)
        self.holding.told(tx, spent)
        return any(one.script == self.holding.script for one in (*tx.outputs, *spent))

    def header(self, height: int) -> Generator[Step, Any, Header]:
        """Ask for a block's header, once in this history."""
        if height not in self.headers:
            self.headers[height] = yield from _header(self.provider, height, as_of=self.as_of)
        return self.headers[height]

    def _place(self, tx: CoinTransaction, height: int, header: Header) -> Generator[Step, Any, int]:
        """Ask for the proof that a transaction is in a block; return its place there.

        Raises
        ------
        ReorgError
            If the server has it in another block than it listed.
        """
        method = "blockchain.transaction.get_merkle"
        answer: Answer = yield _call(self.provider, method, tx.txid, height, as_of=header.name)
        try:
            found = result(answer)
        except WHOLE:
            raise
        except SourceError as error:
            raise ReorgError(f"{tx.txid} was listed in block {height}, but {error}", height) from None
        try:
            place, branch = whole(found["pos"]), [hash_text(one) for one in found["merkle"]]
            root = branch_root(tx.txid, branch, place)
        except BROKEN:
            raise unreadable(answer, "no proof") from None
        if root != header.root:
            raise ReorgError(f"the proof of {tx.txid} is not of block {height}, {header.name}", height)
        yield Batch((), answer.number, ((height, header.name),))
        return place


def _checked(one: _Reader, held: Holding, listed: Listed) -> Generator[Step, Any, tuple[bool, str]]:
    """Hold what is left unspent against the coins the server states."""
    method, name = "blockchain.scripthash.listunspent", electrum_hash(held.script)
    answer: Answer = yield _call(one.provider, method, name, as_of=one.as_of)
    try:
        found = result(answer)
        stated = {f"{hash_text(coin['tx_hash'])}:{whole(coin['tx_pos'])}": coin["value"] for coin in found}
    except WHOLE:
        raise
    except SourceError as error:
        return False, f"the coins left were not stated, so nothing shows that these are all ({error})"
    except BROKEN:
        raise unreadable(answer, "no list of coins") from None
    left = yield from _left(one, held, listed)
    if left != stated:
        _, again = yield from one.listed(held.script, f"{one.as_of} again")
        if _settled(again, one.as_of) != _settled(listed, one.as_of):
            raise ReorgError(f"{one.provider.id} lists another history than before", 0)
        left = yield from _left(one, held, again)
    if left != stated:
        raise unreadable(answer, f"{len(stated)} coins, where the history it lists leaves {len(left)}")
    return True, (
        f"every coin they spend they received, and the {len(left)} they leave, with what came later, "
        "are those the server states"
    )


def _left(one: _Reader, held: Holding, listed: Listed) -> Generator[Step, Any, dict[str, int]]:
    """Return the coins left now: at the pin, and by what is listed above it or in no block yet."""
    now = replace(held, received=dict(held.received), spent=set(held.spent))
    for txid, height in listed:
        if not 0 < height <= one.as_of:
            _, tx = yield from one.made.of(txid)
            now.take(tx)
    return now.unspent


def _settled(listed: Listed, height: int) -> set[tuple[str, int]]:
    return {(txid, at) for txid, at in listed if 0 < at <= height}


def _header(provider: Provider, height: int, *, as_of: int | None = None) -> Generator[Step, Any, Header]:
    answer: Answer = yield _call(provider, "blockchain.block.header", height, as_of=as_of)
    try:
        found = Header.read(bytes.fromhex(result(answer)))
    except BROKEN as error:
        raise unreadable(answer, f"no header ({error})") from None
    yield Batch((), answer.number, ((height, found.name),))
    return found


def _call(provider: Provider, method: str, *params: object, as_of: int | str | None = None) -> Request:
    """Return the line that calls a method.

    Its id is made of what it asks, so answers are told apart and the same question is the same request. Where
    the chain may change the answer, ``as_of`` says up to which block it is wanted: it goes into the id too,
    so that an answer from before that block does not serve.
    """
    asked = {"jsonrpc": "2.0", "method": method, "params": list(params)}
    asked["id"] = hashlib.sha256(json.dumps([as_of, method, params]).encode()).hexdigest()[:16]
    body = json.dumps(asked, separators=(",", ":"), sort_keys=True).encode()
    return Request("POST", provider.url, body, key=provider.key)


def _depth(number: object) -> int:
    """Return a height; zero or less means that the transaction is in no block yet."""
    if type(number) is not int:
        raise InputError(f"{number!r:.40} is no height")
    return number
