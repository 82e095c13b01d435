"""Dormancy: half a year of nothing, then half of it moves."""

from __future__ import annotations

import pytest

from flowtrace_heuristics.pattern.dormancy import dormancy
from towns.pattern import slept
from towns.readings import figures, patterns, transactions
from towns.shaped import DAY, HOUR, flow, paid, spent


@pytest.mark.parametrize(("days", "part", "there"), [(180, 50, True), (179, 50, False), (180, 49, False)])
def test_180_days_and_half(days: int, part: int, there: bool) -> None:  # noqa: FBT001
    """Pattern 4.6: "no outflow >= 180 d then >= 50 % moves"."""
    assert bool(patterns(dormancy, slept(days, part))) is there


def test_a_waking_may_take_several_payments_within_a_week() -> None:
    """Three payments of a fifth each move enough with the third; after the week it is another story."""
    laid = paid("laid", "a", "sleeper", 100)
    for gap, there in ((DAY, True), (4 * DAY, False)):
        woken = [paid(f"out-{n}", "sleeper", f"b{n}", 20, at=200 * DAY + n * gap) for n in range(3)]
        found = patterns(dormancy, flow([laid, *woken]))
        assert [transactions(one) for one in found] == ([["out-0", "out-1", "out-2"]] if there else [])


def test_what_came_late_was_not_dormant() -> None:
    """A payment of yesterday's receipt wakes nothing that lay there; one in between breaks the sleep."""
    old, new = paid("old", "a", "sleeper", 10), paid("new", "a", "sleeper", 1_000, at=199 * DAY)
    assert figures(
        dormancy, flow([old, new, paid("out", "sleeper", "b", 900, at=200 * DAY)]), "units_held"
    ) == ["10"]
    assert not patterns(dormancy, flow([new, paid("out", "sleeper", "b", 900, at=200 * DAY)]))
    between = paid("between", "sleeper", "b", 1, at=100 * DAY)
    assert not patterns(dormancy, flow([old, between, paid("out", "sleeper", "b", 9, at=200 * DAY)]))


def test_coins_sleep_too() -> None:
    """Of coins the change counts: what leaves is what was not one's own again."""
    laid = spent("laid", [("x:0", "miner", 100)], [("sleeper", 100)])
    for kept, there in ((40, True), (60, False)):
        woken = spent(
            "woken", [("laid:0", "sleeper", 100)], [("b", 100 - kept), ("sleeper", kept)], at=200 * DAY
        )
        assert bool(patterns(dormancy, flow([laid, woken]))) is there
    assert not patterns(
        dormancy, flow([laid, spent("woken", [("laid:0", "sleeper", 100)], [("b", 99)], at=HOUR)])
    )


def test_who_moves_more_than_the_record_shows_is_told_so() -> None:
    """Not "2 of 1": what was paid, what is known to have lain there, and that they do not agree."""
    lain = [paid("in", "ann", "ben", 100), paid("out", "ben", "cleo", 150, at=200 * DAY)]
    (found,) = patterns(dormancy, flow(lain))
    assert found.detail.startswith("nothing paid for 200 days, then ")
    assert found.detail.endswith(" had lain there that long, more than the record shows")
