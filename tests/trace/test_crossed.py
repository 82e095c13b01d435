"""The planted way over three ledgers: found whole, followed to the exchange, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossing.writing import log, word
from crossing_town import (
    ARBITRUM,
    COIN,
    ETHEREUM,
    EXCHANGE,
    LITECOIN,
    LTC,
    ONE,
    VAULT,
    VAULT_LTC,
    Planted,
    Town,
    bridge,
    planted,
    who,
)
from flowtrace.crossing import Registry, crossings, shipped, thorchain
from flowtrace.kernel.division import split
from flowtrace.ledger import Ledger
from flowtrace.model import (
    COIN_RULES,
    NOBODY,
    Address,
    Asset,
    Category,
    Class,
    Crossings,
    Entity,
    Link,
    Rule,
    StopReason,
    Theft,
    Trace,
    Unmet,
)
from flowtrace.report.accounted import accounted
from flowtrace.report.crossed import crossing_table, crossings_told, in_words, passages, uncrossed_table
from flowtrace.trace import Policy, Tracer
from flowtrace.trace.account import Known, account_for
from flowtrace.trace.tracer import End
from report.toy_result import toy_result
from toytown import ALICE, CAROL, ETH, MALLORY, Pay, account, theft_of
from trace_swaps import POOL, ROUTER, deal

BANKED = Entity("x", "Exchange", Category.EXCHANGE)


def ends(address: Address) -> End | None:
    """Say that the trace ends at the exchange."""
    return End(StopReason.DEPOSIT, BANKED, Class.P, "labelled") if address == EXCHANGE else None


def followed(ledger: Ledger, theft: Theft, known: Crossings) -> Tracer:
    """Follow a theft over all ledgers."""
    tracer = Tracer([theft], ends, Policy())
    named = {name.rpartition(":")[0] for link in known.links for name, _ in (link.gave, link.got)}
    parts = (name.rpartition(":") for name in sorted(named))
    tracer.link(known.links, [one for chain, _, tx in parts for one in ledger.transaction(chain, tx)])
    while wanted := tracer.wanted():
        for address in wanted:
            tracer.add(address, ledger.of(address))
    return tracer


@pytest.fixture(name="world", scope="module")
def world_fixture() -> Planted:
    """The town with 2,000 innocent transactions around the way."""
    return planted()


@pytest.fixture(name="ledger", scope="module")
def ledger_fixture(world: Planted) -> Ledger:
    """What its ledgers record."""
    return world.town.ledger()


@pytest.fixture(name="known", scope="module")
def known_fixture(ledger: Ledger) -> Crossings:
    """The crossings of the whole town."""
    return crossings(ledger.facts, ledger.transaction)


@pytest.fixture(name="traced", scope="module")
def traced_fixture(world: Planted, ledger: Ledger, known: Crossings) -> Trace:
    """The theft followed to its ends and accounted for."""
    tracer = followed(ledger, world.theft, known)
    return account_for(tracer, Known(ledger, lambda _: (), (), known))


def test_every_crossing_of_the_town_is_joined(known: Crossings, world: Planted) -> None:
    """Innocent or not: each message is joined with what it was paid by, and nothing waits."""
    kinds = {
        name: sum(one.protocol == name for one in known.made) for name in ("cctp", "across", "thorchain")
    }
    assert kinds == {"cctp": 251, "across": 251, "thorchain": 85}
    assert known.unmet == ()
    assert len(world.town.transfers) > 2000


def test_the_way_is_found_whole_and_nothing_else(traced: Trace, world: Planted) -> None:
    """Recall and precision are 1: the trace's transactions are the planted ones, no more and no fewer."""
    assert {hop.transfer.tx for hop in traced.hops} == world.town.way
    assert len(world.town.way) == 19
    assert len(traced.hops) >= 12
    assert [one.protocol for one in traced.crossings] == ["across", "cctp", "thorchain"]
    chains = {hop.transfer.chain_id for hop in traced.hops}
    assert len(chains) == 3


def test_it_ends_at_the_exchange_with_every_unit(traced: Trace, world: Planted) -> None:
    """One stop, at the exchange, in litecoin: what arrived, under every rule."""
    (stop,) = traced.stops
    assert (stop.address, stop.reason, stop.asset) == (EXCHANGE, StopReason.DEPOSIT, LTC)
    assert set(stop.taint.values()) == {world.arrives}


