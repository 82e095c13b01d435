"""Follow a theft through columns to where it ends, under every rule: a tracer's work, on a ledger at hand.

Written apart from the tracer, for the tests and benchmarks to hold it against. Where the whole ledger is at
hand, one pass of poison says which rows can matter at all; on those few the rest is quick.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from flowtrace.errors import InputError
from flowtrace.kernel.checks import BEFORE_ALL, check_moves
from flowtrace.kernel.columns import OUTSIDE, Moves, Units, Wide, column
from flowtrace.kernel.engine import Engine
from flowtrace.model import ACCOUNT_RULES, Rule

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)


@dataclass(frozen=True, slots=True)
class Trail:
    """What a theft went through.

    Attributes
    ----------
    followed
        Places whose own payments were followed, rising.
    rows
        Moves that carry stolen units under any rule, rising.
    taint
        Under each rule the tainted units of each of those rows.
    """

    followed: tuple[int, ...]
    rows: tuple[int, ...]
    taint: Mapping[Rule, tuple[int, ...]]


def follow(moves: Moves, places: int, *, ends: Collection[int] = (), minimum: int = 1) -> Trail:
    """Follow what is stolen from place to place until it ends.

    Parameters
    ----------
    moves
        All that is on record, in chain order. Where the theft arrives is followed in any case.
    ends
        Places at which a trace ends: what they pay is somebody else's.
    minimum
        How many stolen units, under any rule that conserves, make a place worth following. Poison decides
        nothing: it would follow everyone the thief ever paid.

    Examples
    --------
    >>> moves = Moves.of([-1, 0, 0, 1, 2], [0, 1, 2, 3, 4], [9, 5, 4, 5, 4], theft=[0, -1, -1, -1, -1])
    >>> trail = follow(moves, 5, ends=[2])
    >>> trail.followed, trail.rows, trail.taint[Rule.FIFO]
    ((0, 1, 3), (0, 1, 2, 3), (9, 5, 4, 5))
    """
    if not all(0 <= end < places for end in ends):
        raise InputError("a place at which a trace ends is out of range: they count from 0")
    ended = np.zeros(places + 1, np.bool_)  # one more, so that -1 is a place that never ends
    ended[np.fromiter(ends, np.int64)] = True
    kept, near, names = _near(moves, places, ended)
    target = np.asarray(near.target)
    theft = np.asarray(near.theft) if near.theft is not None else np.full(len(near), OUTSIDE, np.int32)
    stops = np.append(ended[names], True)
    followed = np.zeros(len(names) + 1, np.bool_)
    followed[target[theft != OUTSIDE]] = True
    followed[stops] = False
    while (found := _frontier(near, followed, ~(followed | stops), minimum=minimum)).size:
        followed[found] = True
    answers = dict(zip(ACCOUNT_RULES, _carried(near, followed, ACCOUNT_RULES), strict=True))
    rows = np.flatnonzero(np.logical_or.reduce([_touched(units) for units in answers.values()]))
    return Trail(
        followed=tuple(np.sort(names[followed[:-1]]).tolist()),
        rows=tuple(kept[rows].tolist()),
        taint={rule: tuple(units[row] for row in rows.tolist()) for rule, units in answers.items()},
    )


def _near(moves: Moves, places: int, ended: Flags) -> tuple[NDArray[np.int64], Moves, Ints]:
    """Return the rows that touch what poison reaches; as moves of places numbered anew; and those' names."""
    source, target = np.asarray(moves.source), np.asarray(moves.target)
    if len(moves) and not (-1 <= min(source.min(), target.min()) <= max(source.max(), target.max()) < places):
        check_moves(moves, places, 1, BEFORE_ALL)  # which row it is
    reached = np.zeros(places + 1, np.bool_)
    poisoned = _touched(Engine(Rule.POISON, places).move(_without(moves, ended[source])).units)
    if moves.theft is not None:
        poisoned |= np.asarray(moves.theft) != OUTSIDE  # also where it is of nothing
    reached[target[poisoned]] = True
    reached[-1] = False
    kept = np.flatnonzero(reached[source] | reached[target] | poisoned)
    names, ends = np.unique(np.concatenate([source[kept], target[kept]]), return_inverse=True)
    outside = int(names.size and names[0] == OUTSIDE)  # -1 sorts first, and stays -1
    numbered = (ends - outside).astype(np.int32)
    near = Moves.of(
        numbered[: kept.size],
        numbered[kept.size :],
        _picked(moves.units, kept),
        theft=None if moves.theft is None else np.asarray(moves.theft)[kept],
    )
    return kept, near, names[outside:]


def _frontier(near: Moves, followed: Flags, worth: Flags, *, minimum: int) -> Ints:
    """Return the places not yet followed to which any conserving rule brings the minimum."""
    target = np.asarray(near.target)
    found: set[int] = set()
    for units in _carried(near, followed, CONSERVING):
        arrived: dict[int, int] = {}
        for row in np.flatnonzero(worth[target] & _touched(units)).tolist():
            place = int(target[row])
            arrived[place] = arrived.get(place, 0) + units[row]
        found.update(place for place, whole in arrived.items() if whole >= minimum)
    return np.array(sorted(found), np.int32)


def _carried(near: Moves, followed: Flags, rules: Sequence[Rule]) -> list[Units]:
    """Return the tainted units of each row under each rule, where only the followed give what they hold."""
    moves, places = _without(near, ~followed[np.asarray(near.source)]), len(followed) - 1

    def run(rule: Rule) -> Units:
        units = Engine(rule, places).move(moves).units
        return units if isinstance(units, Wide) else tuple(units)

    if len(near) < 1 << 15:
        return [run(rule) for rule in rules]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, rules))


def _without(moves: Moves, givers: Flags) -> Moves:
    """Return the moves, those of some givers as coming from outside."""
    source = np.where(givers, np.int32(OUTSIDE), np.asarray(moves.source)).astype(np.int32)
    return replace(moves, source=column(source, "i"))


def _touched(units: Sequence[int]) -> Flags:
    if not isinstance(units, Wide):
        return np.fromiter((one > 0 for one in units), np.bool_, len(units))
    halves = np.frombuffer(units.rows, np.uint64).reshape(-1, 2)
    touched: Flags = (halves[:, 0] | halves[:, 1]) != 0
    return touched


def _picked(units: Units, rows: NDArray[np.int64]) -> Units:
    if not isinstance(units, Wide):
        return tuple(units[row] for row in rows.tolist())
    return Wide(np.frombuffer(units.rows, np.uint64).reshape(-1, 2)[rows].data)
