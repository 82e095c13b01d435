"""A block of a UTXO chain: its header, its transactions, and proofs that one of them is in it.

A header names the root of a tree of hashes whose leaves are the block's transactions, in order. So a branch
of the tree proves that a transaction is in the block, and at which place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowtrace.errors import InputError
from flowtrace.model import Chain
from flowtrace.moves.coin import Bytes, CoinTransaction, twice_hashed

_SIZE, _AUXPOW = 80, 0x100
_PREVIOUS, _ROOT, _TIME = slice(4, 36), slice(36, 68), slice(68, 72)
_MOST = 1 << 20  # far more transactions than a block can hold


@dataclass(frozen=True, slots=True)
class Header:
    """A block's header: its name, the one before it, the root of its transactions, its time."""

    name: str
    previous: str
    root: bytes
    time: int

    @classmethod
    def read(cls, raw: bytes) -> Header:
        """Read it; what merged mining puts behind it is left.

        Raises
        ------
        InputError
            If it is cut off.
        """
        if len(raw) < _SIZE:
            raise InputError("a header that is cut off")
        fields = raw[:_SIZE]
        name, time = twice_hashed(fields)[::-1].hex(), int.from_bytes(fields[_TIME], "little")
        return cls(name, fields[_PREVIOUS][::-1].hex(), fields[_ROOT], time)


def read_block(chain: Chain, raw: bytes) -> tuple[Header, list[CoinTransaction]]:
    """Return the header of a block and its transactions; a confidential part behind them is left.

    Raises
    ------
    InputError
        If it is cut off, of another form, or its transactions are not those of its header.
    """
    left = Bytes(raw)
    try:
        header = Header.read(left.take(_SIZE))
        if chain.name == "dogecoin" and int.from_bytes(raw[:4], "little") & _AUXPOW:
            _pass_merged_mining(left)
        found = [left.transaction() for _ in range(left.count())]
    except IndexError:
        raise InputError("a block that is cut off") from None
    if merkle_root([tx.txid for tx in found]) != header.root:
        raise InputError("a block whose header is of other transactions")
    return header, found


def merkle_root(txids: Sequence[str]) -> bytes:
    """Return the root of the tree of hashes of transactions in this order."""
    row = [_leaf(txid) for txid in txids]
    while len(row) > 1:
        row += row[-1:] * (len(row) % 2)
        row = [twice_hashed(row[n] + row[n + 1]) for n in range(0, len(row), 2)]
    return row[0] if row else b""


def branch_root(txid: str, branch: Sequence[str], place: int) -> bytes:
    """Return the root of the tree in which a transaction stands at a place, by its branch.

    Raises
    ------
    InputError
        If no tree has that place at the end of such a branch.
    """
    node, left = _leaf(txid), place
    for other in branch:
        if left & 1 and _leaf(other) == node:
            raise InputError(f"place {place} is that of a twin, which the tree has to be even")
        pair = _leaf(other) + node if left & 1 else node + _leaf(other)
        node, left = twice_hashed(pair), left >> 1
    if left:
        raise InputError(f"place {place} is in no tree of {len(branch)} rows")
    return node


def proved_place(raw: bytes, txid: str) -> tuple[Header, int]:
    """Return the header and the place that a partial tree, as of BIP-37, proves for a transaction.

    Raises
    ------
    InputError
        If it proves nothing of the transaction, or is of another form.
    """
    left = Bytes(raw)
    try:
        header, leaves = Header.read(left.take(_SIZE)), left.number(4)
        hashes = [left.take(32) for _ in range(left.count())]
        flags = left.take(left.count())
    except IndexError:
        raise InputError("a proof that is cut off") from None
    if not 0 < leaves <= _MOST or left.at != len(raw):
        raise InputError("a proof of another form")
    tree = _Tree(leaves, iter(hashes), (byte >> n & 1 for byte in flags for n in range(8)))
    try:
        root = tree.node((leaves - 1).bit_length(), 0)
    except StopIteration:
        raise InputError("a proof without all its hashes") from None
    if root != header.root or tree.found != [_leaf(txid)] or next(tree.hashes, None) is not None:
        raise InputError("a proof of something else")
    return header, tree.place


@dataclass
class _Tree:
    """A partial tree while it is gone through, top down and from the left."""

    leaves: int
    hashes: Iterator[bytes]
    flags: Iterator[int]
    place: int = -1

    def __post_init__(self) -> None:
        self.found: list[bytes] = []

    def node(self, height: int, place: int) -> bytes:
        """Return the hash of a node; the flags say above which ones a wanted leaf stands."""
        wanted = next(self.flags)
        if not wanted or not height:
            found = next(self.hashes)
            if wanted:
                self.found.append(found)
                self.place = place
            return found
        left = self.node(height - 1, 2 * place)
        last = (self.leaves + (1 << height - 1) - 1 >> height - 1) - 1
        right = self.node(height - 1, 2 * place + 1) if 2 * place < last else left
        if 2 * place < last and left == right:
            raise InputError("a proof with a branch twice, which proves nothing")
        return twice_hashed(left + right)


def _leaf(txid: str) -> bytes:
    return bytes.fromhex(txid)[::-1]


def _pass_merged_mining(left: Bytes) -> None:
    """Pass over what Dogecoin's blocks hold of the block of another chain that they were mined with."""
    left.transaction()
    left.take(32)
    for _ in range(2):
        left.take(32 * left.count() + 4)
    left.take(_SIZE)
