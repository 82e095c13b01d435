"""A theft over bank accounts, from the statements to the figures of every rule, worked out by hand.

The thief's account (EUR; s is stolen, c is not) opens with 1000 c, then come 4000 s, 2000 go to a shop, 3000
c come, the bank takes 5, and 4500 go to the mule. The mule's opens with 500 c, gets the 4500, pays 3000 to an
account at another bank and 1000 to nobody that its statement names.

FIFO (Clayton's Case). The shop gets 1000 c and 1000 s: 3000 s are left. Behind them 3000 c. The charge: 5 s.
The mule gets 2995 s and 1505 c, and 1495 c are left. Behind the mule's 500 c: the other bank gets 500 c and
2500 s, the unnamed 495 s and 505 c, and 1000 c are left.

Pro rata. Of 5000 there are 4000 s: the shop gets 1600 s of 2000, 2400 s of 3000 are left. Of 6000 now 2400 s,
40 %: the charge is 2 s, the mule gets 1800 s, 598 s of 1495 are left. Of the mule's 5000 1800 s are 36 %: the
other bank gets 1080 s, the unnamed 360 s, and 360 s are left.

LIBR. Stolen value leaves last: the shop gets 1000 c and 1000 s, the charge is c, the mule gets the other
2995 c and 1505 s, and 1495 s are left. The other bank gets 3000 of the mule's 3495 c, the unnamed 495 c and
505 s, and 1000 s are left.
"""

from __future__ import annotations

import pytest

from files.bank_world import BANK, EUR, EXCHANGE, MULE, SHOP, STATEMENTS, THEFT, THIEF, VICTIM, at, imported
from flowtrace.case.work import give
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Category, Class, Entity, Rule, StopReason, Theft, Trace
from flowtrace.trace import End, Known, Policy, Tracer, account_for

_UNNAMED = Address(BANK.id, f"unnamed.{MULE}-EUR-20240510-11-1-3-1")
_OTHER_BANK = Entity("toy-giro-bank", "Toy Giro Bank", Category.BANK)
_END = End(StopReason.SERVICE, _OTHER_BANK, Class.P, "labelled 'Toy Giro Bank' by a test")
_CENTS = 100
_BY_HAND = {
    Rule.FIFO: {SHOP: 1000, THIEF: 0, EXCHANGE: 2500, _UNNAMED.account: 495, MULE: 0, "fees": 5},
    Rule.PRO_RATA: {SHOP: 1600, THIEF: 598, EXCHANGE: 1080, _UNNAMED.account: 360, MULE: 360, "fees": 2},
    Rule.LIBR: {SHOP: 1000, THIEF: 1495, EXCHANGE: 0, _UNNAMED.account: 505, MULE: 1000, "fees": 0},
}


def _traced() -> Trace:
    told = imported(STATEMENTS)
    ledger = Ledger(told.transfers, told.coverage, openings=told.openings)
    theft = Theft("eur", EUR, 4000 * _CENTS, THEFT, at(VICTIM), at(THIEF))
    ends = {at(EXCHANGE): _END}
    tracer = Tracer([theft], ends.get, Policy(((EUR, 1),), openings=ledger.openings))
    while wanted := tracer.wanted():
        for address in wanted:
            give(tracer, ledger, address)
    return account_for(tracer, Known(ledger, lambda _: (), ()))


@pytest.mark.parametrize("rule", _BY_HAND, ids=lambda rule: rule.value)
def test_the_engine_comes_to_what_is_worked_out_by_hand(rule: Rule) -> None:
    """To the cent, at every place where something of the theft may rest."""
    trace = _traced()
    rests = {stop.address.account: stop.taint[rule] for stop in trace.stops}
    account = next(one for one in trace.accounts if one.rule is rule)
    found = {name: rests.get(name, account.fees if name == "fees" else 0) for name in _BY_HAND[rule]}
    assert found == {name: units * _CENTS for name, units in _BY_HAND[rule].items()}
    assert sum(found.values()) == account.stolen


def test_all_six_rules_are_applied_and_balance() -> None:
    """To the cent; the payment that both statements show is one hop."""
    trace = _traced()
    assert {one.rule for one in trace.accounts} == set(trace.rules)
    assert len(trace.rules) == 6
    assert all(one.balances for one in trace.accounts)
    assert [hop.target for hop in trace.hops] == [at(THIEF), at(SHOP), at(MULE), at(EXCHANGE), _UNNAMED]


def test_it_ends_at_a_bank_that_is_labelled_as_one() -> None:
    """Accounts without a statement end it too, and the words say whom to ask."""
    stops = {stop.address: stop for stop in _traced().stops}
    assert stops[at(EXCHANGE)].entity == _OTHER_BANK
    assert stops[at(SHOP)].reason is StopReason.NO_DATA
    assert "ask the bank that keeps it" in stops[at(SHOP)].basis
    assert "does not name the account" in stops[_UNNAMED].basis
    assert stops[at(THIEF)].reason is StopReason.AT_REST
    assert "closing balance 1495.00 EUR of 2024-05-31" in stops[at(THIEF)].basis


def test_what_was_there_before_is_a_gap_with_its_source() -> None:
    """An opening balance is counted as not stolen, and which statement says so is told."""
    gaps = [gap for gap in _traced().gaps if gap.address == at(THIEF)]
    (gap,) = [gap for gap in gaps if gap.amount is not None]
    assert "1000.00 EUR" in gap.what
    assert "statement 5 of 2024-05-31 (thief.xml)" in gap.what
