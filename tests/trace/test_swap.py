"""Swaps in toytown: what leaves as one asset and comes back as another carries its tainted fraction over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from flowtrace.ledger import Ledger
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Asset,
    Chain,
    Class,
    GapKind,
    Kind,
    Leg,
    Link,
    Rule,
    StopReason,
    Theft,
    Trace,
    Transfer,
)
from flowtrace.report.accounted import EXCHANGED, accounted
from flowtrace.trace import Policy, Tracer, explain
from flowtrace.trace.flow import flow
from flowtrace.trace.swap import woven
from report.toy_result import toy_result
from toytown import (
    ALICE,
    CAROL,
    ETH,
    IDA,
    JON,
    MALLORY,
    USDC,
    EndOf,
    Pay,
    account,
    follow,
    nowhere,
    record_of,
    theft_of,
    who,
)
from trace_swaps import DAI, POOL, ROUTER, Move, deal, lives

CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)


def laid(pays: list[Pay], *deals: list[Transfer], known: tuple[Address, ...] = (MALLORY, IDA)) -> Ledger:
    """Return a ledger of payments, at heights 1, 2 and so on, and of deals."""
    way = [t for height, pay in enumerate(pays, start=1) for t in pay.transfers(height)]
    return Ledger([*way, *(t for each in deals for t in each)], [record_of(a) for a in known])


def traced(ledger: Ledger, theft: Theft, ends: EndOf = nowhere) -> Trace:
    """Trace a ledger, and hold its accounts against the gate that every export passes."""
    trace = account(follow(ledger, [theft], ends=ends, policy=Policy()), ledger)
    result = replace(toy_result(), trace=trace, transfers=tuple(ledger))
    accounted(replace(result, incident=replace(result.incident, thefts=trace.thefts)))
    return trace


def resting(trace: Trace, asset: Asset) -> dict[Address, dict[Rule, int]]:
    """Return what rests of an asset, by address and rule."""
    return {stop.address: dict(stop.taint) for stop in trace.stops if stop.asset == asset}


OWN, HEIST = Pay("own", CAROL, MALLORY, 2, gas=0), Pay("heist", ALICE, MALLORY, 1, gas=0)
SWAP = deal("swap", 3, (MALLORY, POOL, 3, ETH), (POOL, MALLORY, 100, USDC))


def test_the_vector() -> None:
    """Algorithms 6.3: "Vector: out 3, t 1, in 100 -> t_B 33"."""
    trace = traced(laid([OWN, HEIST], SWAP), theft_of(HEIST))
    assert set(resting(trace, ETH)) == set()
    assert resting(trace, USDC)[MALLORY] == dict.fromkeys(CONSERVING, 33) | {Rule.POISON: 100}


def test_pools_and_routers_hold_none() -> None:
    """Algorithms 6.3: "Pools, routers, wrappers are transparent (no taint rests there)"."""
    routed = deal(
        "swap", 3,
        (MALLORY, ROUTER, 3, ETH), (ROUTER, POOL, 2, ETH), (POOL, ROUTER, 90, USDC),
        (ROUTER, MALLORY, 90, USDC), (ROUTER, MALLORY, 1, ETH),
    )  # fmt: skip
    ledger = laid([OWN, HEIST], routed)
    tracer = follow(ledger, [theft_of(HEIST)], policy=Policy())
    trace = traced(ledger, theft_of(HEIST))
    assert set(tracer.followed) == {MALLORY}
    assert not {ROUTER, POOL} & ({stop.address for stop in trace.stops} | set(tracer.ends))
    account_ = next(a for a in trace.accounts if a.rule is Rule.DIRTY_FIRST and a.asset is None)
    assert (account_.sold, account_.resting) == (1, 0)
    assert resting(trace, USDC)[MALLORY][Rule.DIRTY_FIRST] == 45


def test_the_way_goes_on_in_the_other_asset() -> None:
    """What was bought is followed on: hops, stops and the account are told in the new asset."""
    on = deal("on", 4, (MALLORY, IDA, 60, USDC))
    trace = traced(laid([OWN, HEIST], SWAP, on), theft_of(HEIST))
    assert resting(trace, USDC)[IDA][Rule.FIFO] == 33
    assert resting(trace, USDC)[IDA][Rule.PRO_RATA] == 20
    assert [(h.source, h.target, h.depth) for h in trace.hops] == [
        (ALICE, MALLORY, 0), (MALLORY, POOL, 1), (POOL, MALLORY, 2), (MALLORY, IDA, 1),
    ]  # fmt: skip


def test_swaps_in_a_row_carry_on() -> None:
    """Stolen ETH becomes USDC, then DAI: each step carries the fraction over, and every table closes."""
    again = deal("again", 4, (MALLORY, POOL, 50, USDC), (POOL, MALLORY, 500, DAI))
    trace = traced(laid([HEIST, OWN], SWAP, again), theft_of(HEIST))
    left, came = resting(trace, USDC)[MALLORY], resting(trace, DAI)[MALLORY]
    assert (left[Rule.FIFO], came[Rule.FIFO]) == (0, 330)
    assert (left[Rule.LIBR], came[Rule.LIBR]) == (33, 0)


def test_the_account_says_what_was_exchanged() -> None:
    """The money's table has a row for what was exchanged, and a table of its own for what came of it."""
    ledger = laid([OWN, HEIST], SWAP)
    trace = traced(ledger, theft_of(HEIST))
    result = replace(toy_result(), trace=trace, transfers=tuple(ledger))
    first, then = accounted(replace(result, incident=replace(result.incident, thefts=trace.thefts)))
    assert {line.group: set(line.taint.values()) for line in first.lines}[EXCHANGED] == {1, 3}
    assert (then.became, then.theft.asset, then.theft.units) == (True, USDC, 33)


