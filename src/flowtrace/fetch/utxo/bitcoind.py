"""One's own node (Bitcoin Core, Litecoin Core, Dogecoin Core): blocks read from the first to the last wanted.

A node has no index by address. With a filter index it says which blocks touch a script; without one all are
read, where they are few enough. Blocks are read in order, so the coins of a script are known before they are
spent. What the coins were that other inputs spend, a newer node says with the block; an older one is asked
for the transactions that made them, as bytes, which takes its index of transactions. In the end the coins
left are held against those the node has in its set of unspent coins.

Dogecoin Core has no blocks in JSON with their transactions: those are read as bytes.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flowtrace.errors import InputError, ReorgError, SourceError
from flowtrace.fetch.jsonrpc import call
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import WHOLE, Asking, Batch, Pin, Step, Together, unreadable
from flowtrace.fetch.utxo.bitcoind_blocks import Block, asked, of_bytes, of_json, result, stated_root, units
from flowtrace.fetch.utxo.blocks import merkle_root
from flowtrace.fetch.utxo.coins import Holding, Made
from flowtrace.fetch.utxo.fields import BROKEN, hash_text, whole
from flowtrace.model import Address, Answer, Coverage, Request, Scope, Transfer
from flowtrace.moves.coin import CoinTransaction, Output, read_transaction

_IN_BYTES = ("dogecoin",)
_MOST_BLOCKS = "20000"


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the block so many below the newest that it counts as final."""
    answer: Answer = yield call(provider, "getblockcount", [])
    try:
        height = max(0, whole(result(answer)) - provider.depth)
    except BROKEN:
        raise unreadable(answer, "no height") from None
    name = yield from _block_at(provider, height)
    answer = yield call(provider, "getblockheader", [name])
    try:
        time = whole(result(answer)["time"])
    except BROKEN:
        raise unreadable(answer, "no header") from None
    return Pin(provider.chain.id, height, name, time)


def block(provider: Provider, height: int) -> Asking[str]:
    """Ask for the hash of the block at a height."""
    return (yield from _block_at(provider, height))


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction, the block it is in, and the transactions whose coins it spends."""
    answer: Answer = yield call(provider, "getrawtransaction", [tx, 1])
    try:
        told = result(answer)
        found, block = read_transaction(bytes.fromhex(told["hex"])), hash_text(told["blockhash"])
    except BROKEN as error:
        raise unreadable(answer, f"no transaction in a block ({error!r:.200})") from None
    if found.txid != tx.lower():
        raise unreadable(answer, f"transaction {found.txid}")
    where: Answer = yield call(provider, "getblock", [block])
    try:
        told = result(where)
        height, time, index = whole(told["height"]), whole(told["time"]), told["tx"].index(found.txid)
        orphan = told["confirmations"] < 0  # the node's index of transactions still names it
        complete = merkle_root(told["tx"]) == stated_root(told)
    except BROKEN:
        raise unreadable(where, f"no block that holds {found.txid}") from None
    if orphan:
        raise unreadable(answer, f"block {block}, which is no longer part of the chain")
    if not complete:
        raise unreadable(where, "not all of a block's transactions")
    yield Batch((), where.number, ((height, block),))
    spent = yield from Made(partial(_parent, provider)).spent_by(found)
    transfer = _transfer(answer, provider, (found, spent), place=(height, index, time))
    shape = found.shape(provider.chain, height=height, index=index, time=time)
    yield Batch(transfer, answer.number, ((height, block),), shape)


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for the blocks that touch an address, or for all, and for the coins the node says are left."""
    scan = _Scan(provider, Holding(address), pin)
    yield from scan.ask_for_coins()
    relevant = yield from _relevant(scan)
    if relevant is None:
        yield from _every_block(scan)
        read = f"{scan.last + 1} blocks, all there are"
    else:
        for name in relevant:
            scan.take((yield from scan.block(name)))
            yield from scan.tell()
        yield from _pinned(provider, pin)
        read = f"{len(relevant)} blocks, those that the node's filters name"
    check = scan.checked()
    return (
        Coverage(
            address=address, scope=Scope.EXTERNAL, first=0, last=pin.height, complete=True,
            check=f"{scan.count} transactions in {read}; {check}{scan.holding.unseen}",
            fetched_at=scan.fetched_at, source=provider.id,
        ),
    )  # fmt: skip


