"""Invented moves for the benchmarks: a network that grows, many small parcels, and transactions of coins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flowtrace.kernel import Groups, Moves

Ints = NDArray[np.int64]
LABELS = 10
NEW, LATELY, FROM_OUTSIDE, WHOLE = 0.65, 0.8, 0.05, 0.3  # shares of the moves
DENSE, CROWDED = 0.02, 0.05  # shares of thefts
LOOSE = 1000  # coins that lie about before any is spent


def network(rows: int, *, dense: bool, shuffled: bool = True) -> tuple[Moves, NDArray[np.int32], int]:
    """Return moves (thefts of one label), the same thefts under ten labels, and the number of places.

    Two thirds pay somebody new, the rest go to the known with a heavy tail. Four in five payers received
    lately, and pass on all or a part of that. Dense: a theft is one move in fifty; sparse: ten moves in all.
    """
    chance, row = np.random.default_rng(rows), np.arange(rows)
    new = chance.random(rows) < NEW
    count = np.cumsum(new)
    target = np.where(new, count - 1, count * chance.random(rows) ** 4).astype(np.int32)
    target[0] = 0
    earlier = row - 1 - chance.exponential(min(2000, rows / 10), rows).astype(np.int64)
    recent = (chance.random(rows) < LATELY) & (earlier >= 0)
    source = np.where(recent, target[np.maximum(earlier, 0)], count * chance.random(rows) ** 3).astype(
        np.int32
    )
    source[chance.random(rows) < FROM_OUTSIDE] = -1
    halvings = np.where(recent & (chance.random(rows) > WHOLE), chance.integers(1, 5, rows), 0)
    units = _amounts(np.where(recent, earlier, row), halvings, chance)
    hit = chance.random(rows) < DENSE if dense else np.isin(row, chance.integers(0, rows // 2, 10))
    labels = np.where(hit, chance.integers(0, LABELS, rows), -1).astype(np.int32)
    places = int(count[-1]) + 1
    if shuffled:  # a place's number says nothing of when it was first met
        number = np.append(chance.permutation(places), -1).astype(np.int32)
        source, target = number[source], number[target]
    return Moves.of(source, target, units, theft=np.minimum(labels, 0)), labels, places


def _amounts(root: Ints, halvings: Ints, chance: np.random.Generator) -> NDArray[np.uint64]:
    """Return amounts of 64 to 90 bits: of each row what its root had, halved as often as said on the way."""
    while not np.array_equal(further := root[root], root):
        halvings, root = halvings + halvings[root], further
    rows = len(root)
    high = (2.0 ** (chance.random(rows) * 26)).astype(np.uint64)[root]
    low = chance.integers(1, 1 << 63, rows).astype(np.uint64)[root]
    shift = np.minimum(halvings, 63).astype(np.uint64)
    carried = np.where(shift == 0, 0, high << (np.uint64(64) - np.maximum(shift, 1)))
    return np.ascontiguousarray(np.stack([low >> shift | carried, high >> shift], 1))


def many_lots(rows: int, accounts: int = 1000) -> tuple[Moves, int]:
    """Return few accounts that pay small parts all the time: queues of very many parcels."""
    chance = np.random.default_rng(rows)
    ends = chance.integers(0, accounts, (2, rows)).astype(np.int32)
    ends[0, : accounts * 2] = -1
    units = np.zeros((rows, 2), np.uint64)
    units[:, 0] = chance.integers(1, 1 << 40, rows)
    units[: accounts * 2, 0] <<= np.uint64(12)
    theft = np.where(chance.random(rows) < CROWDED, 0, -1).astype(np.int32)
    return Moves.of(ends[0], ends[1], units, theft=theft), accounts


def coins(legs: int) -> tuple[Groups, int, int]:
    """Return transactions that spend earlier coins, the number of coins, and how many legs there are.

    Each spends one to three coins that lie about, and makes two and a fee; one in a hundred is a theft.
    """
    chance = np.random.default_rng(legs)
    count = legs // 5
    spent, parts = (
        chance.integers(1, 4, count).tolist(),
        (chance.random(count) * (1 << 20)).astype(int).tolist(),
    )
    picks = chance.random(3 * count).tolist()
    loose: list[tuple[int, int]] = []
    givers, given, takers, taken, in_ends, coin = [], [], [], [], [], 0
    for number in range(count):
        whole = 0
        for place in range(spent[number]):
            if len(loose) > LOOSE:
                at = int(picks[3 * number + place] * len(loose))
                loose[at], loose[-1] = loose[-1], loose[at]
                old, units = loose.pop()
            else:
                old, units, coin = coin, 5_000_000_000, coin + 1
            givers.append(old)
            given.append(units)
            whole += units
        fee = min(whole, 1000)
        first = (whole - fee) * parts[number] >> 20
        for units in (first, whole - fee - first):
            takers.append(coin)
            taken.append(units)
            loose.append((coin, units))
            coin += 1
        takers.append(-1)
        taken.append(fee)
        in_ends.append(len(givers))
    theft = np.full(3 * count, -1, np.int32)
    theft[::300] = 0
    ends = (np.array(in_ends, np.int64), 3 * np.arange(1, count + 1, dtype=np.int64))
    inputs = (ends[0], np.array(givers, np.int32), _narrow(given))
    outputs = (ends[1], np.array(takers, np.int32), _narrow(taken))
    return Groups.of(inputs, outputs, theft=theft), coin, len(givers) + len(takers)


def _narrow(units: list[int]) -> NDArray[np.uint64]:
    wide = np.zeros((len(units), 2), np.uint64)
    wide[:, 0] = units
    return wide
