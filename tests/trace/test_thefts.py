"""Several thefts in toytown, and what becomes of each: kept apart, accounted for, with its class."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.ledger import Ledger
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Class,
    GapKind,
    Opening,
    RoleName,
    Rule,
    Scope,
    Theft,
    Trace,
)
from flowtrace.trace import Policy, Tracer
from strategies import PEOPLE, histories
from toytown import (
    ACME,
    ALICE,
    BOLT,
    ETH,
    GAS,
    IDA,
    JON,
    MALLORY,
    ONE,
    PAID,
    REGISTER,
    RITA,
    SAM,
    SWIRL,
    THEFT,
    TOKEN_THEFT,
    USDC,
    EndOf,
    Pay,
    account,
    end_of,
    follow,
    ledger_of,
    record_of,
    theft_of,
    who,
    world,
)
from trace_toytown import CONSERVING, resting, stop_at, worked


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Trace toytown."""
    return worked(world())


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
