"""Backward: the sources of an address's funds, by the same rules and the same engine.

Everything that comes from outside what is followed gets a label of its own, and is run forward to the
address: what lies there in the end tells how much is of whom. FIFO and LIFO keep every unit's own label, so
they are inverted exactly. Pro rata and the others share labels out in proportion, the product of the matrices
of all payments: an attribution. Nothing is left over, for what no record brought has a label too. As nothing
is clean then, dirty-first and LIBR, which tell clean from stolen, share out as pro rata does.

Pro rata backward need not name a theft the very units that forward brings the address. A payment moves whole
units, so each share is rounded. Forward rounds two, the stolen part and the rest: by at most half a unit.
Backward rounds one for each source so that they sum to the payment, and that may cost any of them up to a
unit: of 2 units of a place that holds 6 stolen ones and 7 of two others each, forward says 1 is stolen (0.6),
backward that none is (0.6, 0.7, 0.7). No rounding of the many agrees with that of the two for every way of
putting sources together. So each payment moves the answers apart by less than a unit and a half, later ones
pass on a part of that, and over n payments (fees count) both differ by less than 3n/2 units, with the same
addresses followed and nothing swapped: a swap scales what was apart by its price.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from flowtrace.errors import InputError
from flowtrace.model import (
    Address,
    Asset,
    Class,
    Kind,
    Leg,
    Opening,
    Origin,
    Rule,
    Source,
    SourceKind,
    StopReason,
    Theft,
    Transfer,
)
from flowtrace.trace.flow import Run
from flowtrace.trace.plan import OUTSIDE, Act, Columns, Plan
from flowtrace.trace.swap import Swap, swaps_in
from flowtrace.trace.tracer import BATCH, End

Label = tuple[SourceKind, Address | None]


class Sources(Plan):
    """The movements that brought an address its funds, everything from outside with a label.

    Parameters
    ----------
    goal
        The address; what it gives is not followed.
    asset
        What it received.
    upstream
        The addresses whose transfers are looked through.
    thefts
        Known thefts: their units have the first labels, so they stay apart from what their payer had.
    """

    def __init__(
        self,
        goal: tuple[Address, Asset],
        upstream: Collection[Address],
        *,
        thefts: Sequence[Theft] = (),
        openings: Iterable[Opening] = (),
    ) -> None:
        address, asset = goal
        super().__init__(thefts, {*upstream, address}, openings)
        self.goal = goal
        self.upstream = frozenset(upstream)
        self.columns.setdefault(asset, Columns(asset))
        self._labels: dict[Label, int] = {}

    @property
    def labels(self) -> int:
        """How many labels there are: of thefts first, then of every other source."""
        return len(self.thefts) + len(self._labels)

    @property
    def marked(self) -> Mapping[Asset, dict[int, int]]:
        """Per asset, every followed place: what it spends beyond its record has a label that says so."""
        return {
            asset: {
                at: self._label(SourceKind.UNRECORDED, owner)
                for at, owner in enumerate(columns.owners)
                if owner is not None
            }
            for asset, columns in self.columns.items()
        }

    def source(self, label: int) -> tuple[SourceKind, Address | None, str]:
        """Return what a label stands for: its kind, its address, and its theft's id."""
        if label < len(self.thefts):
            theft = self.thefts[label]
            return SourceKind.THEFT, theft.victim, theft.id
        kind, address = list(self._labels)[label - len(self.thefts)]
        return kind, address, ""

    def _label(self, kind: SourceKind, address: Address | None) -> int:
        return len(self.thefts) + self._labels.setdefault((kind, address), len(self._labels))

    def _swaps(self, transfers: Sequence[Transfer]) -> dict[str, Swap]:
        """Return the swaps that what is asked about may have come of."""
        found = {}
        for name, swap in reversed(list(swaps_in(transfers, self.upstream).items())):
            if swap.bought in self.columns and swap.taken.isdisjoint(self._by_transfer):
                self.columns.setdefault(swap.sold, Columns(swap.sold))
                found[name] = swap
        return found

    def _opens(self, opening: Opening) -> int:
        return self._label(SourceKind.OPENING, opening.address)

    def _gives(self, leg: Leg, columns: Columns) -> bool:
        return leg.address != self.goal[0] and super()._gives(leg, columns)

    def _given(self, leg: Leg, columns: Columns) -> int:
        """Return the place a leg gives from; from outside, a place of its own into which it first comes."""
        place = super()._given(leg, columns)
        if place != OUTSIDE or not leg.units:
            return place
        kind = SourceKind.MINT if leg.address is None else SourceKind.PAYER
        label = self._label(kind, leg.address)
        place = columns.slot(f"from outside {leg.coin or leg.address}", None)
        columns.add(Act(None, (), 1), [(OUTSIDE, leg.units)], [(place, leg.units, label)])
        return place


