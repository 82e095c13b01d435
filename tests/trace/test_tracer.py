"""The asking tracer in toytown: what it asks for, where and why it stops, and that nothing gets lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Entity,
    Rule,
    Scope,
    StopReason,
    Trace,
)
from flowtrace.trace import Policy, Tracer
from toytown import (
    ACME,
    ACME_DEPOSIT,
    ALICE,
    BOLT,
    BOLT_DEPOSIT,
    CAROL,
    DEX,
    DOT,
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
    Pay,
    account,
    end_of,
    follow,
    ledger_of,
    theft_of,
    transfers,
    who,
    world,
)
from trace_toytown import BOTH, Shuffle, findings, resting, stop_at, worked


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Trace toytown."""
    return worked(world())


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
