"""Stack: a layer that stands on a layer."""

from __future__ import annotations

import pytest

from flowtrace_heuristics.pattern.stack import stack
from towns.pattern import crossed
from towns.readings import patterns
from towns.shaped import HOUR, flow


def test_the_payees_of_one_layer_pay_the_next() -> None:
    """IBM's motif: an extended bipartite with an additional layer."""
    found = patterns(stack, flow([*crossed("low", "abc", "wxyz"), *crossed("high", "wxyz", "pqr", at=HOUR)]))
    told = [(one.figure("payers"), one.figure("middles"), one.figure("payees")) for one in found]
    assert told == [("3", "4", "3")]


@pytest.mark.parametrize("at", [-HOUR, 80 * HOUR])
def test_the_upper_layer_comes_after_and_in_time(at: int) -> None:
    """A layer that came before, or days later, does not stand on this one."""
    low, high = crossed("low", "abc", "xyz", at=HOUR), crossed("high", "xyz", "pqr", at=HOUR + at)
    assert not patterns(stack, flow([*low, *high]))
