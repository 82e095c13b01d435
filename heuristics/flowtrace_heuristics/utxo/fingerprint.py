"""How a wallet builds a transaction of coins: what its software leaves on it, whoever uses it.

After Kappos et al. (USENIX Security 2022), Möser and Narayanan (FC 2022); BIP-69 (order), BIP-125
(replacement), BIP-65 and BIP-113 (lock time).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import factorial

from flowtrace.model import Fact

SURE_SIGNATURES = 7
"""So many signatures all short by chance: less than one in a hundred."""
SURE_ORDERS = 100
"""So many orders to choose from: to be in BIP-69's by chance is one in a hundred."""
_ENOUGH = 5  # the first number of which there are more than that many orders
_NUMBER = re.compile(r"[0-9]{1,18}")
_LOCK_IS_TIME = 500_000_000  # BIP-65: below it a lock is a height
_FINAL, _NO_REPLACEMENT = 0xFFFFFFFF, 0xFFFFFFFE


class Lock(StrEnum):
    """What a transaction's lock time is."""

    NONE = "none"
    HEIGHT = "height"
    TIME = "time"


class Finality(StrEnum):
    """What a sequence number says: final, final but for the lock time, or may be replaced."""

    FINAL = "final"
    LOCKED = "locked"
    REPLACEABLE = "replaceable"


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a transaction beside its value.

    ``low_r`` is True where so many signatures are short that its wallet grinds them, False where one is long,
    None where it cannot be told. ``rate`` is the fee in base units for 1,000 virtual bytes, -1 if not told.
    """

    version: str
    lock: Lock
    sequences: tuple[Finality, ...]
    low_r: bool | None
    rate: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How a transaction is built: how many inputs and outputs, which kinds of script, in what order."""

    inputs: int
    outputs: int
    kinds: tuple[int, ...]
    in_order: bool
    shape: Shape | None


def read_shape(fact: Fact, fee: int) -> Shape | None:
    """Read a recorded shape; None where version, lock time or sequences are no plain numbers."""
    version, lock = fact.figure("version").strip(), fact.figure("locktime").strip()
    numbers = [one.strip() for one in fact.figure("sequences").split(",")]
    if not version or not all(_NUMBER.fullmatch(one) for one in (lock, *numbers)):
        return None
    weight = fact.figure("weight").strip()
    known = bool(_NUMBER.fullmatch(weight)) and int(weight) > 0
    return Shape(
        version=version,
        lock=_lock(int(lock)),
        sequences=tuple(sorted({_sequence(int(one)) for one in numbers})),
        low_r=_low_r([one.strip() for one in fact.figure("low_r").split(",")]),
        rate=fee * 4000 // int(weight) if known else -1,
    )


def _lock(lock: int) -> Lock:
    if not lock:
        return Lock.NONE
    return Lock.HEIGHT if lock < _LOCK_IS_TIME else Lock.TIME


def _sequence(number: int) -> Finality:
    if number == _FINAL:
        return Finality.FINAL
    return Finality.LOCKED if number == _NO_REPLACEMENT else Finality.REPLACEABLE


def _low_r(told: Sequence[str]) -> bool | None:
    if any(one in ("0", "false") for one in told):
        return False
    short = sum(1 for one in told if one in ("1", "true"))
    return True if short >= SURE_SIGNATURES else None


def ordered(coins: Sequence[str], values: Sequence[int]) -> bool:
    """Tell BIP-69's order: inputs by coin, outputs by value. The order of equal values is not judged."""
    keys = [(tx, int(number) if _NUMBER.fullmatch(number) else -1) for tx, _, number in map(_cut, coins)]
    return all(one <= other for one, other in pairwise(keys)) and all(
        one <= other for one, other in pairwise(values)
    )


def _cut(coin: str) -> tuple[str, str, str]:
    return coin.rpartition(":")


def alike(one: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether two are built alike in everything: what it takes to follow one to the other.

    Version, class of lock time, classes of sequences, kinds of script spent, BIP-69's order. Where the ledger
    does not tell the shape of both, they are not.
    """
    if one.shape is None or other.shape is None:
        return False
    return _plain(one, one.shape) == _plain(other, other.shape) and one.in_order == other.in_order


def differ(one: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether one wallet cannot have built both: what it takes to rule an output out.

    As ``alike``, but what may be chance proves nothing: of the order, and of the length of signatures, only
    what is seen too often for that.
    """
    if one.shape is None or other.shape is None:
        return False
    return (
        _plain(one, one.shape) != _plain(other, other.shape)
        or {_sorts(one), _sorts(other)} >= {True, False}
        or {one.shape.low_r, other.shape.low_r} >= {True, False}
    )


def _plain(mark: Fingerprint, shape: Shape) -> tuple[str, Lock, tuple[Finality, ...], tuple[int, ...]]:
    return shape.version, shape.lock, shape.sequences, mark.kinds


def _sorts(mark: Fingerprint) -> bool | None:
    """Tell whether a wallet keeps BIP-69's order: None where so few may stand in it by chance."""
    if not mark.in_order:
        return False
    orders = factorial(min(mark.inputs, _ENOUGH)) * factorial(min(mark.outputs, _ENOUGH))
    return True if orders >= SURE_ORDERS else None
