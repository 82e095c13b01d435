"""The asking tracer: it says which addresses it wants next, and is given their transfers. It never fetches.

Best first by tainted share of the theft; where shares tie, by a local rank from the thief. A trace ends at an
address for one stated reason: it is a service, a mixer or an exchange's deposit address; there is no data for
it; the stolen part is below the minimum; or the budget of addresses is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import lcm

from flowtrace.errors import InputError
from flowtrace.model import (
    Address,
    Asset,
    Chain,
    Class,
    Entity,
    Family,
    Kind,
    Link,
    Opening,
    Rule,
    StopReason,
    Theft,
    Transfer,
    rules_for,
)
from flowtrace.model.bank import is_unnamed
from flowtrace.trace.arrivals import Arrivals, Arrived
from flowtrace.trace.flow import Flow, Run, groups_of
from flowtrace.trace.plan import Plan
from flowtrace.trace.rank import SwapRank, payments
from flowtrace.trace.swap import swaps_in

BATCH = 8


def _bank_lacks(address: Address) -> str:
    """Return why nothing is known of what an account at a bank did next, and whom to ask."""
    if is_unnamed(address.account):
        return "the statement does not name the account on the other side: ask the bank for this entry"
    return "no statement of this account is in the record: ask the bank that keeps it"


def _least(asset: Asset) -> int:
    """Return the least that is followed of what came by exchange: a coin, or a hundredth of a scarce one."""
    least: int = 10 ** max(0, asset.decimals - (2 if Chain.of(asset.chain_id).family is Family.UTXO else 0))
    return least


@dataclass(frozen=True, slots=True)
class Policy:
    """How far to follow.

    Attributes
    ----------
    minimum
        Base units per asset below which an address is not followed further.
    budget
        How many addresses to ask for at most.
    openings
        What addresses held before their record begins, counted as not stolen.
    """

    minimum: tuple[tuple[Asset, int], ...] = ()
    budget: int = 2000
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """Whose address it is, so that a trace ends there, and how that is known."""

    reason: StopReason
    entity: Entity | None
    cls: Class
    basis: str


class Tracer:
    """Follows thefts through ledgers of accounts and of coins, several at once, each with its own taint.

    Parameters
    ----------
    thefts
        The stolen amounts; each keeps its own taint.
    end_of
        Tells whether an address ends the trace, from labels and findings.
    policy
        How far to follow.
    links
        Payments that came again on another ledger, as far as anything knows of them.
    """

    def __init__(
        self,
        thefts: Sequence[Theft],
        end_of: Callable[[Address], End | None],
        policy: Policy,
        *,
        links: Iterable[Link] = (),
    ) -> None:
        self.thefts = tuple(thefts)
        twice = [theft.id for theft in thefts if [other.id for other in thefts].count(theft.id) > 1]
        if twice:
            raise InputError(f"two thefts are called {twice[0]!r}: give each an id of its own")
        self.rules = rules_for(theft.asset for theft in thefts)
        self.policy = policy
        self.links = tuple(links)
        self.end_of = end_of
        self.transfers: dict[str, Transfer] = {}
        self.followed: list[Address] = []
        self._followed: set[Address] = set()
        self.ends: dict[Address, End] = {}
        self._seeds = {theft.thief for theft in thefts}
        plain = not self.links and not any(theft.is_mark for theft in thefts)
        self._arrivals = Arrivals(self.thefts, self._followed, policy.openings) if plain else None
        self._queue: list[Address] = []
        self._ordered: list[Transfer] | None = None
        self._plans: list[Plan] | None = None
        self._flows: dict[tuple[str, Rule], Flow] = {}

    def wanted(self) -> list[Address]:
        """Return the next addresses to ask for, most tainted first; none when the trace is done."""
        seeds = [seed for seed in self._seeds if not self._settled(seed)]
        if seeds:
            return sorted(seeds)
        self._queue = [address for address in self._queue if not self._settled(address)]
        if not self._queue:
            self._queue = self._next()
        return self._queue[:BATCH]

    def _next(self) -> list[Address]:
        """Return what to ask for until the shares are worked out anew, and end what is beyond the budget.

        A share comes from one payer or is joined of several, so what is found meanwhile seldom has more than
        those it came from: all of at least half the largest share are taken together, and a batch at least.
        """
        shares = self._frontier()
        silent = sum(end.reason is StopReason.NO_DATA for end in self.ends.values())
        room = max(self.policy.budget - len(self.followed) - silent, 0)
        most = max(shares.values(), default=0)
        like = sum(2 * share >= most for share in shares.values())
        cut = min(room, max(like, BATCH))
        ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        told_apart = len({share for _, share in ordered[: cut + 1]}) == len(ordered[: cut + 1])
        if not told_apart and len(ordered) > min(BATCH, cut):
            ranks = self._ranks()
            ordered.sort(key=lambda item: (-item[1], -ranks.get(item[0], 0), item[0]))
        for address, _ in ordered[room:]:
            self.ends[address] = End(StopReason.BUDGET, None, Class.D, "the budget of addresses is spent")
        return [address for address, _ in ordered[:cut]]

    def add(self, address: Address, transfers: Sequence[Transfer] | None) -> None:
        """Take the transfers of an address that was wanted; None says that there is no data for it."""
        if transfers is None:
            basis = "no transactions of this address are in the record"
            if address.chain.family is Family.BANK:
                basis = _bank_lacks(address)
            self.ends[address] = End(StopReason.NO_DATA, None, Class.D, basis)
            return
        self.followed.append(address)
        self._followed.add(address)
        named = {transfer.id: transfer for transfer in transfers}
        if self._arrivals is not None:
            known = self.transfers
            again = any(known.get(name, one) != one for name, one in named.items())
            self._arrivals.add(address, (one for name, one in named.items() if name not in known))
            if again or not self._arrivals.fit:
                self._arrivals = None
        self.transfers |= named
        self._ordered = self._plans = None
        self._flows = {}

    def link(self, links: Iterable[Link], transfers: Iterable[Transfer] = ()) -> None:
        """Take what is known of crossings from now on, instead of what was known before.

        Parameters
        ----------
        transfers
            The payments that the links name: that of the other side is nobody's who was added.
        """
        self.links = tuple(links)
        named = {transfer.id: transfer for transfer in transfers}
        self.transfers |= {name: one for name, one in named.items() if name not in self.transfers}
        if self.links:
            self._arrivals = None
        self._queue = []
        self._ordered = self._plans = None
        self._flows = {}

    def end(self, address: Address, end: End) -> None:
        """Take that the trace ends at an address that was wanted, for a reason found only now."""
        self.ends[address] = end

    def flow(self, theft: Theft, rule: Rule) -> Flow:
        """Return one theft under one rule, run with the others over everything added, in chain order."""
        if (theft.id, rule) not in self._flows:
            for plan in self.plans():
                run = Run(plan, rule).carry_out()
                self._flows |= {(one.id, rule): run.flow(n) for n, one in enumerate(plan.thefts)}
        return self._flows[theft.id, rule]

    def plans(self) -> list[Plan]:
        """Return the movements of all thefts as added so far: of all together, and of each mark alone."""
        if self._plans is None:
            self._plans = [
                Plan(group, self._followed, self.policy.openings, links=self.links).lay(self.in_order())
                for group in self._groups()
            ]
        return self._plans

    def _groups(self) -> list[list[Theft]]:
        """Return the thefts as they are traced together, by the names that their transfers have here."""
        known = [one if one.is_mark else replace(one, transfer=self._told(one)) for one in self.thefts]
        return groups_of(known)

    def stated(self) -> tuple[Theft, ...]:
        """Return the thefts as the transfers added so far tell them.

        A mark gets the sum of what it marked; one that marked nothing is left out. A theft whose transfer
        another source tells in another way (as a payment within a transaction, not by its calldata) gets the
        name it has there.
        """
        found = []
        for theft in self.thefts:
            if theft.is_mark:
                units = self.flow(theft, Rule.PRO_RATA).book.stolen
                found += [replace(theft, units=units)] if units else []
            else:
                found.append(replace(theft, transfer=self._told(theft)))
        return tuple(found)

    def _told(self, theft: Theft) -> str:
        """Return the id of the theft's transfer, or of the one in its transaction that moves the same."""
        if theft.transfer in self.transfers:
            return theft.transfer
        tx = theft.transfer.rpartition(":")[0]
        same = (
            transfer.id
            for transfer in self.in_order()
            if transfer.id.startswith(f"{tx}:") and transfer.target == theft.thief
            and (transfer.amount.asset, transfer.amount.units) == (theft.asset, theft.units)
        )  # fmt: skip
        return next(same, theft.transfer)

    def in_order(self) -> list[Transfer]:
        """Return the added transfers that moved something, in chain order."""
        if self._ordered is None:
            moved = (t for t in self.transfers.values() if t.ok or t.kind is Kind.FEE)
            self._ordered = sorted(moved, key=lambda t: (t.chain_id, *t.key, t.tx, t.position))
        return self._ordered

    def _ranks(self) -> dict[Address, int]:
        """Return how much of the thieves' local rank came to each address: an order to ask in, no more."""
        known = payments(self.in_order())
        ranks: dict[Address, int] = {}
        for thief in sorted(self._seeds):
            whole = SwapRank(thief).run(lambda node: known.get(node, ()), can=self._followed.__contains__)
            for address, mass in whole.items():
                ranks[address] = ranks.get(address, 0) + mass
        return ranks

    def _frontier(self) -> dict[Address, int]:
        """Return the tainted share of its theft per address not yet asked for, and end those that stop here.

        An address is worth asking for when any rule that conserves brings it the minimum. Poison decides
        nothing: it would follow everyone the thief ever paid. Shares are whole numbers, of one denominator.
        """
        minimum = dict(self.policy.minimum)
        parts: list[tuple[Address, int, int]] = []
        for theft, arrived in self._arrived():
            for (address, asset), units in arrived.items():
                least = minimum.get(asset, 1 if asset == theft.asset else _least(asset))
                if units >= least and not self._settled(address):
                    parts.append((address, units, self._whole(theft, asset)))
        all_of_it = lcm(*{whole for _, _, whole in parts})
        shares: dict[Address, int] = {}
        for address, units, whole in parts:
            shares[address] = max(shares.get(address, 0), units * (all_of_it // whole))
        for address in sorted(shares):
            end = self.end_of(address)
            if end is not None:
                self.ends[address] = end
                del shares[address]
        return shares

    def _whole(self, theft: Theft, asset: Asset) -> int:
        """Return all of a theft in an asset: what was stolen, or the most that any rule says was bought."""
        if asset == theft.asset:
            return theft.units
        return max(self.flow(theft, rule).books[asset].bought for rule in self.rules)

    def _settled(self, address: Address) -> bool:
        return address in self._followed or address in self.ends

    def _arrived(self) -> Iterator[tuple[Theft, Arrived]]:
        """Yield, per theft, the most that any conserving rule ever brought each address that is not settled.

        By columns that grow, where all is told in rows and nothing stolen is swapped or crosses; else, and
        for marks, by the plan, and of all addresses.
        """
        rules = [rule for rule in self.rules if rule is not Rule.POISON]
        if self._arrivals is None or self._swaps():
            for theft in self.stated():
                most: Arrived = {}
                for rule in rules:
                    for key, units in self._arrived_under(theft, rule).items():
                        most[key] = max(most.get(key, 0), units)
                yield theft, most
        else:
            arrived = self._arrivals.most(self._groups(), rules, self._settled)
            yield from ((theft, arrived[theft.id]) for theft in self.thefts)

    def _swaps(self) -> bool:
        """Tell whether anybody who is followed sold a stolen asset for another."""
        if self._arrivals is None or not self._arrivals.mixed:
            return False
        stolen = {theft.asset for theft in self.thefts}
        swaps = swaps_in(self.in_order(), self._followed).values()
        return any(swap.sold in stolen for swap in swaps)

    def _arrived_under(self, theft: Theft, rule: Rule) -> Arrived:
        arrived: Arrived = {}
        found = self.flow(theft, rule)
        for name, units in found.legs.items():
            if any(units):
                for number, (leg, part) in enumerate(zip(self.transfers[name].outputs, units, strict=False)):
                    if part and leg.address is not None and (name, number) not in found.passing:
                        key = (leg.address, leg.asset)
                        arrived[key] = arrived.get(key, 0) + part
        return arrived
