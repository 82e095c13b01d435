"""What thefts are run over: every movement that concerns them, in columns, in chain order.

A transfer's legs give and take of places: an address holds of an asset on an account chain or at a bank, a
coin is a place of its own on a UTXO chain. Several inputs pay several outputs as one UTXO transaction does,
whatever the chain. What moves does not depend on the rule, so it is laid out once for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flowtrace.kernel import Groups
from flowtrace.model import Address, Asset, Kind, Leg, Link, Opening, Theft, Transfer
from flowtrace.trace.linked import linked
from flowtrace.trace.swap import Swap, swaps_in, woven

_Trades = dict[str, list[Swap]]
OUTSIDE = -1
"""The place outside what is followed, and the label of what is no theft."""

_ONLY = (0,)
"""The outputs of a transfer that has one."""


@dataclass(frozen=True, slots=True)
class Act:
    """One transaction of the columns: a transfer's legs of one asset; the rows are its outputs.

    ``rows`` is one more than there are outputs where the fee, were it nothing, is left out of the transfer.
    A sale and an opening balance have no transfer and no outputs of their own.
    """

    transfer: Transfer | None
    outputs: tuple[int, ...]
    rows: int
    sale: Swap | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Acts of one asset that follow each other with no swap between, and the ids of their transfers."""

    asset: Asset
    acts: tuple[Act, ...]
    names: tuple[str, ...]
    groups: Groups