@dataclass
class _Scan:
    """The blocks of a chain while they are read for one address.

    ``stated`` are the coins the node has for the address at ``last``, a block not below the pin; None where
    it does not say. ``waiting`` are transactions taken in and not told yet.
    """

    provider: Provider
    holding: Holding
    pin: Pin
    last: int = 0
    best: str = ""
    stated: dict[str, int] | None = None
    waiting: list[tuple[Block, int]] = field(default_factory=list)
    at: int = -1
    count: int = 0
    fetched_at: str = ""
    in_bytes: bool = False

    def __post_init__(self) -> None:
        self.last = self.pin.height
        self.in_bytes = self.provider.chain.name in _IN_BYTES
        self.made = Made(partial(_parent, self.provider))

    @property
    def wanted(self) -> str:
        """The script, as a node takes it in a question."""
        return f"raw({self.holding.script.hex()})"

    def call(self, method: str, *params: object) -> Request:
        return asked(self.provider, method, *params, as_of=self.pin.height)

    def ask_for_coins(self) -> Asking[None]:
        """Ask which coins the address has left, and at which block."""
        try:
            answer: Answer = yield self.call("scantxoutset", "start", [self.wanted])
            told = result(answer)
        except WHOLE:
            raise
        except SourceError:
            return
        try:
            if "bestblock" not in told:
                return  # the first nodes that knew this question did not say at which block
            height, best = whole(told["height"]), hash_text(told["bestblock"])
            stated = {f"{hash_text(one['txid'])}:{whole(one['vout'])}": units(one["amount"])
                      for one in told["unspents"]}  # fmt: skip
        except BROKEN:
            raise unreadable(answer, "no list of coins") from None
        if height < self.last:
            what = f"{self.provider.id} is at block {height}, block {self.last} is wanted"
            raise SourceError(f"{what}: let it catch up")
        self.last, self.best, self.stated = height, best, stated

    def block(self, name: str) -> Generator[Step, Any, Block]:
        """Ask for a block with its transactions, in JSON or, where the node has no such JSON, in bytes."""
        if not self.in_bytes:
            answer: Answer = yield call(self.provider, "getblock", [name, 3])
            try:
                return of_json(answer, name)
            except WHOLE:
                raise
            except SourceError as error:
                if "boolean" not in str(error):
                    raise
                self.in_bytes = True
        answer = yield call(self.provider, "getblock", [name, False])
        where: Answer = yield call(self.provider, "getblockheader", [name])
        return of_bytes(self.provider, answer, where, name=name)

    def take(self, block: Block) -> None:
        """Take in a block, the next in order that is wanted.

        Raises
        ------
        ReorgError
            If it is another than the node said it would be.
        """
        if block.height <= self.at:
            raise unreadable(block.answer, f"block {block.height} after block {self.at}")
        self.at, self.fetched_at = block.height, max(self.fetched_at, block.answer.fetched_at)
        if block.height == self.last and self.best and block.name != self.best:
            raise ReorgError(f"block {block.height} is {block.name}, and was {self.best}", block.height)
        for index, (tx, known) in enumerate(block.transactions):
            drawn = any(one.script == self.holding.script for one in known)
            if drawn or self.holding.touched(tx):  # of the others nothing is kept: they may be all there are
                self.holding.take(tx)
                self.waiting += [(block, index)] if block.height <= self.pin.height else []
        if block.height == 0:
            self.holding.received.clear()  # nobody can spend the first block's coin: no node counts it

    def tell(self) -> Asking[None]:
        """Tell what was taken in."""
        for block, index in self.waiting:
            tx, known = block.transactions[index]
            spent = known if len(known) == len(tx.spends) else (yield from self.made.spent_by(tx))
            place = (block.height, index, block.time)
            told = _transfer(block.answer, self.provider, (tx, spent), place=place)
            self.holding.told(tx, spent)
            self.count += 1
            shape = tx.shape(self.provider.chain, height=block.height, index=index, time=block.time)
            yield Batch(told, block.answer.number, ((block.height, block.name),), shape)
        self.waiting.clear()

    def checked(self) -> str:
        """Hold the coins left against those stated, and return how they compare.

        Raises
        ------
        ReorgError
            If they are others: then nothing that was read is certain, and all of it is asked for again.
        """
        left = self.holding.unspent
        if self.holding.lost:
            what = f"the blocks of {self.holding.address} spend {self.holding.lost[0]}, which they never made"
            raise ReorgError(f"{self.provider.id}: {what}", 0)
        if self.stated is None:
            return "which coins are left the node did not say, so that is not checked"
        if left != self.stated:
            what = f"{self.holding.address} has {len(left)} coins left by its blocks"
            raise ReorgError(
                f"{self.provider.id}: {what}, {len(self.stated)} or others by its set of coins", 0
            )
        return f"the {len(left)} coins left by block {self.last} are those the node has"


