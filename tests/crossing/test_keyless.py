"""Swappers without a key: what is claimed, what is only listed, and how often a claim on nothing is made."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossing.swapper_month import MONTH, habit, month
from flowtrace.crossing.keyless import (
    LIMIT,
    Deposit,
    Habit,
    Payout,
    Payouts,
    Steps,
    match,
    placebo,
)
from flowtrace.errors import InputError

BOUNDS = Habit(Steps.level(0, 50_000), Steps.level(60, 3600))
"""Nothing is known of the swapper but that it keeps at most 5 % and pays within the hour."""

DAYS = (-432_000, 432_000)
TINY = Habit(Steps((0, 10, 30, 50_000), (5, 9, 1)), Steps((60, 100, 300, 3600), (2, 9, 1)))


def test_vector_sw_1_lists_two_candidates_and_claims_none() -> None:
    """10 units at .05 (here in millionths): o1 and o4 fit, o2 is early, o3 pays too much, o5 is late."""
    outs = [
        Payout(600, 497_500, "o1"),
        Payout(30, 497_500, "o2"),
        Payout(900, 520_000, "o3"),
        Payout(1200, 480_100, "o4"),
        Payout(5000, 497_500, "o5"),
    ]
    deposit = Deposit("d", 0, 10 * Fraction(1, 20) * 10**6)
    (matched,) = match([deposit], Payouts(outs, DAYS), BOUNDS)
    assert [c.payout.id for c in matched.candidates] == ["o1", "o4"]
    assert [c.kept for c in matched.candidates] == [5000, 39_800]
    assert matched.found is None
    assert "several" in matched.why


def test_one_candidate_in_a_quiet_record_is_claimed_with_its_coincidences() -> None:
    """Within ten days one payout: of others none is expected."""
    (matched,) = match(
        [Deposit("d", 0, Fraction(500_000))], Payouts([Payout(600, 497_500, "o")], DAYS), BOUNDS
    )
    assert matched.found is not None
    assert matched.found.expected == 0
    assert matched.found.share == 1


def test_one_candidate_in_a_busy_record_is_listed_only() -> None:
    """A like payout every hour: each deposit would find one."""
    many = [Payout(n * 3600 + 600, 497_500, f"o{n}") for n in range(-24, 24)]
    (matched,) = match([Deposit("d", 0, Fraction(500_000))], Payouts(many, DAYS), BOUNDS)
    assert [c.payout.id for c in matched.candidates] == ["o0"]
    assert matched.found is None
    assert "others" in matched.why
    assert matched.candidates[0].expected > LIMIT


def test_a_payout_that_two_deposits_claim_is_neithers() -> None:
    """Which of them it belongs to is not known."""
    record = Payouts([Payout(600, 497_500, "o")], DAYS)
    two = [Deposit("one", 0, Fraction(500_000)), Deposit("two", 60, Fraction(500_000))]
    assert [(m.found, m.why) for m in match(two, record, BOUNDS)] == [
        (None, "another deposit claims the same payout")
    ] * 2


def test_where_the_record_ends_nothing_is_claimed() -> None:
    """A payout that was not recorded may be the true one."""
    record = Payouts([Payout(600, 497_500, "o")], (0, 3599))
    (matched,) = match([Deposit("d", 0, Fraction(500_000))], record, BOUNDS)
    assert matched.found is None
    assert "cover" in matched.why


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Deposit("d", 0, Fraction(0)), "worth nothing"),
        (lambda: Payouts([Payout(9, 1, "o")], (10, 20)), "outside"),
        (lambda: Payouts([], (10, 10)), "no time"),
        (lambda: Steps((0, 5, 5), (1, 1)), "rising"),
        (lambda: Steps((0, 5), (0,)), "above zero"),
        (lambda: Steps((0, 5), (1, 1)), "one more"),
        (lambda: Habit(Steps.level(0, 9), Steps.level(-1, 9)), "after the deposit"),
        (lambda: Habit(Steps.level(0, 1_000_001), Steps.level(0, 9)), "at most all"),
    ],
)
def test_what_cannot_be_is_refused(make: object, why: str) -> None:
    """With a word on what is wrong."""
    with pytest.raises(InputError, match=why):
        make()  # type: ignore[operator]


AMOUNTS = st.integers(940_000, 1_010_000)
PAID = st.lists(st.builds(Payout, st.integers(-9000, 9000), AMOUNTS, st.uuids().map(str)), max_size=40)


@given(PAID, st.integers(900_000, 1_100_000).map(Fraction))
def test_candidates_are_exactly_the_payouts_within_the_bounds(paid: list[Payout], worth: Fraction) -> None:
    """Value in [(1 - 0.05) x, x], time in [t + 60 s, t + 3600 s]: algorithms 5.4."""
    (matched,) = match([Deposit("d", 0, worth)], Payouts(paid, (-9000, 9000)), TINY)
    within = {p.id for p in paid if 60 <= p.time <= 3600 and worth * Fraction(19, 20) <= p.units <= worth}
    listed = {c.payout.id for c in matched.candidates}
    assert listed <= within
    assert len(listed) + matched.more == len(within)


@given(PAID, st.integers(900_000, 1_100_000).map(Fraction))
def test_what_is_expected_is_counted_in_the_record(paid: list[Payout], worth: Fraction) -> None:
    """Seconds of the region times payouts of its amounts elsewhere, by the pace: against counting by hand."""
    record = Payouts(paid, (-9000, 9000))
    (matched,) = match([Deposit("d", 0, worth)], record, TINY)
    steps = list(zip(TINY.kept.edges, TINY.kept.edges[1:], strict=False))
    for candidate in matched.candidates:
        rank = TINY.rank[TINY.kept.step(int(-(-candidate.kept // 1)))][TINY.delay.step(candidate.delay)]
        total = Fraction(0)
        for row, (low, high) in enumerate(steps):
            least = worth * (10**6 - high) / 10**6
            most = worth * (10**6 - low) / 10**6
            last = row == len(steps) - 1
            floor = -(-least // 1) - 1 if last else least // 1
            seen = [p for p in paid if floor < p.units <= most // 1]
            others = [p for p in seen if not 60 <= p.time <= 3600]
            total += len(others) * TINY.seconds[rank][row]
        assert candidate.expected == total * Fraction(*record.pace(1830)) / (18_000 - 3540)


@given(PAID, st.integers(-(10**9), 10**9))
def test_nothing_depends_on_when_the_clock_began_or_on_the_order(paid: list[Payout], shift: int) -> None:
    """All times moved alike, the payouts in another order: the same claims."""
    deposits = [Deposit(f"d{n}", n * 700, Fraction(1_000_000 - n)) for n in range(3)]
    plain = match(deposits, Payouts(paid, (-9000, 9000)), TINY)
    moved = match(
        [replace(d, time=d.time + shift) for d in deposits],
        Payouts(reversed([replace(p, time=p.time + shift) for p in paid]), (shift - 9000, shift + 9000)),
        TINY,
    )
    assert [m.found.payout.id if m.found else m.why for m in moved] == [
        m.found.payout.id if m.found else m.why for m in plain
    ]


@given(st.lists(st.integers(-10, 40), max_size=50))
def test_learnt_steps_hold_every_value_within_their_edges_once(values: list[int]) -> None:
    """And one more each: nothing is impossible for not having been seen."""
    steps = Steps.learnt(values, (0, 3, 10, 30))
    assert sum(steps.weights) == 3 + sum(0 <= value <= 30 for value in values)


def test_huge_amounts_keep_every_digit() -> None:
    """An amount of 30 digits that is over the bound by one unit is no candidate."""
    worth = 10**30 + 7
    record = Payouts([Payout(100, worth, "all"), Payout(101, worth + 1, "over")], DAYS)
    (matched,) = match([Deposit("d", 0, Fraction(worth))], record, BOUNDS)
    assert [c.payout.id for c in matched.candidates] == ["all"]


def test_a_month_of_50_000_payouts_is_claimed_with_the_rate_of_error_that_is_stated() -> None:
    """Precision at least 0.99, and the placebo finds as many false claims as it says it will."""
    deposits, payouts, truth = month(50_000)
    record, learnt = Payouts(payouts, (0, MONTH)), habit(deposits[:2000], payouts, truth)
    claims = [m for m in match(deposits, record, learnt) if m.found]
    right = sum(1 for m in claims if m.found and truth.get(m.deposit.id) == m.found.payout.id)
    assert len(claims) > 25_000
    assert 100 * right >= 99 * len(claims)
    told = placebo(deposits[:20_000], record, learnt)
    assert told.rate is not None
    low, high = told.rate
    assert low <= told.expected / told.decoys <= high
    assert "95 % interval" in told.words


def test_without_a_record_there_is_no_placebo_and_it_says_so() -> None:
    """A rate that was not measured is absent."""
    told = placebo([Deposit("d", 0, Fraction(5))], Payouts([], (0, 100)), BOUNDS)
    assert (told.decoys, told.rate) == (0, None)
    assert "too short" in told.words
