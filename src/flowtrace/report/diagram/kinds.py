"""What kind of box an address is, and the words in it, read from stops, roles, labels and deposits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flowtrace.model import (
    Address,
    Category,
    Class,
    Deposit,
    Entity,
    Frozen,
    Incident,
    Label,
    Result,
    Role,
    RoleName,
    Stop,
    StopReason,
    frozen_at,
)
from flowtrace.report.crossed import called
from flowtrace.report.diagram.captions import clean, symbol
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.subject import is_theft, stated

V = TypeVar("V")

_OTC = re.compile(r"\bOTC\b")

_BY_CATEGORY = {
    Category.EXCHANGE: BoxKind.EXCHANGE,
    Category.MIXER: BoxKind.MIXER,
    Category.BRIDGE: BoxKind.BRIDGE,
    Category.DEX: BoxKind.SWAP,
    Category.BANK: BoxKind.BANK,
}
_END_KINDS = {
    StopReason.NO_DATA: BoxKind.NO_DATA,
    StopReason.INCOMPLETE: BoxKind.INCOMPLETE,
    StopReason.CROWDED: BoxKind.CROWDED,
    StopReason.AT_REST: BoxKind.AT_REST,
    StopReason.MINIMUM: BoxKind.MINIMUM,
    StopReason.BUDGET: BoxKind.BUDGET,
}
ENDS = frozenset(_END_KINDS.values())
"""The kinds of boxes at which a trace ends without reaching a service."""

_ROLE_WORDS = {
    RoleName.INTERMEDIARY: ("intermediary", "intermediaries"),
    RoleName.MIXER_DEPOSITOR: ("mixer depositor", "mixer depositors"),
    RoleName.SWAPPER: ("swap address", "swap addresses"),
    RoleName.SET_ASIDE: ("set-aside sender", "set-aside senders"),
}
_KIND_WORDS = {
    BoxKind.THEFT: ("theft address", "theft addresses"),
    BoxKind.SWAP: ("swap address", "swap addresses"),
    BoxKind.NO_DATA: ("no data", "without data"),
    BoxKind.INCOMPLETE: ("incomplete record", "with incomplete records"),
    BoxKind.AT_REST: ("at rest", "at rest"),
    BoxKind.FROZEN: ("frozen", "frozen addresses"),
    BoxKind.CROWDED: ("too many transfers", "with too many transfers"),
    BoxKind.MINIMUM: ("stolen part below minimum", "with a stolen part below minimum"),
    BoxKind.BUDGET: ("budget reached", "at the budget's end"),
    BoxKind.OTHERS: ("other address", "other addresses"),
    BoxKind.WALLET: ("address", "addresses"),
}
_NAMED = {
    BoxKind.DEPOSIT: "deposit",
    BoxKind.EXCHANGE: "wallet",
    BoxKind.MIXER: "mixer",
    BoxKind.BRIDGE: "bridge",
    BoxKind.BROKER: "account",
    BoxKind.BANK: "bank",
    BoxKind.SERVICE: "service",
    BoxKind.VICTIM: "",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The result's statements on addresses, indexed once."""

    victims: frozenset[Address]
    thieves: frozenset[Address]
    stops: Mapping[Address, tuple[Stop, ...]]
    roles: Mapping[Address, tuple[Role, ...]]
    deposits: Mapping[Address, tuple[Deposit, ...]]
    labels: Mapping[Address, tuple[Label, ...]]
    entities: Mapping[str, Entity]
    senders: frozenset[Address]
    incident: Incident
    year: int
    bridges: Mapping[Address, str]
    """Per address at which value crossed, the protocol's name."""
    inferred: frozenset[Address]
    """Those of them at which no key joins what came and what left: a service's or a mixer's, no bridge's."""

    @classmethod
    def of(cls, result: Result) -> Facts:
        """Index a result."""
        trace, incident = result.trace, result.incident
        named = [s.entity for s in trace.stops] + [d.entity for d in trace.deposits]
        named += [label.entity for labels in result.labels.values() for label in labels]
        return cls(
            victims=frozenset(t.victim for t in incident.thefts if t.victim),
            thieves=frozenset((*(t.thief for t in incident.thefts), *incident.seeds)),
            stops=_grouped((s.address, s) for s in trace.stops),
            roles=_grouped((r.address, r) for r in trace.roles),
            deposits=_grouped((d.hop.target, d) for d in trace.deposits),
            labels=result.labels,
            entities={e.id: e for e in named if e is not None},
            senders=frozenset(h.drawn_from for h in trace.hops if h.drawn_from),
            incident=incident,
            year=int(incident.date[:4]),
            bridges={h.bridge: called(h.crossing.partition(" ")[0]) for h in trace.hops if h.bridge},
            inferred=frozenset(h.bridge for h in trace.hops if h.bridge and h.cls is Class.P),
        )

    def role(self, address: Address) -> RoleName | None:
        """Return the first role found for an address."""
        return next((r.role for r in self.roles.get(address, ())), None)

    def entity(self, address: Address) -> Entity | None:
        """Return whose address it is: by its stop, its role, or a label that is no mere assertion."""
        for stop in self.stops.get(address, ()):
            if stop.entity:
                return stop.entity
        for role in self.roles.get(address, ()):
            if role.entity in self.entities:
                return self.entities[role.entity]
        labels = (x.entity for x in self.labels.get(address, ()) if x.entity and not x.asserted)
        return next(labels, None)

    def cls(self, address: Address) -> Class:
        """Return how the address's part is known: the worst class of its stops and roles."""
        stated = [r.cls for r in self.roles.get(address, ())] + [s.cls for s in self.stops.get(address, ())]
        return max(stated, key=list(Class).index, default=Class.D)

    def kind(self, address: Address) -> BoxKind:
        """Return the kind of box an address is drawn as."""
        if address in self.victims:
            return BoxKind.VICTIM
        if address in self.thieves:
            return BoxKind.THEFT
        return self._service(address) or self._wallet(address)

    def words(self, kind: BoxKind) -> str:
        """Return what the legend calls a kind of box; no victim where no theft is stated."""
        if kind is BoxKind.VICTIM and not is_theft(self.incident):
            return "payer"
        return stated(self.incident, kind.value)

    def _service(self, address: Address) -> BoxKind | None:
        reasons = {s.reason for s in self.stops.get(address, ())}
        role, entity = self.role(address), self.entity(address)
        if StopReason.DEPOSIT in reasons or role is RoleName.DEPOSIT:
            return BoxKind.DEPOSIT
        if StopReason.MIXER in reasons:
            return BoxKind.MIXER
        if StopReason.BRIDGE in reasons or address in self.bridges.keys() - self.inferred:
            return BoxKind.BRIDGE
        if StopReason.SERVICE in reasons or role is RoleName.SERVICE or address in self.inferred:
            return self._kept_by(entity) if entity else BoxKind.SERVICE
        return None

    def _kept_by(self, entity: Entity) -> BoxKind:
        broker = entity.category is Category.OTHER_SERVICE and _OTC.search(entity.name)
        return BoxKind.BROKER if broker else _BY_CATEGORY.get(entity.category, BoxKind.SERVICE)

    def _wallet(self, address: Address) -> BoxKind:
        if self.frozen(address):
            return BoxKind.FROZEN
        if self.role(address) is RoleName.SWAPPER:
            return BoxKind.SWAP
        ends = [_END_KINDS[s.reason] for s in self.stops.get(address, ()) if s.reason in _END_KINDS]
        return BoxKind.WALLET if address in self.senders or not ends else ends[0]

    def frozen(self, address: Address) -> Frozen | None:
        """Return by whom and since when value that rests at an address is frozen; None where it is not."""
        said = self.labels.get(address, ())
        stops = (stop for stop in self.stops.get(address, ()) if any(stop.taint.values()))
        return next((one for stop in stops if (one := frozen_at(said, address, stop.asset))), None)

    def frozen_words(self, members: tuple[Address, ...]) -> str:
        """Say by whom and since when value that rests at addresses is frozen; they have one issuer."""
        found = [one for one in map(self.frozen, members) if one is not None]
        days = sorted(filter(None, (one.day for one in found)))
        if len(set(days)) < 2:  # noqa: PLR2004  from one day to another
            return clean(next((one.since for one in found), ""))
        return clean(f"frozen by {found[0].issuer} {days[0]} to {days[-1]}")

    def cut_short(self, members: tuple[Address, ...]) -> tuple[str, ...]:
        """Return the symbols of the assets whose record is incomplete at an address that sends others on."""
        stops = [s for a in members for s in self.stops.get(a, ()) if s.reason is StopReason.INCOMPLETE]
        return tuple(dict.fromkeys(symbol(s.asset) for s in stops))

    def claims(self, address: Address) -> tuple[str, ...]:
        """Return what third parties say of an address: stops' claims, and asserted labels."""
        stated = [c for s in self.stops.get(address, ()) for c in s.claims]
        stated += [x for x in self.labels.get(address, ()) if x.asserted]
        return tuple(dict.fromkeys(clean(c.text, 34) for c in stated))

    def senders_to(self, members: tuple[Address, ...]) -> str:
        """Say how many senders' transfers a service received, as its stops count them."""
        stops = [s for a in members for s in self.stops.get(a, ())]
        count = sum(s.senders for s in stops)
        plural = "s" if count != 1 else ""
        return f"{sum(s.transfers for s in stops):,} tx from {count:,} sender{plural}" if stops else ""

    def title(self, members: tuple[Address, ...], kind: BoxKind) -> str:
        """Return the first line of a box."""
        entity, count = self.entity(members[0]), len(members)
        if kind is BoxKind.VICTIM:
            named = entity.name if entity else self.incident.victim_party
            return clean(named) or self.words(kind).capitalize()
        if kind in _NAMED:
            plural = "s" if count > 1 else ""
            name = clean(entity.name if entity else self.bridges.get(members[0], ""), 28)
            name = name.removesuffix(" Bridge") if kind is BoxKind.BRIDGE else name
            words = f"{name} {_NAMED[kind]}{plural}".strip()
            return f"{count} {words}" if count > 1 else words[:1].upper() + words[1:]
        role = self.role(members[0]) if kind is BoxKind.WALLET else None
        one, many = _ROLE_WORDS.get(role, _KIND_WORDS[kind]) if role else _KIND_WORDS[kind]
        words = f"{count} {many}" if count > 1 else one[:1].upper() + one[1:]
        return stated(self.incident, words)


def _grouped(pairs: Iterable[tuple[Address | None, V]]) -> dict[Address, tuple[V, ...]]:
    grouped: dict[Address, list[V]] = {}
    for key, value in pairs:
        if key is not None:
            grouped.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in grouped.items()}