def test_a_deal_between_followed_addresses_is_two_payments() -> None:
    """Where both sides are followed nothing has to be inferred: each holds what the ledger says it got."""
    sold = deal("sold", 3, (MALLORY, IDA, 3, ETH), (IDA, MALLORY, 100, USDC))
    found = flow(theft_of(HEIST), Rule.FIFO, list(laid([HEIST, OWN], sold)), followed={MALLORY, IDA})
    assert (found.resting(IDA), found.resting(MALLORY, USDC)) == (1, 0)


@pytest.mark.parametrize(
    "moves",
    [
        ((MALLORY, POOL, 3, ETH), (POOL, MALLORY, 9, USDC), (POOL, MALLORY, 9, DAI)),
        ((MALLORY, POOL, 3, ETH), (MALLORY, POOL, 9, USDC), (POOL, MALLORY, 9, DAI)),
        ((MALLORY, POOL, 3, ETH), (POOL, IDA, 9, USDC)),
    ],
    ids=["two come", "two go", "another gets it"],
)
def test_what_is_no_swap_is_a_payment(moves: tuple[Move, ...]) -> None:
    """Several assets on one side have no one price: the stolen coin is followed to whom it was paid."""
    trace = traced(laid([OWN, HEIST], deal("odd", 3, *moves), known=(MALLORY,)), theft_of(HEIST))
    assert resting(trace, ETH)[POOL][Rule.PRO_RATA] == 1
    assert all(stop.asset == ETH for stop in trace.stops)


def test_what_has_no_one_price_is_said() -> None:
    """Liquidity of two assets, a basket: the report names what was given and got, and what it makes of it."""
    moves = (MALLORY, POOL, 3, ETH), (POOL, MALLORY, 9, USDC), (POOL, MALLORY, 9, DAI)
    trace = traced(laid([OWN, HEIST], deal("odd", 3, *moves), known=(MALLORY,)), theft_of(HEIST))
    (gap,) = (gap for gap in trace.gaps if gap.kind is GapKind.SWAP)
    assert "no one price divides them" in gap.what
    assert gap.address == MALLORY


SOLVER = who("solver")


@pytest.mark.parametrize("kind", ["solver", "safe"])
def test_whoever_sends_it_the_trader_is_in_the_logs(kind: str) -> None:
    """CoW, UniswapX, 1inch Fusion: a solver settles; a Safe: its owner sends. The net is the trader's."""
    settled = deal(
        "settled", 3,
        (MALLORY, ROUTER, 3, ETH), (ROUTER, POOL, 3, ETH), (POOL, ROUTER, 100, USDC),
        (ROUTER, MALLORY, 100, USDC), (CAROL, ROUTER, 7, DAI), (ROUTER, CAROL, 9, ETH),
        sender=SOLVER if kind == "solver" else CAROL,
    )  # fmt: skip
    trace = traced(laid([OWN, HEIST], settled), theft_of(HEIST))
    assert set(resting(trace, ETH)) == set()
    assert resting(trace, USDC)[MALLORY] == dict.fromkeys(CONSERVING, 33) | {Rule.POISON: 100}