@dataclass(frozen=True, slots=True)
class Sale:
    """What a swap sold left at this point: the last row of that asset says how much of it was tainted."""

    swap: Swap


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a swap bought came at this point, to a place; its sale stands before."""

    swap: Swap
    place: int


@dataclass
class Columns:
    """The places of one asset, and its acts since the last batch."""

    asset: Asset
    slots: dict[Address | str, int] = field(default_factory=dict)
    owners: list[Address | None] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    inputs: tuple[list[int], list[int], list[int]] = field(default_factory=lambda: ([], [], []))
    outputs: tuple[list[int], list[int], list[int]] = field(default_factory=lambda: ([], [], []))
    theft: list[int] = field(default_factory=list)

    def slot(self, key: Address | str | None, owner: Address | None) -> int:
        """Return the number of a place, a new one if need be; -1 is outside."""
        if key is None:
            return OUTSIDE
        if key not in self.slots:
            self.slots[key] = len(self.owners)
            self.owners.append(owner)
        return self.slots[key]

    def add(self, act: Act, given: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int, int]]) -> None:
        """Take an act: (place, units) of each input, (place, units, theft) of each output."""
        self.acts.append(act)
        self.names.append("" if act.transfer is None else act.transfer.id)
        (ends, places, units), (out_ends, out_places, out_units) = self.inputs, self.outputs
        for place, each in given:
            places.append(place)
            units.append(each)
        ends.append(len(places))
        for place, each, theft in taken:
            out_places.append(place)
            out_units.append(each)
            self.theft.append(theft)
        out_ends.append(len(out_places))

    def cut(self) -> Batch:
        """Return the acts since the last batch, and begin another."""
        groups = Groups.of(self.inputs, self.outputs, theft=self.theft)
        batch = Batch(self.asset, tuple(self.acts), tuple(self.names), groups)
        self.acts, self.names, self.theft = [], [], []
        self.inputs, self.outputs = ([], [], []), ([], [], [])
        return batch


class Plan:
    """The movements of thefts that are traced together, each with a label of its own.

    Parameters
    ----------
    thefts
        Thefts, each taking other outputs than the rest, or a single mark.
    followed
        The addresses of which all transfers are known.
    openings
        What addresses held before their record begins: not stolen.
    links
        Payments on one ledger and what came of them on another: the tainted fraction is carried over.
    """

    def __init__(
        self,
        thefts: Sequence[Theft],
        followed: Collection[Address],
        openings: Iterable[Opening] = (),
        *,
        links: Iterable[Link] = (),
    ) -> None:
        self.thefts = tuple(thefts)
        self.followed = followed
        self.links = tuple(links)
        self.steps: list[Batch | Sale | Exchange] = []
        self.columns: dict[Asset, Columns] = {theft.asset: Columns(theft.asset) for theft in self.thefts}
        self.stolen: list[dict[str, int]] = [{} for _ in self.thefts]
        self.passing: set[tuple[str, int]] = set()
        self._received: set[tuple[str, int]] = set()
        self._openings = tuple(openings)
        self._mark = next((theft for theft in self.thefts if theft.is_mark), None)
        self._marked = {theft.thief for theft in self.thefts}
        self._by_transfer: dict[str, list[int]] = {}
        for label, theft in enumerate(self.thefts):
            self._by_transfer.setdefault(theft.transfer, []).append(label)

    @property
    def labels(self) -> int:
        """How many labels there are: one for each theft."""
        return len(self.thefts)

    @property
    def marked(self) -> Mapping[Asset, dict[int, int]]:
        """Per asset, the place of a mark: all that it spends beyond its record is followed."""
        if self._mark is None:
            return {}
        slot = self.columns[self._mark.asset].slots.get(self._mark.thief)
        return {} if slot is None else {self._mark.asset: {slot: 0}}

    def lay(self, transfers: Sequence[Transfer]) -> Plan:
        """Lay out transfers in chain order; return itself."""
        sales, receipts, after = self._trades(transfers)
        swaps = [swap for each in receipts.values() for swap in each]
        taken = {(name, asset) for s in swaps for name in s.taken for asset in (s.sold, s.bought)}
        for opening in self._openings:
            if opening.asset in self.columns:
                self._open(opening)
        for transfer in woven(transfers, after) if after else transfers:
            if sales:
                self._trade(sales.get(transfer.id, ()), receipts.get(transfer.id, ()))
            for asset in _assets(transfer):
                columns = self.columns.get(asset)
                if columns is not None and not (taken and (transfer.id, asset) in taken):
                    self._move(transfer, columns)
            for swap in sales.get(transfer.id, ()):
                if swap.coin:
                    self._sell(swap)
        self._cut(*self.columns.values())
        return self

    def _trade(self, sales: Iterable[Swap], receipts: Iterable[Swap]) -> None:
        """Lay what is sold and received at a transfer; a coin is sold after the transfer that gives it."""
        for swap in sales:
            if not swap.coin:
                self._sell(swap)
        for swap in receipts:
            self._exchange(swap)

    def _trades(self, transfers: Sequence[Transfer]) -> tuple[_Trades, _Trades, dict[str, str]]:
        """Return what is sold and what is received where, and which receipt comes after which payment."""
        joined = list(linked(self.links, transfers))
        while True:  # what a link brings may be swapped, and what a swap brings may cross
            assets = len(self.columns)
            swaps = self._swaps(transfers)
            sales, receipts = ({name: [swap] for name, swap in swaps.items()} for _ in range(2))
            after: dict[str, str] = {}
            told = {*self._by_transfer, *(name for swap in swaps.values() for name in swap.taken)}
            laid: dict[str, str] = {}
            for one in joined:
                swap = one.swap
                ours = swap.sold in self.columns and not one.givers.isdisjoint(self.followed)
                again = any(laid.get(name, one.paid) != one.paid for name in swap.taken)
                if ours and not again and swap.taken.isdisjoint(told):
                    self.columns.setdefault(swap.bought, Columns(swap.bought))
                    sales.setdefault(one.paid, []).append(swap)
                    receipts.setdefault(one.came, []).append(swap)
                    after[one.came] = one.paid
                    laid |= dict.fromkeys(swap.taken, one.paid)
            if len(self.columns) == assets:
                return sales, receipts, after

    def _swaps(self, transfers: Sequence[Transfer]) -> dict[str, Swap]:
        """Return the swaps of what the thefts may have become, and make room for what it becomes."""
        found = {}
        for name, swap in swaps_in(transfers, self.followed).items():
            if swap.sold in self.columns and swap.taken.isdisjoint(self._by_transfer):
                self.columns.setdefault(swap.bought, Columns(swap.bought))
                found[name] = swap
        return found

    def _open(self, opening: Opening) -> None:
        columns = self.columns[opening.asset]
        place = columns.slot(opening.address, opening.address)
        columns.add(
            Act(None, (), 1), [(OUTSIDE, opening.units)], [(place, opening.units, self._opens(opening))]
        )

    def _opens(self, _: Opening) -> int:
        """Return the label of an opening balance: it is nobody's theft."""
        return OUTSIDE

    def _sell(self, swap: Swap) -> None:
        sold = self.columns[swap.sold]
        place = sold.slot(swap.coin or swap.address, swap.address)
        sold.add(Act(None, (), 1, swap), [(place, swap.out)], [(OUTSIDE, swap.out, OUTSIDE)])
        self._cut(sold)
        self.steps.append(Sale(swap))
        self.passing.update(place for place, _ in swap.gave)

    def _exchange(self, swap: Swap) -> None:
        bought = self.columns[swap.bought]
        self._cut(bought)
        self.steps.append(Exchange(swap, bought.slot(swap.into_coin or swap.into, swap.into)))
        if swap.into_coin:  # laid here, so that the transfer that brings it does not bring it again
            self._received |= {place for place, _ in swap.got}

    def _cut(self, *columns: Columns) -> None:
        self.steps += [each.cut() for each in columns if each.acts]

    def _move(self, transfer: Transfer, columns: Columns) -> None:
        if len(transfer.inputs) == len(transfer.outputs) == 1 and not transfer.inputs[0].coin:
            self._pay(transfer, columns)
        else:
            self._spend(transfer, columns)

    def _pay(self, transfer: Transfer, columns: Columns) -> None:
        """Lay a payment of one giver to one taker, as most are."""
        given, taken = transfer.inputs[0], transfer.outputs[0]
        ours = self._gives(given, columns)
        theft = self._stolen(transfer, transfer.outputs, (given.address,)).get(0, OUTSIDE)
        moves = given.address != taken.address and (ours or taken.address in self.followed)
        if not moves and theft == OUTSIDE:
            return
        source = self._given(given, columns)
        row = (columns.slot(_place(taken), taken.address), taken.units, theft)
        columns.add(Act(transfer, _ONLY, 1), ((source, given.units),), (row,))
        if theft != OUTSIDE:
            self._note(transfer, {0: (theft, taken.units)})
        if self._mark is not None and ours and given.address in self._marked and taken.address:
            self._marked.add(taken.address)

    def _spend(self, transfer: Transfer, columns: Columns) -> None:
        asset = columns.asset
        inputs = [leg for leg in transfer.inputs if leg.asset == asset]
        numbers = tuple(n for n, leg in enumerate(transfer.outputs) if leg.asset == asset)
        if not inputs or not numbers:
            return
        outputs = [transfer.outputs[n] for n in numbers]
        givers = {leg.address for leg in inputs if leg.address}
        takers = {leg.address for leg in outputs if leg.address}
        ours = any(self._gives(leg, columns) for leg in inputs)
        thefts = self._stolen(transfer, outputs, givers)
        held = len(inputs) == len(outputs) == 1 and not inputs[0].coin  # a coin spent is another coin after
        within = held and givers == takers and not thefts
        if within or not (ours or thefts or not takers.isdisjoint(self.followed)):
            return
        given = [(self._given(leg, columns), leg.units) for leg in inputs]
        taken = []
        for n, leg in enumerate(outputs):
            known = ours or n in thefts or leg.address in self.followed
            laid = not known or (transfer.id, n) in self._received
            slot = OUTSIDE if laid else columns.slot(_place(leg), leg.address)
            taken.append((slot, leg.units, thefts.get(n, OUTSIDE)))
        if len(outputs) > 1 and not is_fee(outputs[-1]):
            taken.append((OUTSIDE, 0, OUTSIDE))  # several outputs end with a fee, were it nothing
        columns.add(Act(transfer, numbers, len(taken)), given, taken)
        self._note(transfer, {n: (theft, outputs[n].units) for n, theft in thefts.items()})
        if self._mark is not None and ours and not givers.isdisjoint(self._marked):
            self._marked |= takers

    def _gives(self, leg: Leg, columns: Columns) -> bool:
        """Tell whether a leg gives from what is followed, or from a coin that the way has met."""
        return leg.address in self.followed or bool(leg.coin and leg.coin in columns.slots)

    def _given(self, leg: Leg, columns: Columns) -> int:
        return columns.slot(_place(leg), leg.address) if self._gives(leg, columns) else OUTSIDE

    def _stolen(
        self, transfer: Transfer, outputs: Sequence[Leg], givers: Collection[Address | None]
    ) -> dict[int, int]:
        """Return which outputs bring stolen value in, and of which theft.

        For a mark: what comes to the marked address from one that nothing marked has reached before, so that
        what goes round is not marked twice and every rule starts from the same sum.
        """
        labels = self._by_transfer.get(transfer.id, [])
        if not labels and self._mark is None:
            return {}
        if self._mark is not None:
            comes = transfer.ok and transfer.kind is not Kind.FEE and self._marked.isdisjoint(givers)
            labels = [0] if comes else []
        return {
            n: label
            for label in labels
            for n, leg in enumerate(outputs)
            if (leg.address, leg.asset) == (self.thefts[label].thief, self.thefts[label].asset)
        }

    def _note(self, transfer: Transfer, thefts: Mapping[int, tuple[int, int]]) -> None:
        for theft, units in thefts.values():
            noted = self.stolen[theft]
            noted[transfer.id] = noted.get(transfer.id, 0) + units


def is_fee(leg: Leg) -> bool:
    """Tell whether a leg goes to no address and is no coin: the network keeps it."""
    return leg.address is None and not leg.coin


def _assets(transfer: Transfer) -> Iterable[Asset]:
    """Return what a transfer moves, each asset once."""
    if len(transfer.outputs) == 1:
        return (transfer.outputs[0].asset,)
    return dict.fromkeys(leg.asset for leg in transfer.outputs)


def _place(leg: Leg) -> Address | str | None:
    """Return where a leg's value lies: a coin, or an address's holding; None for a fee."""
    return leg.coin or leg.address
