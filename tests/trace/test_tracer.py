"""The asking tracer in toytown: what it asks for, where and why it stops, and that nothing gets lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.heuristic import load
from flowtrace.ledger import Ledger
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Class,
    Entity,
    Finding,
    GapKind,
    Opening,
    RoleName,
    Rule,
    Scope,
    Stop,
    StopReason,
    Theft,
    Trace,
)
from flowtrace.trace import Policy, Tracer
from strategies import PEOPLE, histories
from toytown import (
    ACME,
    ACME_DEPOSIT,
    ALICE,
    BOLT,
    BOLT_DEPOSIT,
    CAROL,
    DEX,
    DOT,
    ETH,
    GAS,
    IDA,
    JON,
    KIM,
    KNOWN,
    MALLORY,
    MINIMUM,
    NED,
    OLGA,
    ONE,
    PAID,
    REGISTER,
    RITA,
    SAM,
    SWIRL,
    SWIRL_MIXER,
    THEFT,
    TOKEN_THEFT,
    TOY_DEX,
    USDC,
    EndOf,
    Pay,
    account,
    end_of,
    follow,
    ledger_of,
    record_of,
    theft_of,
    transfers,
    who,
    world,
)

BOTH = (THEFT, TOKEN_THEFT)
CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)
Shuffle = Callable[[Sequence[Address]], Sequence[Address]]


def findings(ledger: Ledger) -> list[Finding]:
    """Return what the installed heuristics find in toytown."""
    return [finding for heuristic in load() for finding in heuristic(ledger, REGISTER)]


def worked(ledger: Ledger, thefts: Sequence[Theft] = BOTH, policy: Policy | None = None) -> Trace:
    """Trace a toytown ledger with the heuristics' findings."""
    found = findings(ledger)
    tracer = follow(ledger, thefts, ends=end_of(REGISTER, found), policy=policy)
    return account(tracer, ledger, found)


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Trace toytown."""
    return worked(world())


def stop_at(trace: Trace, address: Address, theft: str = "theft") -> Stop:
    """Return the stop of a theft at an address."""
    return next(stop for stop in trace.stops if (stop.address, stop.theft) == (address, theft))


def resting(trace: Trace, theft: str = "theft") -> dict[Rule, int]:
    """Return the taint at all resting places and in fees, per rule, less what poison adds."""
    fees = {a.rule: a.fees - a.clean for a in trace.accounts if a.theft.id == theft}
    stops = [stop for stop in trace.stops if stop.theft == theft]
    return {rule: fees[rule] + sum(stop.taint[rule] for stop in stops) for rule in trace.rules}


def test_it_asks_for_the_thief_first_and_then_best_first() -> None:
    """Design 2: `wanted()` asks; the largest tainted share of its theft comes first, whichever the asset."""
    ledger = world()
    tracer = Tracer(BOTH, end_of(REGISTER, findings(ledger)), Policy(MINIMUM))
    assert tracer.wanted() == [MALLORY]
    tracer.add(MALLORY, ledger.of(MALLORY))
    assert tracer.wanted() == [SAM, IDA, JON, RITA]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8, unique=True))
def test_a_larger_share_is_asked_for_earlier(amounts: list[int]) -> None:
    """Issue 2, part 8: "best-first by tainted value"; of many payees the best paid comes first."""
    theft = Pay("theft", ALICE, MALLORY, sum(amounts))
    split = [Pay(f"split-{n}", MALLORY, who(f"payee {n}"), n, gas=0) for n in amounts]
    tracer = Tracer([theft_of(theft)], lambda _: None, Policy())
    tracer.add(MALLORY, transfers([theft, *split]))
    assert tracer.wanted() == [who(f"payee {n}") for n in sorted(amounts, reverse=True)]


def test_every_seed_is_asked_for_before_anything_else() -> None:
    """With two thieves, one of whom has answered, the other is still wanted."""
    second = Pay("second", ALICE, IDA, ONE)
    tracer = Tracer([THEFT, theft_of(second)], lambda _: None, Policy())
    assert tracer.wanted() == sorted([MALLORY, IDA])
    tracer.add(MALLORY, transfers([PAID["theft"], PAID["split-2"]]))
    assert tracer.wanted() == [IDA]


def added(ledger: Ledger, shuffle: Shuffle) -> Trace:
    """Trace toytown, adding the answers of each batch in another order."""
    found = findings(ledger)
    tracer = Tracer(BOTH, end_of(REGISTER, found), Policy(MINIMUM))
    while wanted := tracer.wanted():
        for address in shuffle(wanted):
            tracer.add(address, ledger.of(address) if ledger.coverage_of(address) else None)
    return account(tracer, ledger, found)


@given(st.randoms(use_true_random=False))
def test_the_order_of_answers_changes_nothing(trace: Trace, chance: Random) -> None:
    """Design 1: "same case, same trace", in whatever order the answers of a batch arrive."""
    assert added(world(), lambda batch: chance.sample(batch, len(batch))) == trace


@given(st.permutations(range(400)))
def test_chain_order_decides_and_not_timestamps(trace: Trace, times: list[int]) -> None:
    """Algorithms 6.4: "Timestamps are never the sort key"; shuffled times leave the trace as it is."""
    ledger = world()
    mixed = [replace(t, time=time) for t, time in zip(ledger, times, strict=False)]
    other = worked(Ledger(mixed, ledger.coverage))
    hops = [(hop.row, hop.theft, hop.transfer.id, hop.depth, hop.taint) for hop in trace.hops]
    assert [(hop.row, hop.theft, hop.transfer.id, hop.depth, hop.taint) for hop in other.hops] == hops
    assert (other.stops, other.accounts, other.roles) == (trace.stops, trace.accounts, trace.roles)


def test_chain_order_decides_who_is_paid_with_stolen_units() -> None:
    """What is paid before the theft's block is clean, though its timestamp is later."""
    before = Pay("before", MALLORY, RITA, 50 * ONE, height=90)
    ledger = ledger_of([*PAID.values(), before], KNOWN)
    late = [replace(t, time=2_000_000_000) if t.tx == "before" else t for t in ledger]
    trace = worked(Ledger(late, ledger.coverage))
    assert before.id not in {hop.transfer.id for hop in trace.hops}


