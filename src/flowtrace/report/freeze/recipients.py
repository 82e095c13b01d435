"""Whom a case gives rise to write to: exchanges, those that others name, issuers; mixers to tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from flowtrace.model import (
    Address,
    Asset,
    Category,
    Class,
    Entity,
    Hop,
    Label,
    Result,
    Rule,
    Stop,
    StopReason,
    Use,
    envelope,
)
from flowtrace.report.credit import Credit, by_entity, fault, fed
from flowtrace.report.freeze.actions import (
    FLAG,
    PRESERVE_DAYS,
    PRESERVE_RECORDS,
    Action,
    actions_of,
    issuer_actions,
)
from flowtrace.report.freeze.issuers import issuer_of
from flowtrace.report.freeze.paths import ways
from flowtrace.report.freeze.request import Cap, FreezeRequest, Kind, caps_of
from flowtrace.report.freeze.wording import HISTORIC, RESTING_URGENCY, URGENCY, WORDING
from flowtrace.report.subject import is_theft
from flowtrace.report.tables import stated_rule

_UNREAD = frozenset({StopReason.NO_DATA, StopReason.INCOMPLETE, StopReason.AT_REST, StopReason.MINIMUM})
"""Where a trace ends at an address of nobody known, so that a third party's word on it may matter."""


def freeze_requests(result: Result) -> list[FreezeRequest]:
    """Return every package that a case gives rise to, in order of kinds, then of ids.

    None is made where no theft is stated, and none about credits that intake would refuse (`credit.fault`):
    the report says so.
    """
    if not is_theft(result.incident):
        return []
    return [*exchange_requests(result), *further_requests(result)]


def further_requests(result: Result) -> list[FreezeRequest]:
    """Return those to others than exchanges that were reached: on claims, about mixers, to issuers."""
    if not is_theft(result.incident):
        return []
    return [one for kind in (_claimed, _mixers, _issuers) for one in kind(result)]


def exchange_requests(result: Result) -> Iterator[FreezeRequest]:
    """Yield a request per exchange that was reached, in order of ids."""
    for entity, held in by_entity(result).values():
        if not fault(result, held):
            claims = _claims(result, entity, {credit.hop.target for credit in held})
            yield _request(
                result, (Kind.EXCHANGE, entity), held, claims=claims, actions=actions_of(result.requester)
            )


def _claimed(result: Result) -> Iterator[FreezeRequest]:
    """Ask an exchange that is reached by nothing but a third party's claim: a question, not a request."""
    reached = by_entity(result)
    by_name: dict[str, tuple[Entity, list[tuple[Stop, Label]]]] = {}
    for stop in result.trace.stops:
        for label in stop.claims:
            is_deposit = label.use is Use.DEPOSIT and label.category is Category.EXCHANGE
            if label.entity and is_deposit and stop.reason in _UNREAD and label.entity.id not in reached:
                by_name.setdefault(label.entity.id, (label.entity, []))[1].append((stop, label))
    asked = tuple(
        Action(kind, "voluntary, if the address is the recipient's", PRESERVE_DAYS)
        for kind in (FLAG, PRESERVE_RECORDS)
    )
    for _, (entity, said) in sorted(by_name.items()):
        held = [credit for one in said for credit in _claim_credits(result, one, entity)]
        if any(any(credit.hop.taint.values()) for credit in held) and not fault(result, held):
            claims = tuple(sorted({label for _, label in said}, key=_order))
            yield _request(result, (Kind.CLAIM, entity), held, claims=claims, actions=asked)


def _claim_credits(result: Result, said: tuple[Stop, Label], entity: Entity) -> Iterator[Credit]:
    stop, label = said
    basis = f"claimed {label.text!r} ({label.confidence}, {label.date}) by {label.source}; not verified"
    place = "address that a third party names as a deposit address (X)"
    for hop in _hops_to(result, stop):
        yield Credit(hop, entity, basis, None, None, place=place, cls=Class.X)


def _mixers(result: Result) -> Iterator[FreezeRequest]:
    stops: dict[str, tuple[Entity, list[Stop]]] = {}
    for stop in result.trace.stops:
        if stop.reason is StopReason.MIXER and stop.entity and any(stop.taint.values()):
            stops.setdefault(stop.entity.id, (stop.entity, []))[1].append(stop)
    for _, (entity, ends) in sorted(stops.items()):
        held = [
            Credit(hop, entity, stop.basis, None, None, pooled=True, place="contract of a mixer")
            for stop in ends
            for hop in _hops_to(result, stop)
        ]
        if not fault(result, held):
            yield _request(result, (Kind.MIXER, entity), held)


