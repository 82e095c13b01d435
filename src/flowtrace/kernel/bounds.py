"""The least and the most that the rules say of each move, all of them worked out side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from flowtrace.kernel.columns import Moves, Units, Wide
from flowtrace.kernel.compiled import Compiled, WidthError, room
from flowtrace.kernel.library import address, available, library
from flowtrace.kernel.plain import Plain
from flowtrace.model import Rule

# Each line has a thread and one run's memory. Queues keep lists beside the balances, the others do not; so
# shared out the two lines take about as long as each other.
LINES = ((Rule.FIFO, Rule.LIFO), (Rule.POISON, Rule.PRO_RATA, Rule.LIBR, Rule.DIRTY_FIRST))
PART = 1 << 18
"""Moves carried out at a time: what they answer is still near when it is compared."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What of each move is tainted: at least and at most under a rule that conserves, and under poison.

    >>> found = envelope(Moves.of([-1, -1, 0], [0, 0, 1], [5, 7, 6], theft=[-1, 0, -1]), 2)
    >>> list(found.low), list(found.high), list(found.poison)
    ([0, 7, 1], [0, 7, 6], [0, 7, 6])
    """

    low: Units
    high: Units
    poison: Units


def envelope(moves: Moves, places: int, *, marked: Mapping[int, int] | None = None) -> Envelope:
    """Carry out moves under every rule, from empty places, and return the envelope of each row.

    The parameters are those of an engine; thefts are not told apart here.
    """
    if available() and isinstance(moves.units, Wide):
        try:
            return _side_by_side(moves, places, marked)
        except WidthError:
            pass
    runs = {rule: Plain(rule, places, marked=marked).move(moves).units for line in LINES for rule in line}
    poison = runs.pop(Rule.POISON)
    rows = list(zip(*runs.values(), strict=True))
    return Envelope(tuple(map(min, rows)), tuple(map(max, rows)), tuple(poison))


def _side_by_side(moves: Moves, places: int, marked: Mapping[int, int] | None) -> Envelope:
    low, high, poison = (Wide(room(16 * len(moves))) for _ in range(3))
    bounds = _Bounds(low, high)

    def run(rules: Sequence[Rule]) -> None:
        engine = Compiled(rules[0], places, marked=marked, missing=False)
        scratch = room(16 * min(PART, len(moves)))
        for rule in rules:
            engine.restart(rule)
            for start in range(0, len(moves), PART):
                part = _part(moves, start)
                kept = poison.rows[16 * start :] if rule is Rule.POISON else scratch
                answer = Wide(kept[: 16 * len(part)])
                engine.move(part, answer)
                if rule is not Rule.POISON:
                    bounds.widen(start, answer)

    with ThreadPoolExecutor(len(LINES)) as pool:
        list(pool.map(run, LINES))
    return Envelope(low, high, poison)


class _Bounds:
    """The least and the most so far. Lines come to a part in any order; the outcome is the same."""

    def __init__(self, low: Wide, high: Wide) -> None:
        opened = library()
        assert opened is not None  # noqa: S101  available() said so
        self._library, self._low, self._high = opened, low.rows, high.rows
        parts = range(0, len(low), PART)
        self._locks = [Lock() for _ in parts]
        self._begun = [False for _ in parts]

    def widen(self, start: int, found: Wide) -> None:
        number, rows = start // PART, len(found)
        low, high = (column[16 * start : 16 * (start + rows)] for column in (self._low, self._high))
        with self._locks[number]:
            if self._begun[number]:
                self._library.flow_widen(address(low), address(high), address(found.rows), rows)
            else:
                low[:], high[:] = found.rows, found.rows
                self._begun[number] = True


def _part(moves: Moves, start: int) -> Moves:
    rows = slice(start, start + PART)
    units = moves.units
    assert isinstance(units, Wide)  # noqa: S101  envelope() asked
    return Moves(
        moves.source[rows],
        moves.target[rows],
        Wide(units.rows[16 * start : 16 * (start + PART)]),
        None if moves.theft is None else moves.theft[rows],
        None if moves.order is None else moves.order[rows],
    )
