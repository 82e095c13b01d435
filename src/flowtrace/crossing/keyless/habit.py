"""How a swapper pays: which part it keeps and how long it takes, each as a density in steps.

A payout lies in one cell: a step of what was kept by a step of the delay. Cells are ranked by how dense the
swapper's own payouts are in them; a region is all cells down to a rank. All of it is whole numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import lcm

from flowtrace.errors import InputError

MILLION = 1_000_000
"""What is kept is told in millionths of what the deposit was worth."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A density in steps: between two edges it is level.

    Attributes
    ----------
    edges
        Whole numbers, rising. A step holds what is over its lower edge and at most its upper one; the first
        holds its lower edge too.
    weights
        How much lies in each step, in whole numbers; all above zero.
    """

    edges: tuple[int, ...]
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in pairwise(self.edges))
        if len(self.edges) != len(self.weights) + 1 or not self.weights or not rising:
            raise InputError(f"steps need rising edges, one more than weights: {self.edges}, {self.weights}")
        if any(type(n) is not int for n in (*self.edges, *self.weights)) or min(self.weights) < 1:
            raise InputError("edges and weights of steps are whole numbers, and every weight is above zero")

    @classmethod
    def level(cls, first: int, last: int) -> Steps:
        """Return one step: nothing is known but the bounds."""
        return cls((first, last), (1,))

    @classmethod
    def learnt(cls, values: Iterable[int | Fraction], edges: tuple[int, ...]) -> Steps:
        """Return the steps of known values; one more is added to each, since none is impossible.

        Values beyond the edges are left out.
        """
        counts = [1] * (len(edges) - 1)
        for value in values:
            if edges[0] <= value <= edges[-1]:
                counts[max(0, bisect_left(edges, value) - 1)] += 1
        return cls(edges, tuple(counts))

    def step(self, value: int) -> int:
        """Return which step holds a value that lies within the edges."""
        return max(0, bisect_left(self.edges, value) - 1)

    @property
    def widths(self) -> tuple[int, ...]:
        """The width of each step."""
        return tuple(high - low for low, high in pairwise(self.edges))


@dataclass(frozen=True, slots=True)
class Habit:
    """A swapper's way of paying.

    Attributes
    ----------
    kept
        Millionths of the deposit's worth that it keeps; below zero where rates may move in the customer's
        favour.
    delay
        Seconds from the deposit to the payout.
    rank
        Per step of ``kept`` and of ``delay``, the rank of the cell; equal density, equal rank.
    seconds
        Per rank and step of ``kept``, how many seconds of delay the region down to this rank takes.
    longest
        Per rank, the most of them.
    density
        Per rank, the share of the swapper's own payouts per millionth and second.
    evidence
        The same as whole numbers that stand to each other as the densities do.
    """

    kept: Steps
    delay: Steps
    rank: tuple[tuple[int, ...], ...] = field(init=False)
    seconds: tuple[tuple[int, ...], ...] = field(init=False)
    longest: tuple[int, ...] = field(init=False)
    density: tuple[Fraction, ...] = field(init=False)
    evidence: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if self.delay.edges[0] < 0 or self.kept.edges[-1] > MILLION:
            raise InputError("a swapper pays after the deposit, and keeps at most all of it")
        rows, columns = range(len(self.kept.weights)), range(len(self.delay.weights))
        total = sum(self.kept.weights) * sum(self.delay.weights)
        densities = {
            (i, j): Fraction(
                self.kept.weights[i] * self.delay.weights[j],
                total * self.kept.widths[i] * self.delay.widths[j],
            )
            for i in rows
            for j in columns
        }
        levels = sorted(set(densities.values()), reverse=True)
        ranks = {density: rank for rank, density in enumerate(levels)}
        reached = [[0] * len(rows) for _ in levels]
        for (i, j), density in densities.items():
            for rank in range(ranks[density], len(levels)):
                reached[rank][i] += self.delay.widths[j]
        put = object.__setattr__
        put(self, "rank", tuple(tuple(ranks[densities[i, j]] for j in columns) for i in rows))
        put(self, "seconds", tuple(map(tuple, reached)))
        put(self, "longest", tuple(map(max, reached)))
        put(self, "density", tuple(levels))
        whole = lcm(*(density.denominator for density in levels))
        put(self, "evidence", tuple(int(density * whole) for density in levels))

    def edges(self, worth: Fraction) -> list[int]:
        """Return the greatest payouts of each step of ``kept``, falling, and what lies just below the last.

        Step ``i`` holds the payouts over ``edges[i + 1]`` and at most ``edges[i]``.
        """
        of, per = worth.numerator, worth.denominator * MILLION
        bounds = [of * (MILLION - edge) // per for edge in self.kept.edges]
        last = of * (MILLION - self.kept.edges[-1])
        bounds[-1] = -(-last // per) - 1
        return bounds

    def cell(self, edges: list[int], units: int, waited: int) -> int:
        """Return the rank of the cell in which a payout lies that is within the bounds."""
        rising = edges[::-1]
        row = len(edges) - 1 - bisect_left(rising, units)
        return self.rank[min(row, len(self.kept.weights) - 1)][self.delay.step(waited)]

    @property
    def window(self) -> tuple[int, int]:
        """The least and the greatest delay."""
        return self.delay.edges[0], self.delay.edges[-1]
