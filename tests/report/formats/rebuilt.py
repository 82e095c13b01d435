"""A result built again from flowtrace's own JSON alone: what is lost there, is missing here."""

# ruff: noqa: ANN401 -- what a field of the model holds may be anything
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from flowtrace.model import (
    Acquired,
    Address,
    Amount,
    Asset,
    Audience,
    Deposit,
    Dropped,
    Entered,
    Entity,
    Hop,
    Incident,
    Label,
    Outcome,
    Result,
    Round,
    Statement,
    Theft,
    Trace,
    Transfer,
)
from flowtrace.model.evidence import Coverage
from flowtrace.model.finding import Cluster, Pattern, RuleCard
from flowtrace.model.price import Price
from flowtrace.model.result import Requester

Json = dict[str, Any]


class Rebuilt:
    """The things a document tells, by the ids that name them."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.assets = {key: Asset(**held) for key, held in document["assets"].items()}
        self.entities: dict[str, Entity] = {}
        self.transfers: dict[str, Transfer] = {}
        self.thefts: dict[str, Theft] = {}
        self.hops: dict[int, Hop] = {}
        self.entities = {key: self.thing(Entity, held) for key, held in document["entities"].items()}
        self.transfers = {held["id"]: self.thing(Transfer, held) for held in document["transfers"]}
        trace = document["trace"]
        told = trace["thefts"] or document["incident"]["thefts"]
        self.thefts = {held["id"]: self.thing(Theft, held) for held in told}
        self.hops = {held["row"]: self.thing(Hop, held) for held in trace["hops"]}

    def thing(self, kind: Any, held: Json) -> Any:
        """Return a dataclass of a kind."""
        hints = get_type_hints(kind)
        return kind(**{f.name: self.value(hints[f.name], held[f.name]) for f in fields(kind)})

    def many(self, kind: Any, held: list[Json]) -> tuple[Any, ...]:
        """Return several."""
        return tuple(self.thing(kind, one) for one in held)

    def value(self, kind: Any, held: Any) -> Any:
        """Return a value of a kind."""
        if held is None:
            return None
        origin, inner = get_origin(kind), get_args(kind)
        if origin in {Union, UnionType}:
            return self.value(next(one for one in inner if one is not NoneType), held)
        if origin is tuple:
            kinds = inner[:1] * len(held) if inner[-1] is ... else inner
            return tuple(self.value(one, part) for one, part in zip(kinds, held, strict=True))
        if origin is not None and issubclass(origin, Mapping):
            return {self.value(inner[0], key): self.value(inner[1], part) for key, part in held.items()}
        if origin is frozenset:
            return frozenset(self.value(inner[0], part) for part in held)
        return self._named(kind, held)

    def _named(self, kind: Any, held: Any) -> Any:
        if kind is Address:
            return Address.of(held)
        if kind is Amount:
            return Amount(self.assets[held["asset"]], int(held["units"]))
        if isinstance(held, int) and kind is Hop:
            return self.hops[held]
        told: dict[Any, dict[str, Any]] = {
            Asset: self.assets,
            Transfer: self.transfers,
            Theft: self.thefts,
            Entity: self.entities,
        }
        if isinstance(held, str) and kind in told:
            return told[kind][held]
        if isinstance(held, dict):
            return self.thing(kind, held)
        return kind(held) if issubclass(kind, Enum) or kind is int else held


def _round(made: Rebuilt, held: Json) -> Round:
    into = [tuple((int(one["number"]), int(one["most"])) for one in coin["into"]) for coin in held["entered"]]
    bare = [made.thing(Entered, coin | {"into": []}) for coin in held["entered"]]
    entered = tuple(replace(coin, into=ways) for coin, ways in zip(bare, into, strict=True))
    bare_round: Round = made.thing(Round, held | {"entered": []})
    return replace(bare_round, entered=entered)


def rebuilt(document: Json) -> Result:
    """Return the result that a document tells."""
    made = Rebuilt(document)
    trace, incident = document["trace"], document["incident"]
    whole = {name: document[name] for name in ("version", "as_of", "digest", "ledger_digest", "sharing")}
    prices = made.many(Price, document["prices"])
    labels: dict[Address, tuple[Label, ...]] = {}
    for label in made.many(Label, document["labels"]):
        labels[label.address] = (*labels.get(label.address, ()), label)
    thefts = made.many(Theft, incident["thefts"])
    return Result(
        **whole,
        snapshot=tuple((one["chain"], one["height"]) for one in document["snapshot"]),
        parameters=tuple((one["name"], one["value"]) for one in document["parameters"]),
        incident=replace(made.thing(Incident, incident | {"thefts": []}), thefts=thefts),
        rule_cards=made.many(RuleCard, document["rule_cards"]),
        trace=Trace(
            rules=made.value(get_type_hints(Trace)["rules"], document["rules"]),
            hops=tuple(made.hops.values()),
            stops=made.value(get_type_hints(Trace)["stops"], trace["stops"]),
            deposits=made.many(Deposit, trace["deposits"]),
            thefts=made.many(Theft, trace["thefts"]),
            **{
                name: made.value(get_type_hints(Trace)[name], trace[name])
                for name in ("accounts", "roles", "set_aside", "gaps", "expanded")
            },
        ),
        clusters=made.many(Cluster, document["clusters"]),
        coverage=made.many(Coverage, document["coverage"]),
        transfers=tuple(made.transfers.values()),
        labels=labels,
        requester=made.thing(Requester, document["requester"]),
        prices={(price.asset, price.time): price for price in prices},
        confirmed=frozenset(one["id"] for one in document["transfers"] if one["confirmed"]),
        patterns=made.many(Pattern, document["patterns"]),
        rounds=tuple(_round(made, one) for one in document["rounds"]),
        audience=Audience(document["audience"]),
        statement=made.thing(Statement, document["statement"]),
        custody=made.many(Acquired, document["custody"]),
        outcomes=made.many(Outcome, document["outcomes"]),
        dropped=made.many(Dropped, document["dropped"]),
    )
