"""Attribution in proportion: which payments brought what is somewhere, under rules without an order.

Pro rata, dirty-first, LIBR, TIHO and TILO say how much of a payment is tainted, not which units. Where some
of a place's tainted units are asked about, they are attributed to the payments that brought them in
proportion to what each brought, against chain order, to the whole unit: an attribution, not an identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowtrace.kernel.checks import legs
from flowtrace.kernel.division import Share, Spending, divide, nothing, split
from flowtrace.kernel.purse import Purse, purse
from flowtrace.model import Address, Asset, Rule
from flowtrace.trace.flow import carried
from flowtrace.trace.lots import Output, output_of
from flowtrace.trace.plan import OUTSIDE, Batch, Exchange, Plan
from flowtrace.trace.swap import Swap

Spot = tuple[Asset, int]
"""A place of a plan: of which asset, and its number; -1 is outside."""


@dataclass(frozen=True, slots=True)
class Put:
    """Tainted units of one theft that were put at a place, by an output if it was one.

    ``begins`` says that they became tainted there: the theft, or what a mark spent beyond its record.
    """

    output: Output | None
    spot: Spot
    units: int
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One act, as far as one theft goes: what it took of places and put at others.

    Of a swap there are two: the sale takes, the receipt puts.
    """

    taken: tuple[tuple[Spot, int], ...]
    puts: tuple[Put, ...]
    swap: Swap | None = None


@dataclass
class _Books:
    """On the way back: what places held, how much of that is asked about, and what was found so far."""

    held: dict[Spot, int]
    asked: dict[Spot, int] = field(default_factory=dict)
    found: dict[Output, int] = field(default_factory=dict)
    bought: dict[Swap, tuple[int, int]] = field(default_factory=dict)

    def note(self, output: Output | None, units: int) -> None:
        if units and output is not None:
            self.found[output] = self.found.get(output, 0) + units


