"""An oracle: one theft alone, run over transfers in chain order, written apart from the tracer.

A transfer's legs give and take of places: an address holds of an asset on an account chain, a coin is a place
of its own on a UTXO chain. Several inputs pay several outputs as one UTXO transaction does, whatever the
chain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from flowtrace.model import Address, Asset, Kind, Leg, Rule, Theft, Transfer
from kernel.oracle import Place, Purses


@dataclass
class Flow:
    """One theft under one rule, run over everything known so far.

    Attributes
    ----------
    taint
        Per transfer that moves the theft's asset, its tainted units, fees not among them but for transfers
        that are fees.
    parts
        Per transfer with several outputs, the tainted units of each.
    stolen
        Per transfer that brings stolen or marked value in, its units.
    """

    theft: Theft
    purses: Purses
    taint: dict[str, int] = field(default_factory=dict)
    parts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    stolen: dict[str, int] = field(default_factory=dict)
    fees: int = 0
    _coins: dict[Address, list[str]] = field(default_factory=dict)

    def of_leg(self, transfer: Transfer, leg: int) -> int:
        """Return the tainted units that one output of a transfer gets."""
        if transfer.id in self.parts:
            return self.parts[transfer.id][leg]
        return self.taint.get(transfer.id, 0)

    def resting(self, address: Address) -> int:
        """Return the tainted units that an address holds of the theft's asset in the end."""
        places: list[Place] = [(address, self.theft.asset)]
        places += [(coin, self.theft.asset) for coin in self._coins.get(address, ())]
        return sum(self.purses.held[place].taint for place in places if place in self.purses.held)

    def run(self, transfers: Iterable[Transfer], followed: Collection[Address]) -> Flow:
        """Move every transfer that concerns a followed address, in the order given; return itself."""
        marked = {self.theft.thief}
        for transfer in transfers:
            inputs = [leg for leg in transfer.inputs if leg.asset == self.theft.asset]
            outputs = [leg for leg in transfer.outputs if leg.asset == self.theft.asset]
            if inputs and outputs:
                self._move(transfer, (inputs, outputs), followed, marked=marked)
        return self

    def _move(
        self,
        transfer: Transfer,
        legs: tuple[list[Leg], list[Leg]],
        followed: Collection[Address],
        *,
        marked: set[Address],
    ) -> None:
        inputs, outputs = legs
        givers = {leg.address for leg in inputs if leg.address}
        takers = {leg.address for leg in outputs if leg.address}
        given = [(self._giving(leg, followed), leg.units) for leg in inputs]
        ours = any(place is not None for place, _ in given)
        stolen = self._stolen(transfer, outputs, givers=givers, marked=marked)
        held = len(inputs) == len(outputs) == 1 and not inputs[0].coin  # a coin spent is another coin after
        within = held and givers == takers and not stolen
        if within or not (ours or stolen or not takers.isdisjoint(followed)):
            return
        taken = [(_place(leg) if ours or leg.address in followed else None, leg.units) for leg in outputs]
        if len(outputs) > 1 and not _is_fee(outputs[-1]):
            taken.append((None, 0))  # a transaction of several outputs ends with its fee, were it nothing
        parts = self.purses.spend(given, taken, stolen=stolen)[: len(outputs)]
        self._count(transfer, outputs, parts)
        if self.theft.is_mark and ours and not givers.isdisjoint(marked):
            marked |= takers
        for place in stolen:
            self.stolen[transfer.id] = self.stolen.get(transfer.id, 0) + outputs[place].units

    def _giving(self, leg: Leg, followed: Collection[Address]) -> Place | None:
        """Return the place a leg gives from; None for what comes from outside what is followed."""
        place = _place(leg)
        return place if leg.address in followed or (leg.coin and place in self.purses.held) else None

    def _stolen(
        self, transfer: Transfer, outputs: list[Leg], *, givers: Collection[Address], marked: set[Address]
    ) -> frozenset[int]:
        """Return which outputs bring stolen value in.

        For a mark: what comes to the marked address from one that nothing marked has reached before, so that
        what goes round is not marked twice and every rule starts from the same sum.
        """
        if self.theft.is_mark:
            if not transfer.ok or transfer.kind is Kind.FEE or not marked.isdisjoint(givers):
                return frozenset()
        elif transfer.id != self.theft.transfer:
            return frozenset()
        return frozenset(n for n, leg in enumerate(outputs) if leg.address == self.theft.thief)

    def _count(self, transfer: Transfer, outputs: list[Leg], parts: list[int]) -> None:
        fee = sum(part for part, leg in zip(parts, outputs, strict=True) if _is_fee(leg))
        self.fees += fee
        self.taint[transfer.id] = fee if transfer.kind is Kind.FEE else sum(parts) - fee
        if len(transfer.outputs) > 1:
            each = iter(parts)
            asset = self.theft.asset
            self.parts[transfer.id] = tuple(next(each) if o.asset == asset else 0 for o in transfer.outputs)
        for leg in outputs:
            if leg.coin and leg.address is not None:
                self._coins.setdefault(leg.address, []).append(leg.coin)


def flow(theft: Theft, rule: Rule, transfers: Iterable[Transfer], *, followed: Collection[Address]) -> Flow:
    """Run one theft under one rule over transfers in chain order."""
    marked = (theft.thief, theft.asset) if theft.is_mark else None
    return Flow(theft, Purses(rule, marked)).run(transfers, followed)


def _is_fee(leg: Leg) -> bool:
    return leg.address is None and not leg.coin


def _place(leg: Leg) -> Place | None:
    """Return where a leg's value lies: a coin, or an address's holding; None for a fee."""
    asset: Asset = leg.asset
    if leg.coin:
        return (leg.coin, asset)
    return None if leg.address is None else (leg.address, asset)
