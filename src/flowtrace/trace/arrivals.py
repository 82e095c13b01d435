"""What came to whom, read off columns that grow with what is added: what a tracer decides by, quickly.

A plan is laid out anew from all that is known, for who is followed decides what is a swap. Where there is
none, a row stays as it was laid, but that its giver may come to be followed: so the columns grow by what is
new, and of what the rules make of them only that is read which came to those who may yet be asked for. The
answers are the plan's, to the unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flowtrace.kernel import Engine, Moves, Tainted
from flowtrace.kernel.columns import Wide
from flowtrace.model import Address, Asset, Kind, Opening, Rule, Theft, Transfer
from flowtrace.trace.plan import OUTSIDE

Arrived = dict[tuple[Address, Asset], int]
"""Units of a theft that came to each address, per asset."""

_BYTES, _BEFORE_ALL = 16, -1


@dataclass
class _Rows:
    """The payments of one asset, a row each in the order they were added, and its places."""

    slots: dict[Address, int] = field(default_factory=dict)
    owners: list[Address] = field(default_factory=list)
    order: list[tuple[int, int, int, str, str, int]] = field(default_factory=list)
    source: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    units: list[bytes] = field(default_factory=list)
    thefts: dict[tuple[str, int], int] = field(default_factory=dict)
    from_outside: dict[Address, list[int]] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)

    def slot(self, owner: Address | None) -> int:
        """Return the number of an address's place, a new one if need be; -1 is outside."""
        if owner is None:
            return OUTSIDE
        found = self.slots.get(owner)
        if found is None:
            found = self.slots[owner] = len(self.owners)
            self.open.add(found)
            self.owners.append(owner)
        return found

    def put(self, at: tuple[int, int, int, str, str], ends: tuple[int, int], units: int) -> int:
        """Take a payment that stands at a place in the chain; return its row."""
        row = len(self.units)
        self.order.append((*at, row))
        self.source.append(ends[0])
        self.target.append(ends[1])
        self.units.append(units.to_bytes(_BYTES, "little"))
        return row

    def follow(self, address: Address) -> None:
        """Let what an address gives come from its own place from now on, and no more from outside."""
        for row in self.from_outside.pop(address, ()):
            self.source[row] = self.slot(address)

    def laid(self, labels: Mapping[int, int]) -> Moves:
        """Return the rows in chain order, with the labels of those that are thefts."""
        self.order.sort()
        rows = [entry[-1] for entry in self.order]
        theft = [OUTSIDE] * len(rows)
        for row, label in labels.items():
            theft[rows.index(row)] = label
        return Moves.of(
            [self.source[row] for row in rows],
            [self.target[row] for row in rows],
            Wide(b"".join([self.units[row] for row in rows])),
            theft=theft,
        )

    def labels(self, thefts: Sequence[Theft], asset: Asset) -> dict[int, int]:
        """Return which row brings which of the thefts, by its number among them."""
        keys = (
            (label, (theft.transfer, self.slots.get(theft.thief, OUTSIDE)))
            for label, theft in enumerate(thefts)
            if theft.asset == asset
        )
        return {self.thefts[key]: label for label, key in keys if key in self.thefts}


