"""By columns that grow a tracer asks for whom it would ask by the plan, in that order, and ends alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.kernel import engine
from flowtrace.model import (
    Address,
    Asset,
    Class,
    Leg,
    Link,
    Opening,
    Rule,
    StopReason,
    Theft,
    Transfer,
)
from flowtrace.trace import End, Policy, Tracer
from flowtrace.trace.arrivals import Arrived
from flowtrace.trace.plan import Plan
from kernel.planted import ByPlan
from kernel.test_flow import BTC, HOLDERS, chains
from toytown import ALICE, CAROL, ETH, IDA, JON, MALLORY, USDC, Pay, nowhere, theft_of, transfers, who
from trace_swaps import DAI, POOL, ROUTER, lives, swap

CROWD = tuple(who(f"one {number}") for number in range(8))
PEOPLE_OF_SWAPS = (MALLORY, IDA, CAROL, JON, POOL, ROUTER, ALICE)
ENDED = End(StopReason.SERVICE, None, Class.P, "a label")
CROWDED = End(StopReason.CROWDED, None, Class.D, "too many transfers")


class ByBoth(Tracer):
    """A tracer that holds its columns against the plan at each step."""

    def _arrived(self) -> Iterator[tuple[Theft, Arrived]]:
        quick, columns = list(super()._arrived()), self._arrivals
        self._arrivals = None
        slow = list(super()._arrived())
        self._arrivals = columns
        assert list(map(self._unsettled, quick)) == list(map(self._unsettled, slow))
        return iter(quick)

    def _unsettled(self, told: tuple[Theft, Arrived]) -> tuple[str, Arrived]:
        theft, arrived = told

        return theft.id, {key: units for key, units in arrived.items() if not self._settled(key[0])}


@dataclass(frozen=True)
class Given:
    """A case: what was stolen, who is what, and how far to follow; and all that ever moved."""

    way: tuple[Transfer, ...]
    thefts: tuple[Theft, ...]
    policy: Policy
    services: frozenset[Address]
    silent: frozenset[Address]
    crowded: frozenset[Address]


def touches(transfer: Transfer, address: Address) -> bool:
    """Tell whether an address gives to a transfer or takes from it."""
    return address in {leg.address for leg in (*transfer.inputs, *transfer.outputs)}


def carried_out(case: Given, kind: type[Tracer], *links: Link) -> Tracer:
    """Give a tracer what it wants until it wants nothing."""
    ends = dict.fromkeys(case.services, ENDED)
    tracer = kind(case.thefts, ends.get, case.policy, links=links)
    while wanted := tracer.wanted():
        for address in wanted:
            if address in case.crowded:
                tracer.end(address, CROWDED)
            elif address in case.silent:
                tracer.add(address, None)
            else:
                tracer.add(address, [one for one in case.way if touches(one, address)])
    return tracer


def told(tracer: Tracer) -> list[object]:
    """Return all that a finished tracer says."""
    found: list[object] = [tracer.followed, list(tracer.ends.items()), tracer.stated(), tracer.in_order()]
    for theft in tracer.thefts:
        for rule in tracer.rules:
            flow = tracer.flow(theft, rule)
            found.append((dict(flow.legs), flow.stolen, flow.passing, flow.books, flow.missing))
    return found


def same(case: Given) -> None:
    """Hold the tracer against one that goes by the plan alone."""
    assert told(carried_out(case, ByBoth)) == told(carried_out(case, ByPlan))


@st.composite
def cases(
    draw: st.DrawFn, way: Sequence[Transfer], *, people: Sequence[Address], assets: Sequence[Asset]
) -> Given:
    """Draw a case of a record: thefts, seldom a mark among them; openings, a minimum, a budget."""
    some, few = st.sampled_from(people), st.integers(0, 5)
    paid = [(one, leg, leg.address) for one in way for leg in one.outputs if leg.address]
    stolen = [*paid[:1], *(draw(st.lists(st.sampled_from(paid), max_size=2)) if paid else ())]
    thefts = []
    for number, (heist, leg, thief) in enumerate(stolen):
        name = draw(st.sampled_from((heist.id,) * 18 + (f"{heist.id.rpartition(':')[0]}:call 7", "")))
        asset = draw(st.sampled_from((leg.asset,) * 9 + tuple(assets)))  # seldom is it not as it is stated
        thefts.append(Theft(f"theft {number}", asset, max(leg.units, 1), name, ALICE, thief))
    openings = st.builds(Opening, some, st.sampled_from(assets), few, st.just("a statement"))
    minimum = draw(st.dictionaries(st.sampled_from(assets), few, max_size=1))
    budget = draw(st.sampled_from((2000, 2000, 2000, 1, 3, 5)))
    policy = Policy(tuple(minimum.items()), budget, tuple(draw(st.lists(openings, max_size=3))))
    return Given(tuple(way), tuple(thefts), policy, *(draw(st.frozensets(some, max_size=1)) for _ in "abc"))


@st.composite
def ways(draw: st.DrawFn) -> list[Pay]:
    """Draw payments by those who were paid before, most of them, so that what was stolen goes a long way."""
    units, gas = st.integers(0, 30) | st.integers(0, 1 << 90), st.integers(0, 3)
    found = [Pay("tx-0", ALICE, CROWD[0], draw(st.integers(10, 30) | st.just(1 << 90)), gas=0)]
    for number in range(1, draw(st.integers(2, 30))):
        source = draw(st.sampled_from([pay.target for pay in found] + [ALICE]))
        pay = Pay(f"tx-{number}", source, draw(st.sampled_from((*CROWD, source))), draw(units))
        asset, ok = draw(st.sampled_from((ETH,) * 5 + (USDC,))), draw(st.sampled_from((True,) * 7 + (False,)))
        found.append(replace(pay, asset=asset, ok=ok, gas=draw(gas)))
    return found


@settings(max_examples=300)
@given(pays=ways(), data=st.data(), plainly=st.booleans())
def test_payments(pays: list[Pay], data: st.DataObject, *, plainly: bool) -> None:
    """With gas, failed transactions, payments to oneself, amounts beyond 128 bits, in two assets."""
    case = data.draw(cases(transfers(pays), people=CROWD, assets=(ETH, USDC)))
    with pytest.MonkeyPatch.context() as patch:
        if plainly:
            patch.setattr(engine, "available", lambda: False)
        same(case)


@given(way=lives(), data=st.data())
def test_swaps(way: list[Transfer], data: st.DataObject) -> None:
    """Where something stolen is swapped, and where only something else is."""
    same(data.draw(cases(way, people=PEOPLE_OF_SWAPS, assets=(ETH, USDC, DAI))))


@given(way=chains(), data=st.data())
def test_coins(way: list[Transfer], data: st.DataObject) -> None:
    """On a UTXO chain."""
    same(data.draw(cases(way, people=HOLDERS, assets=(BTC,))))


def case_of(way: Sequence[Transfer], *thefts: Theft) -> Given:
    """Return a case of which everything is on record."""
    nobody = frozenset[Address]()
    return Given(tuple(way), thefts, Policy(), nobody, nobody, nobody)


HEIST = Pay("heist", ALICE, MALLORY, 6, gas=0)
ON = (Pay("on", MALLORY, IDA, 6, gas=0), Pay("own", CAROL, IDA, 6, gas=0))


def test_a_payment_to_oneself_moves_nothing() -> None:
    """What an address pays itself does not send its oldest units to the end of the queue."""
    other = Pay("other", CAROL, IDA, 6, gas=0)
    circle, out = Pay("circle", IDA, IDA, 6, gas=0), Pay("out", IDA, JON, 6, gas=0)
    case = case_of(transfers([HEIST, ON[0], other, circle, out]), theft_of(HEIST), theft_of(other))
    same(case)
    assert carried_out(case, Tracer).flow(theft_of(HEIST), Rule.FIFO).resting(JON) == 6


def test_a_theft_may_go_round() -> None:
    """What an address pays itself may be the theft: all of it is stolen from there on."""
    circle, out = Pay("circle", IDA, IDA, 4, gas=0), Pay("out", IDA, JON, 6, gas=0)
    case = case_of(transfers([*ON, circle, out]), theft_of(circle), theft_of(ON[0]))
    same(case)
    assert carried_out(case, Tracer).flow(theft_of(circle), Rule.FIFO).book.stolen == 4


def test_amounts_beyond_128_bits() -> None:
    """They are left to the plan, also where it is an opening balance that is as large."""
    large = Pay("large", CAROL, IDA, 1 << 130, gas=0)
    case = case_of(transfers([HEIST, *ON, large, Pay("out", IDA, JON, 1 << 129, gas=0)]), theft_of(HEIST))
    same(case)
    held = Opening(IDA, ETH, 1 << 130, "a statement")
    case = case_of(transfers([HEIST, *ON, Pay("out", IDA, JON, 6, gas=0)]), theft_of(HEIST))
    same(replace(case, policy=Policy(openings=(held,))))


def test_a_transfer_told_again_in_another_way() -> None:
    """The later telling counts: columns that have the earlier one are given up."""
    on = Pay("on", MALLORY, IDA, 6, gas=0).transfers(101)
    less = [replace(one, inputs=(Leg(MALLORY, ETH, 2),), outputs=(Leg(IDA, ETH, 2),)) for one in on[1:]]
    tracers = [kind([theft_of(HEIST)], nowhere, Policy()) for kind in (ByBoth, ByPlan)]
    for tracer in tracers:
        tracer.add(MALLORY, [*HEIST.transfers(100), *on])
        assert tracer.wanted() == [IDA]
        tracer.add(IDA, [*less, *Pay("out", IDA, JON, 4, gas=0).transfers(102)])
        assert tracer.wanted() == [JON]
    assert told(tracers[0]) == told(tracers[1])


def test_what_a_link_joins() -> None:
    """Where something came again on another ledger, the plan says what arrived there."""
    gave, got = Pay("gave", MALLORY, POOL, 3, gas=0), Pay("got", ROUTER, MALLORY, 5, asset=USDC, gas=0)
    out = Pay("out", MALLORY, JON, 5, asset=USDC, gas=0)
    case = case_of(transfers([HEIST, gave, got, out]), theft_of(HEIST))
    link = Link((gave.id, 0), (got.id, 0), Class.C, "bridge/1")
    both = [carried_out(replace(case, policy=Policy(((USDC, 1),))), kind, link) for kind in (ByBoth, ByPlan)]
    assert told(both[0]) == told(both[1])
    assert JON in both[0].followed


def test_the_plan_is_left_alone() -> None:
    """Where nothing stolen is sold no plan is laid out to decide whom to ask, whatever else is."""
    way = [*transfers([HEIST, *ON]), *swap("swap", 200, sold=(3, USDC), bought=(9, ETH))]
    way += Pay("out", IDA, JON, 9, gas=0).transfers(201)
    case = case_of(way, theft_of(HEIST))
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(Plan, "lay")
        assert carried_out(case, Tracer).followed == [MALLORY, IDA, JON]
