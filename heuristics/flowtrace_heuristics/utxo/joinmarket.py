"""Equal outputs: the generic test of BlockSci, JoinMarket's form, and whether its sums come out.

They are structural and hold on every chain of coins; only the height from which JoinMarket ran is Bitcoin's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from flowtrace_heuristics.utxo.sides import Sides, most_common

HEIGHT = 336_861
NOT_SHARED = (546, 2730)  # the least that a node relays, which many wallets pay for other ends
MOST_SOLUTIONS, MOST_STEPS, LARGEST_GROUP = 200, 10_000, 4
LEAST_STEPS = 40  # for the groups of one change, however many changes there are
_SHORTCUT = 10_000
MAKER, TAKER = 20_000, 60_000
TELLING = 3
"""Equal outputs from which on the sums are believed: one wallet feigns two parties (Stonewall)."""


def generic(sides: Sides) -> bool:
    """D0, BlockSci's ``isCoinjoin``: half of the outputs are equal, and there are as many givers."""
    inputs, outputs = len(sides.gives), len(sides.paid)
    half = (outputs + 1) // 2
    if inputs < 2 or outputs < 3 or half > inputs:  # noqa: PLR2004  two parties, and one change
        return False
    value, number = most_common(sides.counts)
    return number == half and half <= len({*sides.givers}) and value not in NOT_SHARED


def equal_outputs(sides: Sides) -> int:
    """D5 without its shortcut: return 1 where it holds, 2 where one participant has no change, else 0."""
    if sides.on_bitcoin and sides.height < HEIGHT:
        return 0
    repeated = [(value, number) for value, number in sides.counts.items() if number > 1]
    if len(repeated) != 1:
        return 0
    equals, changes = repeated[0][1], len(sides.paid) - repeated[0][1]
    if len({*sides.payees}) < equals or len({*sides.givers}) < equals:
        return 0
    return 1 if equals == changes else 2 if equals == changes + 1 else 0


def shortcut(sides: Sides) -> bool:
    """D5's last line in Dumplings: the largest input is worth at most what its owner can have got."""
    value, _ = most_common(sides.counts)
    others = [units for units in sides.paid if units != value]
    return sides.given is not None and max(sides.given) <= value + max(others, default=0) - _SHORTCUT


Group = tuple[int, ...]
"""Inputs that paid for one change, by number."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Which inputs can have paid for which change, as far as the bounded search went.

    Attributes
    ----------
    solutions
        Each a group of inputs for every change output, both by number. No input serves twice.
    whole
        False where the search stopped at its bound, so that there may be more.
    """

    solutions: tuple[dict[int, Group], ...] = ()
    whole: bool = True


def sums(sides: Sides, *, solutions: int = MOST_SOLUTIONS) -> Sums:
    """D5': find disjoint groups of inputs, four at most, that pay the shared value and each change.

    A maker may gain 0.1 % of the value, a taker lose 0.5 % of it and the network's fee; 20,000 and 60,000
    base units are always let pass. The search stops after so many solutions, and after so many steps.
    """
    value, number = most_common(sides.counts)
    changes = [place for place, units in enumerate(sides.paid) if units and units != value]
    if sides.given is None or number < 2 or not changes:  # noqa: PLR2004
        return Sums()
    gain, loss = max(MAKER, value // 1000), max(TAKER, value * 5 // 1000 + sides.fee)
    inputs = _Inputs(sides.given)
    steps = max(LEAST_STEPS, MOST_STEPS // len(changes))
    groups, whole = dict[int, list[Group]](), True
    for place in changes:
        total = value + sides.paid[place]
        groups[place], done = inputs.groups(total - gain, total + loss, steps)
        whole = whole and done
        if not groups[place]:
            return Sums((), whole)
    order = sorted(changes, key=lambda place: (len(groups[place]), place))
    found, done = _assigned(order, groups, solutions)
    return Sums(tuple(found), whole and done)


def come_out(sides: Sides) -> bool:
    """Tell whether the sums come out among so many that it says something."""
    return most_common(sides.counts)[1] >= TELLING and bool(sums(sides, solutions=1).solutions)


class _Inputs:
    """Values, largest first, of which groups of a given sum are sought."""

    def __init__(self, values: Sequence[int]) -> None:
        self.order = sorted(range(len(values)), key=lambda n: (-values[n], n))
        self.falling = [-values[n] for n in self.order]

    def groups(self, least: int, most: int, steps: int) -> tuple[list[Group], bool]:
        """Return the groups whose sum lies in the range, the smallest first, and whether these are all."""
        found: list[Group] = []
        left: deque[tuple[Group, int, int]] = deque([((), 0, 0)])
        while left:
            group, total, start = left.popleft()
            for at in self._range(most - total, max(1, least - total), start):
                found.append((*group, self.order[at]))
                steps -= 1
                if steps <= 0:
                    return found, False
            room = LARGEST_GROUP - len(group)
            if room == 1:
                continue
            # The next is the largest of those to come, so it bears its share of what is missing.
            for at in self._range(most - total, max(1, -(-(least - total) // room)), start):
                left.append(((*group, self.order[at]), total - self.falling[at], at + 1))
                steps -= 1
                if steps <= 0:
                    return found, False
        return found, True

    def _range(self, most: int, least: int, start: int) -> range:
        """Return the places from ``start`` on whose value lies between the two."""
        return range(bisect_left(self.falling, -most, start), bisect_right(self.falling, -least, start))


def _assigned(
    order: Sequence[int], groups: dict[int, list[Group]], most: int
) -> tuple[list[dict[int, Group]], bool]:
    """Give each change a group of its own, the least choice first; and tell whether these are all."""
    found: list[dict[int, Group]] = []
    used, chosen, tried = set[int](), list[Group](), [0]
    steps = MOST_STEPS
    while tried and steps > 0:
        steps -= 1
        level = len(tried) - 1
        if len(chosen) > level:
            used.difference_update(chosen.pop())
        if level == len(order):
            found.append(dict(zip(order, chosen, strict=True)))
            if len(found) == most:
                return found, False
            tried.pop()
        elif tried[level] == len(groups[order[level]]):
            tried.pop()
        else:
            group = groups[order[level]][tried[level]]
            tried[level] += 1
            if used.isdisjoint(group):
                chosen.append(group)
                used.update(group)
                tried.append(0)
    return found, not tried
