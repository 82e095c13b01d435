"""Bursts: many parties within a stretch of time, each with its share of the whole."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowtrace_heuristics.pattern.moves import Moves

_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Burst:
    """Moves of one address within a window, in chain order.

    ``parties`` counts the distinct others whose sum reaches the stated share of ``units``, the whole.
    """

    moves: tuple[int, ...]
    parties: int
    units: int


@dataclass(frozen=True, slots=True)
class Bound:
    """What makes a burst: its seconds at most, its parties at least, each one's share in thousandths."""

    seconds: int
    parties: int
    per_mille: int


class _Window:
    """The sum of each party in a sliding window, and those sums in order."""

    def __init__(self) -> None:
        self._sums: dict[int, int] = {}
        self._ordered: list[int] = []
        self._total = 0

    def change(self, party: int, units: int) -> None:
        held = self._sums.pop(party, 0)
        if held:
            del self._ordered[bisect_left(self._ordered, held)]
        self._total += units
        if held + units:
            self._sums[party] = held + units
            insort(self._ordered, held + units)

    def reaches(self, bound: Bound) -> bool:
        if len(self._ordered) < bound.parties:
            return False
        return self._ordered[-bound.parties] * _THOUSAND >= self._total * bound.per_mille


def bursts(moves: Moves, run: Sequence[int], others: Sequence[int], *, bound: Bound) -> Iterator[Burst]:
    """Yield the bursts in one address's moves in one asset; none overlaps another.

    Each begins with the first move from which enough parties are met in time, and takes in what follows
    within its stretch as long as it stays one.
    """
    left = right = 0
    window = _Window()
    while len(run) - left >= bound.parties and right < len(run):
        move = run[right]
        window.change(others[move], moves.units[move])
        right += 1
        while moves.time[move] - moves.time[run[left]] > bound.seconds:
            window.change(others[run[left]], -moves.units[run[left]])
            left += 1
        if window.reaches(bound):
            while right < len(run) and moves.time[run[right]] - moves.time[run[left]] <= bound.seconds:
                window.change(others[run[right]], moves.units[run[right]])
                if not window.reaches(bound):
                    break
                right += 1
            yield _counted(moves, run[left:right], others, bound=bound)
            left = right
            window = _Window()


def _counted(moves: Moves, run: Sequence[int], others: Sequence[int], *, bound: Bound) -> Burst:
    sums: dict[int, int] = {}
    for move in run:
        sums[others[move]] = sums.get(others[move], 0) + moves.units[move]
    total = sum(sums.values())
    reached = sum(units * _THOUSAND >= total * bound.per_mille for units in sums.values())
    return Burst(tuple(run), reached, total)
