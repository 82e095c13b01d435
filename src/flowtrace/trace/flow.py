"""Thefts under one rule, run over transfers in chain order: what of each payment is stolen, and of whom.

The engine does the arithmetic (``flowtrace.kernel``): compiled where it is built, in plain integers elsewhere
and where amounts are too wide, with the same outcome to the unit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from flowtrace.kernel import Engine, Groups, State, Tainted
from flowtrace.kernel.division import split
from flowtrace.model import Address, Asset, Kind, Opening, Rule, Theft, Transfer
from flowtrace.trace.plan import OUTSIDE, Batch, Exchange, Plan, Sale, is_fee
from flowtrace.trace.swap import Swap


@dataclass(frozen=True, slots=True)
class Book:
    """What must reconcile of a theft.

    stolen + bought + clean = fees + sold + overtaken + unaddressed + resting.

    Attributes
    ----------
    stolen
        Units that the theft brought in, or that a mark's address spent beyond its record.
    bought, sold
        Tainted units that a swap brought, and that one took.
    clean
        Units of others that poison counts as tainted; 0 under every other rule.
    overtaken
        Units that a later theft took, and that are of that theft from there on.
    unaddressed
        Units in coins that no address stands for: notes, bare keys, confidential pools.
    """

    stolen: int = 0
    bought: int = 0
    clean: int = 0
    fees: int = 0
    sold: int = 0
    overtaken: int = 0
    unaddressed: int = 0
    resting: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """One theft under one rule, run over everything known so far.

    Attributes
    ----------
    legs
        Per transfer that moves what is traced, the tainted units of each of its outputs.
    stolen
        Per transfer that brings stolen or marked value in, its units.
    passing
        Outputs (transfer and number) to pools and routers, which hold nothing: a swap took it on.
    missing
        Per asset and address, the units that it spent beyond what the record gave it.
    """

    theft: Theft
    rule: Rule
    legs: Mapping[str, Sequence[int]]
    stolen: Mapping[str, int]
    passing: AbstractSet[tuple[str, int]]
    books: Mapping[Asset, Book]
    missing: Mapping[Asset, Mapping[Address, int]]
    _resting: Mapping[tuple[Address, Asset], int]
    _balance: Mapping[tuple[Address, Asset], int]

    def of_leg(self, transfer: Transfer, leg: int) -> int:
        """Return the tainted units that one output of a transfer gets."""
        held = self.legs.get(transfer.id)
        return held[leg] if held and leg < len(held) else 0

    def of(self, transfer: Transfer) -> int:
        """Return the tainted units of a transfer, its fee apart; of a fee, those of the fee."""
        pairs = zip(transfer.outputs, self.legs.get(transfer.id, ()), strict=False)
        return sum(units for leg, units in pairs if (transfer.kind is Kind.FEE) == is_fee(leg))

    def resting(self, address: Address, asset: Asset | None = None) -> int:
        """Return the tainted units that an address holds of an asset, the theft's own, in the end."""
        return self._resting.get((address, asset or self.theft.asset), 0)

    def balance(self, address: Address, asset: Asset | None = None) -> int:
        """Return what an address holds in the end, as far as the record goes, stolen or not."""
        return self._balance.get((address, asset or self.theft.asset), 0)

    @property
    def book(self) -> Book:
        """What must reconcile of the theft's own asset."""
        return self.books[self.theft.asset]


