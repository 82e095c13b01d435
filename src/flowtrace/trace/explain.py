"""Explain a tainted amount: the transfers and lots that put it where it is, in chain order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from flowtrace.errors import InputError
from flowtrace.kernel.division import split
from flowtrace.model import ORDERED_RULES, Address, Asset, Explanation, Hop, Parcel, Rule, Step, Transfer
from flowtrace.trace.flow import Flow
from flowtrace.trace.lots import Histories, Lot, Output
from flowtrace.trace.plan import Plan
from flowtrace.trace.shares import Shares
from flowtrace.trace.tracer import Tracer


def explain(
    tracer: Tracer, address: Address, rule: Rule, *, hops: Iterable[Hop] = ()
) -> tuple[Explanation, ...]:
    """Return what of each theft came to an address under a rule, and how: one for each theft and asset.

    Parameters
    ----------
    hops
        The trace's, so that steps can name their rows.

    Raises
    ------
    InputError
        If the rule is poison, which claims all that it reached and so has no amount to explain, or one that
        was not applied.
    """
    if rule is Rule.POISON:
        raise InputError("poison claims whatever it reached and has no amount to explain: name another rule")
    if rule not in tracer.rules:
        known = ", ".join(one.value for one in tracer.rules if one is not Rule.POISON)
        raise InputError(f"{rule.value} is a rule for coins and was not applied here: name one of {known}")
    rows = {(hop.theft, hop.transfer.id, hop.leg): hop.row for hop in hops}
    return tuple(
        _explained(tracer, flow, (address, asset), plan=plan, label=label, rows=rows)
        for plan in tracer.plans()
        for label, theft in enumerate(plan.thefts)
        for flow in [tracer.flow(theft, rule)]
        for asset in plan.columns
        if _arrived(tracer, flow, (address, asset))
    )


def _arrived(tracer: Tracer, flow: Flow, goal: tuple[Address, Asset]) -> int:
    return sum(
        part
        for name, units in flow.legs.items()
        for number, (leg, part) in enumerate(zip(tracer.transfers[name].outputs, units, strict=False))
        if (leg.address, leg.asset) == goal and (name, number) not in flow.passing
    )


def _explained(
    tracer: Tracer,
    flow: Flow,
    goal: tuple[Address, Asset],
    *,
    plan: Plan,
    label: int,
    rows: Mapping[tuple[str, str, int], int],
) -> Explanation:
    if flow.rule in ORDERED_RULES:
        ways = _ways(plan, flow.rule, label, goal=goal)
        ends = {lot.link.output for lot in ways if lot.link}
        found = _summed(ways, ends)
    else:
        ways = []
        found = Shares(plan, flow.rule, label).towards(*goal)
    order = {output: n for n, output in enumerate(_in_order(tracer, found))}
    steps = tuple(
        _step(tracer.transfers[name], leg, flow, part=found[name, leg],
              row=rows.get((flow.theft.id, name, leg), 0))
        for name, leg in order
    )  # fmt: skip
    lots: dict[tuple[int, ...], int] = {}
    for lot in ways:
        way = tuple(order[output] for output, _ in _walk(lot))
        lots[way] = lots.get(way, 0) + lot.units
    address, asset = goal
    return Explanation(
        theft=flow.theft.id,
        address=address,
        asset=asset,
        rule=flow.rule,
        arrived=_arrived(tracer, flow, goal),
        resting=flow.resting(address, asset),
        steps=steps,
        lots=tuple(Parcel(units, way) for way, units in sorted(lots.items())),
    )


def _step(transfer: Transfer, leg: int, flow: Flow, *, part: int, row: int) -> Step:
    return Step(transfer, leg, flow.of_leg(transfer, leg), part, row)


def _ways(plan: Plan, rule: Rule, label: int, *, goal: tuple[Address, Asset]) -> list[Lot]:
    """Return the lots of a theft that came to an address, with their histories."""
    return [
        lot
        for arrival in Histories(plan, rule).arrivals()
        if (arrival.owner, arrival.asset) == goal
        for lot in arrival.lots
        if lot.theft == label
    ]


def _summed(lots: Iterable[Lot], ends: Collection[Output]) -> dict[Output, int]:
    """Return how many units of lots passed each output; what came twice was told the first time."""
    found: dict[Output, int] = {}
    for lot in lots:
        for number, (output, units) in enumerate(reversed(_walk(lot))):
            if number and output in ends:
                break
            found[output] = found.get(output, 0) + units
    return found


def _walk(lot: Lot) -> list[tuple[Output, int]]:
    """Return a lot's way from the theft on, with its units there: before a swap, of what was sold."""
    way, link, units = [], lot.link, lot.units
    while link is not None:
        way.append((link.output, units))
        if link.rate is not None:
            sold, bought = link.rate
            units = split(sold, [units, bought - units])[0]
        link = link.before
    return way[::-1]


def _in_order(tracer: Tracer, outputs: Iterable[Output]) -> Iterator[Output]:
    """Yield outputs in chain order."""
    place = {transfer.id: n for n, transfer in enumerate(tracer.in_order())}
    yield from sorted(outputs, key=lambda output: (place[output[0]], output[1]))
