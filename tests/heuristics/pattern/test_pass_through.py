"""Rapid pass-through: in and out alike, within the hour."""

from __future__ import annotations

import pytest

from flowtrace_heuristics.pattern.pass_through import pass_through
from towns.pattern import MEN
from towns.readings import figures, patterns
from towns.shaped import HOUR, flow, paid


@pytest.mark.parametrize(("out", "there"), [(95, True), (94, False), (105, True), (106, False)])
def test_out_by_in_is_95_to_105_percent(out: int, there: bool) -> None:  # noqa: FBT001
    """Pattern 4.5: "0.95 <= out/in <= 1.05", without rounding."""
    way = [paid("in", "a", "mule", 100 * 10**30), paid("out", "mule", "b", out * 10**30, at=60)]
    assert bool(patterns(pass_through, flow(way))) is there


@pytest.mark.parametrize(("wait", "there"), [(HOUR, True), (HOUR + 1, False)])
def test_the_median_wait_is_an_hour_at_most(wait: int, there: bool) -> None:  # noqa: FBT001
    """Pattern 4.5: "median dwell <= 60 min"."""
    way = [paid("in", "a", "mule", 100), paid("out", "mule", "b", 100, at=wait)]
    assert bool(patterns(pass_through, flow(way))) is there


def test_the_median_is_of_all_receipts() -> None:
    """Two of three receipts wait long: the median does; a receipt that nothing follows waits the longest."""
    quick = [paid("in-1", "a", "mule", 100), paid("out-1", "mule", "b", 100, at=60)]
    slow = [paid("in-2", "a", "mule", 100, at=9_000), paid("out-2", "mule", "b", 100, at=19_000)]
    never = paid("in-3", "a", "mule", 1, at=20_000)
    assert figures(pass_through, flow([*quick, *slow]), "median_dwell_seconds") == ["60"]
    assert not patterns(pass_through, flow([*quick, *slow, never]))


def test_a_service_forwards_by_its_trade() -> None:
    """A labelled exchange's wallet is left out."""
    way = flow([paid("in", "a", "acme hot", 100), paid("out", "acme hot", "b", 100, at=60)])
    assert patterns(pass_through, way)
    assert not patterns(pass_through, way, MEN)
