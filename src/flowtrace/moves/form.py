"""How a transaction of coins is made: what wallets differ in, and what a signature covers.

Sources: BIP-125 (sequence), BIP-68 (version, sequence), BIP-66 (DER signatures), BIP-341 (Schnorr signatures
and their default), Bitcoin Core 0.17 (low R).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_DER, _SHORTEST, _LONGEST, _LOW_R = 0x30, 9, 73, 32
_SCHNORR, _SCHNORR_SAID = 64, 65
_PUSH, _PUSH_1, _PUSH_2 = 0x4B, 0x4C, 0x4D  # up to so many bytes by the length itself; or by one or two more
Unlocked = tuple[int, bytes, Sequence[bytes]]
"""One input: its sequence, its script, its witness."""


@dataclass(frozen=True, slots=True)
class Form:
    """Version, lock time, weight; and one of each an input: sequence, what its signature covers, is R low.

    ``weight`` is 0 where it is not told; ``sighashes`` and ``low_r`` are text, empty where an input shows no
    signature that tells.
    """

    version: int
    locktime: int
    weight: int
    sequences: tuple[int, ...]
    sighashes: tuple[str, ...]
    low_r: tuple[str, ...]

    @classmethod
    def of(cls, version: int, locktime: int, inputs: Sequence[Unlocked], *, weight: int) -> Form:
        """Read it from the inputs as they stand in the transaction; ``weight`` is that of BIP-141."""
        signed = [_signature((*_pushed(script), *witness)) for _, script, witness in inputs]
        return cls(
            version,
            locktime,
            weight,
            tuple(sequence for sequence, _, _ in inputs),
            tuple(covers for covers, _ in signed),
            tuple(low for _, low in signed),
        )

    @property
    def figures(self) -> tuple[tuple[str, str], ...]:
        """As the figures of a fact."""
        return (
            ("version", str(self.version)),
            ("locktime", str(self.locktime)),
            *((("weight", str(self.weight)),) if self.weight else ()),
            ("sequences", ",".join(map(str, self.sequences))),
            ("sighashes", ",".join(self.sighashes)),
            ("low_r", ",".join(self.low_r)),
        )


def _signature(items: Sequence[bytes]) -> tuple[str, str]:
    """Return what the first signature among what unlocks an input covers, and whether its R is low."""
    for item in items:
        size = len(item)
        if _SHORTEST <= size <= _LONGEST and item[0] == _DER and item[1] == size - 3:
            return f"{item[-1]:02x}", str(int(item[3] <= _LOW_R))
    first = items[0] if items else b""
    if len(first) == _SCHNORR:
        return "00", ""
    return (f"{first[-1]:02x}", "") if len(first) == _SCHNORR_SAID else ("", "")


def _pushed(script: bytes) -> Iterator[bytes]:
    """Yield what a script puts on the stack, up to the first thing it does otherwise."""
    at = 0
    while at < len(script):
        code, at = script[at], at + 1
        wide = {_PUSH_1: 1, _PUSH_2: 2}.get(code, 0)
        if code > _PUSH and not wide:
            return
        size = int.from_bytes(script[at : at + wide], "little") if wide else code
        at += wide
        yield script[at : at + size]
        at += size