@dataclass
class Run:
    """A plan carried out under one rule: what the engine said of each batch, and of each swap."""

    plan: Plan
    rule: Rule
    told: list[tuple[Batch, Tainted]] = field(default_factory=list)
    traded: list[tuple[Exchange, Mapping[int, int], Mapping[int, int]]] = field(default_factory=list)
    _sales: dict[Swap, tuple[int, Mapping[int, int]]] = field(default_factory=dict)
    _engines: dict[Asset, Engine] = field(default_factory=dict)
    _states: dict[Asset, State] = field(default_factory=dict)
    _injected: dict[Asset, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def carry_out(self) -> Run:
        """Run the plan; return itself."""
        marks = self.plan.marked
        thefts = max(self.plan.labels, 1)
        for asset, columns in self.plan.columns.items():
            marked = marks.get(asset)
            places = len(columns.owners)
            self._engines[asset] = Engine(self.rule, places, thefts=thefts, marked=marked)
        for step in self.plan.steps:
            if isinstance(step, Batch):
                self.told.append((step, self._engines[step.asset].spend(step.groups)))
            elif isinstance(step, Sale):
                sale = next(t for batch, t in reversed(self.told) if batch.asset == step.swap.sold)
                self._sales[step.swap] = _last(sale)
            else:
                self._trade(step)
        self._states = {asset: engine.state() for asset, engine in self._engines.items()}
        return self

    def _trade(self, step: Exchange) -> None:
        """Carry the tainted fraction of what was sold over to what was bought (algorithms 6.3)."""
        swap = step.swap
        total, sold = self._sales[swap]
        bought = carried(self.rule, (total, sold), (swap.out, swap.come))
        labelled = _labelled(self.rule, bought, swap.come)
        clean = swap.come - sum(labelled.values())
        rows = [*((step.place, units, theft) for theft, units in labelled.items()),
                (step.place, clean, OUTSIDE)]  # fmt: skip
        places, units, thefts = (list(column) for column in zip(*rows, strict=True))
        self._engines[swap.bought].spend(
            Groups.of(([1], [OUTSIDE], [swap.come]), ([len(rows)], places, units), theft=thefts)
        )
        self._injected[swap.bought].update(labelled)
        self.traded.append((step, sold, bought))

    def flow(self, label: int) -> Flow:
        """Return what the run says of one theft."""
        theft = self.plan.thefts[label]
        return Flow(
            theft=theft,
            rule=self.rule,
            legs=self._legs(label),
            stolen=self.plan.stolen[label],
            passing=self.plan.passing,
            books={asset: self._book(asset, label) for asset in self._engines},
            missing={asset: self._missing(asset) for asset in self._states},
            _resting=self._resting(label),
            _balance=self._balances(),
        )

    def labels_at(self, address: Address, asset: Asset) -> dict[int, int]:
        """Return what an address holds of an asset in the end, by label; -1 is what has none."""
        state, found = self._states[asset], dict[int, int]()
        held = 0
        for at, owner in enumerate(self.plan.columns[asset].owners):
            if owner == address:
                held += state.balance[at]
                for label, units in state.lots(at):
                    if label != OUTSIDE:
                        found[label] = found.get(label, 0) + units
        rest = held - sum(found.values())
        return {**dict(sorted(found.items())), **({OUTSIDE: rest} if rest else {})}

    def _legs(self, label: int) -> dict[str, list[int]]:
        legs: dict[str, list[int]] = {}
        for batch, tainted in self.told:
            units, row = tainted.of(label), 0
            for name, act in zip(batch.names, batch.acts, strict=True):
                if act.transfer is not None:
                    if len(act.transfer.outputs) == 1:
                        legs[name] = [units[row]]
                    else:
                        held = legs.setdefault(name, [0] * len(act.transfer.outputs))
                        for number, at in zip(act.outputs, range(row, row + act.rows), strict=False):
                            held[number] += units[at]
                row += act.rows
        for step, sold, bought in self.traded:
            gave = () if step.swap.coin else step.swap.gave  # a coin's payment is told where it was laid
            for places, whole in ((gave, sold), (step.swap.got, bought)):
                shares = split(whole.get(label, 0), [units for _, units in places])
                for ((name, number), _), share in zip(places, shares, strict=True):
                    held = legs.setdefault(name, [])
                    held += [0] * (number + 1 - len(held))
                    held[number] += share
        return legs

    def _book(self, asset: Asset, label: int) -> Book:
        sums = self._engines[asset].sums()[label]
        trades = [(s.swap, sold, bought) for s, sold, bought in self.traded]
        gone = sum(sold.get(label, 0) for swap, sold, _ in trades if swap.sold == asset)
        come = sum(bought.get(label, 0) for swap, _, bought in trades if swap.bought == asset)
        injected = self._injected[asset][label]
        return Book(
            stolen=sums.stolen - injected,
            bought=come,
            clean=sums.clean + injected - come,
            fees=sums.left - gone,
            sold=gone,
            overtaken=sums.overtaken,
            unaddressed=(lost := self._unaddressed(asset, label)),
            resting=sums.resting - lost,
        )

    def _unaddressed(self, asset: Asset, label: int) -> int:
        state = self._states[asset]
        nobodys = (at for at, owner in enumerate(self.plan.columns[asset].owners) if owner is None)
        return sum(units for at in nobodys for theft, units in state.lots(at) if theft == label)

    def _resting(self, label: int) -> dict[tuple[Address, Asset], int]:
        resting: dict[tuple[Address, Asset], int] = {}
        for asset, state in self._states.items():
            owners, start = self.plan.columns[asset].owners, 0
            thefts, units = list(state.lot_theft), list(state.lot_units)
            for owner, end in zip(owners, state.ends, strict=True):
                for row in range(start, end):
                    if owner is not None and thefts[row] == label:
                        key = (owner, asset)
                        resting[key] = resting.get(key, 0) + units[row]
                start = end
        return resting

    def _balances(self) -> dict[tuple[Address, Asset], int]:
        balances: dict[tuple[Address, Asset], int] = {}
        for asset, state in self._states.items():
            for owner, units in zip(self.plan.columns[asset].owners, state.balance, strict=True):
                if owner is not None and units:
                    balances[owner, asset] = balances.get((owner, asset), 0) + units
        return balances

    def _missing(self, asset: Asset) -> dict[Address, int]:
        missing = self._states[asset].missing
        slots = self.plan.columns[asset].slots  # numbered as they were met
        return {
            key: units
            for key, units in zip(slots, missing, strict=True)
            if units and isinstance(key, Address)
        }


def _last(tainted: Tainted) -> tuple[int, dict[int, int]]:
    """Return the taint of the last row, and each theft's part of it."""
    total = tainted.units[-1]
    if tainted.ends is None:
        return total, {0: total} if total else {}
    start = tainted.ends[-2] if len(tainted.ends) > 1 else 0
    return total, {tainted.theft[part]: tainted.parts[part] for part in range(start, tainted.ends[-1])}


def carried(rule: Rule, sold: tuple[int, Mapping[int, int]], pair: tuple[int, int]) -> dict[int, int]:
    """Return what each theft has of what was bought, in the proportion in which it had what was sold."""
    (total, parts), (out, come) = sold, pair
    if rule is Rule.POISON:  # each theft claims all that it reached
        return dict.fromkeys(parts, come)
    whole = split(come, [total, out - total])[0] if total else 0
    shares = zip(parts, split(whole, list(parts.values())), strict=True)
    return {theft: share for theft, share in shares if share}


def _labelled(rule: Rule, bought: Mapping[int, int], come: int) -> dict[int, int]:
    """Return the units to label as each theft's on arrival; under poison any unit claims all that is held."""
    if rule is not Rule.POISON:
        return dict(bought)
    labelled = dict.fromkeys(list(bought)[:come], 1)
    if labelled:
        labelled[next(iter(labelled))] = come - len(labelled) + 1
    return labelled


def groups_of(thefts: Sequence[Theft]) -> list[list[Theft]]:
    """Return thefts in groups that are traced together, each with its own label: marks each alone.

    Two thefts of the same payment cannot share out its units, so the second begins a group of its own.
    """
    groups: list[list[Theft]] = []
    taken: list[set[tuple[str, Address, Asset]]] = []
    for theft in thefts:
        key = (theft.transfer, theft.thief, theft.asset)
        open_to = (n for n, keys in enumerate(taken) if not theft.is_mark and keys and key not in keys)
        place = next(open_to, len(groups))
        if place == len(groups):
            groups.append([])
            taken.append(set())
        groups[place].append(theft)
        taken[place] |= set() if theft.is_mark else {key}
    return groups


def flow(
    theft: Theft,
    rule: Rule,
    transfers: Sequence[Transfer],
    *,
    followed: Collection[Address],
    openings: Iterable[Opening] = (),
) -> Flow:
    """Run one theft alone under one rule over transfers in chain order."""
    return Run(Plan([theft], followed, openings).lay(transfers), rule).carry_out().flow(0)
