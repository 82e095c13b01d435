"""Explaining a tainted amount: every unit has a way from the theft, and the ways add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.model import (
    ACCOUNT_RULES,
    ORDERED_RULES,
    Address,
    Explanation,
    Kind,
    Rule,
    Theft,
    Transfer,
)
from flowtrace.trace import Policy, Tracer, explain
from flowtrace.trace.lots import Histories
from flowtrace.trace.shares import Shares
from strategies import PEOPLE, histories
from toytown import ALICE, CAROL, ETH, IDA, JON, MALLORY, USDC, Pay, nowhere, theft_of
from trace_swaps import lives, swap

CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)


def tracer_of(
    way: Sequence[Transfer], *thefts: Theft, known: Sequence[Address] = (MALLORY, IDA, JON)
) -> Tracer:
    """Return a tracer that was given some transfers as the histories of some addresses."""
    tracer = Tracer(thefts, nowhere, Policy())
    for address in known:
        tracer.add(address, way)
    return tracer


def paid(*pays: Pay) -> list[Transfer]:
    """Return the transfers of payments."""
    return [t for height, pay in enumerate(pays, start=1) for t in pay.transfers(height)]


def only(found: tuple[Explanation, ...]) -> Explanation:
    """Return the one explanation that there is."""
    (one,) = found
    return one


HEIST = Pay("heist", ALICE, MALLORY, 100, gas=0)
WAY = paid(
    HEIST, Pay("own", CAROL, MALLORY, 50, gas=0), Pay("split-1", MALLORY, IDA, 60, gas=0),
    Pay("split-2", MALLORY, JON, 60, gas=0), Pay("join", IDA, JON, 60, gas=0),
)  # fmt: skip


def test_the_lots_of_fifo_by_hand() -> None:
    """Of 100 stolen units 60 went by ida and 40 straight; both ways are told, with every unit in one."""
    one = only(explain(tracer_of(WAY, theft_of(HEIST)), JON, Rule.FIFO))
    assert (one.arrived, one.resting, one.is_exact) == (100, 100, True)
    assert [step.transfer.tx for step in one.steps] == ["heist", "split-1", "split-2", "join"]
    assert [(step.tainted, step.part) for step in one.steps] == [(100, 100), (60, 60), (40, 40), (60, 60)]
    assert sorted((lot.units, lot.way) for lot in one.lots) == [(40, (0, 2)), (60, (0, 1, 3))]


def test_shares_in_proportion_by_hand() -> None:
    """Pro rata gives no unit a way of its own: the steps have shares, no lots, and say so."""
    one = only(explain(tracer_of(WAY, theft_of(HEIST)), JON, Rule.PRO_RATA))
    assert (one.arrived, one.is_exact, one.lots) == (80, False, ())
    assert [(s.transfer.tx, s.part) for s in one.steps] == [
        ("heist", 80), ("split-1", 40), ("split-2", 40), ("join", 40),
    ]  # fmt: skip


@pytest.mark.parametrize("rule", CONSERVING)
def test_what_comes_back_is_told_once(rule: Rule) -> None:
    """A ring: what comes a second time stands with its second way only; its first way is told already."""
    ring = paid(HEIST, Pay("out", MALLORY, IDA, 100, gas=0), Pay("back", IDA, MALLORY, 100, gas=0))
    one = only(explain(tracer_of(ring, theft_of(HEIST)), MALLORY, rule))
    assert one.arrived == 200
    assert [step.part for step in one.steps] == [100, 100, 100]


@pytest.mark.parametrize("rule", CONSERVING)
def test_a_way_through_a_swap(rule: Rule) -> None:
    """33 USDC at the end are of 1 stolen ETH: each step tells its own asset, the swap both its sides."""
    way = [*paid(HEIST_1, OWN_2), *swap("swap", 3, sold=(3, ETH), bought=(100, USDC))]
    found = explain(tracer_of(way, theft_of(HEIST_1), known=(MALLORY,)), MALLORY, rule)
    (one,) = (each for each in found if each.asset == USDC)
    assert [(s.transfer.tx, s.amount.asset, s.part) for s in one.steps] == [
        ("heist", ETH, 1), ("swap", ETH, 1), ("swap", USDC, 33),
    ]  # fmt: skip


HEIST_1, OWN_2 = Pay("heist", ALICE, MALLORY, 1, gas=0), Pay("own", CAROL, MALLORY, 2, gas=0)


def test_poison_has_nothing_to_explain() -> None:
    """It claims all that it reached; so do rules that were not applied."""
    tracer = tracer_of(WAY, theft_of(HEIST))
    with pytest.raises(InputError, match="poison claims"):
        explain(tracer, JON, Rule.POISON)
    with pytest.raises(InputError, match="tiho is a rule for coins"):
        explain(tracer, JON, Rule.TIHO)


def check_replays(tracer: Tracer, rule: Rule) -> None:
    """Hold both replays against the engine's run: what each output brought is the same, to the unit."""
    for plan in tracer.plans():
        for label, theft in enumerate(plan.thefts):
            flow = tracer.flow(theft, rule)
            legs = {(n, i): u for n, units in flow.legs.items() for i, u in enumerate(units) if u}
            told: Counter[tuple[str, int] | None] = Counter()
            if rule in ORDERED_RULES:
                for arrival in Histories(plan, rule).arrivals():
                    told[arrival.output] += sum(lot.units for lot in arrival.lots if lot.theft == label)
                left = {key for key in legs if _nobody(tracer, key)} | flow.passing
            else:
                for event in Shares(plan, rule, label).events:
                    for put in event.puts:
                        told[put.output] += put.units
                left = set(flow.passing)
            told.pop(None, 0)
            assert +told == Counter({key: u for key, u in legs.items() if key not in left})


