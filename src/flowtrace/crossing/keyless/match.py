"""A deposit at a swapper and the payouts that may be its own: ranked, and claimed only against coincidence.

For every candidate two numbers are told. ``expected``: how many payouts of other customers would lie at least
as near to the swapper's habit as this one. ``share``: what part of the evidence speaks for it among all
candidates. It is a finding only if the first, with one more payout counted than was seen, is at most `LIMIT`,
and the second at least `CLEAR`; and if no other deposit claims the same payout. All else is a list.

Source: algorithms 5.4; the matching by amount and time is that of Yousaf, Kappos and Meiklejohn, USENIX
Security 2019, phase 1 and 2, with the number of coincidences in place of a fixed window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import mul

from flowtrace.crossing.keyless.habit import MILLION, Habit
from flowtrace.crossing.keyless.payouts import Payout, Payouts
from flowtrace.errors import InputError

LIMIT = Fraction(1, 100)
"""The greatest expected number of coincidences that is accepted."""

CLEAR = Fraction(19, 20)
"""The least share of the evidence that is accepted."""

LISTED = 5
"""How many candidates are listed; all of them count."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """What came to the swapper: when, and what it was worth then, in base units of the asset paid out.

    ``truly`` is the time of the deposit that a decoy was made of.
    """

    id: str
    time: int
    worth: Fraction
    truly: int | None = None

    def __post_init__(self) -> None:
        if self.worth <= 0:
            raise InputError(f"deposit {self.id} is worth nothing: it cannot be matched")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A payout that may be the deposit's own.

    Attributes
    ----------
    kept
        Millionths of the worth that the swapper would have kept.
    delay
        Seconds.
    expected
        Payouts of others that would look at least as good.
    bound
        The same, had one more such payout been seen in the record: the accepted number is held to it.
    share
        Its part of the evidence among the candidates.
    """

    payout: Payout
    kept: Fraction
    delay: int
    expected: Fraction
    bound: Fraction
    share: Fraction


@dataclass(frozen=True, slots=True)
class Matched:
    """A deposit with its candidates, best first.

    ``found`` is the one claimed, and ``why`` says why there is none; ``more`` are not listed.
    """

    deposit: Deposit
    candidates: tuple[Candidate, ...]
    found: Candidate | None
    why: str = ""
    more: int = 0


def match(
    deposits: Iterable[Deposit], payouts: Payouts, habit: Habit, *, limit: Fraction = LIMIT
) -> list[Matched]:
    """Match deposits to payouts; a payout that two deposits claim is neither's.

    Returns
    -------
    list[Matched]
        One for each deposit, in their order.
    """
    matched = [_match(deposit, payouts, habit, limit=limit) for deposit in deposits]
    claims = Counter(m.found.payout.id for m in matched if m.found)
    return [
        replace(m, found=None, why="another deposit claims the same payout")
        if m.found and claims[m.found.payout.id] > 1
        else m
        for m in matched
    ]


def _match(deposit: Deposit, payouts: Payouts, habit: Habit, *, limit: Fraction) -> Matched:
    first, last = (deposit.time + wait for wait in habit.window)
    if not payouts.covers(first, last):
        return Matched(deposit, (), None, "the record of payouts does not cover the time of its payout")
    background = Background(deposit, payouts, habit)
    edges, near = background.edges, background.near
    if not near:
        return Matched(deposit, (), None, "no payout lies within the bounds")
    ranked = sorted((habit.cell(edges, p.units, p.time - deposit.time), p) for p in near)
    evidence = sum(habit.evidence[rank] for rank, _ in ranked)
    found = tuple(_candidate(p, rank, background, evidence=evidence) for rank, p in ranked[:LISTED])
    return Matched(deposit, found, *_judged(found[0], limit), more=len(ranked) - len(found))


def _judged(best: Candidate, limit: Fraction) -> tuple[Candidate | None, str]:
    if best.share < CLEAR:
        return None, "several payouts fit about as well"
    if best.bound > limit:
        return None, "too many payouts of others would fit as well"
    return best, ""


class Background:
    """How many payouts of others would fall into a region about one deposit.

    It is counted in the record without the deposit's window, and the window of what a decoy was made of:
    there the deposit's own payout is.

    Attributes
    ----------
    near
        The payouts within the bounds of the deposit.
    """

    def __init__(self, deposit: Deposit, payouts: Payouts, habit: Habit) -> None:
        self.deposit, self.habit = deposit, habit
        self.edges = habit.edges(deposit.worth)
        first, last = habit.window
        bounds = (self.edges[-1], self.edges[0])
        self.near = list(payouts.among((deposit.time + first, deposit.time + last), bounds))
        left, windows = self.near, 1
        if deposit.truly is not None:
            own = payouts.among((deposit.truly + first, deposit.truly + last), bounds)
            left, windows = [*left, *own], 2
        self._counts = payouts.over(self.edges, left)
        self._pace, per = payouts.pace(deposit.time + (first + last) // 2)
        self._per = per * max(1, payouts.seconds - windows * (last - first))

    def expected(self, rank: int) -> Fraction:
        """Return the number expected down to a rank."""
        seen = sum(map(mul, self._counts, self.habit.seconds[rank]))
        return Fraction(seen * self._pace, self._per)

    def one(self, rank: int) -> Fraction:
        """Return what one payout more in the record would add to it at most."""
        return Fraction(self.habit.longest[rank] * self._pace, self._per)


def _candidate(payout: Payout, rank: int, background: Background, *, evidence: int) -> Candidate:
    deposit, habit = background.deposit, background.habit
    expected = background.expected(rank)
    return Candidate(
        payout,
        kept=MILLION - payout.units * MILLION / deposit.worth,
        delay=payout.time - deposit.time,
        expected=expected,
        bound=expected + background.one(rank),
        share=Fraction(habit.evidence[rank], evidence),
    )