@pytest.mark.parametrize(
    ("address", "reason", "entity"),
    [
        (SWIRL, StopReason.MIXER, SWIRL_MIXER),
        (ACME_DEPOSIT, StopReason.DEPOSIT, ACME),
        (BOLT_DEPOSIT, StopReason.DEPOSIT, BOLT),
        (DEX, StopReason.SERVICE, TOY_DEX),
        (NED, StopReason.NO_DATA, None),
        (OLGA, StopReason.INCOMPLETE, None),
        (DOT, StopReason.MINIMUM, None),
        (RITA, StopReason.INCOMPLETE, None),
        (MALLORY, StopReason.AT_REST, None),
    ],
)
def test_every_stop_has_its_reason(
    trace: Trace, *, address: Address, reason: StopReason, entity: Entity | None
) -> None:
    """Issue 2, part 8: "every stop has a stated reason", and says whose address it is where that is known."""
    stop = stop_at(trace, address)
    assert (stop.reason, stop.entity) == (reason, entity)
    assert stop.basis


def test_a_token_rests_where_the_record_lacks_token_logs(trace: Trace) -> None:
    """A complete list of transactions says nothing of tokens: their record is incomplete, not "at rest"."""
    stop = stop_at(trace, SAM, "token-theft")
    assert stop.reason is StopReason.INCOMPLETE
    assert Scope.TOKEN.words in stop.basis
    assert set(stop.taint.values()) == {500_000 * 10**6}


def test_a_spent_budget_is_a_reason() -> None:
    """Issue 2, part 8: the trace stops at the budget, and the best of what it found was asked for."""
    trace = worked(world(), policy=Policy(MINIMUM, budget=3))
    assert trace.expanded == tuple(sorted((MALLORY, SAM, IDA)))
    assert stop_at(trace, JON).reason is StopReason.BUDGET
    assert set(resting(trace).values()) == {THEFT.units}


def test_a_tie_of_taint_is_asked_for_nearest_first() -> None:
    """Issue 4: the rank is "used to choose what to fetch next when taint alone ties"."""
    near = [Pay(f"near-{n}", MALLORY, who(f"near {n}"), 10 * ONE, gas=0) for n in range(9)]
    on = Pay("on", MALLORY, IDA, 90 * ONE, gas=0)
    far = [Pay(f"far-{n}", IDA, who(f"far {n}"), 10 * ONE, gas=0) for n in range(9)]
    ledger = ledger_of([PAID["theft"], *near, on, *far], [MALLORY, IDA])
    tracer = Tracer([THEFT], lambda _: None, Policy())
    for address in (MALLORY, IDA):
        tracer.add(address, ledger.of(address))
    assert set(tracer.wanted()) < {pay.target for pay in near}


