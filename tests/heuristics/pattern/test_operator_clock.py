"""The operator's clock: exact roots, one slot an hour, every compatible offset, and no attribution."""

from __future__ import annotations

import cmath
from decimal import Decimal
from math import tau

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import Nature
from flowtrace_heuristics.pattern.hours import clock_of
from flowtrace_heuristics.pattern.operator_clock import operator_clock
from towns.pattern import MEN, nightly
from towns.readings import figures, patterns
from towns.shaped import DAY, EPOCH, HOUR, flow, paid

SLOTS = st.sets(st.integers(0, 24 * 30), min_size=1, max_size=80)


@given(SLOTS)
def test_the_resultant_is_that_of_the_circle(slots: set[int]) -> None:
    """Pattern 4.11: "R=|sum exp(2*pi*i*h/24)|/n", "z=nR^2", here without sines."""
    clock = clock_of(slot * HOUR for slot in slots)
    total = sum(cmath.exp(1j * tau * (slot % 24) / 24) for slot in slots)
    assert clock.slots == len(slots)
    assert abs(clock.resultant - Decimal(abs(total) / len(slots))) < Decimal("1e-9")
    assert abs(clock.z - Decimal(abs(total) ** 2 / len(slots))) < Decimal("1e-9")


@given(SLOTS, st.integers(1, 23))
def test_another_time_zone_turns_the_clock_and_nothing_else(slots: set[int], turn: int) -> None:
    """The same life some hours later has the same R, z and p; its quietest hours hold as many slots."""
    one, other = (clock_of((slot + by) * HOUR for slot in slots) for by in (0, turn))
    assert other.by_hour == tuple(one.by_hour[(hour - turn) % 24] for hour in range(24))
    assert other.quiet[1] == one.quiet[1]
    assert abs(other.z - one.z) < Decimal("1e-40")
    assert abs(other.p - one.p) < Decimal("1e-40")


@given(SLOTS, st.lists(st.integers(0, HOUR - 1), min_size=1, max_size=9))
def test_a_burst_within_an_hour_counts_once(slots: set[int], seconds: list[int]) -> None:
    """Pattern 4.11: "bursts of one script must not count 500 times"."""
    once, often = clock_of(s * HOUR for s in slots), clock_of(s * HOUR + k for s in slots for k in seconds)
    assert once == often


def test_weekdays_are_those_of_the_calendar() -> None:
    """The first of January 1970 was a Thursday, the fourth a Sunday."""
    assert clock_of([0, 3 * DAY, 3 * DAY + HOUR]).by_weekday == (0, 0, 0, 1, 0, 0, 2)


def test_every_compatible_offset_is_listed() -> None:
    """Pattern 4.11: "always with the list of other compatible offsets; it is never attribution"."""
    found = patterns(operator_clock, nightly(range(1, 8)))
    assert [one.figure("mean_hour_utc") for one in found] == ["04"]
    offsets = ", ".join(f"UTC{n:+d}" for n in (-12, -11, *range(5, 14)))
    assert found[0].figure("compatible_offsets") == offsets
    assert found[0].figure("utc_plus_8_or_9") == "compatible, as are the others"
    assert found[0].addresses == ()
    assert "no attribution" in found[0].detail
    assert operator_clock.card.nature is Nature.STATISTICAL
    assert not operator_clock.card.on


@pytest.mark.parametrize(("days", "there"), [(8, True), (7, False)])
def test_fifty_slots_at_least(days: int, there: bool) -> None:  # noqa: FBT001
    """Pattern 4.11: "only if p<0.01 and n>=50": seven hours on seven days are forty-nine."""
    assert bool(patterns(operator_clock, nightly(range(1, 8), days))) is there


def test_a_sender_among_others_has_a_clock_of_his_own() -> None:
    """Two of opposite hours look even together; each alone is told with his address."""
    start = -EPOCH % DAY
    sends = [
        paid(f"{who_}-{day}-{hour}", who_, "client", 5, at=start + day * DAY + hour * HOUR)
        for day in range(12)
        for who_, first in (("ann", 0), ("ben", 12))
        for hour in range(first, first + 5)
    ]
    assert figures(operator_clock, flow(sends), "of") == ["one sender", "one sender"]


def test_a_service_has_no_operator_here() -> None:
    """What a labelled exchange sends is its customers' hours."""
    start = -EPOCH % DAY
    sends = flow(
        paid(f"p-{day}-{hour}", "acme hot", f"c {day}", 5, at=start + day * DAY + hour * HOUR)
        for day in range(12)
        for hour in range(6)
    )
    assert patterns(operator_clock, sends)
    assert not patterns(operator_clock, sends, MEN)
