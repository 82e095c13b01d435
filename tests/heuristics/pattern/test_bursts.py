"""Bursts: found where a window holds enough parties, never overlapping, their figures what they hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace_heuristics.pattern.bursts import Bound, bursts
from flowtrace_heuristics.pattern.moves import Moves

RUNS = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 50), st.integers(0, 9)), max_size=25)


def moves_at(rows: list[tuple[int, int, int]]) -> Moves:
    """Return payments of one address: to whom, how much, how long after the one before."""
    moves, now = Moves(), 0
    for place, (party, units, later) in enumerate(rows):
        now += later
        moves.add(place, (99, party), (0, units), time=now)
    return moves


@given(RUNS)
def test_a_burst_is_found_where_a_window_holds_enough_parties(rows: list[tuple[int, int, int]]) -> None:
    """Pattern 4.2: "distinct payees in 24 h"; without a share asked for, every such window begins one."""
    moves, bound = moves_at(rows), Bound(seconds=10, parties=4, per_mille=0)
    run = range(len(moves))
    there = any(
        len({moves.target[k] for k in run if j >= k >= i}) >= 4
        for j in run
        for i in run
        if moves.time[j] - moves.time[i] <= 10
    )
    assert bool(list(bursts(moves, run, moves.target, bound=bound))) is there


@given(RUNS, st.integers(0, 400))
def test_a_burst_is_what_it_says(rows: list[tuple[int, int, int]], per_mille: int) -> None:
    """Each is a stretch of the run within the window, apart from the others; its parties have their share."""
    moves, bound = moves_at(rows), Bound(seconds=10, parties=3, per_mille=per_mille)
    found = list(bursts(moves, range(len(moves)), moves.target, bound=bound))
    held = [n for burst in found for n in burst.moves]
    assert held == sorted(set(held))
    for burst in found:
        assert list(burst.moves) == list(range(burst.moves[0], burst.moves[-1] + 1))
        assert moves.time[burst.moves[-1]] - moves.time[burst.moves[0]] <= 10
        sums: dict[int, int] = {}
        for n in burst.moves:
            sums[moves.target[n]] = sums.get(moves.target[n], 0) + moves.units[n]
        assert burst.units == sum(sums.values())
        assert burst.parties == sum(units * 1000 >= burst.units * per_mille for units in sums.values()) >= 3
