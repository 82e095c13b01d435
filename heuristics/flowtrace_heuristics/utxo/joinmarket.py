"""Equal outputs: the generic test of BlockSci, JoinMarket's form, and whether its sums come out.

They are structural and hold on every chain of coins; only the height from which JoinMarket ran is Bitcoin's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flowtrace_heuristics.utxo.sides import Sides, most_common

HEIGHT = 336_861
_NOT_SHARED = (546, 2730)  # the least that a node relays, which many wallets pay for other ends
_MOST_SOLUTIONS, _MOST_STEPS, _LARGEST_GROUP = 200, 20_000, 4
_SHORTCUT = 10_000
_MAKER, _TAKER = 20_000, 60_000


def generic(sides: Sides) -> bool:
    """D0, BlockSci's ``isCoinjoin``: half of the outputs are equal, and there are as many givers."""
    inputs, outputs = len(sides.gives), len(sides.paid)
    half = (outputs + 1) // 2
    if inputs < 2 or outputs < 3 or half > inputs:  # noqa: PLR2004  two parties, and one change
        return False
    value, number = most_common(sides.counts)
    return number == half and half <= len({*sides.givers}) and value not in _NOT_SHARED


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


@dataclass(slots=True)
class Sums:
    """Which inputs can have paid for which change, as far as the bounded search went.

    Attributes
    ----------
    solutions
        Each a group of inputs for every change output, both by number. No input serves twice.
    whole
        False where the search stopped at its bound, so that there may be more.
    """

    solutions: list[dict[int, tuple[int, ...]]] = field(default_factory=list)
    whole: bool = True


def sums(sides: Sides) -> Sums:
    """D5': find disjoint groups of inputs, four at most, that pay the shared value and each change.

    A maker may gain 0.1 % of the value, a taker lose 0.5 % of it and the network's fee; 20,000 and 60,000
    base units are always let pass.
    """
    value, number = most_common(sides.counts)
    if sides.given is None or number < 2:  # noqa: PLR2004
        return Sums()
    gain = max(_MAKER, value // 1000)
    loss = max(_TAKER, value * 5 // 1000 + sides.fee)
    changes = [place for place, units in enumerate(sides.paid) if units != value]
    search = _Search(sides.given)
    groups = {
        place: list(search.groups(value + sides.paid[place] - gain, value + sides.paid[place] + loss))
        for place in changes
    }
    if all(groups.values()):
        search.assign(sorted(changes, key=lambda place: (len(groups[place]), place)), groups)
    return Sums(search.solutions, whole=search.steps > 0 and len(search.solutions) < _MOST_SOLUTIONS)


class _Search:
    """A search that stops after so many steps, whatever it is given."""

    def __init__(self, values: Sequence[int]) -> None:
        self.values = values
        self.order = sorted(range(len(values)), key=lambda n: (-values[n], n))
        self.steps = _MOST_STEPS
        self.solutions: list[dict[int, tuple[int, ...]]] = []

    def groups(self, least: int, most: int) -> Iterator[tuple[int, ...]]:
        """Yield the groups of inputs whose sum lies in the range; the largest input of each first."""
        stack: list[tuple[int, tuple[int, ...], int]] = [(0, (), 0)]
        while stack and self.steps > 0:
            self.steps -= 1
            at, group, total = stack.pop()
            if group and least <= total <= most:
                yield group
            left = _LARGEST_GROUP - len(group)
            if not left or at == len(self.order):
                continue
            value = self.values[self.order[at]]
            if total + left * value < least:
                continue  # the rest is smaller still
            stack.append((at + 1, group, total))
            if total + value <= most:
                stack.append((at + 1, (*group, self.order[at]), total + value))

    def assign(self, changes: Sequence[int], groups: dict[int, list[tuple[int, ...]]]) -> None:
        """Give each change a group of its own, those with the least choice first."""
        stack: list[tuple[int, dict[int, tuple[int, ...]], frozenset[int]]] = [(0, {}, frozenset())]
        while stack and self.steps > 0 and len(self.solutions) < _MOST_SOLUTIONS:
            self.steps -= 1
            at, given, used = stack.pop()
            if at == len(changes):
                self.solutions.append(given)
                continue
            for group in reversed(groups[changes[at]]):
                if used.isdisjoint(group):
                    stack.append((at + 1, {**given, changes[at]: group}, used.union(group)))
