"""Fan-in: ten payers in a day."""

from __future__ import annotations

from flowtrace_heuristics.pattern.fan_in import fan_in
from towns.pattern import MEN, collection
from towns.readings import patterns
from towns.shaped import flow, spent
from toytown import ONE, who


def test_ten_payers_in_a_day_are_a_fan_in() -> None:
    """Pattern 4.2, the other way round; the payee is named last, as the flow goes."""
    found = patterns(fan_in, flow(collection("boss", 10)))
    assert [(one.figure("payers"), one.figure("units")) for one in found] == [("10", str(10 * ONE))]
    assert found[0].addresses[-1] == who("boss")


def test_a_service_is_paid_by_many_by_its_trade() -> None:
    """A labelled exchange whose customers pay in is no fan-in."""
    assert not patterns(fan_in, flow(collection("acme hot", 20)), MEN)


def test_the_payee_is_named_however_many_pay() -> None:
    """The named addresses are bounded, and whom it concerns is among them."""
    found = patterns(fan_in, flow(collection("hub", 200, gap=1)))
    assert [one.figure("payers") for one in found] == ["200"]
    assert len(found[0].addresses) == 50
    assert found[0].addresses[-1] == who("hub")


def test_coins_of_many_in_one_transaction_have_one_giver() -> None:
    """The card's failure: a consolidation in one transaction is missed."""
    inputs = [(f"c{n}:0", f"owner {n}", 10) for n in range(12)]
    assert not patterns(fan_in, flow([spent("tx", inputs, [("one", 120)])]))