def test_silence_spends_the_budget_too() -> None:
    """Policy.budget is "how many addresses to ask for at most", those without an answer among them."""
    split = [Pay(f"split-{n}", MALLORY, who(f"payee {n}"), 10 * ONE) for n in range(20)]
    ledger = ledger_of([PAID["theft"], *split], [MALLORY])
    asked: list[Address] = []
    tracer = Tracer([THEFT], lambda _: None, Policy(MINIMUM, budget=11))
    while wanted := tracer.wanted():
        asked += wanted
        for address in wanted:
            tracer.add(address, ledger.of(address) if address == MALLORY else None)
    assert len(asked) == 11


def test_a_known_service_is_named_below_the_minimum() -> None:
    """Crumbs that reach an exchange rest at the exchange: less than the minimum does not make it nobody's."""
    crumbs = Pay("crumbs-2", MALLORY, SWIRL, 5)
    stop = stop_at(worked(ledger_of([PAID["theft"], crumbs], [MALLORY]), [THEFT]), SWIRL)
    assert (stop.reason, stop.entity) == (StopReason.MIXER, SWIRL_MIXER)


def test_the_money_is_accounted_for_under_every_rule(trace: Trace) -> None:
    """Issue 2, acceptance: "sum of taint over all resting places and fees equals the stolen amount"."""
    assert trace.rules == ACCOUNT_RULES
    assert set(resting(trace).values()) == {THEFT.units}
    assert set(resting(trace, "token-theft").values()) == {TOKEN_THEFT.units}
    assert all(stop.taint[Rule.FIFO] <= stop.received for stop in trace.stops)


def test_what_a_mixer_got_depends_on_the_rule(trace: Trace) -> None:
    """By hand: of 1,100 ETH, 100 of them clean, 600 went to ida, who paid 300 into the mixer in three parts.

    Under LIBR mallory paid her the clean 100 first, less the gas of split-1, and they left first: one gas for
    the first part, then into it. What lacks to fill it, 2 gas, and the other two parts are stolen.
    """
    taint = stop_at(trace, SWIRL).taint
    assert taint[Rule.POISON] == taint[Rule.LIFO] == taint[Rule.FIFO] == taint[Rule.DIRTY_FIRST] == 300 * ONE
    assert taint[Rule.LIBR] == 200 * ONE + 2 * GAS
    assert abs(11 * taint[Rule.PRO_RATA] - 10 * 300 * ONE) < 11 * 3


def test_a_failed_transaction_moves_its_fee_and_nothing_else(trace: Trace) -> None:
    """Algorithms 6.2: "failed transactions move gas only"."""
    failed = PAID["failed-1"]
    assert failed.id not in {hop.transfer.id for hop in trace.hops}
    assert KIM not in {stop.address for stop in trace.stops}
    tracer = follow(world(), [THEFT], ends=end_of(REGISTER))
    legs = tracer.flow(THEFT, Rule.DIRTY_FIRST).legs
    assert legs[failed.fee_id] == [GAS]
    assert failed.id not in legs


@pytest.mark.parametrize(
    ("rule", "tainted"),
    [
        (Rule.POISON, 10),
        (Rule.PRO_RATA, 4),
        (Rule.FIFO, 0),
        (Rule.LIFO, 10),
        (Rule.DIRTY_FIRST, 10),
        (Rule.LIBR, 0),
    ],
)
def test_gas_is_a_leg_of_its_own_and_tainted_by_the_rule(rule: Rule, tainted: int) -> None:
    """Algorithms 6.2: "gas is a separate native-asset withdrawal of tx.from [...] before value transfers"."""
    own = Pay("own", CAROL, MALLORY, 60)
    theft = Pay("theft", ALICE, MALLORY, 40)
    split = Pay("split", MALLORY, IDA, 50, gas=10)
    flow = follow(ledger_of([own, theft, split], [MALLORY]), [theft_of(theft)]).flow(theft_of(theft), rule)
    assert flow.legs[split.fee_id] == [flow.book.fees] == [tainted]


