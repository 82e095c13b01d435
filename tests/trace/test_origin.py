"""Backward: every unit that came to an address has a source, and the thief's own way is found again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Asset,
    Kind,
    Opening,
    Origin,
    Rule,
    SourceKind,
    StopReason,
    Theft,
    Transfer,
)
from flowtrace.trace import Origins, Policy, Tracer
from strategies import PEOPLE, histories
from toytown import (
    ACME_DEPOSIT,
    ALICE,
    CAROL,
    ETH,
    IDA,
    JON,
    MALLORY,
    NED,
    ONE,
    REGISTER,
    SWIRL,
    SWIRL_MIXER,
    THEFT,
    USDC,
    Pay,
    end_of,
    nowhere,
    theft_of,
    world,
)
from trace_swaps import swap

CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)


def paid(*pays: Pay) -> list[Transfer]:
    """Return the transfers of payments."""
    return [t for height, pay in enumerate(pays, start=1) for t in pay.transfers(height)]


def asked(
    goal: Address, way: Sequence[Transfer], known: Sequence[Address], *thefts: Theft,
    openings: Sequence[Opening] = (), assets: Sequence[Asset] = (ETH,),
) -> Origins:  # fmt: skip
    """Return the way back from an address, of which some addresses' histories are known."""
    origins = Origins(goal, assets, nowhere, thefts=thefts, openings=openings)
    while wanted := origins.wanted():
        for address in wanted:
            touched = [t for t in way if address in {leg.address for leg in (*t.inputs, *t.outputs)}]
            origins.add(address, touched if address == goal or address in known else None)
    return origins


def by_source(origin: Origin) -> dict[tuple[SourceKind, Address | None], int]:
    """Return units by kind and address."""
    return {(source.kind, source.address): source.units for source in origin.sources}


WAY = paid(
    Pay("carol-in", CAROL, MALLORY, 50, gas=0), Pay("alice-in", ALICE, MALLORY, 100, gas=0),
    Pay("split", MALLORY, IDA, 90, gas=0), Pay("own", JON, IDA, 10, gas=0), Pay("on", IDA, NED, 60, gas=0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "units"),
    [(Rule.FIFO, (50, 10, 0)), (Rule.LIFO, (0, 50, 10)), (Rule.PRO_RATA, (18, 36, 6))],
)
def test_sources_by_hand(rule: Rule, units: tuple[int, ...]) -> None:
    """Of 60 units two payments away: FIFO and LIFO name each unit's payer, pro rata the shares."""
    origin = asked(NED, WAY, (MALLORY, IDA)).origin(ETH, rule)
    told = {who: part for (kind, who), part in by_source(origin).items() if kind is SourceKind.PAYER}
    assert told == {who: part for who, part in zip((CAROL, ALICE, JON), units, strict=True) if part}
    assert (origin.received, set(origin.followed)) == (60, {MALLORY, IDA})
    assert origin.is_exact is (rule is not Rule.PRO_RATA)


def test_poison_has_no_sources() -> None:
    """What claims everything for everybody divides nothing."""
    with pytest.raises(InputError, match="poison claims everything"):
        asked(NED, WAY, (MALLORY, IDA)).origin(ETH, Rule.POISON)


def test_what_no_record_brought_has_a_name() -> None:
    """What an address spent beyond its record, and what it held before, are sources of their own."""
    way = paid(Pay("in", CAROL, IDA, 10, gas=0), Pay("on", IDA, NED, 60, gas=0))
    held = Opening(IDA, ETH, 20, "a statement")
    origin = asked(NED, way, (IDA,), openings=(held,)).origin(ETH, Rule.FIFO)
    assert by_source(origin) == {
        (SourceKind.OPENING, IDA): 20, (SourceKind.PAYER, CAROL): 10, (SourceKind.UNRECORDED, IDA): 30,
    }  # fmt: skip


def test_through_a_swap() -> None:
    """What came as USDC is of whom the ETH was that bought it."""
    way = paid(Pay("own", CAROL, MALLORY, 2, gas=0), Pay("alice", ALICE, MALLORY, 1, gas=0))
    way += swap("swap", 3, sold=(3, ETH), bought=(99, USDC))
    way += paid(*[Pay("-", CAROL, CAROL, 0)] * 3, Pay("pay", MALLORY, NED, 99, asset=USDC, gas=0))[-1:]
    origin = asked(NED, way, (MALLORY,), assets=(USDC,)).origin(USDC, Rule.PRO_RATA)
    assert by_source(origin) == {(SourceKind.PAYER, CAROL): 66, (SourceKind.PAYER, ALICE): 33}


def test_it_ends_at_services_and_says_why() -> None:
    """The way back ends where a label says that many people's funds mix, and where nothing is on record."""
    way = paid(
        Pay("out", SWIRL, IDA, 10, gas=0), Pay("in", JON, IDA, 5, gas=0), Pay("on", IDA, NED, 15, gas=0)
    )
    origins = Origins(NED, (ETH,), end_of(REGISTER))
    looked = []
    while wanted := origins.wanted():
        looked += wanted
        for address in wanted:
            origins.add(address, way if address in {NED, IDA} else None)
    assert looked == [NED, IDA, JON]
    ends = {source.address: source for source in origins.origin(ETH, Rule.FIFO).sources}
    assert ends[SWIRL].entity == SWIRL_MIXER
    assert "no transactions of this address" in ends[JON].why


def test_the_budget_ends_it() -> None:
    """No more addresses are looked through than the budget allows; the rest are named with the reason."""
    origins = Origins(NED, (ETH,), nowhere, budget=1)
    origins.add(NED, WAY)
    assert origins.wanted() == []
    assert origins.ends[IDA].reason is StopReason.BUDGET


