"""The asking tracer: it says which addresses it wants next, and is given their transfers. It never fetches.

Best first by tainted share of the theft. A trace ends at an address for one stated reason: it is a service,
a mixer or an exchange's deposit address; there is no data for it; the stolen part is below the minimum; or
the budget of addresses is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Asset,
    Class,
    Entity,
    Kind,
    Rule,
    StopReason,
    Theft,
    Transfer,
)
from flowtrace.trace.taint import Move, Purses

BATCH = 8


@dataclass(frozen=True, slots=True)
class Policy:
    """How far to follow.

    Attributes
    ----------
    minimum
        Base units per asset below which an address is not followed further.
    budget
        How many addresses to ask for at most.
    """

    minimum: tuple[tuple[Asset, int], ...] = ()
    budget: int = 2000
    rules: tuple[Rule, ...] = ACCOUNT_RULES


@dataclass(frozen=True, slots=True)
class End:
    """Whose address it is, so that a trace ends there, and how that is known."""

    reason: StopReason
    entity: Entity | None
    cls: Class
    basis: str


@dataclass
class Flow:
    """One theft under one rule, run over everything known so far."""

    theft: Theft
    purses: Purses
    taint: dict[str, int] = field(default_factory=dict)
    fees: int = 0


class Tracer:
    """Follows thefts through account-chain ledgers.

    Parameters
    ----------
    thefts
        The stolen amounts; each keeps its own taint.
    end_of
        Tells whether an address ends the trace, from labels and findings.
    policy
        How far to follow.
    """

    def __init__(
        self, thefts: Sequence[Theft], end_of: Callable[[Address], End | None], policy: Policy
    ) -> None:
        self.thefts = tuple(thefts)
        self.policy = policy
        self.end_of = end_of
        self.transfers: dict[str, Transfer] = {}
        self.followed: list[Address] = []
        self.ends: dict[Address, End] = {}
        self._seeds = {theft.thief for theft in thefts}
        self._ordered: list[Transfer] | None = None

    def wanted(self) -> list[Address]:
        """Return the next addresses to ask for, most tainted first; none when the trace is done."""
        seeds = self._seeds.difference(self.followed, self.ends)
        if seeds:
            return sorted(seeds)
        frontier = sorted((-share, address) for address, share in self._frontier().items())
        silent = sum(end.reason is StopReason.NO_DATA for end in self.ends.values())
        room = self.policy.budget - len(self.followed) - silent
        for _, address in frontier[max(room, 0) :]:
            self.ends[address] = End(StopReason.BUDGET, None, Class.D, "the budget of addresses is spent")
        return [address for _, address in frontier[: max(min(BATCH, room), 0)]]

    def add(self, address: Address, transfers: Sequence[Transfer] | None) -> None:
        """Take the transfers of an address that was wanted; None says that there is no data for it."""
        if transfers is None:
            basis = "no transactions of this address are in the record"
            self.ends[address] = End(StopReason.NO_DATA, None, Class.D, basis)
            return
        self.followed.append(address)
        self.transfers.update((t.id, t) for t in transfers)
        self._ordered = None

    def flow(self, theft: Theft, rule: Rule) -> Flow:
        """Run one theft under one rule over everything added, in chain order."""
        flow = Flow(theft, Purses(rule))
        followed = set(self.followed)
        for transfer in self.in_order():
            if transfer.outputs[0].asset != theft.asset:
                continue
            move = _move(transfer, followed, theft)
            if move is not None:
                tainted = flow.purses.apply(move)
                flow.taint[transfer.id] = tainted
                flow.fees += tainted if transfer.kind is Kind.FEE else 0
        return flow

    def in_order(self) -> list[Transfer]:
        """Return the added transfers that moved something, in chain order."""
        if self._ordered is None:
            moved = (t for t in self.transfers.values() if t.ok or t.kind is Kind.FEE)
            self._ordered = sorted(moved, key=lambda t: (t.chain_id, *t.key, t.tx, t.position))
        return self._ordered

    def _frontier(self) -> dict[Address, Fraction]:
        """Return the tainted share of its theft per address not yet asked for, and end those that stop here.

        An address is worth asking for when any rule that conserves brings it the minimum. Poison decides
        nothing: it would follow everyone the thief ever paid.
        """
        settled = {*self.followed, *self.ends}
        minimum = dict(self.policy.minimum)
        shares: dict[Address, Fraction] = {}
        for theft in self.thefts:
            for address, units in self._arrived(theft).items():
                if address not in settled and units >= minimum.get(theft.asset, 1):
                    shares[address] = max(shares.get(address, Fraction(0)), Fraction(units, theft.units))
        for address in sorted(shares):
            end = self.end_of(address)
            if end is not None:
                self.ends[address] = end
                del shares[address]
        return shares

    def _arrived(self, theft: Theft) -> dict[Address, int]:
        """Return the most that any conserving rule ever brought each address, in base units."""
        most: dict[Address, int] = {}
        for rule in self.policy.rules:
            if rule is not Rule.POISON:
                for address, units in self._arrived_under(theft, rule).items():
                    most[address] = max(most.get(address, 0), units)
        return most

    def _arrived_under(self, theft: Theft, rule: Rule) -> dict[Address, int]:
        arrived: dict[Address, int] = {}
        for name, tainted in self.flow(theft, rule).taint.items():
            target = self.transfers[name].outputs[0].address
            if target is not None and tainted:
                arrived[target] = arrived.get(target, 0) + tainted
        return arrived


def _move(transfer: Transfer, followed: set[Address], theft: Theft) -> Move | None:
    """Return the transfer as a move between followed places, or None where it concerns none of them."""
    giver, taker = transfer.inputs[0].address, transfer.outputs[0].address
    stolen = transfer.id == theft.transfer
    source = giver if giver in followed else None
    target = taker if source is not None or taker in followed else None
    if (source is None and target is None) or (giver == taker and not stolen):
        return None
    return Move(source, target, theft.asset, transfer.outputs[0].units, stolen=stolen)
