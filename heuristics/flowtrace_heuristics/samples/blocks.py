"""Reader of real blocks of Bitcoin as a node stores them, with what was spent where that is known.

A block tells of a spent coin only its name. Whose it was mostly shows in the signature (the public key, or
the script that was hashed), and so do signature types and sequences; what it was worth does not. Where a
store of spent outputs lies beside the block, as btcd keeps them for its tests, values are known as well.
"""

from __future__ import annotations

import bz2
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from Crypto.Hash import RIPEMD160

from flowtrace.model import Chain, Fact, FactKind
from flowtrace.moves.coin import Bytes, twice_hashed
from flowtrace.moves.scripts import address_of
from flowtrace_heuristics.utxo.sides import Sides, script_kind

BLOCK_2019 = "bitcoin/blocks/block-0000000000000000001602407ac49862a7bca9d00f7f402db20b7be2f5de59d2.blk"
BLOCK_2018 = "bitcoin/blocks/block-00000000000000000021868c2cefc52a480d173c849412fe81c4e5ab806f94ab.blk"
BLOCK_2013 = "bitcoin/blocks/277647.dat.bz2"
SPENT_2013 = "bitcoin/blocks/277647.utxostore.bz2"
_BITCOIN = Chain.of("bitcoin")
_FRAME = b"\xf9\xbe\xb4\xd9"  # how a node's file of blocks begins each one, before its size
_WITNESS, _TIME_AT, _HEADER = 1, 68, 80
_KEY_SIZES, _PUSHES, _BILLION = (33, 65), 75, 10**9


@dataclass(frozen=True, slots=True)
class Spend:
    """An input: the coin it spends, its signature script, its sequence, its witness."""

    coin: str
    script: bytes
    sequence: int
    witness: tuple[bytes, ...] = ()

    @property
    def pushes(self) -> list[bytes]:
        """What it brings: the witness, or what the signature script pushes."""
        return list(self.witness) or pushed(self.script)


@dataclass(frozen=True, slots=True)
class Read:
    """One transaction of a block: its sides, and the shape that a detector asks for."""

    txid: str
    sides: Sides
    shape: Fact


def transactions(file: Path, spent: Path | None = None) -> Iterator[Read]:
    """Yield a block's transactions in order, without the one that makes new coin."""
    raw = bz2.decompress(file.read_bytes()) if file.suffix == ".bz2" else file.read_bytes()
    raw = raw[8:] if raw.startswith(_FRAME) else raw
    known = {} if spent is None else dict(_store(bz2.decompress(spent.read_bytes())))
    block = Bytes(raw)
    block.take(_HEADER)
    time = int.from_bytes(raw[_TIME_AT : _TIME_AT + 4], "little")
    height = 0
    for place in range(block.count()):
        txid, spends, paid = _transaction(block)
        if place:
            shape = _shape(txid, spends, height=height, index=place, time=time)
            yield Read(txid, _sides(height, spends, paid, known=known if spent else None), shape)
        else:
            size = spends[0].script[0]  # BIP-34: new coin names its block's height first
            height = int.from_bytes(spends[0].script[1 : 1 + size], "little")
        known |= {f"{txid}:{n}": output for n, output in enumerate(paid)}


def _transaction(block: Bytes) -> tuple[str, list[Spend], list[tuple[int, bytes]]]:
    plain = block.take(4)
    segregated = block.raw[block.at] == 0
    if segregated:
        block.take(2)
    start = block.at
    spends = [_spend(block) for _ in range(block.count())]
    paid = [(block.number(8), block.take(block.count())) for _ in range(block.count())]
    plain += block.raw[start : block.at]
    if segregated:
        spends = [
            Spend(
                one.coin,
                one.script,
                one.sequence,
                tuple(block.take(block.count()) for _ in range(block.count())),
            )
            for one in spends
        ]
    return twice_hashed(plain + block.take(4))[::-1].hex(), spends, paid


def _spend(block: Bytes) -> Spend:
    coin = f"{block.take(32)[::-1].hex()}:{block.number(4)}"
    script = block.take(block.count())
    return Spend(coin, script, block.number(4))


