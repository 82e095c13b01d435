"""Which transactions of coins several parties may have made together, told from columns.

Of each transaction a byte says which tests fire: 0 is a transaction whose inputs may be joined. The tests
are the detectors D0 and D2 to D5 of the CoinJoins known, and D7, a PayJoin; each is exact, or fires more
often where it would need what no column holds:

- heights are not looked at: each design counts from the first block on, and on every chain of coins;
- D1, lists of rounds (D6) and marketplaces (D8) are the caller's to mark (``HOLD``);
- D2 and D3 leave out the clean-up of look-alikes; D5 leaves out its sums (D5'), which need a search.

So whatever it lets pass, the verdict on that one transaction lets pass; what it holds, that verdict may yet
release. Of what neighbours tell one thing makes a verdict stricter: a needless input that would join two
clusters, each of which has spent together before. That is seen by ``join``, which knows the clusters.
"""

from __future__ import annotations

import ctypes
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag
from itertools import pairwise
from typing import TYPE_CHECKING

from flowtrace.errors import InputError
from flowtrace.kernel.columns import column
from flowtrace.kernel.cospend import Inputs, check_ends, refusal
from flowtrace.kernel.library import CoinColumns, SideColumns, address, library

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from flowtrace.kernel.columns import Numbers

NO_ADDRESS, KEY_HASH, SCRIPT_HASH, WITNESS_KEY, WITNESS_SCRIPT, TAPROOT, OTHER_WITNESS = range(7)
"""Kinds of script, a byte each: none, P2PKH, P2SH, P2WPKH, P2WSH, P2TR, and witness programs to come."""


class Mark(IntFlag):
    """What a caller knows of a transaction that its columns do not tell."""

    HOLD = 1
    """A list holds it, it pays a coordinator, or its signatures let others join: it is held anyway."""
    MIXED = 2
    """Its inputs differ in what a wallet leaves on them, their sequence numbers say."""
    UNTOLD = 4
    """Nobody tells what its inputs were worth."""


class Fired(IntFlag):
    """What may have been made by several parties; 0 where no test fires."""

    MARKED = 1
    GENERIC = 2
    WASABI = 4
    WABISABI = 8
    WHIRLPOOL = 16
    EQUAL = 32
    PAYJOIN = 64
    NEEDLESS = 128
    """Two outputs did not need its smallest input. Alone it holds nothing; ``join`` looks closer."""


_NO_MEMORY = 6


@dataclass(frozen=True, slots=True)
class Side:
    """The inputs of transactions, or their outputs without the fee; those of one follow one another.

    Attributes
    ----------
    ends
        Where those of each transaction end, 64 bits.
    address
        A dense number of 32 bits, or -1 where the script has no address.
    units
        Base units, 64 bits with sign. A transaction with more than 2^63 - 1 is to be marked ``HOLD``.
    kind
        Of script, a byte each.
    """

    ends: memoryview
    address: memoryview
    units: memoryview
    kind: memoryview

    @classmethod
    def of(cls, ends: Numbers, address: Numbers, units: Numbers, kind: ReadableBuffer) -> Side:  # noqa: PLR0917
        """Return a side from any buffers or sequences."""
        return cls(column(ends, "q"), column(address, "i"), column(units, "q"), memoryview(kind).cast("B"))

    def __post_init__(self) -> None:
        rows = len(self.address)
        if len(self.units) != rows or len(self.kind) != rows:
            raise InputError(f"columns differ in length: {len(self.units)}, {len(self.kind)}, {rows} rows")

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def inputs(self) -> Inputs:
        """What of a side of inputs ``join`` reads."""
        return Inputs(self.ends, self.address)


def guard(given: Side, paid: Side, *, mark: ReadableBuffer | None = None) -> memoryview:
    """Tell of each transaction which tests fire, as a byte of ``Fired``.

    Parameters
    ----------
    given, paid
        The inputs and the outputs of the same transactions.
    mark
        A byte of ``Mark`` for each; absent where there is nothing to say.

    Raises
    ------
    InputError
        If an end is out of range, or there are more of one column than of another.

    Examples
    --------
    >>> given = Side.of([2], [0, 1], [70, 90], bytes([3, 3]))
    >>> paid = Side.of([4], [2, 3, 4, 5], [60, 60, 8, 27], bytes([3] * 4))
    >>> Fired(guard(given, paid)[0]).name
    'GENERIC|EQUAL'
    """
    _check(given, paid, mark)
    opened = library()
    if opened is None:
        return plain(given, paid, mark=mark)
    held = memoryview(bytearray(len(given)))
    columns = CoinColumns(len(given), _columns(given), _columns(paid), address(mark))
    at = ctypes.c_int64(0)
    code = opened.flow_guard(ctypes.byref(columns), address(held), ctypes.byref(at))
    if code == _NO_MEMORY:
        raise MemoryError
    if code:
        raise refusal(code, at.value)
    return held


