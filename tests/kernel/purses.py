"""Moves between named places, on the engine that serves: what a test says in words becomes columns."""

from __future__ import annotations

from typing import NamedTuple

from flowtrace.kernel import Engine, Moves
from flowtrace.model import Rule
from kernel.oracle import Move

_ROOM = 16


class Held(NamedTuple):
    """What a place holds."""

    balance: int
    taint: int


class Purses:
    """A run of the engine, a move at a time."""

    def __init__(self, rule: Rule) -> None:
        self._run = Engine(rule, _ROOM)
        self._slots: dict[tuple[object, object], int] = {}

    def apply(self, move: Move) -> int:
        """Carry out a move and return how many of its units are tainted."""
        source, target = (self._slot(end, move.asset) for end in (move.source, move.target))
        theft = [0 if move.stolen else -1]
        return self._run.move(Moves.of([source], [target], [move.units], theft=theft)).units[0]

    def _slot(self, end: object | None, asset: object) -> int:
        return -1 if end is None else self._slots.setdefault((end, asset), len(self._slots))

    @property
    def held(self) -> dict[tuple[object, object], Held]:
        """What each place holds."""
        state = self._run.state()
        return {place: Held(state.balance[at], state.taint(at)) for place, at in self._slots.items()}

    @property
    def missing(self) -> dict[tuple[object, object], int]:
        """What each place spent beyond what came to it."""
        state = self._run.state()
        return {place: state.missing[at] for place, at in self._slots.items() if state.missing[at]}

    @property
    def stolen(self) -> int:
        """All that was stolen."""
        return self._run.sums()[-1].stolen

    @property
    def clean(self) -> int:
        """What poison counts too."""
        return self._run.sums()[-1].clean