def test_the_money_closes_per_asset(traced: Trace, world: Planted) -> None:
    """Stolen or come = resting + fees + exchanged, per asset and rule; a crossing's fee is told, not lost."""
    assert all(one.balances for one in traced.accounts)
    result = replace(toy_result(), trace=traced, transfers=tuple(world.town.transfers))
    result = replace(result, incident=replace(result.incident, thefts=traced.thefts))
    accounted(result)
    fees = {p.crossed.protocol: p.crossed.fee for p in passages(result)}
    assert fees["thorchain"] is None
    assert fees["cctp"] is not None
    assert fees["cctp"].units == 0
    assert fees["across"] is not None
    assert fees["across"].units == ONE // 3
    for passage in passages(result):
        if passage.crossed.fee is not None and passage.kept is not None:
            for rule, units in passage.left.taint.items():
                came = sum(hop.taint[rule] for hop in passage.came)
                assert units == came + passage.kept[rule]
    told = crossings_told(result)
    assert [(one["protocol"], one["class"], one["gap_seconds"]) for one in told] == [
        ("cctp", "C", 60), ("across", "C", 60), ("thorchain", "P", 60),
    ]  # fmt: skip
    rows = list(crossing_table(result))
    assert len(rows) == 4
    assert "ETH left Ethereum [" in in_words(next(p for p in passages(result) if not p.crossed.fee))
    assert list(uncrossed_table(result))[1:] == []


def test_the_depth_counts_through_crossings(traced: Trace) -> None:
    """Each hop is one further than what it carries on; the worst class and the crossings add up."""
    last = traced.hops[-1]
    assert (last.depth, last.worst, last.crossed) == (14, Class.P, 3)
    rows = [hop.row for hop in traced.hops]
    assert rows == sorted(rows)
    by_bridge = [(hop.crossing.partition(" ")[0], hop.cls) for hop in traced.hops if hop.bridge]
    assert by_bridge == [("cctp", Class.C), ("across", Class.C), ("thorchain", Class.P)]


def test_a_known_vault_makes_it_sure(world: Planted, ledger: Ledger) -> None:
    """Anyone can write OUT: and a hash; where a person vouches for the vault, the crossing is of class C."""
    own = Registry.read(
        f'[[contract]]\nprotocol = "thorchain"\nchain = "{LITECOIN.id}"\naddress = "{VAULT_LTC.account}"\n'
        'role = "vault"\nsource = "a test"\n'
    )
    known = crossings(ledger.facts, ledger.transaction, shipped().beside(own))
    assert {one.cls for one in known.made if one.protocol == "thorchain"} == {Class.C}
    assert world.town.way


def test_what_did_not_come_is_waiting_where_it_was_paid() -> None:
    """A burn of which no mint is known: the bridge's end says so, with the key, and where it was to go."""
    town, ann = Town(), who("ann")
    town.cctp(ann, who("cid", ARBITRUM), 5, nonce=1)
    ledger = town.ledger()
    half = [fact for fact in ledger.facts if fact.chain_id == "eip155:1"]
    (one,) = crossings(half, ledger.transaction).unmet
    assert (one.unmet, one.key, one.goes_to) == (Unmet.WAITING, "0/1", "eip155:42161")
    assert one.recipient == who("cid").account


def test_what_contradicts_is_a_misfit_with_its_reason() -> None:
    """A fill that pays under the key and says another amount went in is no crossing."""
    towns = Town(), Town()
    for town, units in zip(towns, (100, 101), strict=True):
        town.across(who("eve", ARBITRUM), who("fay"), (units, 90), number=3)
    deposit, fill = (town.facts[n] for n, town in enumerate(towns))
    known = crossings([deposit, fill], towns[0].ledger().transaction)
    assert known.made == ()
    assert [(one.unmet, one.key) for one in known.unmet] == [(Unmet.MISFIT, "42161/3")]
    assert "differ in amount in" in known.unmet[0].why


@given(stolen=st.integers(1, 10**6), clean=st.integers(0, 10**6), come=st.integers(1, 10**9))
def test_the_fraction_crosses_exactly(stolen: int, clean: int, come: int) -> None:
    """Algorithms 6.3 across ledgers: "t_B = LR(in,[t,out-t])[0]", and every table closes."""
    heist = Pay("heist", ALICE, MALLORY, stolen, gas=0)
    own = Pay("own", CAROL, MALLORY, clean, gas=0)
    gave = deal("gave", 3, (MALLORY, POOL, stolen + clean, ETH))
    coin = Asset.token(who("other"), "OTHER", 0)
    got = deal("got", 4, (ROUTER, MALLORY, come, coin))
    way = [*heist.transfers(1), *(own.transfers(2) if clean else []), *gave, *got]
    link = Link((gave[1].id, 0), (got[1].id, 0), Class.C, "bridge_key/1")
    tracer = Tracer([theft_of(heist)], lambda _: None, Policy())
    tracer.link([link], way)
    tracer.add(MALLORY, way)
    for rule in (one for one in COIN_RULES[:6] if one is not Rule.POISON):
        found = tracer.flow(theft_of(heist), rule)
        assert found.resting(MALLORY, coin) == split(come, [stolen, clean])[0]
    trace = account(tracer, Ledger(way))
    assert all(one.balances for one in trace.accounts)


