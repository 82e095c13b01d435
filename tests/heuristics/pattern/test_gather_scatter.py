"""Gather-scatter: a gathering, then within a day a scattering."""

from __future__ import annotations

import pytest

from flowtrace_heuristics.pattern.gather_scatter import gather_scatter
from towns.pattern import MEN, collection, payroll
from towns.readings import patterns
from towns.shaped import DAY, flow
from toytown import who

GATHERED = collection("hub", 10, gap=60)
LAST = 9 * 60


def test_the_hub_stands_between_its_payers_and_its_payees() -> None:
    """IBM's motif: fan-in and then fan-out at one node; addresses in the order of the flow."""
    found = patterns(gather_scatter, flow([*GATHERED, *payroll("hub", 10, at=LAST + 60)]))
    assert [(one.figure("payers"), one.figure("payees")) for one in found] == [("10", "10")]
    assert found[0].addresses[10] == who("hub")
    assert len(found[0].because) == 20


@pytest.mark.parametrize(("later", "there"), [(DAY, True), (DAY + 1, False), (-DAY, False)])
def test_the_scattering_begins_within_a_day_after(later: int, there: bool) -> None:  # noqa: FBT001
    """A second later is another story, and a scattering before the gathering is none."""
    ledger = flow([*(collection("hub", 10, at=2 * DAY)), *payroll("hub", 10, at=2 * DAY + LAST + later)])
    assert bool(patterns(gather_scatter, ledger)) is there


def test_an_exchange_does_this_every_day() -> None:
    """A labelled service is left out."""
    both = flow([*collection("acme hot", 10), *payroll("acme hot", 10, at=LAST + 60)])
    assert patterns(gather_scatter, both)
    assert not patterns(gather_scatter, both, MEN)