def test_the_gas_of_a_token_transfer_is_paid_in_the_coin(trace: Trace) -> None:
    """A token's theft pays no gas: gas is the coin's, so no fee appears in the token's account."""
    assert {a.fees for a in trace.accounts if a.theft == TOKEN_THEFT} == {0}


def test_money_that_returns_to_the_thief_ends() -> None:
    """A ring of payments is followed once round: every address is asked for once, and the sum stays."""
    ring = [MALLORY, IDA, JON, MALLORY, IDA, JON, MALLORY]
    steps = [Pay(f"step-{n}", *pair, 900 * ONE) for n, pair in enumerate(pairwise(ring))]
    ledger = ledger_of([PAID["theft"], *steps], [MALLORY, IDA, JON])
    trace = worked(ledger, [THEFT])
    assert trace.expanded == tuple(sorted((MALLORY, IDA, JON)))
    assert [hop.depth for hop in trace.hops] == [0, 1, 2, 3, 1, 2, 3]
    assert set(resting(trace).values()) == {THEFT.units}


def test_money_that_returns_to_the_victim_leaves_the_victim_poorer() -> None:
    """A victim who is paid back holds what is left of their own and what came back, no more."""
    steps = [Pay("wages", CAROL, ALICE, 1_500 * ONE), PAID["theft"], Pay("back", MALLORY, ALICE, 200 * ONE)]
    tracer = follow(ledger_of(steps, [MALLORY, ALICE]), [THEFT])
    flow = tracer.flow(THEFT, Rule.DIRTY_FIRST)
    assert (flow.balance(ALICE), flow.resting(ALICE)) == (700 * ONE - GAS, 200 * ONE)


def test_a_payment_to_oneself_changes_nothing(trace: Trace) -> None:
    """Nothing moves: neither the order of the lots nor any taint, gas apart, and gas is nothing here."""
    selves = [Pay(f"self-{n}", IDA, IDA, 77 * ONE, gas=0, height=104 + 3 * n) for n in range(9)]
    ledger = world()
    other = worked(Ledger([*ledger, *transfers(selves)], ledger.coverage))
    assert [(h.transfer.id, h.taint) for h in other.hops] == [(h.transfer.id, h.taint) for h in trace.hops]
    assert other.stops == trace.stops


def test_two_thefts_keep_apart(trace: Trace) -> None:
    """Each theft keeps its own taint: coin and token have their own hops, stops and accounts."""
    for hop in trace.hops:
        assert hop.transfer.amount.asset == (ETH if hop.theft == "theft" else USDC)
    assert {stop.asset for stop in trace.stops if stop.theft == "token-theft"} == {USDC}
    assert len(trace.accounts) == 2 * len(ACCOUNT_RULES)


def test_two_thefts_of_one_asset_keep_apart() -> None:
    """Issue 4: "commingled proceeds of two hacks are told apart under FIFO/LIFO and split exactly".

    Both accounts close, no unit is claimed twice, and FIFO and LIFO say of each what they say of it alone.
    """
    bob = who("bob")
    one, two = PAID["theft"], Pay("theft-2", bob, MALLORY, 500 * ONE)
    both = (theft_of(one), theft_of(two))
    steps = [
        one,
        two,
        Pay("split-1", MALLORY, IDA, 1_000 * ONE, gas=0),
        Pay("split-2", MALLORY, JON, 450 * ONE),
    ]
    ledger = ledger_of(steps, [MALLORY, IDA, JON])
    trace = worked(ledger, both)
    assert stop_at(trace, IDA).taint[Rule.FIFO] == 1_000 * ONE
    assert stop_at(trace, IDA, "theft-2").taint[Rule.LIFO] == 500 * ONE
    assert stop_at(trace, JON, "theft-2").taint[Rule.FIFO] == 450 * ONE
    for theft in both:
        assert set(resting(trace, theft.id).values()) == {theft.units}
        alone = {(s.theft, s.address): s.taint for s in worked(ledger, [theft]).stops}
        for stop in (s for s in trace.stops if s.theft == theft.id):
            for rule in (Rule.FIFO, Rule.LIFO):
                assert stop.taint[rule] == alone[theft.id, stop.address][rule]
    for address in (IDA, JON, MALLORY):
        held = [s for s in trace.stops if s.address == address]
        fees = GAS if address == MALLORY else 0
        assert all(sum(s.taint[rule] for s in held) <= held[0].received + fees for rule in CONSERVING)
    pro_rata = [stop_at(trace, IDA, theft.id).taint[Rule.PRO_RATA] for theft in both]
    assert sum(pro_rata) == 1_000 * ONE
    assert abs(3 * pro_rata[0] - 2_000 * ONE) < 3
    thief = trace.role_of(MALLORY)
    assert thief is not None
    assert thief.because == (one.id, two.id)


