"""A small invented chain of Bitcoin's kind, in real bytes: transactions, blocks, proofs.

It is made without any of the code that reads it. Ann's history has what makes trouble: coin that comes and
goes within a block, many inputs, a note, coin paid to a bare key, a fee of nothing, a block of her own, and
on Litecoin coin that enters and leaves the confidential pool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import Address, Chain

COIN = 10**8
NOTE, POOL, PEG_IN = b"\x6a\x05hello", b"\x58\x20", b"\x59\x20"
_VERSIONS = {"bitcoin": 0, "litecoin": 48, "dogecoin": 30}
_KEY = b"\x02" + bytes(range(32))
Pay = tuple[bytes, int]
"""A script and base units."""


def twice(data: bytes) -> bytes:
    """Return the hash by which things are named, first byte first."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def key_hash(number: int) -> bytes:
    """Return the script that pays the hash of a key."""
    return b"\x76\xa9\x14" + bytes([number]) * 20 + b"\x88\xac"


def _counted(data: bytes) -> bytes:
    return bytes([len(data)]) + data


@dataclass(frozen=True)
class Tx:
    """A transaction: the coins it spends (none for new coin), what it pays, and a number that is its own.

    ``flags`` are those of its longer form: 1 with witnesses, 8 as Litecoin's carrier of the pool.
    """

    spends: tuple[str, ...]
    pays: tuple[Pay, ...]
    number: int
    flags: int = 0

    @property
    def body(self) -> bytes:
        """Inputs and outputs."""
        parts = [bytes([len(self.spends) or 1])]
        for coin in self.spends:
            txid, _, place = coin.partition(":")
            parts += [bytes.fromhex(txid)[::-1], int(place).to_bytes(4, "little")]
            parts += [_counted(b"\x51"), b"\xfe" * 4]
        if not self.spends:
            parts += [bytes(32), b"\xff" * 4, _counted(self.number.to_bytes(4, "little")), b"\xff" * 4]
        parts.append(bytes([len(self.pays)]))
        parts += [units.to_bytes(8, "little") + _counted(script) for script, units in self.pays]
        return b"".join(parts)

    @property
    def plain(self) -> bytes:
        """The bytes it is named by."""
        return (2).to_bytes(4, "little") + self.body + self.number.to_bytes(4, "little")

    @property
    def raw(self) -> bytes:
        """The bytes it is passed on in."""
        if not self.flags:
            return self.plain
        witness = b"\x02" + _counted(b"signature") + _counted(_KEY) if self.flags & 1 else b""
        tail = b"\0" if self.flags & 8 else b""
        stacks = witness * (len(self.spends) or 1)
        start, end = self.plain[:4] + bytes([0, self.flags]), self.plain[-4:]
        return start + self.body + stacks + tail + end

    @property
    def txid(self) -> str:
        """Its name."""
        return twice(self.plain)[::-1].hex()

    def coin(self, place: int) -> str:
        """Return the name of one of its outputs."""
        return f"{self.txid}:{place}"


@dataclass(frozen=True)
class Block:
    """A block."""

    height: int
    previous: str
    txs: tuple[Tx, ...]
    time: int
    merged: bool = False

    @property
    def txids(self) -> list[str]:
        """The names of its transactions, in order."""
        return [tx.txid for tx in self.txs]

    @property
    def header(self) -> bytes:
        """Its 80 bytes."""
        version = 4 | (0x100 if self.merged else 0)
        root = _rows([bytes.fromhex(txid)[::-1] for txid in self.txids])[-1][0]
        parts = [version.to_bytes(4, "little"), bytes.fromhex(self.previous)[::-1], root]
        return b"".join([*parts, self.time.to_bytes(4, "little"), bytes.fromhex("ffff7f20"), bytes(4)])

    @property
    def name(self) -> str:
        """Its name."""
        return twice(self.header)[::-1].hex()

    @property
    def raw(self) -> bytes:
        """All of it; where it was mined with another chain's block, with what tells of that."""
        other = Tx((), ((NOTE, 5),), 7).plain + bytes(32) + (b"\x02" + bytes(64) + bytes(4)) * 2 + bytes(80)
        return self.header + (other if self.merged else b"") + bytes([len(self.txs)]) + self._txs

    @property
    def _txs(self) -> bytes:
        return b"".join(tx.raw for tx in self.txs)

    def branch(self, place: int) -> list[str]:
        """Return the branch that proves the transaction at a place."""
        found = []
        for row in _rows([bytes.fromhex(txid)[::-1] for txid in self.txids])[:-1]:
            found.append(row[min(place ^ 1, len(row) - 1)][::-1].hex())
            place >>= 1
        return found

    def partial(self, place: int) -> bytes:
        """Return the partial tree, as of BIP-37, that proves the transaction at a place."""
        rows = _rows([bytes.fromhex(txid)[::-1] for txid in self.txids])
        hashes: list[bytes] = []
        flags: list[int] = []

        def go(height: int, at: int) -> None:
            above = place >> height == at
            flags.append(above)
            if not above or not height:
                hashes.append(rows[height][at])
                return
            go(height - 1, 2 * at)
            if 2 * at + 1 < len(rows[height - 1]):
                go(height - 1, 2 * at + 1)

        go(len(rows) - 1, 0)
        bits = bytes(
            sum(flag << n for n, flag in enumerate(flags[at : at + 8])) for at in range(0, len(flags), 8)
        )
        count = len(self.txs).to_bytes(4, "little")
        return self.header + count + bytes([len(hashes)]) + b"".join(hashes) + _counted(bits)