def test_the_theft_is_found_again_in_toytown() -> None:
    """From acme's deposit address back: under FIFO all that came is the theft's, as the trace says."""
    ledger = world()
    origins = Origins(ACME_DEPOSIT, (ETH,), end_of(REGISTER), thefts=(THEFT,))
    while wanted := origins.wanted():
        for address in wanted:
            origins.add(address, ledger.of(address) if ledger.coverage_of(address) else None)
    origin = origins.origin(ETH, Rule.FIFO)
    assert origin.received == 270 * ONE
    assert {(s.kind, s.theft): s.units for s in origin.sources} == {(SourceKind.THEFT, "theft"): 270 * ONE}


@given(
    pays=histories(14),
    data=st.data(),
    rule=st.sampled_from(CONSERVING),
    known=st.sets(st.sampled_from(PEOPLE)),
)
def test_every_unit_has_one_source(
    pays: list[Pay], data: st.DataObject, *, rule: Rule, known: set[Address]
) -> None:
    """Conservation backward: the sources sum to what came, to the unit, under every rule that conserves."""
    goal = data.draw(st.sampled_from(PEOPLE))
    way = paid(*pays)
    moved = [t for t in way if t.ok and t.amount.asset == ETH and t.target == goal and t.source != goal]
    origin = asked(goal, way, tuple(known)).origin(ETH, rule)
    assert sum(source.units for source in origin.sources) == origin.received
    assert origin.received == sum(t.amount.units for t in moved)
    assert all(source.units > 0 for source in origin.sources)


def both_ways(pays: Sequence[Pay], data: st.DataObject, rule: Rule) -> tuple[int, int, int]:
    """Draw a theft; return what of it came to an address forward, and backward, and how many payments moved.

    What the address itself gives is followed neither way; of all others everything is known.
    """
    way = [t for t in paid(*pays) if (t.ok or t.kind is Kind.FEE) and t.amount.asset == ETH]
    goal = PEOPLE[-1]
    heists = [t for t in way if t.target in PEOPLE[:3] and t.source not in {t.target, goal}]
    if not heists:
        return 0, 0, 0
    heist = data.draw(st.sampled_from(heists))
    assert heist.target is not None
    theft = Theft("eth", ETH, heist.amount.units, heist.id, heist.source, heist.target)
    tracer = Tracer([theft], nowhere, Policy())
    for address in PEOPLE[:-1]:
        tracer.add(address, way)
    origins = Origins(goal, (ETH,), nowhere, thefts=(theft,))
    for address in (goal, *PEOPLE[:-1]):
        origins.add(address, way)
    found = {source.theft: source.units for source in origins.origin(ETH, rule).sources}
    return tracer.flow(theft, rule).resting(goal), found.get("eth", 0), len(way)


@given(pays=histories(14), data=st.data(), rule=st.sampled_from((Rule.FIFO, Rule.LIFO)))
def test_forward_then_backward_returns_the_seed(pays: list[Pay], data: st.DataObject, *, rule: Rule) -> None:
    """Issue: "forward then backward under FIFO returns the seed": what came of the theft is of the theft."""
    forward, backward, _ = both_ways(pays, data, rule)
    assert forward == backward


@given(pays=histories(25), data=st.data())
def test_pro_rata_backward_is_near_forward(pays: list[Pay], data: st.DataObject) -> None:
    """Its docstring: "over n payments (fees count) both differ by less than 3n/2 units"."""
    forward, backward, payments = both_ways(pays, data, Rule.PRO_RATA)
    assert forward == backward or 2 * abs(forward - backward) < 3 * payments


def test_many_shares_are_not_rounded_as_two() -> None:
    """By hand: of 6, 7 and 7 units two are paid; 0.6 rounds to 1 beside the rest, to 0 beside 0.7 and 0.7."""
    way = paid(
        Pay("theft", ALICE, MALLORY, 6, gas=0), Pay("carol-in", CAROL, MALLORY, 7, gas=0),
        Pay("jon-in", JON, MALLORY, 7, gas=0), Pay("out", MALLORY, NED, 2, gas=0),
    )  # fmt: skip
    theft = theft_of(Pay("theft", ALICE, MALLORY, 6))
    tracer = Tracer([theft], nowhere, Policy())
    tracer.add(MALLORY, way)
    assert tracer.flow(theft, Rule.PRO_RATA).resting(NED) == 1
    origin = asked(NED, way, (MALLORY,), theft).origin(ETH, Rule.PRO_RATA)
    assert by_source(origin) == {(SourceKind.PAYER, CAROL): 1, (SourceKind.PAYER, JON): 1}


@given(pays=histories(14), known=st.sets(st.sampled_from(PEOPLE)))
def test_where_all_has_a_source_nothing_is_clean(pays: list[Pay], known: set[Address]) -> None:
    """Rules that tell clean from stolen share out as pro rata does."""
    origins = asked(PEOPLE[0], paid(*pays), tuple(known))
    shares = [origins.origin(ETH, rule).sources for rule in (Rule.PRO_RATA, Rule.DIRTY_FIRST, Rule.LIBR)]
    assert shares[0] == shares[1] == shares[2]


def test_a_mark_is_no_source_of_its_own() -> None:
    """A mark says nothing of where value came from, so it takes no label."""
    marks = (Theft("eth", ETH, 0, "", None, MALLORY), theft_of(Pay("none", ALICE, JON, 1)))
    origin = asked(NED, WAY, (MALLORY, IDA), *marks).origin(ETH, Rule.FIFO)
    assert {source.kind for source in origin.sources} == {SourceKind.PAYER}
