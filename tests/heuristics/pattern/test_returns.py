"""Cycles and round trips: what comes back, whole enough, in chain order, to the same owner."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given

from flowtrace.ledger import Ledger
from flowtrace_heuristics.pattern.cycle import cycle
from flowtrace_heuristics.pattern.moves import Runs, moves_of
from flowtrace_heuristics.pattern.returns import MOST_BRANCHES, MOST_STEPS, Way, ways_back
from flowtrace_heuristics.pattern.round_trip import round_trip
from strategies import ledgers
from towns.pattern import MEN, loop
from towns.readings import figures, patterns
from towns.shaped import DAY, flow, paid
from toytown import who

ANY = Way(least_hops=2, most_hops=6, seconds=10 * DAY, percent=50)


@given(ledger=ledgers())
def test_a_way_back_is_in_chain_order_and_whole_enough(ledger: Ledger) -> None:
    """Pattern 4.3: "time-increasing path back to origin entity, amount retained >= 90 %"."""
    moves = moves_of(ledger)
    nobody, each = bytearray(len(ledger.addresses)), range(len(ledger.addresses))
    used: set[int] = set()
    for found in ways_back(moves, each, nobody, way=ANY):
        assert list(found) == sorted(found)
        assert 2 <= len(found) <= 6
        assert not used & set(found)
        used |= set(found)
        assert moves.target[found[-1]] == moves.source[found[0]]
        for one, later in pairwise(found):
            assert moves.target[one] == moves.source[later]
            assert moves.asset[one] == moves.asset[later]
            assert moves.units[later] <= moves.units[one]
        assert moves.units[found[-1]] * 100 >= moves.units[found[0]] * 50


@given(ledger=ledgers())
def test_who_is_paid_right_back_is_found(ledger: Ledger) -> None:
    """A pays B, and the next thing B does is to pay the same back: a way back, whatever else happens."""
    last = max((t.height for t in ledger), default=0) * 12 + 100
    more = [paid("there", "zoe", "yul", 77, at=last), paid("back", "yul", "zoe", 77, at=last + 12)]
    with_them = Ledger([*ledger, *more], ledger.coverage)
    moves = moves_of(with_them)
    nobody, each = bytearray(len(with_them.addresses)), range(len(with_them.addresses))
    assert (len(moves) - 2, len(moves) - 1) in set(ways_back(moves, each, nobody, way=ANY))


@pytest.mark.parametrize(
    ("units", "cycles", "trips"),
    [
        ([100, 95], 0, 1),
        ([100, 94], 0, 0),
        ([100, 100, 90], 1, 0),
        ([100, 100, 95], 1, 1),
        ([100, 100, 89], 0, 0),
        ([100] * 10, 1, 1),
        ([100] * 11, 0, 0),
        ([100, 101, 100], 0, 0),
    ],
)
def test_how_much_and_how_far(units: list[int], cycles: int, trips: int) -> None:
    """Patterns 4.3 and 4.7: 90 % and at most 10 hops; a net loss of at most 5 %; never more than came."""
    ledger = loop(*units)
    assert len(patterns(cycle, ledger)) == cycles
    assert len(patterns(round_trip, ledger)) == trips


def test_no_start_looks_at_more_than_so_many_payments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all pay all, a search that counted only what fits would look at sixteen times as many."""
    men = [f"man {n}" for n in range(20)]
    pairs = [(one, other) for one in men for other in men if one != other] * 3
    units = [1000 if n % 5 == 0 else 10**6 + n for n in range(len(pairs))]
    ledger = flow([paid(f"tx{n}", *pair, units[n], at=n) for n, pair in enumerate(pairs)])
    moves, looked = moves_of(ledger), [0]
    after = Runs.after

    def counted(*words: int) -> Iterator[int]:
        for one in after(moves.sent, *words):
            looked[0] += 1
            yield one

    monkeypatch.setattr(Runs, "after", lambda _, *words: counted(*words))
    nobody, each = bytearray(len(ledger.addresses)), range(len(ledger.addresses))
    list(ways_back(moves, each, nobody, way=ANY))
    small = sum(one == 1000 for one in moves.units)  # what is larger grows, so that nothing carries it on
    assert looked[0] <= small * MOST_STEPS + (len(moves) - small) * MOST_BRANCHES + len(moves)


def test_a_month_is_the_window() -> None:
    """Pattern 4.7: "within 30 d"."""
    assert figures(round_trip, loop(100, 100, gap=30 * DAY), "seconds") == [str(30 * DAY)]
    assert not patterns(round_trip, loop(100, 100, gap=30 * DAY + 12))


def test_an_entity_is_one_owner_and_a_service_no_way() -> None:
    """Pattern 4.7: "returns to same entity", by its label; what goes through an exchange is not followed."""
    ways = [paid("out", "wallet one", "friend", 100), paid("back", "friend", "wallet two", 97, at=600)]
    assert not patterns(round_trip, flow(ways))
    found = patterns(round_trip, flow(ways), MEN)
    assert [(one.figure("units_lost"), one.addresses[-1]) for one in found] == [("3", who("wallet two"))]
    through = [paid("in", "ann", "acme hot", 100), paid("out", "acme hot", "ann", 99, at=600)]
    assert patterns(round_trip, flow(through))
    assert not patterns(round_trip, flow(through), MEN)


def test_a_hub_on_the_way_ends_the_search() -> None:
    """The bound of the card: sixteen payments of a hub are looked at, the seventeenth is not."""
    for others, there in ((15, True), (16, False)):
        crowd = [paid(f"x{n}", "hub", f"guest {n}", 100, at=24 + n * 12) for n in range(others)]
        ways = [paid("out", "ann", "hub", 100), *crowd, paid("back", "hub", "ann", 100, at=9_000)]
        assert bool(patterns(round_trip, flow(ways))) is there