def test_what_a_pool_gives_for_liquidity_carries_on() -> None:
    """A receipt token (of a lending market, of a vault) carries the fraction of what was put in, and back."""
    share = Asset.token(who("share"), "aETH", 18)
    put = deal("put", 3, (MALLORY, POOL, 3, ETH), (POOL, MALLORY, 50, share))
    back = deal("back", 4, (MALLORY, POOL, 50, share), (POOL, MALLORY, 6, ETH))
    trace = traced(laid([OWN, HEIST], put, back), theft_of(HEIST))
    assert resting(trace, ETH)[MALLORY][Rule.PRO_RATA] == 2
    assert set(resting(trace, share)) == set()


def test_a_wrap_is_one_to_one() -> None:
    """Coin for its token and back: every unit of the theft is there again."""
    weth = Asset.token(who("weth"), "WETH", 18)
    put = deal("put", 3, (MALLORY, POOL, 3, ETH), (POOL, MALLORY, 3, weth))
    trace = traced(laid([OWN, HEIST], put), theft_of(HEIST))
    assert {resting(trace, weth)[MALLORY][rule] for rule in CONSERVING} == {1}


def test_two_thefts_keep_apart_through_a_swap() -> None:
    """Each theft has of what was bought what it had of what was sold, to the unit."""
    second = Pay("second", JON, MALLORY, 5, gas=0)
    both = (theft_of(HEIST), theft_of(second))
    ledger = laid([HEIST, second], deal("swap", 3, (MALLORY, POOL, 6, ETH), (POOL, MALLORY, 100, USDC)))
    trace = account(follow(ledger, both, policy=Policy()), ledger)
    for rule in CONSERVING:
        each = {stop.theft: stop.taint[rule] for stop in trace.stops if stop.asset == USDC}
        assert each == {"heist": 17, "second": 83}


@given(way=lives())
def test_every_table_closes(way: list[Transfer]) -> None:
    """Conservation per asset: stolen and bought are what rests, was sold, and went for fees; to the unit."""
    heist = next(t for t in way if t.kind is Kind.VALUE)
    theft = Theft("heist", ETH, heist.amount.units, heist.id, ALICE, MALLORY)
    ledger = Ledger(way, [record_of(a) for a in (MALLORY, IDA)])
    trace = traced(ledger, theft)
    assert all(one.balances for one in trace.accounts)
    assert all(one.clean == 0 for one in trace.accounts if one.rule is not Rule.POISON)
    for stop in trace.stops:
        assert stop.address != POOL or stop.reason is StopReason.NO_DATA
    tracer = Tracer([theft], nowhere, Policy())
    tracer.add(MALLORY, way)
    for rule in ACCOUNT_RULES:
        found = tracer.flow(theft, rule)
        for name, units in found.legs.items():
            legs = tracer.transfers[name].outputs
            assert all(0 <= part <= leg.units for part, leg in zip(units, legs, strict=False)), rule


def test_what_was_bought_has_gaps_too() -> None:
    """An address that spends more of what it bought than the record gave it is listed for that asset."""
    over = deal("over", 4, (MALLORY, IDA, 150, USDC))
    trace = traced(laid([OWN, HEIST], SWAP, over, known=(MALLORY,)), theft_of(HEIST))
    gaps = [gap.amount for gap in trace.gaps if gap.kind is GapKind.UNRECORDED]
    assert [(gap.asset, gap.units) for gap in gaps if gap] == [(USDC, 50)]


