"""Tornado rule T3: the same portfolio put in and taken out."""

from __future__ import annotations

import pytest

from flowtrace.model import Fact
from flowtrace_heuristics.pattern.tornado_multi_denomination import tornado_multi_denomination
from towns.notes import ONE_ETHER, TEN_ETHER, deposit, noted, withdrawal
from towns.readings import patterns
from toytown import who

DAY = 7_200  # blocks of twelve seconds


def put(who_: str, ones: int, tens: int, *, block: int = 0, gap: int = 1) -> list[list[Fact]]:
    """Return deposits into two pools."""
    pools = [ONE_ETHER] * ones + [TEN_ETHER] * tens
    return [deposit(f"{who_}-{n}", who_, block + n * gap, pool=pool) for n, pool in enumerate(pools)]


def take(ones: int, tens: int, *, block: int = 100, gap: int = 1) -> list[list[Fact]]:
    """Return withdrawals to y from two pools."""
    pools = [ONE_ETHER] * ones + [TEN_ETHER] * tens
    return [withdrawal(f"w-{n}", "y", block + n * gap, pool=pool) for n, pool in enumerate(pools)]


@pytest.mark.parametrize(
    ("notes", "there"),
    [
        ([*put("c", 3, 2), *take(3, 2)], True),
        ([*put("c", 2, 2), *take(2, 2)], False),
        ([*put("c", 5, 0), *take(5, 0)], False),
        ([*put("c", 3, 2), *take(2, 3)], False),
        ([*put("c", 3, 2), *put("b", 3, 2, block=40), *take(3, 2)], False),
        ([*put("c", 3, 2, block=500), *take(3, 2)], False),
        ([*put("y", 3, 2), *take(3, 2)], False),
        ([*put("c", 3, 2, gap=DAY // 4), *take(3, 2, block=9 * DAY)], True),
        ([*put("c", 3, 2, gap=DAY // 4 + 1), *take(3, 2, block=9 * DAY)], False),
        ([*put("c", 3, 2), *take(3, 2, gap=DAY // 4 + 1)], False),
    ],
)
def test_what_t3_needs(notes: list[list[Fact]], there: bool) -> None:  # noqa: FBT001
    """T3: "over >= 2 pools, total >= 5; identical multiset in a <= 1-day window before; |C|=1"."""
    found = patterns(tornado_multi_denomination, noted(notes))
    assert [one.addresses for one in found] == ([(who("c"), who("y"))] if there else [])