@given(
    units=st.integers(10_000, 10**12), part=st.integers(1, 99), clean=st.integers(0, 10**12),
    out=st.integers(1, 10**24),
)  # fmt: skip
def test_coins_cross_to_an_account(*, units: int, part: int, clean: int, out: int) -> None:
    """A coin paid to a vault is sold as what it is under every rule, the change stays, every table closes."""
    town, thief, heir = Town(), who("thief", LITECOIN), who("heir")
    town.mined(who("victim", LITECOIN), units)
    stolen = units - 300
    name = town.spend("theft", who("victim", LITECOIN), (thief, stolen))
    if clean:
        town.mined(thief, clean)
    put = max(1, (stolen + clean - 300) * part // 100)
    change = stolen + clean - 300 - put
    town.from_coins(thief, heir, (put, out), change=change)
    ledger = town.ledger()
    known = crossings(ledger.facts, ledger.transaction)
    (crossed,) = known.made
    assert (crossed.cls, crossed.protocol) == (Class.P, "thorchain")
    theft = Theft("heist", LTC, stolen, f"{LITECOIN.id}:{name}:coin", who("victim", LITECOIN), thief)
    tracer = followed(ledger, theft, known)
    assert heir in tracer.followed or out < ONE
    trace = account_for(tracer, Known(ledger, lambda _: (), (), known))
    assert all(one.balances for one in trace.accounts)
    for rule in (one for one in trace.rules if one is not Rule.POISON):
        flow = tracer.flow(theft, rule)
        book = flow.book
        assert book.stolen == book.resting + book.fees + book.sold == stolen
        assert flow.resting(VAULT_LTC, LTC) == 0
        sold = next(hop for hop in trace.hops if hop.crossing and not hop.bridge)
        assert sold.taint[rule] == book.sold
        assert flow.books[COIN].bought == split(out, [book.sold, put - book.sold])[0]


def test_what_comes_back_is_a_refund() -> None:
    """A refused deposit is paid back under its own key: the crossing says that it returned."""
    town, ann = Town(), who("ann")
    router = bridge("thorchain", ETHEREUM)
    memo = log(
        thorchain.DEPOSIT, router.account, [ONE, f"=:l:{EXCHANGE.account}"], types="uint256,string",
        topics=(word(VAULT.account), word(0)),
    )  # fmt: skip
    at = town.do("deposit", ann, (ann, router, ONE, COIN), (router, VAULT, ONE, COIN), logs=[memo])
    back = log(
        thorchain.OUT, router.account, [NOBODY, ONE - 5, f"REFUND:{at.hash[2:].upper()}"],
        types="address,uint256,string", topics=(word(VAULT.account), word(ann.account)),
    )  # fmt: skip
    town.do("back", VAULT, (VAULT, router, ONE - 5, COIN), (router, ann, ONE - 5, COIN), logs=[back])
    ledger = town.ledger()
    (crossed,) = crossings(ledger.facts, ledger.transaction).made
    assert crossed.returned
    assert crossed.fee is not None
    assert crossed.fee.units == 5


def test_a_payment_in_parts_is_sold_for_each() -> None:
    """A streaming swap pays twice: each part carries its share, and together they carry all of it."""
    heist = Pay("heist", ALICE, MALLORY, 10, gas=0)
    coin = Asset.token(who("other"), "OTHER", 0)
    gave = deal("gave", 3, (MALLORY, POOL, 10, ETH))
    parts = [deal(f"part-{n}", 4 + n, (ROUTER, MALLORY, units, coin)) for n, units in enumerate((30, 70))]
    links = [Link((gave[1].id, 0), (part[1].id, 0), Class.C, "bridge_key/1") for part in parts]
    way = [*heist.transfers(1), *gave, *parts[0], *parts[1]]
    tracer = Tracer([theft_of(heist)], lambda _: None, Policy())
    tracer.link(links, way)
    tracer.add(MALLORY, way)
    for rule in (Rule.FIFO, Rule.LIFO, Rule.PRO_RATA, Rule.DIRTY_FIRST):
        found = tracer.flow(theft_of(heist), rule)
        assert (found.resting(MALLORY, coin), found.resting(POOL), found.book.sold) == (100, 0, 10)