@pytest.mark.parametrize(("opening", "tainted"), [(0, 60), (50, 10)])
def test_an_opening_balance_is_a_clean_lot_before_all(opening: int, tainted: int) -> None:
    """Algorithms 3.2: "seed the opening balance as a clean lot and mark `opening_balance_source`"."""
    heist, paid = Pay("heist", ALICE, MALLORY, 100), Pay("paid", MALLORY, IDA, 60, gas=0)
    ledger = ledger_of([heist, paid], [MALLORY, IDA])
    held = Opening(MALLORY, ETH, opening, "balance at block 99 by an archive node")
    tracer = follow(ledger, [theft_of(heist)], policy=Policy(openings=(held,) if opening else ()))
    trace = account(tracer, ledger)
    assert stop_at(trace, IDA, "heist").taint[Rule.FIFO] == tainted
    gaps = [gap for gap in trace.gaps if gap.kind is GapKind.OPENING]
    assert [gap.amount.units for gap in gaps if gap.amount] == ([opening] if opening else [])
    assert all("by balance at block 99 by an archive node" in gap.what for gap in gaps)


def test_what_a_later_theft_takes_is_its_own() -> None:
    """Stolen again, value is of the later theft; the first account says how much that was, and both close."""
    first, again = Pay("first", ALICE, MALLORY, 100, gas=0), Pay("again", MALLORY, IDA, 60, gas=0)
    ledger = ledger_of([first, again], [MALLORY, IDA])
    trace = account(follow(ledger, [theft_of(first), theft_of(again)]), ledger)
    for rule in CONSERVING:
        told = {a.theft.id: a for a in trace.accounts if a.rule is rule}
        assert (told["first"].overtaken, told["first"].resting) == (60, 40)
        assert (told["again"].overtaken, told["again"].resting) == (0, 60)


def test_two_thefts_of_one_name_are_refused() -> None:
    """An account is told by its theft's id, so two of one id would be mixed up."""
    with pytest.raises(InputError, match="two thefts are called 'theft'"):
        Tracer([THEFT, replace(TOKEN_THEFT, id="theft")], lambda _: None, Policy())


def test_a_theft_that_is_not_on_record_is_named() -> None:
    """Without the theft's own transfer there is nothing to trace, and the error says which one is missing."""
    ledger = ledger_of([PAID["split-1"]], [MALLORY])
    with pytest.raises(InputError, match=r"theft: transfer eip155:1:theft:value is not in the record"):
        account(follow(ledger, [THEFT]), ledger)


def test_a_thief_without_a_record_is_named() -> None:
    """No data of the thief means no theft on record."""
    ledger = ledger_of([], [])
    with pytest.raises(InputError, match=r"transfer eip155:1:theft:value is not in the record"):
        account(follow(ledger, [THEFT]), ledger)


@pytest.mark.parametrize(
    "stated",
    [
        replace(THEFT, units=THEFT.units + 1),
        replace(THEFT, asset=USDC),
        replace(THEFT, thief=IDA),
        replace(THEFT, victim=IDA),
    ],
    ids=["amount", "asset", "thief", "victim"],
)
def test_a_theft_stated_otherwise_is_refused(stated: Theft) -> None:
    """The record decides: another amount, asset or receiver than it shows is refused, and both are named."""
    ledger = world()
    tracer = Tracer([stated], lambda _: None, Policy())
    while wanted := tracer.wanted():
        for address in wanted:
            tracer.add(address, ledger.of(MALLORY))
    with pytest.raises(InputError, match=r"theft theft: the record shows 1000 ETH from .* to .*, not "):
        account(tracer, ledger)


def test_a_theft_in_a_failed_transaction_is_refused() -> None:
    """A failed transaction stole nothing."""
    ledger = ledger_of([replace(PAID["theft"], ok=False)], [MALLORY])
    with pytest.raises(InputError, match="in a failed transaction"):
        account(follow(ledger, [THEFT]), ledger)