def test_a_link_carries_the_fraction_to_another_ledger() -> None:
    """The hook for crossings: what a link joins is carried over to the other ledger and followed there."""
    chain = Chain.of("base")
    coin = Asset.native(chain)
    there, further = Address(chain.id, MALLORY.account), Address(chain.id, IDA.account)
    gave = deal("gave", 3, (MALLORY, POOL, 3, ETH))
    got = moved_to(chain, deal("got", 1, (ROUTER, MALLORY, 200, ETH)))
    on = moved_to(chain, deal("on", 2, (MALLORY, IDA, 200, ETH)))
    link = Link((gave[1].id, 0), (got[1].id, 0), Class.C, "bridge/1")
    way = [*laid([OWN, HEIST]), *gave, *got, *on]
    tracer = Tracer([theft_of(HEIST)], nowhere, Policy(), links=(link,))
    for address in (MALLORY, there, further):
        tracer.add(address, way)
    for rule in CONSERVING:
        found = tracer.flow(theft_of(HEIST), rule)
        assert (found.resting(POOL), found.resting(further, coin)) == (0, 67), rule
    steps = [[s.transfer.tx for s in one.steps] for one in explain(tracer, further, Rule.FIFO)]
    assert steps == [["heist", "gave", "got", "on"]]
    shares = [[s.part for s in one.steps] for one in explain(tracer, further, Rule.PRO_RATA)]
    assert sorted(shares[0]) == [1, 1, 67, 67]


def test_a_receipt_waits_for_its_payment() -> None:
    """Ledgers share no clock: each keeps its own order, and only a link says what came before what."""
    far = [*deal("a", 1, (MALLORY, POOL, 1, ETH)), *deal("b", 2, (POOL, IDA, 1, ETH))]
    base = moved_to(Chain.of("base"), far)
    ours = [*deal("c", 1, (CAROL, IDA, 1, ETH)), *deal("d", 2, (ROUTER, IDA, 1, ETH))]
    found = woven([*ours, *base], {ours[3].id: base[1].id})
    assert found.index(base[1]) < found.index(ours[3])
    assert [t for t in found if t in ours] == ours
    assert [t for t in found if t in base] == base


def test_links_in_a_ring_end() -> None:
    """Links that each say the other came first cannot both be right; the run ends, and nothing is lost."""
    one, two = deal("one", 3, (MALLORY, POOL, 3, ETH)), deal("two", 4, (POOL, MALLORY, 5, USDC))
    pair = (one[1].id, 0), (two[1].id, 0)
    links = (Link(*pair[::-1], Class.C, "a/1"), Link(*pair, Class.C, "b/1"))
    tracer = Tracer([theft_of(HEIST)], nowhere, Policy(), links=links)
    tracer.add(MALLORY, [*laid([OWN, HEIST]), *one, *two])
    book = tracer.flow(theft_of(HEIST), Rule.FIFO).book
    assert book.stolen == book.sold + book.resting + book.fees


def moved_to(chain: Chain, transfers: list[Transfer]) -> list[Transfer]:
    """Return Ethereum transfers as another chain's."""
    coin = Asset.native(chain)

    def leg(one: Leg) -> Leg:
        return Leg(one.address and Address(chain.id, one.address.account), coin, one.units)

    return [
        replace(t, chain_id=chain.id, inputs=tuple(map(leg, t.inputs)), outputs=tuple(map(leg, t.outputs)))
        for t in transfers
    ]


def test_every_swap_taken_for_one_is_listed() -> None:
    """A contract may forward a coin and hand out a worthless token: so what was taken for a swap is said."""
    trace = traced(laid([OWN, HEIST], SWAP), theft_of(HEIST))
    (gap,) = (gap for gap in trace.gaps if gap.kind is GapKind.SWAP)
    assert gap.address == MALLORY
    assert "and got 0.0001 USDC in transaction swap: taken for a swap" in gap.what
    clean = deal("clean", 3, (IDA, POOL, 3, ETH), (POOL, IDA, 100, USDC), sender=IDA)
    assert all(g.kind is not GapKind.SWAP for g in traced(laid([HEIST], clean), theft_of(HEIST)).gaps)


def test_a_swap_told_as_one_net_transfer() -> None:
    """Where a transaction's moves are told as what remains of them, the same swap is seen in it."""
    fee = deal("net", 3)[0]
    net = replace(
        fee, position="net", order=9, kind=Kind.NET,
        inputs=(Leg(MALLORY, ETH, 3), Leg(POOL, USDC, 100)),
        outputs=(Leg(POOL, ETH, 3), Leg(MALLORY, USDC, 100)),
    )  # fmt: skip
    trace = traced(Ledger([*laid([OWN, HEIST]), fee, net], laid([]).coverage), theft_of(HEIST))
    assert resting(trace, USDC)[MALLORY] == dict.fromkeys(CONSERVING, 33) | {Rule.POISON: 100}
    assert [(h.leg, h.taint[Rule.FIFO], h.target) for h in trace.hops[1:]] == [(0, 1, POOL), (1, 33, MALLORY)]
