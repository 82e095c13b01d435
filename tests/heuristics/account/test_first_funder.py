"""First funders (F1): alike within a day, exclusively, on a whole record; and whom coin is not from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Kind, SameOwner
from flowtrace_heuristics.account.first_funder import MOST_CHILDREN, WITHIN, first_funder
from towns.account import BOSS, KIDS, funded
from towns.deeds import START, moved, timed, town
from toytown import ALICE, CAROL, ETH, NOBODY, ONE, REGISTER, Pay, record_of, who


def pairs(ledger: Ledger) -> set[frozenset[Address]]:
    """Return who is called one operator, softly and with the rule's score."""
    found = [one for one in first_funder(ledger, REGISTER) if isinstance(one, SameOwner)]
    assert all((one.soft, one.score) == (True, "0.6") for one in found)
    return {frozenset((one.a, one.b)) for one in found}


BOTH = {frozenset((BOSS, KIDS[0])), frozenset((BOSS, KIDS[1]))}


@pytest.mark.parametrize(("units", "joined"), [
    ((100, 100), True), ((100, 101), True), ((1_000, 1_011), False), ((1 << 200, (1 << 200) + 1), True),
])  # fmt: skip
def test_equal_amounts_within_one_part_in_a_hundred(units: tuple[int, int], joined: bool) -> None:  # noqa: FBT001
    """Algorithms 2.6: "children within 24 h, equal amounts (+-1 %)"."""
    assert pairs(funded(BOSS, *units)) == (BOTH if joined else set())


def test_payments_that_follow_one_another() -> None:
    """Algorithms 2.6: "or sequential nonces": no other transaction of the funder lies between."""
    pays = [Pay("fund-1", BOSS, KIDS[0], 100), Pay("fund-2", BOSS, KIDS[1], 900)]
    between = Pay("other", BOSS, CAROL, 5)
    known = [BOSS, *KIDS]
    assert pairs(town(pays, known=known)) == BOTH
    assert not pairs(town([pays[0], between, pays[1]], known=known))


@pytest.mark.parametrize("apart", [WITHIN, WITHIN + 1])
def test_a_day_and_no_more(apart: int) -> None:
    """Algorithms 2.6: "children within 24 h"."""
    one, other = timed([Pay("fund-1", BOSS, KIDS[0], 100)]), timed([Pay("fund-2", BOSS, KIDS[1], 100)])
    later = [replace(row, height=200, time=START + 1_200 + apart) for row in other]
    ledger = Ledger([*one, *later], [record_of(who_) for who_ in (BOSS, *KIDS)])
    assert pairs(ledger) == (BOTH if apart == WITHIN else set())


def test_many_children_are_customers() -> None:
    """Algorithms 2.6: "funds <= 20 first-time addresses"."""
    for children, joined in ((MOST_CHILDREN, MOST_CHILDREN), (MOST_CHILDREN + 1, 0)):
        kids = [who(f"child {number}") for number in range(children)]
        pays = [Pay(f"fund-{n}", BOSS, kid, 100) for n, kid in enumerate(kids)]
        assert len(pairs(town(pays, known=[BOSS, *kids]))) == joined


def test_an_incomplete_record_tells_no_first() -> None:
    """What is first, and that there are no more children, only a whole record tells."""
    assert not pairs(funded(BOSS, ONE, ONE, known=False))


def test_who_sent_or_got_before_is_not_funded_first() -> None:
    """A first coin comes to an address that did nothing yet, and from nobody else before."""
    known = [BOSS, *KIDS, ALICE]
    fund = [Pay("fund-1", BOSS, KIDS[0], 100), Pay("fund-2", BOSS, KIDS[1], 100)]
    assert not pairs(town([Pay("early", KIDS[0], CAROL, 0), *fund], known=known))
    assert not pairs(town([Pay("gift", ALICE, KIDS[0], 5), *fund], known=known))


def test_the_caller_of_a_disperse_contract_is_the_funder() -> None:
    """Algorithms 2.6: "disperse contract (then the *caller* of disperse is the funder)"."""
    contract, known = who("disperse"), [BOSS, *KIDS]
    call = Pay("disperse", BOSS, contract, 300, height=100)
    rows = [
        replace(
            moved("disperse", contract, kid, units=100, asset=ETH, kind=Kind.INTERNAL),
            position=f"in {n}",
            order=9 + n,
        )
        for n, kid in enumerate(KIDS)
    ]
    assert pairs(town([call], known=known, more=rows)) == {frozenset((BOSS, kid)) for kid in KIDS}
    assert not pairs(town([call], known=known, more=rows[:1]))


@given(st.integers(1, 1 << 210), st.integers(1, 1 << 210))
def test_equal_is_symmetric_and_exact(one: int, other: int) -> None:
    """Two amounts are equal that differ by a hundredth of the smaller at most; of any size, to the unit."""
    joined = abs(one - other) * 100 <= min(one, other)
    assert pairs(funded(BOSS, one, other)) == (BOTH if joined else set())
    assert pairs(funded(BOSS, other, one)) == (BOTH if joined else set())


def test_nobody_funds_himself() -> None:
    """A payment to oneself brings no coin from anybody."""
    assert not first_funder(town([Pay("self", BOSS, BOSS, 5)], known=[BOSS]), NOBODY)
