"""The vectors of algorithms.md sections 3 and 6, on both engines."""

from __future__ import annotations

import pytest

from flowtrace.kernel.division import split
from flowtrace.kernel.engine import Engine
from flowtrace.kernel.plain import Plain
from flowtrace.model import Rule
from kernel.stories import Act, Story, Transaction, carry_out, plain

PARTS = [
    38597363079105398474523661669562635951014376584786646132382889200986205832989,
    19298681539552699237261830834781317975507188292393323066191444600493102916495,
    113427455640312821154458202477256070485,
]


def both(rule: Rule, acts: tuple[Act, ...], *, thefts: int = 1) -> list[tuple[int, dict[int, int]]]:
    """Carry out acts by the engine that serves and by the plain one; they must agree."""
    story = Story(acts, thefts)
    told = carry_out(Engine(rule, 4, thefts=thefts), acts)
    assert told == carry_out(plain(rule, story), acts)
    return told


@pytest.mark.parametrize(
    ("rule", "tainted"),
    [
        (Rule.POISON, [200_000_000, 450_000_000, 149_990_000, 10_000]),
        (Rule.PRO_RATA, [75_000_000, 168_750_000, 56_246_250, 3_750]),
        (Rule.FIFO, [200_000_000, 100_000_000, 0, 0]),
        (Rule.LIFO, [0, 150_000_000, 149_990_000, 10_000]),
        (Rule.TIHO, [0, 300_000_000, 0, 0]),
        (Rule.TILO, [150_010_000, 0, 149_990_000, 0]),
    ],
)
def test_vector_u1(rule: Rule, tainted: list[int]) -> None:
    """Algorithms 3.1, vector U1 in satoshi: in A dirty, in B clean, three outputs and a fee."""
    outputs = (200_000_000, 450_000_000, 149_990_000, 10_000)
    spend: Transaction = (
        [(0, 300_000_000, -1), (1, 500_000_000, -1)],
        [(at, units, -1) for at, units in zip((2, 3, 0, -1), outputs, strict=True)],
    )
    told = both(rule, ((-1, 0, 300_000_000, 0), (-1, 1, 500_000_000, -1), spend))
    assert [units for units, _ in told[2:]] == tainted


@pytest.mark.parametrize(
    ("rule", "paid"),
    [
        (Rule.PRO_RATA, [40, 32, 28]),
        (Rule.FIFO, [0, 70, 30]),
        (Rule.LIFO, [80, 20, 0]),
        (Rule.DIRTY_FIRST, [80, 20, 0]),
        (Rule.LIBR, [0, 20, 80]),
        (Rule.POISON, [80, 90, 80]),
    ],
)
def test_vector_a1(rule: Rule, paid: list[int]) -> None:
    """Algorithms 3.2, vector A1: +100 clean, +100 dirty, -80, +50 clean, -90, -80, to different payees."""
    acts = (
        (-1, 0, 100, -1), (-1, 0, 100, 0), (0, 1, 80, -1), (-1, 0, 50, -1), (0, 2, 90, -1), (0, 3, 80, -1),
    )  # fmt: skip
    told = [units for units, _ in both(rule, acts)]
    assert [told[2], told[4], told[5]] == paid


def test_vector_l1() -> None:
    """Algorithms 3.2, vector L1 (LIBR dip): 70 leave tainted, and the claim stays 30 of a balance of 230."""
    acts = ((-1, 0, 50, -1), (-1, 0, 100, 0), (0, -1, 120, -1), (-1, 0, 200, -1))
    run = Engine(Rule.LIBR, 1)
    assert carry_out(run, acts)[2] == (70, {})
    assert (run.state().balance[0], run.state().taint(0)) == (230, 30)


def test_vector_lr() -> None:
    """Algorithms 6.1: the vectors LR; the one above 2^255 as a transaction too, on the plain path."""
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(7, [3, 3, 3, 1]) == [2, 2, 2, 1]
    weights = [2**128, 2**127, 1]
    assert split(2**255 + 1, weights) == PARTS
    run = Plain(Rule.PRO_RATA, 4)
    grown = [weight << 130 for weight in weights]
    taint = 2**255 + 1
    spend: Transaction = (
        [(0, taint, -1), (1, sum(grown) - taint, -1)],
        [(at, units, -1) for at, units in zip((2, 3, -1), grown, strict=True)],
    )
    told = carry_out(run, ((-1, 0, taint, 0), (-1, 1, sum(grown) - taint, -1), spend))
    assert [units for units, _ in told[2:]] == PARTS


def test_two_thefts_are_told_apart() -> None:
    """Issue: "commingled proceeds of two hacks are told apart under FIFO/LIFO and split exactly"."""
    acts = ((-1, 0, 10, 0), (-1, 0, 5, 1), (-1, 0, 5, -1), (0, 1, 12, -1))
    assert both(Rule.FIFO, acts, thefts=2)[-1] == (12, {0: 10, 1: 2})
    assert both(Rule.LIFO, acts, thefts=2)[-1] == (7, {0: 2, 1: 5})
    assert both(Rule.PRO_RATA, acts, thefts=2)[-1] == (9, {0: 6, 1: 3})
    assert both(Rule.POISON, acts, thefts=2)[-1] == (12, {0: 12, 1: 12})


def test_a_theft_of_stolen_units_takes_them_over() -> None:
    """What is stolen again is of the later theft, and the earlier one's account says how much that was."""
    acts = ((-1, 0, 10, 0), (-1, 0, 10, -1), (0, 1, 10, 1))
    assert both(Rule.FIFO, acts, thefts=2)[-1] == (10, {1: 10})
    run = Plain(Rule.FIFO, 2, thefts=2)
    carry_out(run, acts)
    first, second, together = run.sums()
    assert (first.stolen, first.overtaken, first.resting) == (10, 10, 0)
    assert (second.stolen, second.resting) == (10, 10)
    assert (together.stolen, together.resting) == (10, 10)
