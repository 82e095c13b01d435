"""Lots with their histories: under FIFO and LIFO every tainted unit has one way, payment by payment.

The same plan that the engine runs is carried out again with lots that remember the payments they came by.
What one payment brings of one theft has no order of its own; it keeps the order in which it was taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flowtrace.kernel.checks import legs
from flowtrace.kernel.division import split
from flowtrace.model import Address, Asset, Rule
from flowtrace.trace.flow import carried
from flowtrace.trace.plan import OUTSIDE, Act, Batch, Exchange, Plan
from flowtrace.trace.swap import Swap

Output = tuple[str, int]
"""An output of a transfer: the transfer's id, and the output's number."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One payment of a lot's way, and the way before it.

    ``rate`` of what a swap brought is (units sold, units bought): before it, units are of the other asset.
    """

    output: Output
    before: Link | None
    rate: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Units of one theft, -1 being none, that came the same way."""

    units: int
    theft: int
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an output brought to a place, lot by lot."""

    output: Output
    asset: Asset
    owner: Address | None
    lots: tuple[Lot, ...]


class Histories:
    """A plan under FIFO or LIFO, its lots with their histories."""

    def __init__(self, plan: Plan, rule: Rule) -> None:
        self.plan = plan
        self.rule = rule
        self._held: dict[tuple[Asset, int], deque[Lot]] = {}
        self._marked = {(asset, at) for asset, places in plan.marked.items() for at in places}
        self._sales: dict[Swap, list[Lot]] = {}

    def arrivals(self) -> Iterator[Arrival]:
        """Yield every output that brought something tainted to a place, in chain order."""
        for step in self.plan.steps:
            if isinstance(step, Batch):
                yield from self._batch(step)
            elif isinstance(step, Exchange):
                yield from self._exchange(step)

    def _batch(self, batch: Batch) -> Iterator[Arrival]:
        groups = batch.groups
        for act, (inputs, outputs) in zip(batch.acts, legs(groups), strict=True):
            taken = [
                _laid(self._take((batch.asset, groups.input_place[leg]), groups.input_units[leg]))
                for leg in inputs
            ]
            wanted = [groups.output_units[leg] for leg in outputs]
            shares = _divided(taken, wanted, last_first=self.rule is Rule.LIFO)
            if act.sale is not None:
                self._sales[act.sale] = [lot for lot in shares[0] if lot.theft != OUTSIDE]
            for n, (leg, lots) in enumerate(zip(outputs, shares, strict=True)):
                theft = groups.output_theft[leg] if groups.output_theft else OUTSIDE
                brought = [Lot(wanted[n], theft)] if theft != OUTSIDE else lots
                at = groups.output_place[leg]
                if at != OUTSIDE:
                    yield from self._put((batch.asset, at), output_of(act, n), brought)

    def _exchange(self, step: Exchange) -> Iterator[Arrival]:
        swap, sale = step.swap, self._sales[step.swap]
        sold = {lot.theft: 0 for lot in sorted(sale, key=lambda lot: lot.theft)}
        for lot in sale:
            sold[lot.theft] += lot.units
        total = sum(sold.values())
        bought = carried(self.rule, (total, sold), (swap.out, swap.come))
        gave, got = (max(side, key=lambda one: one[1])[0] for side in (swap.gave, swap.got))
        lots = []
        for theft, units in bought.items():
            parts = [lot for lot in sale if lot.theft == theft]
            for lot, share in zip(parts, split(units, [one.units for one in parts]), strict=True):
                way = lot.link if swap.coin else Link(gave, lot.link)
                lots.append(Lot(share, theft, Link(got, way, (lot.units, share))))
        clean = swap.come - sum(lot.units for lot in lots)
        known = self._put((swap.bought, step.place), None, [*lots, Lot(clean, OUTSIDE)])
        yield from known
        owner = self.plan.columns[swap.bought].owners[step.place]
        yield Arrival(got, swap.bought, owner, tuple(lot for lot in lots if lot.units))

    def _put(self, spot: tuple[Asset, int], output: Output | None, lots: Iterable[Lot]) -> Iterator[Arrival]:
        links: dict[Link | None, Link] = {}
        held = self._held.setdefault(spot, deque())
        brought = []
        for lot in _laid(lots):
            link = lot.link
            if lot.theft != OUTSIDE and output is not None:
                link = links.setdefault(lot.link, Link(output, lot.link))
            made = Lot(lot.units, lot.theft, link)
            brought += [made] if made.units and made.theft != OUTSIDE else []
            _join(held, made)
        if brought and output is not None:
            asset, at = spot
            yield Arrival(output, asset, self.plan.columns[asset].owners[at], tuple(brought))

    def _take(self, spot: tuple[Asset, int], units: int) -> list[Lot]:
        if spot[1] == OUTSIDE:
            return [Lot(units, OUTSIDE)]
        held = self._held.setdefault(spot, deque())
        missing = units - sum(lot.units for lot in held)
        if missing > 0:
            _join(held, Lot(missing, 0 if spot in self._marked else OUTSIDE))
        return _cut(held, units, last_first=self.rule is Rule.LIFO)


def output_of(act: Act, row: int) -> Output | None:
    """Return which output of its transfer a row of an act is."""
    known = act.transfer is not None and row < len(act.outputs)
    return (act.transfer.id, act.outputs[row]) if known and act.transfer else None


def _laid(lots: Iterable[Lot]) -> list[Lot]:
    """Put tainted lots by rising theft before clean ones, as every rule of the engine does on arrival."""
    return sorted(lots, key=lambda lot: (lot.theft == OUTSIDE, lot.theft))


def _divided(taken: Sequence[Sequence[Lot]], outputs: Sequence[int], *, last_first: bool) -> list[list[Lot]]:
    if len(outputs) == 1:
        return [[lot for lots in taken for lot in lots]]
    ordered = taken[::-1] if last_first else taken
    queue = deque(lot for lots in ordered for lot in lots)
    return [_cut(queue, units, last_first=False) for units in outputs]


def _join(held: deque[Lot], lot: Lot) -> None:
    """Add a lot behind the others, to the last one if it came the same way."""
    if not lot.units:
        return
    if held and held[-1].theft == lot.theft and held[-1].link is lot.link:
        lot = Lot(held.pop().units + lot.units, lot.theft, lot.link)
    held.append(lot)


def _cut(held: deque[Lot], units: int, *, last_first: bool) -> list[Lot]:
    """Take units from the front or the back."""
    taken = []
    while units:
        lot = held.pop() if last_first else held.popleft()
        part = min(lot.units, units)
        units -= part
        taken.append(Lot(part, lot.theft, lot.link))
        if lot.units > part:
            (held.append if last_first else held.appendleft)(Lot(lot.units - part, lot.theft, lot.link))
    return taken
