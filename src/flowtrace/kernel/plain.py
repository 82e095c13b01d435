"""The rules over columns in plain integers of any size: what the compiled engine must equal, bit for bit.

With several thefts each has its own label and is told apart:

- the sum over the thefts is what one label for all of them would be, under every rule;
- FIFO and LIFO give each unit to the theft whose parcel it lies in; what arrives together is queued by
  rising theft, then the clean part: one transfer states no order of its own;
- pro rata, dirty-first, LIBR, TIHO and TILO say how much is tainted, and that is divided among the thefts in
  proportion to what each has there, by largest remainder, ties to the lower theft;
- a theft of what was stolen before takes it over: the earlier theft's part ends there, counted as overtaken;
- poison, an upper bound, runs for each theft as if it were alone.

Where a place spends more than the record ever gave it, the difference is taken as received, not stolen, just
before: no rule makes stolen value out of a gap. Had it come earlier, the rules could share differently; the
trace lists every such gap.

Sources: Clayton's case (1816) and Anderson et al. 2018 (FIFO); US v. Banco Cafetero (2d Cir. 1986) (LIFO,
pro rata); Restatement (Third) of Restitution §59 (lowest intermediate balance, LIBR); Tironsakkul 2019, 2022
(TIHO, dirty-first); Möser, Böhme, Breuker 2014 (poison, haircut).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowtrace.errors import InputError
from flowtrace.kernel.checks import BEFORE_ALL, check_groups, check_moves, legs
from flowtrace.kernel.columns import OUTSIDE, Groups, Moves, State, Sums, Tainted
from flowtrace.kernel.division import Parcel, Share, Spending, divide, nothing
from flowtrace.kernel.purse import Purse, purse
from flowtrace.model import Rule


class Plain:
    """One run of one rule.

    Parameters
    ----------
    rule
        Of one payee TIHO and TILO are dirty-first; of several dirty-first is TIHO and LIBR is TILO.
    places, thefts
        How many there are: their numbers run from 0.
    marked
        Places of which all that they spend beyond their record is of a theft.
    """

    def __init__(
        self, rule: Rule, places: int, *, thefts: int = 1, marked: Mapping[int, int] | None = None
    ) -> None:
        self.rule = rule
        self.places = places
        self.thefts = thefts
        self.marked = dict(marked or {})
        if not all(0 <= at < places and 0 <= theft < thefts for at, theft in self.marked.items()):
            raise InputError("a marked place or its theft is out of range: both count from 0")
        self._purses: dict[int, Purse] = {}
        self._missing: dict[int, int] = {}
        self._stolen = [0] * (thefts + 1)
        self._left = [0] * (thefts + 1)
        self._overtaken = [0] * (thefts + 1)
        self._moved = 0
        self._order = BEFORE_ALL

    def move(self, moves: Moves) -> Tainted:
        """Carry out moves and return what of each is tainted. Malformed ones are refused, all of them."""
        check_moves(moves, self.places, self.thefts, self._order)
        thefts = moves.theft or [OUTSIDE] * len(moves)
        gone = _Notes(self.thefts)
        for source, target, units, theft in zip(moves.source, moves.target, moves.units, thefts, strict=True):
            self._moved += units
            if source == target and theft == OUTSIDE:
                gone.add(0, {})
                continue
            total, parts = nothing() if source == OUTSIDE else self._take(source, units)
            gone.add(*self._give(target, units, theft=theft, parcel=(total, parts)))
        self._order = moves.order[-1] if moves.order else self._order
        return gone.tainted()

    def spend(self, groups: Groups) -> Tainted:
        """Carry out transactions and return what of each output is tainted."""
        check_groups(groups, self.places, self.thefts, self._order)
        gone = _Notes(self.thefts)
        gives, gets = (
            list(groups.input_units),
            list(groups.output_units),
        )  # packed: read once
        for inputs, outputs in legs(groups):
            units = gets[outputs.start : outputs.stop]
            thefts = [groups.output_theft[leg] if groups.output_theft else OUTSIDE for leg in outputs]
            self._moved += sum(units)
            givers = [groups.input_place[leg] for leg in inputs]
            takers = [groups.output_place[leg] for leg in outputs]
            if givers == takers and len(givers) == 1 and thefts[0] == OUTSIDE:
                gone.add(0, {})
                continue
            given = gives[inputs.start : inputs.stop]
            taken = [
                nothing() if at == OUTSIDE else self._take(at, each)
                for at, each in zip(givers, given, strict=True)
            ]
            shares = divide(self.rule, Spending(given, taken, units))
            for at, each, theft, share in zip(takers, units, thefts, shares, strict=True):
                gone.add(*self._give(at, each, theft=theft, parcel=share))
        self._order = groups.order[-1] if groups.order else self._order
        return gone.tainted()

    def _take(self, at: int, units: int) -> Share:
        held = self._at(at)
        missing = units - held.balance
        if missing > 0:
            self._missing[at] = self._missing.get(at, 0) + missing
            theft = self.marked.get(at, OUTSIDE)
            if theft == OUTSIDE:
                held.put(missing, 0, {})
            else:
                self._stolen[theft] += missing
                self._stolen[-1] += missing
                held.put(missing, missing, {theft: missing})
        return held.take(units)

    def _give(self, at: int, units: int, *, theft: int, parcel: Share) -> Share:
        total, parts = parcel
        if theft != OUTSIDE:
            total, parts = self._steal(units, theft, parcel=parcel)
        if at == OUTSIDE:
            self._left[-1] += total
            for label, part in parts.items():
                self._left[label] += part
        else:
            self._at(at).put(units, total, parts)
        return total, parts

    def _steal(self, units: int, theft: int, *, parcel: Share) -> Share:
        total, parts = parcel
        self._stolen[theft] += units - parts.get(theft, 0)
        self._stolen[-1] += units - total
        if self.rule is Rule.POISON:
            both = {**parts, **({theft: units} if units else {})}
            return units, dict(sorted(both.items()))
        for label, part in parts.items():
            self._overtaken[label] += part if label != theft else 0
        return units, {theft: units} if units else {}

    def _at(self, at: int) -> Purse:
        held = self._purses.get(at)
        if held is None:
            held = self._purses[at] = purse(self.rule)
        return held

    def sums(self) -> tuple[Sums, ...]:
        """Return what must reconcile: for each theft, then for all of them together."""
        resting = [0] * (self.thefts + 1)
        for held in self._purses.values():
            resting[-1] += held.taint
            for theft, units in held.by_theft().items():
                resting[theft] += units
        return tuple(map(Sums, self._stolen, self._left, self._overtaken, resting))

    def state(self) -> State:
        """Return the run in columns."""
        empty = purse(self.rule)
        lots = [self._purses.get(at, empty).saved() for at in range(self.places)]
        ends, end = [], 0
        for held in lots:
            end += len(held)
            ends.append(end)
        return State(
            rule=self.rule,
            thefts=self.thefts,
            balance=tuple(self._purses[at].balance if at in self._purses else 0 for at in range(self.places)),
            missing=tuple(self._missing.get(at, 0) for at in range(self.places)),
            ends=tuple(ends),
            lot_theft=tuple(theft for held in lots for theft, _ in held),
            lot_units=tuple(units for held in lots for _, units in held),
            stolen=tuple(self._stolen),
            left=tuple(self._left),
            overtaken=tuple(self._overtaken),
            moved=self._moved,
            order=self._order,
            marked=tuple(sorted(self.marked.items())),
        )

    @classmethod
    def resume(cls, state: State, *, places: int = 0, thefts: int = 0) -> Plain:
        """Go on from a saved run, with as many places and thefts or more."""
        thefts = max(thefts, state.thefts)
        run = cls(Rule(state.rule), max(places, len(state.balance)), thefts=thefts, marked=dict(state.marked))
        for at, (balance, missing) in enumerate(zip(state.balance, state.missing, strict=True)):
            lots = state.lots(at)
            if balance or lots:
                run._at(at).restore(balance, lots)
            if missing:
                run._missing[at] = missing
        wider = [0] * (thefts - state.thefts)
        run._stolen, run._left, run._overtaken = (
            [*sums[:-1], *wider, sums[-1]] for sums in (state.stolen, state.left, state.overtaken)
        )
        run._moved, run._order = state.moved, state.order
        return run


class _Notes:
    """The answer as it grows."""

    def __init__(self, thefts: int) -> None:
        self._several = thefts > 1
        self._units: list[int] = []
        self._ends: list[int] = []
        self._theft: list[int] = []
        self._parts: list[int] = []

    def add(self, total: int, parts: Parcel) -> None:
        self._units.append(total)
        if self._several:
            self._theft.extend(parts)
            self._parts.extend(parts.values())
            self._ends.append(len(self._theft))

    def tainted(self) -> Tainted:
        if not self._several:
            return Tainted(tuple(self._units))
        columns: Sequence[Sequence[int]] = (self._units, self._ends, self._theft, self._parts)
        return Tainted(*map(tuple, columns))
