"""Exchange hopping: one exchange, then another, within a day."""

from __future__ import annotations

import pytest

from flowtrace_heuristics.pattern.exchange_hopping import exchange_hopping
from towns.pattern import HOPPED, MEN
from towns.readings import patterns, transactions
from towns.shaped import DAY, HOUR, flow, paid
from toytown import ONE, REGISTER, world


def test_a_matched_withdrawal_is_followed_to_the_next_exchange() -> None:
    """Pattern 4.8: "deposit to CEX A (matched withdrawal) and deposit to CEX B within 24 h"."""
    found = patterns(exchange_hopping, flow(HOPPED), MEN)
    assert [(one.figure("form"), one.figure("exchanges")) for one in found] == [
        ("a matched withdrawal", "acme, bolt")
    ]
    assert transactions(found[0]) == ["deposit", "withdrawal", "second-deposit"]


def test_the_same_payer_at_two_exchanges() -> None:
    """Within a day, and at another exchange than the first."""
    first, there = paid("one", "ann", "acme hot", ONE), paid("two", "ann", "bolt hot", ONE, at=DAY)
    assert [one.figure("form") for one in patterns(exchange_hopping, flow([first, there]), MEN)] == [
        "the same payer"
    ]
    late, same = paid("two", "ann", "bolt hot", ONE, at=DAY + 12), paid("two", "ann", "acme hot", ONE, at=9)
    assert not patterns(exchange_hopping, flow([first, late]), MEN)
    assert not patterns(exchange_hopping, flow([first, same]), MEN)


def test_two_withdrawals_that_fit_are_no_finding() -> None:
    """Algorithms 5.4: "two candidates -> not a finding"; one of another amount is none."""
    for units, there in ((97, False), (94, True), (101, True)):
        other = paid("other", "acme hot", "stranger", units * ONE, at=2 * HOUR)
        assert bool(patterns(exchange_hopping, flow([*HOPPED, other]), MEN)) is there


def test_a_deposit_address_is_its_exchange() -> None:
    """Toytown's Jon pays Acme's and Bolt's deposit addresses, which only their sweeps tell."""
    found = patterns(exchange_hopping, world(), REGISTER)
    assert {(one.figure("form"), one.figure("exchanges")) for one in found} == {
        ("the same payer", "acme, bolt")
    }
    assert ["cash-in-2", "bolt-in-1"] in [transactions(one) for one in found]


def test_nobody_labelled_nothing_found() -> None:
    """Without labels there is no exchange to hop between."""
    assert not patterns(exchange_hopping, flow(HOPPED))


def test_of_a_busy_exchange_nobody_can_say_that_one_withdrawal_fits_alone() -> None:
    """The bound of the card: what was not looked at may match too, so beyond it there is no finding."""
    for count, there in ((255, True), (256, False)):
        crowd = [paid(f"w{n}", "acme hot", f"customer {n}", ONE, at=4 * HOUR + n) for n in range(count)]
        assert bool(patterns(exchange_hopping, flow([*HOPPED, *crowd]), MEN)) is there


@pytest.mark.parametrize(("units", "there"), [(90, True), (89, False)])
def test_most_of_the_withdrawal_goes_on(units: int, there: bool) -> None:  # noqa: FBT001
    """The card: "90 % of it or more to the second"."""
    way = [
        paid("deposit", "runner", "acme hot", 100),
        paid("withdrawal", "acme hot", "runner two", 100, at=HOUR),
        paid("second", "runner two", "bolt hot", units, at=3 * HOUR),
    ]
    assert bool(patterns(exchange_hopping, flow(way), MEN)) is there
