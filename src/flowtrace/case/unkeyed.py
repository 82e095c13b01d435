"""Crossings that no key joins, in a case: what is tried once a trace is followed, and what comes of it.

A trace is followed with what keys join. What of it came to a swapper is tried against what that paid out.
Where the case says so, what is claimed is followed too, and what comes to swappers then is tried again with
the rest, until nothing new comes. All payments ever met are tried together, so the order plays no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from flowtrace import trace
from flowtrace.case.inferred import Inferred
from flowtrace.crossing.keyless import Paid, Rates, Records, Swappers, Trial
from flowtrace.labels import LabelBook
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Amount,
    Asset,
    Crossed,
    Crossings,
    Finding,
    Kind,
    Likely,
    Role,
    RoleName,
    Rule,
    Standing,
)


@dataclass
class Unkeyed:
    """Tries what came to swappers in a trace.

    Attributes
    ----------
    trial
        What tries payments against a swapper's record.
    service_of
        The id of the swapper whose an address is, empty where it is none's.
    """

    trial: Trial
    service_of: Callable[[Address], str]
    _met: set[Paid] = field(default_factory=set)

    def beside(self, known: Crossings, tracer: trace.Tracer) -> Crossings:
        """Return what is known with what the payments met so far come to."""
        self._met |= {one for one in self._paid(tracer) if not _taken(one, known)}
        if not self._met:
            return known
        tried = self.trial.of(self._met)
        return joined(known, tried.made, tried.likely)

    def _paid(self, tracer: trace.Tracer) -> Iterator[Paid]:
        """Yield each payment to a swapper that carries taint under a rule that conserves."""
        for theft in tracer.stated():
            for rule in (one for one in tracer.rules if one is not Rule.POISON):
                for name, units in tracer.flow(theft, rule).legs.items():
                    if any(units):
                        yield from self._of(tracer, name, units)

    def _of(self, tracer: trace.Tracer, name: str, units: Iterable[int]) -> Iterator[Paid]:
        transfer = tracer.transfers[name]
        if transfer.kind is Kind.FEE or not transfer.ok:
            return
        givers = {leg.address for leg in transfer.inputs if leg.address}
        for number, (leg, tainted) in enumerate(zip(transfer.outputs, units, strict=False)):
            service = self.service_of(leg.address) if leg.address and tainted else ""
            if service and all(self.service_of(giver) != service for giver in givers):
                yield Paid((name, number), service, transfer.time, Amount(leg.asset, leg.units))


def unkeyed(inferred: Inferred, ledger: Ledger, book: LabelBook, *, findings: Iterable[Finding]) -> Unkeyed:
    """Return what tries a case's payments to swappers: by its labels, findings, prices and settings."""
    swappers = Swappers(inferred.swappers)
    deposits = {
        one.address: swappers.of_actor(one.entity)
        for one in findings
        if isinstance(one, Role) and one.role is RoleName.DEPOSIT
    }

    def service_of(address: Address) -> str:
        return deposits.get(address) or swappers.of(book.service(address))

    records, rates = Records(ledger, service_of), Rates(ledger.prices.values())
    return Unkeyed(Trial(records, rates, inferred.habits, inferred.keyless), service_of)


def joined(known: Crossings, made: Iterable[Crossed], likely: Iterable[Likely]) -> Crossings:
    """Return what is known with more beside it: a payment that is in a crossing is not put into another."""
    taken = {place for one in known.made for place in (one.gave, *one.got)}
    more: list[Crossed] = []
    for one in made:
        if taken.isdisjoint((one.gave, *one.got)):
            more.append(one)
            taken |= {one.gave, *one.got}
    listed = dict.fromkeys((*known.likely, *likely))
    return replace(known, made=(*known.made, *more), likely=tuple(listed))


def quotes_wanted(likely: Iterable[Likely], ledger: Ledger, tried: Unkeyed) -> Iterator[tuple[Asset, int]]:
    """Yield of which asset, near which time, a price would let a payment to a swapper be tried."""
    for one in likely:
        name, number = one.gave
        chain, _, tx = name.rpartition(":")[0].rpartition(":")
        paid = next((t for t in ledger.transaction(chain, tx) if t.id == name), None)
        if paid is not None and one.standing is Standing.UNTRIED:
            payouts = tried.trial.records.of(one.protocol).payouts
            assets = [paid.outputs[number].asset, *payouts] if payouts else []
            yield from ((asset, paid.time) for asset in assets)


def _taken(one: Paid, known: Crossings) -> bool:
    return any(one.place == crossed.gave for crossed in known.made)