class Arrivals:
    """Columns that grow with what a tracer is given.

    Parameters
    ----------
    thefts
        The stolen amounts, no marks among them.
    followed
        Who is followed: the tracer's own set, that grows.
    openings
        What addresses held before their record begins.

    Attributes
    ----------
    fit
        Whether all that was added fits in rows. Coins, transfers of several givers or takers, and amounts of
        more than 128 bits do not: from then on the plan is to say what arrived.
    mixed
        Whether any transaction moves a stolen asset and another one, and so may be a swap.
    """

    def __init__(
        self, thefts: Iterable[Theft], followed: Collection[Address], openings: Iterable[Opening] = ()
    ) -> None:
        self.fit, self.mixed = True, False
        self._followed = followed
        self._rows: dict[Asset, _Rows] = {}
        self._thieves: set[Address] = set()
        self._moved: dict[str, Asset] = {}
        for theft in thefts:
            self._rows.setdefault(theft.asset, _Rows())
            self._thieves.add(theft.thief)
        for number, one in enumerate(openings):
            if one.asset in self._rows and self._fits(one.units):
                rows = self._rows[one.asset]
                rows.put((_BEFORE_ALL, number, 0, "", ""), (OUTSIDE, rows.slot(one.address)), one.units)

    def add(self, address: Address, transfers: Iterable[Transfer]) -> None:
        """Take who is followed from now on, and those transfers that are new."""
        for rows in self._rows.values():
            rows.follow(address)
        for transfer in transfers:
            if self.fit and (transfer.ok or transfer.kind is Kind.FEE):
                self._take(transfer)

    def most(
        self, groups: Iterable[Sequence[Theft]], rules: Sequence[Rule], settled: Callable[[Address], bool]
    ) -> dict[str, Arrived]:
        """Return, per theft, the most that any of the rules ever brought each address that is not settled.

        Parameters
        ----------
        groups
            Thefts to be run together, each with a label of its own.
        settled
            Tells whether an address is. What is settled stays so.
        """
        for rows in self._rows.values():
            rows.open = {place for place in rows.open if not settled(rows.owners[place])}
        found: dict[str, Arrived] = {}
        for thefts in groups:
            found |= {theft.id: {} for theft in thefts}
            for asset, rows in self._rows.items():
                labels = rows.labels(thefts, asset)
                most = _most(rows, labels, rules=rules, thefts=len(thefts)) if labels else {}
                for (label, place), units in most.items():
                    found[thefts[label].id][rows.owners[place], asset] = units
        return found

    def _take(self, transfer: Transfer) -> None:
        given, taken = transfer.inputs[0], transfer.outputs[0]
        if len(transfer.inputs) == len(transfer.outputs) == 1 and not (given.coin or taken.coin):
            rows = self._rows.get(taken.asset)
            if rows is not None and self._fits(taken.units):
                self._lay(transfer, rows)
        elif any(leg.asset in self._rows for leg in transfer.outputs):
            self.fit = False
        if transfer.kind is not Kind.FEE:
            for leg in transfer.outputs:
                first = self._moved.setdefault(transfer.tx, leg.asset) if leg.units else leg.asset
                if first is not leg.asset and first != leg.asset:
                    self.mixed |= first in self._rows or leg.asset in self._rows

    def _lay(self, transfer: Transfer, rows: _Rows) -> None:
        giver, taken = transfer.inputs[0].address, transfer.outputs[0]
        known, target = giver in self._followed, rows.slot(taken.address)
        at = (transfer.height, transfer.index, transfer.order, transfer.tx, transfer.position)
        row = rows.put(at, (rows.slot(giver) if known else OUTSIDE, target), taken.units)
        if giver is not None and not known:
            rows.from_outside.setdefault(giver, []).append(row)
        if taken.address in self._thieves:
            rows.thefts[transfer.id, target] = row

    def _fits(self, units: int) -> bool:
        self.fit &= 0 <= units < 1 << 8 * _BYTES
        return self.fit


def _most(
    rows: _Rows, labels: Mapping[int, int], *, rules: Sequence[Rule], thefts: int
) -> dict[tuple[int, int], int]:
    """Return the most that any rule brought, per theft and place."""
    moves = rows.laid(labels)
    places = [place for place in moves.target if place in rows.open]
    at = [row for row, place in enumerate(moves.target) if place in rows.open]
    most: dict[tuple[int, int], int] = {}
    for rule in rules:
        tainted = Engine(rule, len(rows.owners), thefts=thefts).move(moves)
        arrived: dict[tuple[int, int], int] = {}
        for place, row, whole in zip(places, at, _picked(tainted.units, at), strict=True):
            for label, units in _parts(tainted, row) if thefts > 1 else ((0, whole),):
                arrived[label, place] = arrived.get((label, place), 0) + units
        for key, units in arrived.items():
            if units > most.get(key, 0):
                most[key] = units
    return most


def _picked(units: Sequence[int], rows: Sequence[int]) -> list[int]:
    """Return the amounts of some rows."""
    if not isinstance(units, Wide) or not rows:
        return [units[row] for row in rows]
    halves = units.rows.cast("Q")
    return [halves[2 * row] | halves[2 * row + 1] << 64 for row in rows]


def _parts(tainted: Tainted, row: int) -> Sequence[tuple[int, int]]:
    """Return how many units of a row are of which theft, where there are several."""
    ends = tainted.ends or ()
    parts = range(ends[row - 1] if row else 0, ends[row])
    return [(tainted.theft[part], tainted.parts[part]) for part in parts]