def _issuers(result: Result) -> Iterator[FreezeRequest]:
    """Write to the issuer of a token that rests, not frozen, where no service is known to be."""
    found: dict[str, tuple[Entity, list[Stop]]] = {}
    for stop in result.trace.stops:
        issuer = issuer_of(stop.asset)
        labels = result.labels.get(stop.address, ())
        free = not any(one.use is Use.FROZEN or one.category.is_service for one in labels if not one.asserted)
        rests = stop.reason is StopReason.AT_REST and stop.entity is None and envelope(stop.taint)[1] > 0
        if issuer and free and rests:
            found.setdefault(issuer.id, (issuer, []))[1].append(stop)
    for _, (issuer, ends) in sorted(found.items()):
        held = [
            Credit(hop, issuer, stop.basis, None, None, place="address where the token rests")
            for stop in ends
            for hop in _hops_to(result, stop)
        ]
        if not fault(result, held):
            actions = issuer_actions(result.requester)
            yield _request(result, (Kind.ISSUER, issuer), held, actions=actions, resting=tuple(ends))


def _hops_to(result: Result, stop: Stop) -> Iterator[Hop]:
    at = (stop.theft, stop.address, stop.asset)
    return (h for h in result.trace.hops if (h.theft, h.target, h.amount.asset) == at)


def _request(
    result: Result,
    whom: tuple[Kind, Entity],
    credits_: Iterable[Credit],
    *,
    claims: tuple[Label, ...] = (),
    actions: tuple[Action, ...] = (),
    resting: tuple[Stop, ...] = (),
) -> FreezeRequest:
    kind, entity = whom
    rule = stated_rule(result)
    held = sorted(credits_, key=lambda credit: credit.hop.row)
    return FreezeRequest(
        f"{result.incident.id}-{entity.id}", kind, entity, WORDING[result.requester.mode], rule,
        _URGENT[kind](result, held), tuple(held), tuple(fed(result, held)),
        tuple(_resting(resting, rule)) or tuple(caps_of(held, rule)), ways(result, held),
        claims, actions, None if kind is Kind.MIXER else result.recipients.get(entity.id), resting,
    )  # fmt: skip


def _resting(ends: Iterable[Stop], rule: Rule) -> Iterator[Cap]:
    """Return what rests, per asset: at an address that paid some of it on, less than its credits brought."""
    by_asset: dict[Asset, list[Stop]] = {}
    for stop in ends:
        by_asset.setdefault(stop.asset, []).append(stop)
    for asset, held in by_asset.items():
        taint = {one: sum(stop.taint[one] for stop in held) for one in held[0].taint}
        yield Cap(asset, taint[rule], *envelope(taint), sum(stop.received for stop in held))


def _urgency(result: Result, held: list[Credit]) -> str:
    if any(credit.sweep is None and not credit.pooled for credit in held):
        return URGENCY["A"]
    end = datetime.fromisoformat(result.as_of[:10]).replace(tzinfo=UTC) + timedelta(days=1)
    last = max((credit.sweep or credit.hop.transfer).time for credit in held)
    return URGENCY["B" if end - datetime.fromtimestamp(last, UTC) < timedelta(days=1) else "C"]


_URGENT: dict[Kind, Callable[[Result, list[Credit]], str]] = {
    Kind.EXCHANGE: _urgency,
    Kind.CLAIM: lambda _result, _held: HISTORIC,
    Kind.MIXER: lambda _result, _held: HISTORIC,
    Kind.ISSUER: lambda _result, _held: RESTING_URGENCY,
}


def _claims(result: Result, entity: Entity, found: set[Address | None]) -> tuple[Label, ...]:
    said = {label for labels in result.labels.values() for label in labels if label.asserted}
    said |= {label for stop in result.trace.stops for label in stop.claims}
    name = entity.name.casefold()
    mine = [
        label
        for label in said
        if label.address not in found
        and ((label.entity and label.entity.id == entity.id) or name in label.text.casefold())
    ]
    return tuple(sorted(mine, key=_order))


def _order(label: Label) -> tuple[Address, str, str]:
    return label.address, label.text, label.source