def _sides(
    height: int,
    spends: Sequence[Spend],
    paid: Sequence[tuple[int, bytes]],
    *,
    known: dict[str, tuple[int, bytes]] | None,
) -> Sides:
    held = [None if known is None else known.get(one.coin) for one in spends]
    values = [one[0] for one in held if one is not None]
    whole = len(values) == len(spends)
    scripts = [_script(spend) if one is None else one[1] for spend, one in zip(spends, held, strict=True)]
    givers = [address_of(_BITCOIN, script) for script in scripts]
    payees = [address_of(_BITCOIN, script) for _, script in paid]
    return Sides(
        chain_id=_BITCOIN.id,
        height=height,
        given=tuple(values) if whole else None,
        givers=tuple("" if one is None else one.account for one in givers),
        gives=tuple(map(script_kind, givers)),
        paid=tuple(units for units, _ in paid),
        payees=tuple("" if one is None else one.account for one in payees),
        pays=tuple(map(script_kind, payees)),
        fee=sum(values) - sum(units for units, _ in paid) if whole else 0,
    )


def pushed(script: bytes) -> list[bytes]:
    """Return what a signature script pushes; nothing where it does more than push."""
    found, at = [], 0
    while at < len(script):
        code = script[at]
        at += 1
        if code > _PUSHES:
            width = {0x4C: 1, 0x4D: 2, 0x4E: 4}.get(code)
            if width is None:
                return []
            code, at = int.from_bytes(script[at : at + width], "little"), at + width
        found.append(script[at : at + code])
        at += code
    return found


def _script(spend: Spend) -> bytes:
    """Return the script that a spent coin was locked by, as far as its signature shows it."""
    pushes = spend.pushes
    last = pushes[-1] if pushes else b""
    is_key = len(pushes) == 2 and len(last) in _KEY_SIZES and last[0] in (2, 3, 4)  # noqa: PLR2004
    if spend.witness and not spend.script:
        return b"\x00\x14" + _hash160(last) if is_key else b"\x00\x20" + hashlib.sha256(last).digest()
    if spend.witness:
        return b"\xa9\x14" + _hash160(pushed(spend.script)[-1]) + b"\x87"
    if is_key:
        return b"\x76\xa9\x14" + _hash160(last) + b"\x88\xac"
    return b"\xa9\x14" + _hash160(last) + b"\x87" if len(pushes) > 1 else b""


def _hash160(data: bytes) -> bytes:
    return RIPEMD160.new(hashlib.sha256(data).digest()).digest()


def _shape(txid: str, spends: Sequence[Spend], *, height: int, index: int, time: int) -> Fact:
    marks = [next((one[-1:].hex() for one in spend.pushes if _is_signature(one)), "") for spend in spends]
    figures = {"sequences": ",".join(str(one.sequence) for one in spends), "sighashes": ",".join(marks)}
    told = tuple(figures.items()) if len(spends) <= _MOST_LISTED else ()
    return Fact(_BITCOIN.id, txid, height, index, 0, time, FactKind.SHAPE, (), told)


_MOST_LISTED = 300  # what a figure has room for


def _is_signature(data: bytes) -> bool:
    return len(data) > 8 and data[0] == 0x30 and data[1] == len(data) - 3  # noqa: PLR2004  DER, and its type


def _store(raw: bytes) -> Iterator[tuple[str, tuple[int, bytes]]]:
    """Yield the spent outputs of btcd's store: coin, then units and script."""
    store = Bytes(raw)
    while store.at < len(raw):
        coin = f"{store.take(32)[::-1].hex()}:{store.number(4)}"
        entry = Bytes(store.take(store.number(4)))
        _number(entry)  # height and whether it is new coin
        yield coin, (_units(_number(entry)), _locking(entry))


def _number(entry: Bytes) -> int:
    found = 0
    while True:
        byte = entry.number(1)
        found = found << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004  the last byte has no high bit
            return found
        found += 1


def _units(packed: int) -> int:
    """Unpack an amount, as Bitcoin's own database packs it."""
    if not packed:
        return 0
    rest, zeros = divmod(packed - 1, 10)
    if zeros < 9:  # noqa: PLR2004  a last digit that is not zero is kept
        rest, digit = divmod(rest, 9)
        return int((rest * 10 + digit + 1) * 10**zeros)
    return (rest + 1) * _BILLION


def _locking(entry: Bytes) -> bytes:
    """Unpack a script: of a key's hash, a script's hash, a bare key, or as it is."""
    kind = _number(entry)
    if kind == 0:
        return b"\x76\xa9\x14" + entry.take(20) + b"\x88\xac"
    if kind == 1:
        return b"\xa9\x14" + entry.take(20) + b"\x87"
    if kind in (2, 3, 4, 5):
        return b"\x21" + bytes([kind - 2 if kind > 3 else kind]) + entry.take(32) + b"\xac"  # noqa: PLR2004
    return entry.take(kind - 6)