def test_the_gaps_of_the_record_are_stated(trace: Trace) -> None:
    """Issue 2: "What the record cannot show (internal transfers, token logs) is listed as a gap"."""
    words = [gap.what for gap in trace.gaps]
    count = len(trace.expanded)
    assert f"internal transfers (coins sent by contracts) of {count} of the {count}" in words[0]
    assert f"token transfer logs of {count} of the {count}" in words[1]
    spent = next(gap for gap in trace.gaps if gap.address == SAM)
    assert spent.what.startswith("sent 150.0021 ETH more than the record shows")
    assert any("500000 USDC is decoded from the calldata" in what for what in words)


def test_what_a_scope_covers_is_no_gap() -> None:
    """Where every followed address has its internal transfers on record, they are not called missing."""
    ledger = ledger_of([PAID["theft"]], [MALLORY])
    whole = Ledger(ledger, [*ledger.coverage, record_of(MALLORY, scope=Scope.INTERNAL)])
    assert not any("internal" in gap.what for gap in worked(whole, [THEFT]).gaps)


def test_deposits_name_the_sweep_that_emptied_them(trace: Trace) -> None:
    """A freeze request begins at a deposit: each names its exchange and the next sweep into its wallet."""
    swept = {d.hop.transfer.tx: d.sweep.tx for d in trace.deposits if d.sweep is not None}
    assert swept == {
        "cash-in-1": "sweep-1", "cash-in-2": "sweep-2",
        "bolt-in-1": "consolidated-sweep", "bolt-in-2": "consolidated-sweep",
    }  # fmt: skip
    assert {d.entity for d in trace.deposits} == {ACME, BOLT}


def test_roles_of_the_world(trace: Trace) -> None:
    """Findings give roles first; who else passes stolen value on is an intermediary, with where to."""
    roles = {role.address: role for role in trace.roles}
    assert roles[MALLORY].role is RoleName.THEFT
    assert roles[MALLORY].because == (PAID["theft"].id, PAID["token-theft"].id)
    assert roles[IDA].role is RoleName.MIXER_DEPOSITOR
    assert roles[JON].role is RoleName.INTERMEDIARY
    assert roles[JON].detail == "passes value on towards an exchange"
    assert roles[SAM].role is RoleName.SWAPPER
    assert RITA not in roles


def test_the_worst_class_of_a_service_is_inferred(trace: Trace) -> None:
    """Design 4: whose address it is, is inferred (class P); that value rests there is recorded (class D)."""
    assert stop_at(trace, SWIRL).cls is Class.P
    assert stop_at(trace, RITA).cls is Class.D


def ends_at(*ended: Address) -> EndOf:
    """Tell that the trace ends at some of the people, as if each were a mixer."""
    entities = end_of(REGISTER)
    return lambda address: entities(SWIRL) if address in ended else None


@given(
    history=histories(),
    units=st.integers(1, 40) | st.integers(1, 1 << 200),
    known=st.sets(st.sampled_from(PEOPLE)),
    ended=st.sets(st.sampled_from(PEOPLE[1:])),
    budget=st.integers(1, 6),
)
def test_any_history_is_traced_to_the_unit(
    *, history: list[Pay], units: int, known: set[Address], ended: set[Address], budget: int
) -> None:
    """Issue 2, acceptance: for each rule the resting places and fees sum to the stolen amount, on any ledger.

    Every address is asked for at most once, never beyond the budget, and the trace ends.
    """
    theft = Pay("theft", ALICE, PEOPLE[0], units)
    middle = len(history) // 2
    ledger = ledger_of([*history[:middle], theft, *history[middle:]], known | {PEOPLE[0]})
    tracer = follow(ledger, [theft_of(theft)], ends=ends_at(*ended), policy=Policy(budget=budget))
    trace = account(tracer, ledger)
    assert set(resting(trace).values()) == {units}
    assert all(account.balances for account in trace.accounts)
    assert len(tracer.followed) == len(set(tracer.followed)) <= budget
    assert [hop.row for hop in trace.hops] == list(range(1, len(trace.hops) + 1))
    assert all(0 <= taint <= hop.transfer.amount.units for hop in trace.hops for taint in hop.taint.values())
