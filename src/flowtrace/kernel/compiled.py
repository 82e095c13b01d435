"""The rules over columns in the compiled library: up to a total of 2^126, past which it says so."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import cast
from weakref import finalize

from flowtrace.errors import InputError, IntegrityError
from flowtrace.kernel.checks import refusal
from flowtrace.kernel.columns import Code, Groups, Moves, State, Sums, Tainted, Wide, column
from flowtrace.kernel.library import GroupColumns, MoveColumns, StateColumns, address, library
from flowtrace.model import Rule

_NUMBERS = {rule: number for number, rule in enumerate(Rule)}
_TOO_WIDE, _NO_MEMORY, _BROKEN = 5, 6, 7
_MOST = 1 << 126


class WidthError(OverflowError):
    """The total of a run would reach 2^126: the plain engine is to go on, from the same state."""


class Compiled:
    """One run of one rule; the parameters are those of the plain engine, but for one.

    Without ``missing`` a run does not keep what each place gave beyond its record: it has no state to go on
    from, but a fourth less memory.

    It is not for several threads at once, but several runs may each have a thread: the library holds no
    interpreter lock and shares nothing.
    """

    def __init__(
        self,
        rule: Rule,
        places: int,
        *,
        thefts: int = 1,
        marked: Mapping[int, int] | None = None,
        missing: bool = True,
    ) -> None:
        opened = library()
        if opened is None:
            raise InputError("the compiled library is not here: use the plain engine")
        self._library = opened
        self.rule, self.places, self.thefts = rule, places, thefts
        self.marked, self._whole = dict(marked or {}), missing
        if not 0 <= places < 1 << 31 or not 0 < thefts < 1 << 24:
            raise WidthError
        self._run = opened.flow_new(_NUMBERS[rule], places, thefts, missing)
        if not self._run:
            raise MemoryError
        self._end = finalize(self, opened.flow_free, self._run)
        for at, theft in self.marked.items():
            fits = max(at, theft) < 1 << 31 and min(at, theft) >= 0
            if not fits or opened.flow_mark(self._run, at, theft):
                raise InputError("a marked place or its theft is out of range: both count from 0")

    def restart(self, rule: Rule) -> None:
        """Begin anew under another rule, in the same memory, which saves more than a run costs."""
        self._check("rule", self._library.flow_restart(self._run, _NUMBERS[rule]), at=0)
        self.rule = rule

    def move(self, moves: Moves, into: Wide | None = None) -> Tainted:
        """Carry out moves and return what of each is tainted. Malformed ones are refused, all of them.

        ``into`` is an earlier answer of as many rows that is not needed any more: it is written over.
        """
        units = _packed(moves.units)
        columns = MoveColumns(
            len(moves),
            address(moves.order),
            address(moves.source),
            address(moves.target),
            address(units.rows),
            address(moves.theft),
        )
        found, ends = self._answer(len(moves), into)
        at = ctypes.c_int64(0)
        where = (address(found), address(ends), ctypes.byref(at))
        self._check("move", self._library.flow_moves(self._run, ctypes.byref(columns), *where), at=at.value)
        return self._tainted(found, ends)

    def spend(self, groups: Groups, into: Wide | None = None) -> Tainted:
        """Carry out transactions and return what of each output is tainted; ``into`` is as of moves."""
        given, got = _packed(groups.input_units), _packed(groups.output_units)
        columns = GroupColumns(
            len(groups),
            address(groups.order),
            address(groups.input_ends),
            address(groups.output_ends),
            address(groups.input_place),
            address(given.rows),
            address(groups.output_place),
            address(got.rows),
            address(groups.output_theft),
        )
        rows = (ctypes.c_int64 * 2)(len(given), len(got))
        found, ends = self._answer(len(got), into)
        at = ctypes.c_int64(0)
        where = (address(found), address(ends), ctypes.byref(at))
        code = self._library.flow_groups(self._run, ctypes.byref(columns), rows, *where)
        self._check("transaction", code, at=at.value)
        return self._tainted(found, ends)

    def sums(self) -> tuple[Sums, ...]:
        """Return what must reconcile: for each theft, then for all of them together."""
        stolen, left, overtaken, resting = self._sums()
        found = tuple(map(Sums, stolen, left, overtaken, resting))
        if self.rule is not Rule.POISON and any(each.clean for each in found):
            raise IntegrityError(f"the compiled engine does not conserve under {self.rule.words}: {found}")
        return found

    def state(self) -> State:
        """Return the run in columns."""
        if not self._whole:
            raise InputError("this run keeps no record of what was missing, so it has no state")
        lots = self._library.flow_lots(self._run)
        balance, missing, units = room(16 * self.places), room(16 * self.places), room(16 * lots)
        ends, theft = room(8 * self.places), room(4 * lots)
        columns = StateColumns(
            self.places, lots, self.thefts, *map(address, (balance, missing, ends, theft, units))
        )
        moved, order = bytearray(16), ctypes.c_int64(0)
        self._library.flow_save(self._run, ctypes.byref(columns), address(moved), ctypes.byref(order))
        stolen, left, overtaken, _ = self._sums()
        return State(
            rule=self.rule,
            thefts=self.thefts,
            balance=Wide(balance),
            missing=Wide(missing),
            ends=_cast(ends, "q"),
            lot_theft=_cast(theft, "i"),
            lot_units=Wide(units),
            stolen=tuple(stolen),
            left=tuple(left),
            overtaken=tuple(overtaken),
            moved=Wide(moved)[0],
            order=order.value,
            marked=tuple(sorted(self.marked.items())),
        )

    @classmethod
    def resume(cls, state: State, *, places: int = 0, thefts: int = 0) -> Compiled:
        """Go on from a saved run, with as many places and thefts or more."""
        run = cls(
            Rule(state.rule),
            max(places, len(state.balance)),
            thefts=max(thefts, state.thefts),
            marked=dict(state.marked),
        )
        run._load(state)
        return run

    def _load(self, state: State) -> None:
        sums = (*state.stolen, *state.left, *state.overtaken)
        wide = [_packed(one) for one in (state.balance, state.missing, state.lot_units, sums, (state.moved,))]
        balance, missing, units, packed, moved = (one.rows for one in wide)
        ends, theft = column(state.ends, "q"), column(state.lot_theft, "i")
        same = len(missing) == len(balance) == 2 * ends.nbytes and len(units) == 4 * theft.nbytes
        if not same or len(sums) != 3 * (state.thefts + 1):
            raise InputError("the columns of a saved run differ in length: save it again")
        columns = StateColumns(
            len(state.balance),
            len(state.lot_units),
            state.thefts,
            *map(address, (balance, missing, ends, theft, units)),
        )
        at = ctypes.c_int64(0)
        code = self._library.flow_load(
            self._run, ctypes.byref(columns), address(packed), address(moved), state.order, ctypes.byref(at)
        )
        self._check("saved place", code, at=at.value)

    def _answer(self, rows: int, into: Wide | None) -> tuple[memoryview, memoryview | None]:
        if into is not None and (len(into) != rows or into.rows.readonly):
            raise InputError("the earlier answer has other rows, or may not be written over")
        found = room(16 * rows) if into is None else into.rows
        return found, room(8 * rows) if self.thefts > 1 else None

    def _tainted(self, found: memoryview, ends: memoryview | None) -> Tainted:
        if ends is None:
            return Tainted(Wide(found))
        theft, units = ctypes.c_void_p(), ctypes.c_void_p()
        count = self._library.flow_parts(self._run, ctypes.byref(theft), ctypes.byref(units))
        thefts, parts = room(4 * count), room(16 * count)
        if count:
            ctypes.memmove(cast("int", address(thefts)), theft, 4 * count)
            ctypes.memmove(cast("int", address(parts)), units, 16 * count)
        self._library.flow_forget_parts(self._run)
        return Tainted(Wide(found), _cast(ends, "q"), _cast(thefts, "i"), Wide(parts))

    def _sums(self) -> list[list[int]]:
        each = self.thefts + 1
        packed = bytearray(16 * 4 * each)
        self._library.flow_sums(self._run, address(packed))
        sums = list(Wide(packed))
        return [sums[start : start + each] for start in range(0, 4 * each, each)]

    def _check(self, what: str, code: int, *, at: int) -> None:
        if code == _TOO_WIDE:
            raise WidthError
        if code == _NO_MEMORY:
            raise MemoryError
        if code == _BROKEN:
            raise IntegrityError("a run that ended for want of memory is not to be gone on with: start anew")
        if code:
            raise refusal(what, at, code)


def _packed(units: Sequence[int]) -> Wide:
    if isinstance(units, Wide):
        return units
    try:
        return Wide.of(units)
    except OverflowError:
        raise WidthError from None


def room(size: int) -> memoryview:
    """Return fresh bytes, not filled: the library is to write each of them."""
    import numpy as np

    return np.empty(size, np.uint8).data if size else memoryview(b"")


def _cast(view: memoryview, code: Code) -> memoryview:
    return view.cast("B").cast(code) if view.nbytes else column((), code)
