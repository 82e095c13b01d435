"""Tornado rule T6: the orders counted, never drawn."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace_heuristics.pattern.pools import Note
from flowtrace_heuristics.pattern.tornado_fifo import chance_of, tornado_fifo
from towns.notes import ONE_ETHER, RHYTHM, TEN_ETHER, deposit, followed, noted, withdrawal
from towns.readings import figures, patterns
from towns.shaped import EPOCH
from toytown import who

GAPS = st.lists(st.integers(0, 9), min_size=2, max_size=5)


def notes(gaps: list[int], pools: str = "") -> list[Note]:
    """Return notes with these gaps between them, of the pools written as 1 and t."""
    now, made = EPOCH, []
    for n, gap in enumerate([0, *gaps]):
        now += gap
        pool = TEN_ETHER if pools[n : n + 1] == "t" else ONE_ETHER
        made.append(Note(who("a"), pool, deposit(f"d{n}", "a", n, pool=pool, at=now)[0]))
    return made


@settings(max_examples=50)
@given(GAPS, st.randoms(use_true_random=False))
def test_the_rhythms_chance_is_that_of_all_orders(gaps: list[int], chance) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """T6: "permutation test p<0.01": exact, by every order; one that is no closer than chance is 1."""
    taken = list(gaps)
    chance.shuffle(taken)

    def apart(order: tuple[int, ...]) -> int:
        return sum(abs(a - b) for a, b in zip(gaps, order, strict=True))

    orders = list(permutations(taken))
    exact = Fraction(sum(apart(order) <= apart(tuple(taken)) for order in orders), len(orders))
    found = chance_of(notes(gaps), notes(taken))
    assert found == (exact if exact < Fraction(1, 100) else 1)


@pytest.mark.parametrize(
    ("given_", "taken", "p"),
    [
        ("1t1t1", "1t1t1", Fraction(1, 10)),
        ("1t1t1tt", "1t1t1tt", Fraction(1, 35)),
        ("1t1t1t1t1t", "1t1t1t1t1t", Fraction(1, 252)),
        ("1t1t1", "11tt1", Fraction(1)),
    ],
)
def test_the_orders_of_several_pools_are_counted(given_: str, taken: str, p: Fraction) -> None:
    """Equal count and order: one order of all in which the notes of these pools can come."""
    gaps = [1] * (len(given_) - 1)
    assert chance_of(notes(gaps, given_), notes(gaps, taken)) == p


def test_the_same_rhythm_a_day_later() -> None:
    """Seven notes with the same six gaps: one order of 720 is as close, or as many as gaps are equal."""
    (found,) = patterns(tornado_fifo, followed(RHYTHM))
    assert (found.figure("notes"), found.figure("p")) == ("7", "1/720")
    assert found.addresses == (who("giver"), who("taker"))
    assert found.figure("posterior") == "1"
    assert not patterns(tornado_fifo, followed(range(7)))


def test_busy_pools_make_coincidences() -> None:
    """The look-elsewhere figure grows with the bursts there are to be alike."""
    others = [
        deposit(f"o{k}-{n}", f"other {k}", n, at=EPOCH + 3_000 * n + k) for k in range(4) for n in range(7)
    ]
    giver = [deposit(f"d{n}", "giver", n, at=EPOCH + at) for n, at in enumerate(RHYTHM)]
    taken = [withdrawal(f"w{n}", "taker", 100 + n, at=EPOCH + 90_000 + at) for n, at in enumerate(RHYTHM)]
    found = patterns(tornado_fifo, noted([*others, *giver, *taken]))
    assert [(one.figure("candidates"), one.figure("expected_coincidences")) for one in found] == [
        ("5", "1/144")
    ]
    assert figures(tornado_fifo, noted([*others, *giver, *taken]), "posterior") == ["180/181"]


def test_bursts_that_are_a_week_apart_are_not_compared() -> None:
    """The window of the card."""
    giver = [deposit(f"d{n}", "giver", n, at=EPOCH + at) for n, at in enumerate(RHYTHM)]
    for days, there in ((7, True), (8, False)):
        later = EPOCH + days * 86_400 + RHYTHM[-1] - 10
        taken = [withdrawal(f"w{n}", "taker", 100 + n, at=later + at) for n, at in enumerate(RHYTHM)]
        assert bool(patterns(tornado_fifo, noted([*giver, *taken]))) is there
