"""The account rules: vectors A1 and L1, and the laws that hold on networks of moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.kernel.purse import purse
from flowtrace.model import ACCOUNT_RULES, Rule
from kernel.oracle import Move
from kernel.purses import Purses
from strategies import PLACES, accounts, networks

CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)
BETWEEN = (Rule.FIFO, Rule.LIFO, Rule.PRO_RATA)
Event = tuple[int, int]


def money(source: str | None, target: str | None, units: int) -> Move:
    """Return a move of the one asset these tests know."""
    return Move(source, target, "coin", units)


def stolen(target: str, units: int) -> Move:
    """Return a theft that arrives at a place."""
    return Move(None, target, "coin", units, stolen=True)


def taints(rule: Rule, moves: Sequence[Move]) -> list[int]:
    """Return the tainted units of each move."""
    purses = Purses(rule)
    return [purses.apply(move) for move in moves]


def outflows(rule: Rule, life: Sequence[Event]) -> list[int]:
    """Return the cumulative tainted outflow of one account after each event of its life."""
    purses, sums = Purses(rule), [0]
    for units, tainted in life:
        if tainted < 0:
            out = purses.apply(money("a", None, units))
        else:
            purses.apply(stolen("a", tainted))
            purses.apply(money(None, "a", units - tainted))
            out = 0
        sums.append(sums[-1] + out)
    return sums


@pytest.mark.parametrize(
    ("rule", "paid", "left"),
    [
        (Rule.PRO_RATA, [40, 32, 28], 0),
        (Rule.FIFO, [0, 70, 30], 0),
        (Rule.LIFO, [80, 20, 0], 0),
        (Rule.DIRTY_FIRST, [80, 20, 0], 0),
        (Rule.LIBR, [0, 20, 80], 0),
        (Rule.POISON, [80, 90, 80], 0),
    ],
)
def test_vector_a1(rule: Rule, paid: list[int], left: int) -> None:
    """Algorithms 3.2, vector A1: +100 clean, +100 dirty, -80, +50 clean, -90, -80, to different payees."""
    way = [
        money(None, "a", 100), stolen("a", 100), money("a", "w1", 80), money(None, "a", 50),
        money("a", "w2", 90), money("a", "w3", 80),
    ]  # fmt: skip
    purses = Purses(rule)
    tainted = [purses.apply(move) for move in way]
    assert [tainted[2], tainted[4], tainted[5]] == paid
    assert purses.held["a", "coin"].taint == left


def test_vector_l1() -> None:
    """Algorithms 3.2, vector L1 (LIBR dip): 70 leave tainted, and the claim stays 30 of a balance of 230."""
    purses = Purses(Rule.LIBR)
    for move in (money(None, "a", 50), stolen("a", 100)):
        purses.apply(move)
    assert purses.apply(money("a", None, 120)) == 70
    assert purses.held["a", "coin"] == (30, 30)
    purses.apply(money(None, "a", 200))
    assert purses.held["a", "coin"] == (230, 30)


@given(moves=networks())
def test_conserves_after_every_move(moves: list[Move]) -> None:
    """Taint held and taint gone are the stolen units (under poison, with what it adds), after every move."""
    for rule in ACCOUNT_RULES:
        purses, gone = Purses(rule), 0
        for move in moves:
            tainted = purses.apply(move)
            gone += tainted if move.target is None else 0
            held = sum(held.taint for held in purses.held.values())
            assert held + gone == purses.stolen + purses.clean, rule
            assert all(0 <= held.taint <= held.balance for held in purses.held.values()), rule
            assert 0 <= tainted <= move.units, rule
        assert rule is Rule.POISON or purses.clean == 0


@given(moves=networks())
def test_balances_know_nothing_of_taint(moves: list[Move]) -> None:
    """What came in, with the missing opening lots, is what is held and what left; under every rule alike."""
    came = sum(move.units for move in moves if move.source is None)
    left = sum(move.units for move in moves if move.target is None)
    missing = []
    for rule in ACCOUNT_RULES:
        purses = Purses(rule)
        for move in moves:
            purses.apply(move)
        missing.append(purses.missing)
        held = sum(held.balance for held in purses.held.values())
        assert came + sum(purses.missing.values()) == left + held, rule
    assert all(lots == missing[0] for lots in missing)


@given(moves=networks())
def test_deterministic(moves: list[Move]) -> None:
    """The same moves in the same order give the same taint, unit by unit."""
    for rule in ACCOUNT_RULES:
        assert taints(rule, moves) == taints(rule, moves), rule


@given(moves=networks())
def test_poison_bounds_every_move_of_every_rule(moves: list[Move]) -> None:
    """Algorithms 3.1: poison is an "upper bound", on networks too: no move carries more under any rule."""
    bound = taints(Rule.POISON, moves)
    for rule in CONSERVING:
        assert all(t <= most for t, most in zip(taints(rule, moves), bound, strict=True)), rule


@given(life=accounts())
def test_the_envelope_of_one_account(life: list[Event]) -> None:
    """Algorithms 8.6: "cumulative tainted outflow [...]: LIBR <= {FIFO, LIFO, pro rata} <= dirty-first".

    It holds after every event, and poison bounds all. Among the events are overspends, which a clean opening
    lot tops up.
    """
    low, high = outflows(Rule.LIBR, life), outflows(Rule.DIRTY_FIRST, life)
    poison = outflows(Rule.POISON, life)
    for rule in BETWEEN:
        for least, here, most, bound in zip(low, outflows(rule, life), high, poison, strict=True):
            assert least <= here <= most <= bound, rule


@given(moves=networks())
def test_the_envelope_at_every_account_of_a_network(moves: list[Move]) -> None:
    """Algorithms 8.6, at each account of a network: the envelope lies around what any rule brought it."""
    for rule in CONSERVING:
        for life, gone in _lives(rule, moves):
            low, high = outflows(Rule.LIBR, life), outflows(Rule.DIRTY_FIRST, life)
            assert all(least <= here <= most for least, here, most in zip(low, gone, high, strict=True))


def _lives(rule: Rule, moves: Sequence[Move]) -> Iterator[tuple[list[Event], list[int]]]:
    """Yield what a rule brought each place, and the cumulative tainted outflow it then had there."""
    tainted = taints(rule, moves)
    for place in PLACES:
        life: list[Event] = []
        gone = [0]
        for move, taint in zip(moves, tainted, strict=True):
            if place in (move.source, move.target):
                leaves = move.source == place
                life.append((move.units, -1 if leaves else taint))
                gone.append(gone[-1] + (taint if leaves else 0))
        yield life, gone


def test_the_envelope_is_no_law_down_a_network() -> None:
    """Who is paid stolen units depends on the rule, so further down LIBR may have most and dirty-first least.

    Out of clean and stolen units two payees are paid in turn. Dirty-first brings the stolen ones to the first
    and none to the second, LIBR the reverse; at the second the envelope stands upside down.
    """
    moves = [money(None, "a", 100), stolen("a", 100), money("a", "b", 100), money("a", "c", 100)]
    out = {rule: taints(rule, [*moves, money("c", None, 100)])[-1] for rule in CONSERVING}
    assert out[Rule.LIBR] == 100
    assert out[Rule.DIRTY_FIRST] == 0
    assert (out[Rule.FIFO], out[Rule.LIFO], out[Rule.PRO_RATA]) == (100, 0, 50)


@given(life=accounts())
def test_libr_never_revives(life: list[Event]) -> None:
    """Algorithms 3.2, Roscoe v Winder: "the claim never revives: t <= min over time of b after deposit"."""
    purses, least = Purses(Rule.LIBR), 0
    for units, tainted in life:
        if tainted < 0:
            purses.apply(money("a", None, units))
        else:
            purses.apply(stolen("a", tainted))
            purses.apply(money(None, "a", units - tainted))
            least += tainted
        held = purses.held["a", "coin"]
        least = min(least, held.balance)
        assert held.taint == least


@given(life=accounts())
def test_lots_sum_to_the_balance(life: list[Event]) -> None:
    """Algorithms 3.2: "FIFO/LIFO by queue of lots"; emptied at once or in parts, the queue is the balance."""
    for rule in (Rule.FIFO, Rule.LIFO):
        at_once, in_parts = purse(rule), purse(rule)
        for units, tainted in life:
            for held in (at_once, in_parts):
                if tainted < 0:
                    held.take(min(units, held.balance))
                else:
                    held.put(units, tainted, {0: tainted} if tainted else {})
        balance, taint = at_once.balance, at_once.taint
        assert at_once.take(balance)[0] == taint
        parts = [balance // 3, balance // 2 - balance // 3, balance - balance // 2]
        assert sum(in_parts.take(part)[0] for part in parts) == taint
        assert (at_once.balance, at_once.taint) == (in_parts.balance, in_parts.taint) == (0, 0)


@given(moves=networks(), factor=st.integers(1, 10**20))
def test_scales(moves: list[Move], factor: int) -> None:
    """A rule does not know wei from ether: k times the units give k times the taint (pro rata rounds)."""
    grown = [Move(m.source, m.target, m.asset, m.units * factor, stolen=m.stolen) for m in moves]
    for rule in (rule for rule in ACCOUNT_RULES if rule is not Rule.PRO_RATA):
        assert taints(rule, grown) == [factor * tainted for tainted in taints(rule, moves)], rule


@given(moves=networks(), others=networks())
def test_assets_do_not_meet(moves: list[Move], others: list[Move]) -> None:
    """Algorithms 3.2: "Account rules (per address AND per asset)"; another asset's moves change nothing."""
    apart = [Move(m.source, m.target, "other coin", m.units, stolen=m.stolen) for m in others]
    mixed = [move for pair in zip(apart, moves, strict=False) for move in pair]
    for rule in ACCOUNT_RULES:
        assert taints(rule, mixed)[1::2] == taints(rule, moves[: len(mixed) // 2]), rule


@given(moves=networks())
def test_a_move_of_nothing_changes_nothing(moves: list[Move]) -> None:
    """An empty transfer carries no taint and disturbs none."""
    mixed = [move for real in moves for move in (money("a", "b", 0), real)]
    for rule in ACCOUNT_RULES:
        assert taints(rule, mixed)[1::2] == taints(rule, moves), rule
        assert not any(taints(rule, mixed)[::2]), rule


def test_overspending_opens_a_clean_lot() -> None:
    """Algorithms 3.2: "if history is partial, seed the opening balance as a clean lot" and mark it."""
    for rule in CONSERVING:
        purses = Purses(rule)
        purses.apply(stolen("a", 10))
        assert purses.apply(money("a", None, 25)) == 10
        assert purses.missing == {("a", "coin"): 15}


@pytest.mark.parametrize("rule", ACCOUNT_RULES)
def test_a_theft_leaves_the_victim_poorer(rule: Rule) -> None:
    """The victim may be followed too: what was stolen is no longer theirs when some of it comes back."""
    purses = Purses(rule)
    purses.apply(money(None, "victim", 100))
    purses.apply(Move("victim", "thief", "coin", 60, stolen=True))
    purses.apply(money("thief", "victim", 10))
    held = purses.held["victim", "coin"]
    assert held.balance == 50
    assert held.taint == (50 if rule is Rule.POISON else 10)


@given(moves=networks())
def test_every_rule_begins_with_the_same_stolen_units(moves: list[Move]) -> None:
    """What was stolen is a fact of the record, not of a rule."""
    for rule in ACCOUNT_RULES:
        purses = Purses(rule)
        for move in moves:
            purses.apply(move)
        assert purses.stolen == sum(move.units for move in moves if move.stolen)
