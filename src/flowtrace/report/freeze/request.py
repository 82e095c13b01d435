"""A freeze request as a noun: to whom, about which credits, up to what amount, by which paths.

A credit is a payment into a deposit address of the exchange, or straight into a wallet that labels name as
its own. Of the second kind the request names transactions, never the wallet: what is asked concerns the
account that the exchange credited by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flowtrace.model import Asset, Entity, Hop, Label, Result, Rule, Vasp, envelope
from flowtrace.report.credit import Credit, by_entity, fault, fed, received, summed
from flowtrace.report.freeze.paths import Way, ways
from flowtrace.report.freeze.wording import WORDING, Wording
from flowtrace.report.subject import is_theft
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
        ``A`` value not yet swept at the end of the record, ``B`` at the exchange's own wallets within a day
        before it, ``C`` historic.
    deposits
        The credits asked about, into deposit addresses and straight into the exchange's wallets.
    hops
        Every hop by which value can have come to them.
    caps
        The amount the request stops at, per asset.
    claims
        Third-party claims (class X) that name further addresses of the recipient: shown apart, never
        asked for.
    contact
        What the registry holds of the recipient, from its own pages; None where it holds nothing.
    """

    id: str
    entity: Entity
    wording: Wording
    rule: Rule
    urgency: str
    deposits: tuple[Credit, ...]
    hops: tuple[Hop, ...]
    caps: tuple[Cap, ...]
    ways: tuple[Way, ...]
    claims: tuple[Label, ...]
    contact: Vasp | None = None

    @property
    def found(self) -> tuple[Credit, ...]:
        """The credits into deposit addresses."""
        return tuple(credit for credit in self.deposits if not credit.pooled)

    @property
    def pooled(self) -> tuple[Credit, ...]:
        """The credits straight into wallets of the exchange."""
        return tuple(credit for credit in self.deposits if credit.pooled)


def freeze_requests(result: Result) -> list[FreezeRequest]:
    """Return a request per exchange that traced value came to, in order of ids.

    None is made where no theft is stated, and none about credits that intake would refuse (`credit.fault`):
    the report says so.
    """
    if not is_theft(result.incident):
        return []
    found = by_entity(result).values()
    return [_request(result, entity, held) for entity, held in found if not fault(result, held)]


def _request(result: Result, entity: Entity, held: list[Credit]) -> FreezeRequest:
    rule = stated_rule(result)
    return FreezeRequest(
        f"{result.incident.id}-{entity.id}",
        entity,
        WORDING[result.requester.mode],
        rule,
        _urgency(result, held),
        tuple(held),
        tuple(fed(result, held)),
        tuple(_caps(held, rule)),
        ways(result, held),
        _claims(result, entity, {credit.hop.target for credit in held}),
        result.recipients.get(entity.id),
    )


def _caps(held: list[Credit], rule: Rule) -> Iterable[Cap]:
    for asset, units in received(held).items():
        taint = summed((c for c in held if c.hop.amount.asset == asset), held[0].hop.taint)
        low, high = envelope(taint)
        yield Cap(asset, taint[rule], low, high, units)


def _urgency(result: Result, held: list[Credit]) -> str:
    if any(credit.sweep is None and not credit.pooled for credit in held):
        return "A"
    end = datetime.fromisoformat(result.as_of[:10]).replace(tzinfo=UTC) + timedelta(days=1)
    last = max((credit.sweep or credit.hop.transfer).time for credit in held)
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
