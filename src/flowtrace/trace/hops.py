"""The hops of a trace: every payment that carries taint, in the order of the way, with its depth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flowtrace.errors import IntegrityError
from flowtrace.model import Address, Class, Crossed, Crossings, Hop, Kind, Leg, Rule, Theft, Transfer
from flowtrace.trace.flow import Flow
from flowtrace.trace.plan import Sale
from flowtrace.trace.swap import Place
from flowtrace.trace.tracer import Tracer
from flowtrace.trace.ways import Ways

Flows = Mapping[str, Mapping[Rule, Flow]]
"""Per theft and rule, the flow run over the whole trace."""


@dataclass(frozen=True, slots=True)
class _Step:
    """How far from the theft a payment or an address is, and how surely, by the shortest way."""

    depth: int
    worst: Class = Class.D
    crossed: int = 0

    def on(self, cls: Class, *, crossed: bool) -> _Step:
        worst = max(self.worst, cls, key=list(Class).index)
        return _Step(self.depth + 1, worst, self.crossed + crossed)


@dataclass(frozen=True, slots=True)
class _Passage:
    """What a crossing says of one of its payments."""

    name: str
    bridge: Address | None = None
    cls: Class = Class.D


def hops_of(tracer: Tracer, thefts: Sequence[Theft], flows: Flows, *, crossings: Crossings) -> list[Hop]:
    """Return the hops: each ledger's own order, and none before what it carries on."""
    swaps = (step.swap for plan in tracer.plans() for step in plan.steps if isinstance(step, Sale))
    ways = Ways(tracer.links, tracer.in_order(), swaps)
    passages = _passages(crossings.made, tracer.transfers)
    found = [hop for theft in thefts for hop in _of(theft, flows[theft.id], ways, passages=passages)]
    found.sort(key=lambda hop: (hop.row, hop.leg, hop.theft))
    return [replace(hop, row=row) for row, hop in enumerate(found, start=1)]


def _of(
    theft: Theft, by_rule: Mapping[Rule, Flow], ways: Ways, *, passages: Mapping[Place, _Passage]
) -> Iterable[Hop]:
    """Yield the hops of one theft; ``row`` is the payment's place in the order, until all are numbered."""
    stolen = next(iter(by_rule.values())).stolen
    at, by = {theft.thief: _Step(0)}, dict[Place, _Step]()
    for order, transfer in enumerate(ways.ordered):
        for number, leg in enumerate(transfer.outputs):
            place = (transfer.id, number)
            givers = {one.address for one in transfer.inputs if one.address and one.asset == leg.asset}
            reached = [at[giver] for giver in givers if giver in at]
            taint = {rule: flow.of_leg(transfer, number) for rule, flow in by_rule.items()}
            if not _carries(transfer, leg, givers & at.keys()) or not any(taint.values()):
                continue
            passage, before = passages.get(place, _Passage("")), ways.before(place)
            if before is not None:  # a receipt may be told before its sale, within one transaction
                sold = [at[giver].on(Class.D, crossed=False) for giver in ways.givers(before) if giver in at]
                reached = [by[before]] if before in by else sold
            near = min(reached, key=lambda one: one.depth, default=_Step(0))
            here = near.on(passage.cls, crossed=passage.bridge is not None)
            if transfer.id in stolen and leg.address == theft.thief:
                here = _Step(0)
            target = _known(leg.address)
            if target not in at or here.depth < at[target].depth:
                at[target] = here
            by[place] = here
            yield Hop(
                order, theft.id, transfer, here.depth, taint, number,
                passage.name, passage.bridge, passage.cls, here.worst, here.crossed,
            )  # fmt: skip


def _passages(made: Iterable[Crossed], transfers: Mapping[str, Transfer]) -> dict[Place, _Passage]:
    """Return, per payment of a crossing, its name; of one that came, where it left and how that is known."""
    found: dict[Place, _Passage] = {}
    for one in made:
        (name, number), called = one.gave, f"{one.protocol} {one.key or _named(one.gave)}"
        if name in transfers:
            bridge = transfers[name].outputs[number].address
            found[one.gave] = _Passage(called)
            found |= {place: _Passage(called, bridge, one.cls) for place in one.got}
    return found


def _named(place: Place) -> str:
    """Return what names a crossing that has no key: the payment by which it left."""
    return f"{place[0]}#{place[1]}"


def _carries(transfer: Transfer, leg: Leg, givers: Collection[Address]) -> bool:
    """Tell whether an output is a step of the way: not a fee, not change that comes back to its payer."""
    return transfer.kind is not Kind.FEE and leg.address is not None and leg.address not in givers


def _known(address: Address | None) -> Address:
    if address is None:
        msg = "a transfer without an address carries taint: only fees may"
        raise IntegrityError(msg)
    return address