class Origins:
    """Asks its way back from an address: it says whose transfers it wants, and is given them.

    Parameters
    ----------
    goal
        The address.
    assets
        Which of its assets are asked about.
    end_of
        Tells whether the way back ends at an address, from labels and findings.
    budget
        How many addresses to look through at most.
    """

    def __init__(
        self,
        goal: Address,
        assets: Iterable[Asset],
        end_of: Callable[[Address], End | None],
        *,
        thefts: Sequence[Theft] = (),
        openings: Iterable[Opening] = (),
        budget: int = 200,
        least: Callable[[Asset], int] = lambda _: 1,
    ) -> None:
        self.goal = goal
        self.assets = tuple(dict.fromkeys(assets))
        self.thefts = tuple(theft for theft in thefts if not theft.is_mark)
        self.openings = tuple(openings)
        self.ends: dict[Address, End] = {}
        self.followed: list[Address] = []
        self._end_of = end_of
        self._least = least
        self._budget = budget
        self._transfers: dict[str, Transfer] = {}

    def wanted(self) -> list[Address]:
        """Return whose transfers are wanted next, of whom most came first; none when it is done."""
        if self.goal not in self.followed:
            return [] if self.goal in self.ends else [self.goal]
        known = {*self.followed, *self.ends}
        brought: dict[Address, int] = {}
        for asset in self.assets:
            for source in self.origin(asset, Rule.PRO_RATA).sources:
                address = source.address
                if address is None or source.kind is not SourceKind.PAYER or address in known:
                    continue
                if source.units >= self._least(asset):
                    brought[address] = max(brought.get(address, 0), source.units)
        for address in sorted(brought):
            end = self._end_of(address)
            if end is not None:
                self.ends[address] = end
                del brought[address]
        room = max(0, self._budget - len(self.followed))
        ranked = sorted(brought, key=lambda address: (-brought[address], address))
        for address in ranked[room:]:
            self.ends[address] = End(StopReason.BUDGET, None, Class.D, "the budget of addresses is spent")
        return ranked[: min(room, BATCH)]

    def add(self, address: Address, transfers: Sequence[Transfer] | None) -> None:
        """Take the transfers of an address that was wanted; None says that there is no data for it."""
        if transfers is None:
            why = "no transactions of this address are in the record"
            self.ends[address] = End(StopReason.NO_DATA, None, Class.D, why)
            return
        self.followed.append(address)
        self._transfers.update((t.id, t) for t in transfers)

    def end(self, address: Address, end: End) -> None:
        """Take that the way back ends at an address that was wanted."""
        self.ends[address] = end

    def origin(self, asset: Asset, rule: Rule) -> Origin:
        """Return the sources of what came to the address in an asset, the largest first.

        Raises
        ------
        InputError
            If the rule is poison: it claims everything for everybody, so no part is anybody's.
        """
        if rule is Rule.POISON:
            raise InputError("poison claims everything for every source: name a rule that conserves")
        upstream = [address for address in self.followed if address != self.goal]
        goal = (self.goal, asset)
        plan = Sources(goal, upstream, thefts=self.thefts, openings=self.openings)
        plan.lay(self._in_order())
        run = Run(plan, rule).carry_out()
        found = run.labels_at(self.goal, asset) if asset in plan.columns else {}
        sources = []
        for label, units in found.items():
            kind, address, theft = (
                plan.source(label) if label != OUTSIDE else (SourceKind.UNRECORDED, None, "")
            )
            end = self.ends.get(address) if address is not None else None
            why, entity = (end.basis, end.entity) if end else (_why(kind), None)
            sources.append(Source(kind, address, units, theft, why, entity))
        sources.sort(key=lambda s: (-s.units, s.kind, str(s.address), s.theft))
        return Origin(self.goal, asset, rule, sum(found.values()), tuple(sources), tuple(sorted(upstream)))

    def _in_order(self) -> list[Transfer]:
        moved = (t for t in self._transfers.values() if t.ok or t.kind is Kind.FEE)
        return sorted(moved, key=lambda t: (t.chain_id, *t.key, t.tx, t.position))


def _why(kind: SourceKind) -> str:
    return {
        SourceKind.PAYER: "less came of it than the minimum to follow",
        SourceKind.THEFT: "the theft",
        SourceKind.OPENING: "it was there before the record begins",
        SourceKind.UNRECORDED: "it spent more than the record shows it received",
        SourceKind.MINT: "a block reward or the like",
    }[kind]
