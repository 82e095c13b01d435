"""Fan-out: ten payees in a day, each with a thousandth of it."""

from __future__ import annotations

import pytest

from flowtrace_heuristics.pattern.fan_out import fan_out
from towns.pattern import MEN, payroll
from towns.readings import figures, patterns
from towns.shaped import DAY, HOUR, USDT, flow, paid
from toytown import ONE, who


def test_ten_payees_in_a_day_are_a_fan_out() -> None:
    """Pattern 4.2: ">= 10 distinct payees (payers) in 24 h"."""
    found = patterns(fan_out, flow(payroll("boss", 12)))
    assert [(one.figure("payees"), one.figure("units"), one.figure("seconds")) for one in found] == [
        ("12", str(12 * ONE), "660")
    ]
    assert found[0].addresses[0] == who("boss")
    assert len(found[0].addresses) == 13


@pytest.mark.parametrize(("gap", "there"), [(DAY // 9, True), (DAY // 9 + 1, False)])
def test_the_window_is_a_day_to_the_second(gap: int, there: bool) -> None:  # noqa: FBT001  the answer
    """Ten payments stand nine gaps apart: a second more than a day and they are none."""
    assert bool(patterns(fan_out, flow(payroll("boss", 10, gap=gap)))) is there


def test_a_payee_of_less_than_a_thousandth_does_not_count() -> None:
    """Pattern 4.2: "each >= 0.1 % of flow"."""
    nine = payroll("boss", 9, units=1_000)
    crumb, enough = (paid("small", "boss", "cat", units, at=HOUR) for units in (9, 10))
    assert not patterns(fan_out, flow([*nine, crumb]))
    assert figures(fan_out, flow([*nine, enough]), "payees") == ["10"]


def test_a_service_pays_many_by_its_trade() -> None:
    """A labelled exchange that pays its customers is no fan-out."""
    paying = flow(payroll("acme hot", 10))
    assert patterns(fan_out, paying)
    assert not patterns(fan_out, paying, MEN)


def test_a_hub_is_cut_into_bursts_and_named_in_part() -> None:
    """A hub with thousands of payees gives a bounded number of findings, each naming fifty transfers."""
    found = patterns(fan_out, flow(payroll("hub", 3_000, gap=1)))
    assert [one.figure("payees") for one in found] == ["1000", "1000", "1000"]
    assert all(len(one.because) == len(one.addresses) == 50 for one in found)


def test_two_assets_are_not_one_flow() -> None:
    """Amounts of different assets cannot be added: five payees in each are no ten."""
    five = payroll("boss", 5)
    other = [paid(f"usdt-{n}", "boss", f"other {n}", ONE, asset=USDT) for n in range(5)]
    assert not patterns(fan_out, flow([*five, *other]))