def _relevant(scan: _Scan) -> Generator[Step, Any, list[str] | None]:
    """Ask which blocks touch the script; None where the node has no filters."""
    try:
        answer: Answer = yield scan.call("scanblocks", "start", [scan.wanted], 0, scan.last)
        found = result(answer)
    except WHOLE:
        raise
    except SourceError as error:
        if "already in progress" in str(error):
            raise SourceError(f"{error}: wait until it is done, or abort it") from None
        return None
    try:
        if found["completed"] is not True or found["to_height"] != scan.last:
            raise unreadable(answer, "a scan that did not reach the last block")
        return [hash_text(one) for one in found["relevant_blocks"]]
    except BROKEN:
        raise unreadable(answer, "no list of blocks") from None


def _pinned(provider: Provider, pin: Pin) -> Generator[Step, Any, str]:
    """Ask for the name of the block that is read to.

    Raises
    ------
    ReorgError
        If it is no longer the one it was.
    """
    name = yield from _block_at(provider, pin.height, as_of=pin.height)
    if pin.hash and name != pin.hash:
        raise ReorgError(f"block {pin.height} is no longer {pin.hash}: take the chain's head anew", 0)
    return name


def _every_block(scan: _Scan) -> Asking[None]:
    """Ask for block after block, some side by side."""
    provider, most = scan.provider, int(scan.provider.options.get("blocks", _MOST_BLOCKS))
    if scan.last >= most:
        what = f"{provider.id} has no filters, and {scan.last + 1} blocks are more than {most} to read"
        raise SourceError(f"{what}: start it with -blockfilterindex=1, or ask an Electrum server")
    pinned = yield from _pinned(provider, scan.pin)
    previous = ""
    for first in range(0, scan.last + 1, provider.concurrent):
        heights = range(first, min(first + provider.concurrent, scan.last + 1))
        blocks = yield Together(tuple(_one(scan, height, pinned) for height in heights))
        for height, block in zip(heights, blocks, strict=True):
            if block.height != height or (previous and block.previous != previous):
                what = f"block {height}, {block.name}, does not follow {previous}"
                raise ReorgError(what, max(0, height - 1))
            previous = block.name
            scan.take(block)
        yield from scan.tell()


def _one(scan: _Scan, height: int, pinned: str) -> Generator[Step, Any, Block]:
    if height != scan.pin.height:
        pinned = yield from _block_at(scan.provider, height, as_of=scan.pin.height)
    return (yield from scan.block(pinned))


def _parent(provider: Provider, txid: str) -> Asking[tuple[Answer, CoinTransaction]]:
    answer: Answer = yield call(provider, "getrawtransaction", [txid])
    try:
        found = read_transaction(bytes.fromhex(result(answer)))
    except WHOLE:
        raise
    except SourceError as error:
        raise SourceError(f"{error}: an older node needs -txindex=1 to tell what inputs spend") from None
    except BROKEN:
        raise unreadable(answer, "no transaction") from None
    if found.txid != txid:
        raise unreadable(answer, f"transaction {found.txid}")
    return answer, found


def _transfer(
    answer: Answer, provider: Provider, seen: tuple[CoinTransaction, Sequence[Output]],
    *, place: tuple[int, int, int],
) -> tuple[Transfer, ...]:  # fmt: skip
    (tx, spent), (height, index, time) = seen, place
    try:
        told = tx.told(provider.chain, spent, height=height, index=index, time=time)
    except InputError as error:
        raise unreadable(answer, f"a transaction that cannot be: {error}") from None
    return () if told is None else (told,)


def _block_at(provider: Provider, height: int, as_of: int | None = None) -> Generator[Step, Any, str]:
    answer: Answer = yield asked(provider, "getblockhash", height, as_of=as_of)
    try:
        name = hash_text(result(answer))
    except BROKEN:
        raise unreadable(answer, "no block's hash") from None
    yield Batch((), answer.number, ((height, name),))
    return name