def _check(given: Side, paid: Side, mark: ReadableBuffer | None) -> None:
    marks = len(given) if mark is None else memoryview(mark).nbytes
    if not len(given) == len(paid) == marks:
        raise InputError(f"inputs of {len(given)} transactions, outputs of {len(paid)}, marks of {marks}")


def _columns(side: Side) -> SideColumns:
    columns = (side.ends, side.address, side.units, side.kind)
    return SideColumns(len(side.address), *map(address, columns))


_LEAST, _MOST, _MINER_FEE, _FEW = 5_000, 134_375_000_000, 110_000, 5
_POOLS = (100_000, 1_000_000, 5_000_000, 50_000_000, 2_500_000, 25_000_000)
_NOT_SHARED = (546, 2730)
_TENTH, _NEAR, _TEN = 10_000_000, 2_000_000, 10
_STANDARD = frozenset(
    factor * base**power
    for base, factors in ((2, (1,)), (3, (1, 2)), (10, (1, 2, 5)))
    for power in range(40)
    for factor in factors
    if _LEAST <= factor * base**power <= _MOST
)


@dataclass(frozen=True, slots=True)
class _Deal:
    """One transaction: the columns of its two sides."""

    givers: Sequence[int]
    given: Sequence[int] | None
    gives: Sequence[int]
    payees: Sequence[int]
    paid: Sequence[int]
    pays: Sequence[int]


def plain(given: Side, paid: Side, *, mark: ReadableBuffer | None = None) -> memoryview:
    """Tell the same in plain Python: what the compiled library must equal."""
    for side in (given, paid):
        check_ends(side.ends, len(side.address))
    marks = bytes(len(given)) if mark is None else memoryview(mark).cast("B")
    fired = array("B")
    start, begin = 0, 0
    for end, stop, marked in zip(given.ends, paid.ends, marks, strict=True):
        units = None if marked & Mark.UNTOLD else list(given.units[start:end])
        deal = _Deal(
            list(given.address[start:end]),
            units,
            list(given.kind[start:end]),
            list(paid.address[begin:stop]),
            list(paid.units[begin:stop]),
            list(paid.kind[begin:stop]),
        )
        fired.append(sum(_fired(deal, Mark(marked & 7))))
        start, begin = end, stop
    return memoryview(fired)


def _fired(deal: _Deal, mark: Mark) -> Iterator[Fired]:
    if mark & Mark.HOLD:
        yield Fired.MARKED
    if len(deal.gives) < 2:  # noqa: PLR2004  one signer has nobody to work with
        return
    if _needless(deal):
        yield Fired.NEEDLESS
        if mark & Mark.MIXED or len({*deal.gives}) > 1:
            yield Fired.PAYJOIN
    if len(deal.gives) >= _FEW and _wabisabi(deal):
        yield Fired.WABISABI
    if _FEW <= len(deal.gives) == len(deal.paid) <= _TEN and _mix(deal):
        yield Fired.WHIRLPOOL
    yield from _by_values(deal)


def _needless(deal: _Deal) -> bool:
    if len(deal.paid) != 2 or deal.given is None:  # noqa: PLR2004  a payment and its change
        return False
    return min(deal.given) <= min(deal.paid)


def _wabisabi(deal: _Deal) -> bool:
    standard = sum(1 for units in deal.paid if units in _STANDARD)
    return (
        {*deal.gives} <= {WITNESS_KEY, TAPROOT}
        and _falls(deal.paid)
        and (deal.given is None or _falls(deal.given))
        and standard * 5 > len(deal.paid) * 4
    )


def _falls(units: Sequence[int]) -> bool:
    return all(one >= other for one, other in pairwise(units))


def _mix(deal: _Deal) -> bool:
    pool = deal.paid[0]
    entrants = deal.given
    return (
        pool in _POOLS
        and {*deal.paid} == {pool}
        and {*deal.gives} == {WITNESS_KEY}  # it may pay out to any kind
        and (
            entrants is None or (pool in entrants and all(abs(one - pool) <= _MINER_FEE for one in entrants))
        )
    )


def _by_values(deal: _Deal) -> Iterator[Fired]:
    """Half of the outputs equal, by as many givers: D0, and D5 without its sums; then D2."""
    half = (len(deal.paid) + 1) // 2
    counts = Counter(units for units in deal.paid if units)
    if len(deal.paid) < 3 or not counts:  # noqa: PLR2004  two shares and a change
        return
    value, number = max(counts.items(), key=lambda item: (item[1], item[0]))
    if number == half <= len({*deal.givers}):
        if value not in _NOT_SHARED:
            yield Fired.GENERIC
        if sum(1 for times in counts.values() if times > 1) == 1 and half <= len({*deal.payees}):
            yield Fired.EQUAL
    unique = sum(1 for times in counts.values() if times == 1)
    many = _TEN <= number <= len(deal.gives) and unique > 1
    if many and abs(value - _TENTH) <= _NEAR and {*deal.gives, *deal.pays} == {WITNESS_KEY}:
        yield Fired.WASABI
