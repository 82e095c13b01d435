"""Gas that sets an address moving (F2): needed, little, soon, and a hundred times outweighed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.ledger import Ledger
from flowtrace.model import SameOwner
from flowtrace_heuristics.account.mule_gas import MOST_GAS, TIMES, WITHIN, mule_gas
from towns.account import BOSS, KIDS, gassed
from towns.deeds import START
from toytown import ACME_HOT, GAS, NOBODY, REGISTER, Pay, record_of, register, transfers, who

PAIR = frozenset((BOSS, KIDS[0]))


def pairs(ledger: Ledger) -> set[frozenset[object]]:
    """Return who is called one operation, softly and with the rule's score."""
    found = [one for one in mule_gas(ledger, REGISTER) if isinstance(one, SameOwner)]
    assert all((one.soft, one.score) == (True, "0.8") for one in found)
    return {frozenset((one.a, one.b)) for one in found}


def test_gas_then_act() -> None:
    """Algorithms 2.6: "funder sends <= 0.05 ETH, child then moves >= 100x that value within 1 h"."""
    (found,) = mule_gas(gassed(0), REGISTER)
    assert isinstance(found, SameOwner)
    assert {found.a, found.b} == PAIR
    assert [name.split(":")[2] for name in found.because] == ["gas", "run"]


@pytest.mark.parametrize(("before", "needed"), [(0, True), (GAS - 1, True), (GAS, False)])
def test_gas_that_was_not_needed_is_a_present(before: int, needed: bool) -> None:  # noqa: FBT001
    """Dust sent to somebody who can pay himself links nobody: address poisoners send it to all."""
    assert pairs(gassed(before)) == ({PAIR} if needed else set())


@pytest.mark.parametrize("apart", [WITHIN, WITHIN + 1])
def test_within_the_hour(apart: int) -> None:
    """The time is the blocks' own."""
    whole = gassed(0)
    gas = next(one.time for one in whole if one.tx == "gas")
    moved = [replace(one, time=gas + apart) if one.tx == "run" else one for one in whole]
    assert bool(pairs(Ledger(moved, whole.coverage, prices=whole.prices.values()))) is (apart == WITHIN)


def test_without_prices_tokens_are_not_compared() -> None:
    """What is worth more, only a quote on the ledger tells."""
    whole = gassed(0)
    assert not pairs(Ledger(whole, whole.coverage))
    odd = [replace(price, usd="1e999999999") for price in whole.prices.values()]
    assert not pairs(Ledger(whole, whole.coverage, prices=odd))
    stale = [replace(price, time=price.time - 90_000) for price in whole.prices.values()]
    assert not pairs(Ledger(whole, whole.coverage, prices=stale))


@pytest.mark.parametrize(("units", "finds"), [(TIMES * 30 * 10**6, True), (TIMES * 30 * 10**6 - 1, False)])
def test_a_hundred_times_and_not_a_unit_less(units: int, finds: bool) -> None:  # noqa: FBT001
    """0.01 ETH at 3,000 dollars is 30 dollars: 3,000 USDC is a hundred times as much."""
    whole = gassed(0)
    asset = next(one.amount.asset for one in whole if one.tx == "run" and one.amount.asset.contract)
    less = [
        replace(
            one,
            inputs=(replace(one.inputs[0], units=units),),
            outputs=(replace(one.outputs[0], units=units),),
        )
        if one.tx == "run" and one.amount.asset == asset
        else one
        for one in whole
    ]
    assert bool(pairs(Ledger(less, whole.coverage, prices=whole.prices.values()))) is finds


def coin(gas: int, known: bool = True) -> Ledger:  # noqa: FBT001, FBT002
    """Return coin that arrives between the gas and the act, so that only coin is compared."""
    pays = [
        Pay("gas", BOSS, KIDS[0], gas),
        Pay("loot", who("victim"), KIDS[0], 200 * MOST_GAS),
        Pay("run", KIDS[0], who("next"), 150 * MOST_GAS),
    ]
    rows = [replace(one, time=START) for one in transfers(pays)]
    return Ledger(rows, [record_of(KIDS[0])] if known else [])


def test_no_more_than_gas() -> None:
    """More than 0.05 of a coin is a payment; and without a whole record nobody knows what it had."""
    assert pairs(coin(MOST_GAS)) == {PAIR}
    assert not pairs(coin(MOST_GAS + 1))
    assert not pairs(coin(MOST_GAS, known=False))


def test_an_exchange_that_pays_out_a_little_is_no_operator() -> None:
    """Algorithms 2.6: "Negative: funder is an exchange"."""
    rows = [
        replace(one, inputs=(replace(one.inputs[0], address=ACME_HOT),)) if one.tx == "gas" else one
        for one in gassed(0)
    ]
    held = Ledger(rows, [record_of(KIDS[0])], prices=gassed(0).prices.values())
    assert not pairs(held)
    assert mule_gas(held, register())


def test_paying_oneself_is_no_gas() -> None:
    """A payment to oneself brings nothing."""
    assert not mule_gas(Ledger(transfers([Pay("self", BOSS, BOSS, 5)]), [record_of(BOSS)]), NOBODY)
