"""Crossings that no key joins, in a case: what is tried once a trace is followed, and what comes of it.

A trace is followed with what keys join. What of it came to a swapper is tried against what that paid out.
Where the case says so, what is claimed is followed too, and what comes to swappers then is tried again with
the rest, until nothing new comes. All payments ever met are tried together, so the order plays no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from flowtrace import trace
from flowtrace.case.inferred import Inferred
from flowtrace.crossing.keyless import Paid, Rates, Records, Swappers, Trial
from flowtrace.labels import LabelBook
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Amount,
    Crossed,
    Crossings,
    Finding,
    Kind,
    Leg,
    Likely,
    Role,
    RoleName,
    Rule,
    Transfer,
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
    transaction: Callable[[str, str], Sequence[Transfer]]
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
                amount, why = Amount(leg.asset, leg.units), self._mixed(transfer, leg)
                yield Paid((name, number), service, transfer.time, amount, why)

    def _mixed(self, transfer: Transfer, paid: Leg) -> str:
        """Return why a payment cannot be told from others that its giver made with it; a coin can."""
        if paid.coin:
            return ""
        together = self.transaction(transfer.chain_id, transfer.tx)
        others = [
            one for one in together
            if one.id != transfer.id and one.ok and one.kind is not Kind.FEE
            and any((leg.address, leg.asset) == (transfer.source, paid.asset) for leg in one.inputs)
        ]  # fmt: skip
        return "its transaction pays others of the same asset too" if others else ""


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

    records, rates = Records(ledger, service_of), Rates((*ledger.prices.values(), *inferred.quotes))
    trial = Trial(records, rates, inferred.habits, inferred.keyless)
    return Unkeyed(trial, service_of, ledger.transaction)


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


def _taken(one: Paid, known: Crossings) -> bool:
    return any(one.place == crossed.gave for crossed in known.made)
