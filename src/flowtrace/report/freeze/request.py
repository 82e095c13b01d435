"""A freeze request as a noun: to whom, about which credits, up to what amount, by which paths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flowtrace.model import Asset, Deposit, Entity, Hop, Label, Result, Rule, envelope
from flowtrace.report.document.deposits import by_entity
from flowtrace.report.freeze.paths import Way, ways
from flowtrace.report.freeze.wording import WORDING, Wording
from flowtrace.report.tables import stated_rule


@dataclass(frozen=True, slots=True)
class Cap:
    """What is traced to the recipient in one asset: by the stated rule, the range, and what it received."""

    asset: Asset
    traced: int
    low: int
    high: int
    received: int


@dataclass(frozen=True, slots=True)
class FreezeRequest:
    """One package.

    Attributes
    ----------
    urgency
        ``A`` value not yet swept at the end of the record, ``B`` swept within a day before it, ``C``
        historic.
    caps
        The amount the request stops at, per asset.
    claims
        Third-party claims (class X) that name further addresses of the recipient: shown apart, never
        asked for.
    """

    id: str
    entity: Entity
    wording: Wording
    rule: Rule
    urgency: str
    deposits: tuple[Deposit, ...]
    caps: tuple[Cap, ...]
    ways: tuple[Way, ...]
    claims: tuple[Label, ...]


def freeze_requests(result: Result) -> list[FreezeRequest]:
    """Return a request per exchange at whose deposit addresses traced value arrived, in order of ids."""
    return [_request(result, entity, deposits) for entity, deposits in by_entity(result).values()]


def _request(result: Result, entity: Entity, deposits: list[Deposit]) -> FreezeRequest:
    rule = stated_rule(result)
    return FreezeRequest(
        f"{result.incident.id}-{entity.id}",
        entity,
        WORDING[result.requester.mode],
        rule,
        _urgency(result, deposits),
        tuple(deposits),
        tuple(_caps(deposits, rule)),
        ways(result, deposits),
        _claims(result, entity, {d.hop.transfer.target for d in deposits}),
    )


def _caps(deposits: list[Deposit], rule: Rule) -> Iterable[Cap]:
    for asset in dict.fromkeys(d.hop.transfer.amount.asset for d in deposits):
        hops = [d.hop for d in deposits if d.hop.transfer.amount.asset == asset]
        low, high = envelope({r: _sum(hops, r) for r in hops[0].taint})
        received = {h.transfer.id: h.transfer.amount.units for h in hops}
        yield Cap(asset, _sum(hops, rule), low, high, sum(received.values()))


def _sum(hops: Iterable[Hop], rule: Rule) -> int:
    return sum(hop.taint[rule] for hop in hops)


def _urgency(result: Result, deposits: list[Deposit]) -> str:
    if any(deposit.sweep is None for deposit in deposits):
        return "A"
    end = datetime.fromisoformat(result.as_of[:10]).replace(tzinfo=UTC) + timedelta(days=1)
    last = max(deposit.sweep.time for deposit in deposits if deposit.sweep)
    return "B" if end - datetime.fromtimestamp(last, UTC) < timedelta(days=1) else "C"


def _claims(result: Result, entity: Entity, found: set[object]) -> tuple[Label, ...]:
    said = {label for labels in result.labels.values() for label in labels if label.asserted}
    said |= {label for stop in result.trace.stops for label in stop.claims}
    name = entity.name.casefold()
    mine = [
        label
        for label in said
        if label.address not in found
        and ((label.entity and label.entity.id == entity.id) or name in label.text.casefold())
    ]
    return tuple(sorted(mine, key=lambda label: (label.address, label.text, label.source)))
