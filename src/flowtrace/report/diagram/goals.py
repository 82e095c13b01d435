"""Where the ways of a flow lead: recipients and open ends, and the hops that lead to each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.model import Address, Hop, Result
from flowtrace.report.diagram.kinds import ENDS, Facts
from flowtrace.report.diagram.picture import BoxKind

_ON_THE_WAY = frozenset({BoxKind.VICTIM, BoxKind.THEFT, BoxKind.SWAP})
_FIRST = (BoxKind.DEPOSIT, BoxKind.EXCHANGE, BoxKind.BANK, BoxKind.BROKER, BoxKind.MIXER)
"""The kinds of recipients whose pages come first: those that a reader can act on."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One recipient, or all open ends of a kind.

    Attributes
    ----------
    title
        As a heading says it.
    rows
        The numbers of the hops on any way to it.
    weight
        Whole units of the asset of which most came.
    """

    kind: BoxKind
    title: str
    addresses: frozenset[Address]
    rows: frozenset[int]
    weight: int


def goals(result: Result, facts: Facts) -> list[Goal]:
    """Return the goals of a flow: those a reader can act on first, then the most valuable."""
    found: dict[tuple[BoxKind, str], list[Address]] = defaultdict(list)
    for address in dict.fromkeys(hop.target for hop in result.trace.hops):
        if address is not None and (key := _key(address, facts)) is not None:
            found[key].append(address)
    made = [_goal(result.trace.hops, tuple(a), facts) for a in found.values()]
    return sorted(made, key=lambda g: (_rank(g.kind), -g.weight, g.title, sorted(g.addresses)))


def leading(hops: Iterable[Hop], to: Iterable[Address]) -> frozenset[int]:
    """Return the numbers of the hops on a way to addresses: each is followed by another, or arrives."""
    reached, rows = set(to), set[int]()
    for hop in sorted(hops, key=lambda h: (h.transfer.time, h.row), reverse=True):
        if hop.target in reached:
            rows.add(hop.row)
            if hop.drawn_from is not None:
                reached.add(hop.drawn_from)
    return frozenset(rows)


def _key(address: Address, facts: Facts) -> tuple[BoxKind, str] | None:
    kind = facts.kind(address)
    if kind in _ON_THE_WAY or (address in facts.senders and kind in {BoxKind.WALLET, BoxKind.BRIDGE}):
        return None
    entity = facts.entity(address)
    return kind, entity.id if entity and kind not in {BoxKind.WALLET, *ENDS} else ""


def _goal(hops: tuple[Hop, ...], addresses: tuple[Address, ...], facts: Facts) -> Goal:
    inside = frozenset(addresses)
    came: dict[object, int] = defaultdict(int)
    for hop in hops:
        if hop.target in inside:
            came[hop.amount.asset] += hop.amount.units * 10**18 // 10**hop.amount.asset.decimals
    kind = facts.kind(addresses[0])
    title = facts.title(addresses, kind)
    return Goal(kind, title, inside, leading(hops, inside), max(came.values(), default=0))


def _rank(kind: BoxKind) -> int:
    if kind in _FIRST:
        return 0
    return 2 if kind in {BoxKind.WALLET, *ENDS} else 1
