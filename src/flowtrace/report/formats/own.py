"""flowtrace's own JSON: the whole result and nothing lost, by a published JSON Schema.

Every amount is text. What strangers wrote is there whole, as data; since every character beyond ASCII is
written as its code, no editor shows it as anything else. Things are named where they are used and told once:
an asset by its CAIP-19 id, an address by its CAIP-10 id, a transfer, theft or entity by its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib.resources import files as resources
from typing import Any

from flowtrace.model import (
    Address,
    Asset,
    Entity,
    Hop,
    Label,
    Result,
    Round,
    Theft,
    Transfer,
    depends_on_rule,
    envelope,
)
from flowtrace.report.diagram.fold import cls_of

Json = dict[str, Any]
SCHEMA = "result.schema.json"
_AMOUNTS = frozenset(
    {
        "units",
        "received",
        "stolen",
        "clean",
        "fees",
        "resting",
        "unaddressed",
        "overtaken",
        "sold",
        "bought",
        "taint",
        "low",
        "high",
        "least",
        "most",
    }
)
"""The fields of the model that hold base units: text in the file."""


def files(result: Result) -> dict[str, bytes]:
    """Return the document and its schema."""
    text = json.dumps(document(result), ensure_ascii=True, indent=1)
    return {"result.json": f"{text}\n".encode(), SCHEMA: schema()}


def schema() -> bytes:
    """Return the JSON Schema of the document."""
    return resources("flowtrace.report.formats").joinpath(SCHEMA).read_bytes()


def document(result: Result) -> Json:
    """Return the whole result as plain data."""
    trace = result.trace
    return {
        "schema": "flowtrace/result/1",
        **{
            name: getattr(result, name) for name in ("version", "as_of", "digest", "ledger_digest", "sharing")
        },
        "snapshot": [{"chain": chain, "height": height} for chain, height in result.snapshot],
        "parameters": [{"name": name, "value": value} for name, value in result.parameters],
        "rules": [rule.value for rule in trace.rules],
        "requester": _told(result.requester),
        "incident": _told(result.incident) | {"thefts": [_told(theft) for theft in result.incident.thefts]},
        "assets": {str(asset): _told(asset) for asset in sorted(_assets(result))},
        "entities": {one.id: _told(one) for one in sorted(_entities(result), key=_order)},
        "labels": [_told(one) for _, some in sorted(result.labels.items()) for one in some],
        "rule_cards": [_told(card) for card in result.rule_cards],
        "transfers": [_transfer(one, result) for one in _transfers(result)],
        "trace": _trace(result),
        "clusters": [_told(cluster) for cluster in result.clusters],
        "patterns": [_told(pattern) for pattern in result.patterns],
        "rounds": [_round(one) for one in result.rounds],
        "coverage": [_told(one) for one in result.coverage],
        "prices": [_told(price) for _, price in sorted(result.prices.items())],
        "audience": result.audience.value,
        "statement": _told(result.statement),
        "custody": [_told(one) for one in result.custody],
        "outcomes": [_told(one) for one in result.outcomes],
        "dropped": [_told(one) for one in result.dropped],
    }


def _trace(result: Result) -> Json:
    trace = result.trace
    plainly = ("accounts", "roles", "set_aside", "gaps", "expanded", "crossings", "uncrossed", "likely")
    return {
        "thefts": [_told(theft) for theft in trace.thefts],
        "hops": [_hop(hop) for hop in trace.hops],
        "stops": [_told(stop) | _span(stop.taint) for stop in trace.stops],
        "deposits": [_told(deposit) | {"hop": deposit.hop.row} for deposit in trace.deposits],
        **{name: [_value(one) for one in getattr(trace, name)] for name in plainly},
    }


def _round(one: Round) -> Json:
    entered = [
        _told(coin) | {"into": [{"number": number, "most": str(most)} for number, most in coin.into]}
        for coin in one.entered
    ]
    return _told(one) | {"entered": entered}


def _transfer(transfer: Transfer, result: Result) -> Json:
    return {"id": transfer.id, **_told(transfer), "confirmed": transfer.id in result.confirmed}


def _hop(hop: Hop) -> Json:
    ends = {"source": _value(hop.source), "target": _value(hop.target)}
    return _told(hop) | _span(hop.taint) | ends | {"amount": _value(hop.amount), "cls": cls_of(hop).value}


def _span(taint: Mapping[Any, int]) -> Json:
    low, high = envelope(taint)
    return {"low": str(low), "high": str(high), "depends_on_rule": depends_on_rule(taint)}


def _told(thing: object) -> Json:
    """Return a dataclass with all its fields."""
    if not is_dataclass(thing) or isinstance(thing, type):
        raise TypeError(f"{thing!r} is not a dataclass")
    return {field.name: _value(getattr(thing, field.name), field.name) for field in fields(thing)}


def _value(value: Any, name: str = "") -> Any:  # noqa: ANN401  whatever a field of the model may hold
    """Return a value as JSON holds it: named by its id where it is told elsewhere."""
    match value:
        case Enum() | Entity() | Transfer() | Theft():
            plain = value.value if isinstance(value, Enum) else value.id
        case None | bool() | str() | int():
            plain = str(value) if name in _AMOUNTS and type(value) is int else value
        case Address() | Asset():
            plain = str(value)
        case Mapping():
            plain = {_value(key): _value(held, name) for key, held in value.items()}
        case tuple() | frozenset():
            plain = [_value(held, name) for held in value]
        case _:
            plain = _told(value)
    return plain


def _transfers(result: Result) -> Iterable[Transfer]:
    """Return the ledger's transfers, and any that a hop or a sweep names beyond them."""
    found = {transfer.id: transfer for transfer in result.transfers}
    for deposit in result.trace.deposits:
        if deposit.sweep:
            found.setdefault(deposit.sweep.id, deposit.sweep)
    for hop in result.trace.hops:
        found.setdefault(hop.transfer.id, hop.transfer)
    return found.values()


def _assets(result: Result) -> set[Asset]:
    legs = {leg.asset for transfer in _transfers(result) for leg in (*transfer.inputs, *transfer.outputs)}
    thefts = {theft.asset for theft in (*result.incident.thefts, *result.trace.thefts)}
    accounts = {account.asset for account in result.trace.accounts if account.asset}
    gaps = {gap.amount.asset for gap in result.trace.gaps if gap.amount}
    legs |= {one.asset for one in result.rounds}
    return legs | thefts | accounts | gaps | {stop.asset for stop in result.trace.stops}


def _entities(result: Result) -> set[Entity]:
    trace = result.trace
    labels: list[Label] = [one for some in result.labels.values() for one in some]
    labels += [claim for stop in trace.stops for claim in stop.claims]
    named = {one.entity for one in labels if one.entity} | {deposit.entity for deposit in trace.deposits}
    return named | {stop.entity for stop in trace.stops if stop.entity}


def _order(entity: Entity) -> tuple[str, ...]:
    return entity.id, entity.name, entity.category.value, entity.uri
