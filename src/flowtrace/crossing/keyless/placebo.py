"""A placebo: deposits that never were, matched like the real ones. Every claim on them is false.

A decoy has the worth of a real deposit and another time, far enough away that the true payout cannot be
within its window. How many decoys are claimed is the measured rate of false matches on this very record; how
many were expected to be is told beside it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from flowtrace.crossing.keyless.habit import Habit
from flowtrace.crossing.keyless.match import CLEAR, LIMIT, Background, Deposit, match
from flowtrace.crossing.keyless.payouts import Payouts
from flowtrace.model.measure import wilson

LEAST = 1000
"""How many decoys are tried at least, where the record is long enough."""

_MOST_STEPS = 200
_ODD = 977
_GRID = 24
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Placebo:
    """What came of it.

    Attributes
    ----------
    decoys, claimed
        How many were tried, and how many of them a payout was claimed for.
    expected
        How many claims the background foretold.
    """

    decoys: int
    claimed: int
    expected: Fraction

    @property
    def rate(self) -> tuple[Decimal, Decimal] | None:
        """The 95 % interval of the rate of false matches; None where nothing was tried."""
        return wilson(self.claimed, self.decoys) if self.decoys else None

    @property
    def words(self) -> str:
        """For a reader."""
        if not self.decoys:
            return "no placebo: the record is too short"
        low, high = self.rate or (Decimal(0), Decimal(1))
        percent = f"{100 * low:.3f} to {100 * high:.3f} %"
        return (
            f"placebo: {self.claimed:,} of {self.decoys:,} deposits that never were found a payout "
            f"(95 % interval {percent}); {Decimal(self.expected.numerator) / self.expected.denominator:.1f} "
            "were expected to"
        )


def placebo(
    deposits: Iterable[Deposit], payouts: Payouts, habit: Habit, *, limit: Fraction = LIMIT
) -> Placebo:
    """Match decoys of every deposit and count the claims.

    Decoys are made in sets, one decoy of each deposit moved by as many windows, before and after in turn,
    until there are `LEAST` of them. Each set is matched by itself: decoys of one deposit do not compete.
    """
    real = list(deposits)
    tried, claimed, expected = 0, 0, Fraction(0)
    for step in (sign * n for n in range(1, _MOST_STEPS + 1) for sign in (-1, 1)):
        if tried >= LEAST or not real:
            break
        decoys = list(_moved(real, payouts, habit, step=step))
        tried += len(decoys)
        claimed += sum(1 for matched in match(decoys, payouts, habit, limit=limit) if matched.found)
        expected += sum((_foretold(decoy, payouts, habit, limit=limit) for decoy in decoys), Fraction(0))
    return Placebo(tried, claimed, expected)


def _moved(deposits: Sequence[Deposit], payouts: Payouts, habit: Habit, *, step: int) -> Iterator[Deposit]:
    first, last = habit.window
    shift = step * (last - first + _ODD)
    for deposit in deposits:
        time = deposit.time + shift
        if payouts.covers(time + first, time + last):
            yield Deposit(f"{deposit.id} moved by {shift} s", time, deposit.worth, deposit.time)


def _foretold(decoy: Deposit, payouts: Payouts, habit: Habit, *, limit: Fraction) -> Fraction:
    """Return the chance of a claim: a payout within the region that is accepted, and no rival beside it.

    Payouts come like a Poisson process. The region is cut into at most `_GRID` rings; of each, the chance is
    what is expected in it times that of no payout at all where one would be a rival.
    """
    background = Background(decoy, payouts, habit)
    reach = _reach(background, len(habit.density), limit)
    told, inner = Fraction(0), Fraction(0)
    for rank in sorted({(n + 1) * reach // _GRID for n in range(_GRID)} - {0}):
        outer = background.expected(rank - 1)
        told += (outer - inner) * _nothing(background.expected(_rivals(habit, rank - 1)))
        inner = outer
    return told


def _reach(background: Background, ranks: int, limit: Fraction) -> int:
    """Return how many ranks are accepted: the bound rises with the rank."""
    low, high = 0, ranks
    while low < high:
        middle = (low + high) // 2
        fits = background.expected(middle) + background.one(middle) <= limit
        low, high = (middle + 1, high) if fits else (low, middle)
    return low


def _rivals(habit: Habit, rank: int) -> int:
    """Return the last rank at which another payout would leave this one without a clear share."""
    least = habit.density[rank] * (1 - CLEAR) / CLEAR
    return bisect_right(habit.density, -least, key=lambda density: -density) - 1


def _nothing(expected: Fraction) -> Fraction:
    """Return the chance that nothing comes where so much is expected."""
    with localcontext(prec=_DIGITS):
        return Fraction((-Decimal(expected.numerator) / expected.denominator).exp())