def _rows(row: list[bytes]) -> list[list[bytes]]:
    """Return the rows of the tree of hashes, from the leaves to the root."""
    rows = [row]
    while len(row) > 1:
        full = row + row[-1:] * (len(row) % 2)
        row = [twice(full[n] + full[n + 1]) for n in range(0, len(full), 2)]
        rows.append(row)
    return rows


@dataclass
class World:
    """A chain, its blocks and the transactions that wait for one."""

    chain: Chain
    blocks: list[Block] = field(default_factory=list)
    waiting: list[Tx] = field(default_factory=list)

    def add(self, *txs: Tx, reward: Pay) -> list[Tx]:
        """Add a block; return its transactions without the one that makes the reward."""
        height = len(self.blocks)
        first = Tx((), (reward, (NOTE, 0)), height + 1, flags=int(self.segwit))
        previous = self.blocks[-1].name if self.blocks else "00" * 32
        merged = self.chain.name == "dogecoin" and height % 2 == 1
        self.blocks.append(
            Block(height, previous, (first, *txs), 1_600_000_000 + 150 * height, merged=merged)
        )
        return list(txs)

    def pay(self, spends: Iterable[str], *pays: Pay, flags: int | None = None) -> Tx:
        """Return a transaction."""
        number = 1000 + sum(len(block.txs) for block in self.blocks)
        return Tx(tuple(spends), pays, number, flags=int(self.segwit) if flags is None else flags)

    @property
    def segwit(self) -> bool:
        """Whether the chain has witnesses."""
        return self.chain.name != "dogecoin"

    @property
    def ann(self) -> bytes:
        """Ann's script."""
        return key_hash(1) if not self.segwit else b"\x00\x14" + b"\x01" * 20

    @property
    def txs(self) -> dict[str, Tx]:
        """All transactions by name, those that wait too."""
        settled = [tx for block in self.blocks for tx in block.txs]
        return {tx.txid: tx for tx in (*settled, *self.waiting)}

    def place(self, txid: str) -> tuple[Block, int] | None:
        """Return where a transaction is; None where it waits."""
        for block in self.blocks:
            if txid in block.txids:
                return block, block.txids.index(txid)
        return None

    def output(self, coin: str) -> Pay:
        """Return what a coin is."""
        txid, _, place = coin.partition(":")
        return self.txs[txid].pays[int(place)]

    def touches(self, tx: Tx, script: bytes) -> bool:
        """Return whether a transaction pays a script or spends a coin of it."""
        spent = (self.output(coin)[0] for coin in tx.spends)
        return script in (*spent, *(to for to, _ in tx.pays))

    def history(self, script: bytes, *, waiting: bool = False) -> list[tuple[str, int]]:
        """Return the transactions that touch a script with their heights, in order."""
        found = [
            (tx.txid, block.height) for block in self.blocks for tx in block.txs if self.touches(tx, script)
        ]
        late = [(tx.txid, 0) for tx in self.waiting if waiting and self.touches(tx, script)]
        return found + late

    def unspent(self, script: bytes, *, waiting: bool = False) -> dict[str, tuple[int, int]]:
        """Return the coins a script has left, each with its units and height."""
        names = self.history(script, waiting=waiting)
        spent = {coin for txid, _ in names for coin in self.txs[txid].spends}
        return {
            self.txs[txid].coin(n): (units, height)
            for txid, height in names
            for n, (to, units) in enumerate(self.txs[txid].pays)
            if to == script and self.txs[txid].coin(n) not in spent
        }

    def pin(self, below: int) -> Pin:
        """Return the block so many below the newest."""
        block = self.blocks[-1 - below]
        return Pin(self.chain.id, block.height, block.name, block.time)