class Shares:
    """One theft of a plan under one rule, act by act, by the engine's own plain purses."""

    def __init__(self, plan: Plan, rule: Rule, label: int) -> None:
        self.plan = plan
        self.rule = rule
        self.label = label
        self._purses: dict[Spot, Purse] = {}
        self._marked = {(asset, at) for asset, places in plan.marked.items() for at in places}
        self._sales: dict[Swap, Share] = {}
        self.events = [event for event in self._carried_out() if event.taken or event.puts]

    def towards(self, address: Address, asset: Asset) -> dict[Output, int]:
        """Return, per output of a transfer, how many of its tainted units came to an address in an asset."""
        books = _Books({spot: one.by_theft().get(self.label, 0) for spot, one in self._purses.items()})
        for event in reversed(self.events):
            self._back(event, books, goal=(address, asset))
        return books.found

    def _back(self, event: Event, books: _Books, *, goal: tuple[Address, Asset]) -> None:
        """Undo an act: what it put, as far as it is asked about, came of what it took."""
        wanted = brought = 0
        for put in reversed(event.puts):
            part = self._unput(put, books, goal)
            books.note(put.output, part)
            if not put.begins:
                wanted, brought = wanted + part, brought + put.units
        taken = sum(units for _, units in event.taken)
        if event.swap is not None and not event.taken:
            books.bought[event.swap] = (wanted, brought)
            return
        if event.swap is not None:  # what was sold is in another asset than what it brought
            wanted, brought = books.bought.get(event.swap, (0, 0))
            wanted = split(taken, [wanted, brought - wanted])[0] if brought else 0
            shares = split(wanted, [units for _, units in event.swap.gave])
            for (output, _), share in zip(event.swap.gave, shares, strict=True):
                books.note(None if event.swap.coin else output, share)
        parts = split(wanted, [units for _, units in event.taken]) if wanted else [0] * len(event.taken)
        for (spot, units), part in zip(event.taken, parts, strict=True):
            books.held[spot] = books.held.get(spot, 0) + units
            books.asked[spot] = books.asked.get(spot, 0) + part

    def _unput(self, put: Put, books: _Books, goal: tuple[Address, Asset]) -> int:
        """Take units back from their place; return how many of them are asked about."""
        asset, at = put.spot
        if at == OUTSIDE:
            return 0
        asked, held = books.asked.get(put.spot, 0), books.held[put.spot]
        part = split(asked, [put.units, held - put.units])[0]
        books.held[put.spot], books.asked[put.spot] = held - put.units, asked - part
        arrives = put.output is not None and (self.plan.columns[asset].owners[at], asset) == goal
        return put.units if arrives else part

    def _carried_out(self) -> Iterator[Event]:
        for step in self.plan.steps:
            if isinstance(step, Batch):
                yield from self._batch(step)
            elif isinstance(step, Exchange):
                yield self._exchange(step)

    def _batch(self, batch: Batch) -> Iterator[Event]:
        groups = batch.groups
        for act, (inputs, outputs) in zip(batch.acts, legs(groups), strict=True):
            spots = [(batch.asset, groups.input_place[leg]) for leg in inputs]
            given = [groups.input_units[leg] for leg in inputs]
            taken = []
            for spot, units in zip(spots, given, strict=True):
                yield from self._opened(spot, units)
                taken.append(nothing() if spot[1] == OUTSIDE else self._at(spot).take(units))
            wanted = [groups.output_units[leg] for leg in outputs]
            shares = divide(self.rule, Spending(given, taken, wanted))
            puts: list[Put] = []
            for n, (leg, share) in enumerate(zip(outputs, shares, strict=True)):
                theft = groups.output_theft[leg] if groups.output_theft else OUTSIDE
                come = share if theft == OUTSIDE else (wanted[n], {theft: wanted[n]})
                spot = (batch.asset, groups.output_place[leg])
                puts += self._put(spot, wanted[n], come, output=output_of(act, n), begins=theft != OUTSIDE)
            if act.sale is not None:
                self._sales[act.sale] = taken[0]
            yield Event(self._gone(zip(spots, taken, strict=True)), tuple(puts), act.sale)

    def _exchange(self, step: Exchange) -> Event:
        """Return what a swap brought; what it took is told where it was sold."""
        swap = step.swap
        bought = carried(self.rule, self._sales[swap], (swap.out, swap.come))
        spot = (swap.bought, step.place)
        self._at(spot).put(swap.come, sum(bought.values()), bought)
        shares = split(bought.get(self.label, 0), [units for _, units in swap.got])
        puts = (
            Put(output, spot, share) for (output, _), share in zip(swap.got, shares, strict=True) if share
        )
        return Event((), tuple(puts), swap)

    def _put(
        self, spot: Spot, units: int, share: Share, *, output: Output | None, begins: bool
    ) -> Iterator[Put]:
        total, parts = share
        if spot[1] != OUTSIDE:
            self._at(spot).put(units, total, parts)
        if parts.get(self.label):
            yield Put(output, spot, parts[self.label], begins)

    def _opened(self, spot: Spot, units: int) -> Iterator[Event]:
        """Take what a place spends beyond its record for received just before, as the engine does."""
        if spot[1] == OUTSIDE:
            return
        held = self._at(spot)
        missing = units - held.balance
        if missing > 0:
            mine = {0: missing} if spot in self._marked else {}
            held.put(missing, sum(mine.values()), mine)
            if self.label in mine:
                yield Event((), (Put(None, spot, missing, begins=True),))

    def _gone(self, taken: Iterable[tuple[Spot, Share]]) -> tuple[tuple[Spot, int], ...]:
        known = ((spot, parts.get(self.label, 0)) for spot, (_, parts) in taken)
        return tuple((spot, units) for spot, units in known if units)

    def _at(self, spot: Spot) -> Purse:
        if spot not in self._purses:
            self._purses[spot] = purse(self.rule)
        return self._purses[spot]
