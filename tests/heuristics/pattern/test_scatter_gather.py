"""Scatter-gather: five middles pass on what one gave to one other."""

from __future__ import annotations

from flowtrace_heuristics.pattern.scatter_gather import scatter_gather
from towns.pattern import fan_through
from towns.readings import patterns
from towns.shaped import DAY, flow, paid
from toytown import ONE, who


def test_five_middles_between_two_ends() -> None:
    """IBM's motif: fan-out and then fan-in between the same two nodes."""
    found = patterns(scatter_gather, fan_through(6, 1))
    assert [(one.figure("middles"), one.figure("units_gathered")) for one in found] == [
        ("6", str(6 * 99 * ONE))
    ]
    assert (found[0].addresses[0], found[0].addresses[-1]) == (who("head"), who("tail"))
    assert not patterns(scatter_gather, fan_through(4, 1))


def test_a_middle_keeps_a_tenth_at_most() -> None:
    """The card's parameter, to the unit of a hundred."""
    assert patterns(scatter_gather, fan_through(5, 10))
    assert not patterns(scatter_gather, fan_through(5, 11))


def test_the_middles_pass_on_in_chain_order_within_a_week() -> None:
    """Who pays before he is paid passes nothing on; who waits longer than the window is not seen."""
    before = [paid(f"early-{n}", f"mule {n}", "tail", ONE, at=n) for n in range(6)]
    after = [paid(f"scatter-{n}", "head", f"mule {n}", ONE, at=100 + n) for n in range(6)]
    assert not patterns(scatter_gather, flow([*before, *after]))
    late = [paid(f"late-{n}", f"mule {n}", "tail", ONE, at=8 * DAY + n) for n in range(6)]
    assert not patterns(scatter_gather, flow([*after, *late]))


def test_many_receipts_hide_what_is_passed_on() -> None:
    """The bound on the receipts looked at, stated in the card: nine others in between, and it is missed."""
    scattered = [paid(f"s{n}", "head", f"m{n}", 100, at=n) for n in range(5)]
    noise = [paid(f"x{n}-{k}", "crowd", f"m{n}", 7, at=50 + n) for n in range(5) for k in range(9)]
    gathered = [paid(f"g{n}", f"m{n}", "tail", 100, at=200 + n) for n in range(5)]
    assert patterns(scatter_gather, flow([*scattered, *gathered]))
    assert not patterns(scatter_gather, flow([*scattered, *noise, *gathered]))