def world(name: str) -> World:
    """Build the chain."""
    made = World(Chain.of(name))
    ann, ben, cat = made.ann, b"\xa9\x14" + b"\x02" * 20 + b"\x87", key_hash(3)
    for _ in range(3):
        made.add(reward=(ben, 50 * COIN))
    rewards = [block.txs[0].coin(0) for block in made.blocks]
    first = made.pay(rewards[:1], (ann, 20 * COIN), (cat, 29 * COIN), (ann, 1))
    made.add(first, reward=(cat, 50 * COIN))
    noted = made.pay(rewards[1:2], (ann, 10 * COIN), (NOTE, 0), (b"\x21" + _KEY + b"\xac", 40 * COIN))
    made.add(noted, reward=(ann, 50 * COIN))
    gathered = made.pay([first.coin(0), noted.coin(0), first.coin(2)], (ann, 29 * COIN), (ben, COIN // 2))
    passed = Tx((gathered.coin(0),), ((cat, 5 * COIN), (ann, 24 * COIN)), 2001)
    again = Tx((passed.coin(1),), ((ann, 23 * COIN), (b"\x51\xae", 99)), 2002)
    made.add(gathered, passed, again, reward=(cat, 50 * COIN))
    if made.chain.name == "litecoin":
        again = _through_the_pool(made, again.coin(0))
    coin = again.coin(0)
    for step in range(5):
        units = made.output(coin)[1]
        peeled = made.pay([coin], (ann, units - COIN), (key_hash(10 + step), COIN - 1000 * step))
        made.add(peeled, reward=(ben, 25 * COIN))
        coin = peeled.coin(0)
    made.add(reward=(ben, 25 * COIN))
    later = made.pay([noted.coin(2), coin], (cat, COIN), (ann, 2 * COIN))
    made.add(later, reward=(ann, 25 * COIN))
    made.add(reward=(ben, 25 * COIN))
    made.waiting.append(made.pay([later.coin(1)], (ann, COIN), (cat, COIN // 2)))
    return made


def _through_the_pool(made: World, coin: str) -> Tx:
    """Pay into the confidential pool and out of it; return what came out, in a transaction of its own."""
    pool, entry = POOL + b"\x05" * 32, PEG_IN + b"\x06" * 32
    units = made.output(coin)[1]
    enters = made.pay([coin], (entry, 9 * COIN), (made.ann, units - 9 * COIN - 500))
    carried = made.pay([enters.coin(0)], (pool, 9 * COIN), flags=8)
    made.add(enters, carried, reward=(key_hash(3), 25 * COIN))
    leaves = made.pay([carried.coin(0)], (pool, 2 * COIN), (made.ann, 4 * COIN), (key_hash(9), COIN), flags=8)
    made.add(leaves, reward=(key_hash(3), 25 * COIN))
    spent = made.pay([leaves.coin(1), enters.coin(1)], (made.ann, units - 5 * COIN - 500))
    made.add(spent, reward=(key_hash(3), 25 * COIN))
    return spent


def address(made: World) -> Address:
    """Return Ann's address, as people write it."""
    accounts = {
        "bitcoin": "bc1qqyqszqgpqyqszqgpqyqszqgpqyqszqgpyfl4f3",
        "litecoin": "ltc1qqyqszqgpqyqszqgpqyqszqgpqyqszqgpq4933p",
        "dogecoin": "D5EQRCnPMXmRvUoZwC7gu7fYspean3PQ9a",
    }
    return Address.parse(made.chain, accounts[made.chain.name])


def provider(kind: str, chain: Chain, url: str, **options: str) -> Provider:
    """Return how flowtrace knows a stand-in: two blocks make final."""
    return Provider(
        id=f"{kind}@{chain.name}", service=kind, kind=kind, chain=chain, url=url, key=None, needs_key=False,
        requests=50, seconds=1.0, concurrent=4, page=3, window=0, depth=2, verified_on="", source="",
        options=options,
    )  # fmt: skip


def scripts_of(made: World) -> Sequence[bytes]:
    """Return every script that is ever paid, each once."""
    return list(dict.fromkeys(to for tx in made.txs.values() for to, _ in tx.pays))