def check(tracer: Tracer, rule: Rule, people: Sequence[Address]) -> None:
    """Hold every explanation against itself: its parts add up, and its lots have whole ways."""
    for one in (one for address in people for one in explain(tracer, address, rule)):
        ends = [s for s in one.steps if (s.target, s.amount.asset) == (one.address, one.asset)]
        assert sum(s.part for s in ends) == one.arrived
        assert all(0 <= s.part <= s.tainted <= s.amount.units for s in one.steps)
        assert all(s.part == s.tainted for s in ends)
        if one.is_exact:
            assert sum(lot.units for lot in one.lots) == one.arrived
            for lot in one.lots:
                _check_way(tracer, one, lot.way)


def _nobody(tracer: Tracer, output: tuple[str, int]) -> bool:
    return tracer.transfers[output[0]].outputs[output[1]].address is None


def _check_way(tracer: Tracer, one: Explanation, way: tuple[int, ...]) -> None:
    """A lot's way begins at its theft, each payment is made by whom the one before paid, in chain order."""
    steps = [one.steps[n] for n in way]
    theft = next(theft for theft in tracer.stated() if theft.id == one.theft)
    assert steps[0].transfer.id == theft.transfer
    assert steps[-1].target == one.address
    for before, after in pairwise(steps):
        assert before.target in {leg.address for leg in after.transfer.inputs}
        assert before.transfer.key < after.transfer.key or before.transfer.tx == after.transfer.tx


@given(pays=histories(12), data=st.data(), rule=st.sampled_from(CONSERVING))
def test_every_unit_is_explained(pays: list[Pay], data: st.DataObject, *, rule: Rule) -> None:
    """Issue: "for any tainted amount at a place, the chain of lots and transfers that put it there"."""
    way = [t for t in paid(*pays) if t.ok or t.kind is Kind.FEE]
    coins = [t for t in way if t.target is not None and t.amount.asset == ETH and t.source != t.target]
    if not coins:
        return
    thefts = []
    drawn = data.draw(st.lists(st.sampled_from(coins), min_size=1, max_size=2, unique=True))
    for n, heist in enumerate(drawn):
        assert heist.target is not None
        thefts.append(Theft(f"eth {n}", ETH, heist.amount.units, heist.id, heist.source, heist.target))
    tracer = tracer_of(way, *thefts, known=PEOPLE[:3])
    check_replays(tracer, rule)
    check(tracer, rule, PEOPLE)


@given(way=lives(), rule=st.sampled_from(CONSERVING))
def test_every_unit_is_explained_through_swaps(way: list[Transfer], rule: Rule) -> None:
    """The same where assets change."""
    heist = next(t for t in way if t.kind is Kind.VALUE)
    theft = Theft("heist", ETH, heist.amount.units, heist.id, ALICE, MALLORY)
    tracer = tracer_of(way, theft, known=(MALLORY, IDA))
    check_replays(tracer, rule)
    check(tracer, rule, (MALLORY, IDA, JON))


def test_gas_is_no_way_to_anybody() -> None:
    """What was burnt as gas came to no address, so nobody's explanation holds it."""
    way = paid(HEIST, Pay("out", MALLORY, IDA, 40, gas=3))
    one = only(explain(tracer_of(way, theft_of(HEIST)), IDA, Rule.FIFO))
    assert all(step.transfer.kind is not Kind.FEE for step in one.steps)
