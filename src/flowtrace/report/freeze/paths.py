"""Paths: the hops by which value came from a theft to a credit, walked back from the credit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.model import Address, Asset, Hop, Result, Theft, envelope
from flowtrace.report.credit import Credit

Into = dict[tuple[str, Address | None, Asset], list[Hop]]


@dataclass(frozen=True, slots=True)
class Way:
    """One path: its hops from the theft on, and the rows of every credit that came by the same addresses.

    The theft itself is hop 0, as in every table; ``steps`` counts the hops after it.
    """

    id: str
    hops: tuple[Hop, ...]
    deposits: tuple[int, ...]

    @property
    def steps(self) -> int:
        """How many hops come after the theft."""
        return len(self.hops) - 1


def ways(result: Result, held: Iterable[Credit]) -> tuple[Way, ...]:
    """Return the distinct paths of credits; each is shown by its first credit's hops."""
    into: Into = defaultdict(list)
    for hop in result.trace.hops:
        into[hop.theft, hop.target, hop.amount.asset].append(hop)
    sold: dict[tuple[str, str], list[Hop]] = defaultdict(list)
    for hop in result.trace.hops:
        sold[hop.theft, hop.transfer.tx].append(hop)
        if hop.crossing and hop.bridge is None:
            sold[hop.theft, hop.crossing].append(hop)
    thefts = {theft.id: theft for theft in result.incident.thefts}
    paths: dict[tuple[object, ...], list[tuple[int, tuple[Hop, ...]]]] = {}
    for credit in held:
        path = _back(credit.hop, (into, sold), thefts[credit.hop.theft])
        steps = tuple(hop.target for hop in path)
        paths.setdefault((credit.hop.theft, *steps), []).append((credit.hop.row, path))
    return tuple(
        Way(f"P{number}", found[0][1], tuple(row for row, _ in found))
        for number, found in enumerate(paths.values(), start=1)
    )


def givers(hop: Hop) -> frozenset[Address | None]:
    """Return who paid a hop: all of them, where several inputs are spent together."""
    return frozenset(leg.address for leg in hop.transfer.inputs)


def follows(first: Hop, then: Hop) -> bool:
    """Tell whether a hop goes on where another went, or is what a swap or a crossing brought for it."""
    return first.target in givers(then) or _is_swap(first, then) or _crosses(first, then)


def _crosses(gave: Hop, got: Hop) -> bool:
    """Tell whether one hop came by the crossing by which the other left."""
    return got.bridge is not None and gave.bridge is None and gave.crossing == got.crossing


def _is_swap(gave: Hop, got: Hop) -> bool:
    """Tell whether one transaction took the one of somebody and brought them the other, in another asset."""
    together = gave.transfer.tx == got.transfer.tx and gave.transfer.chain_id == got.transfer.chain_id
    return together and gave.amount.asset != got.amount.asset and got.target in givers(gave)


def _back(hop: Hop, known: tuple[Into, dict[tuple[str, str], list[Hop]]], theft: Theft) -> tuple[Hop, ...]:
    into, together = known
    path = [hop]
    while not _is_theft(path[-1], theft):
        last = path[-1]
        crossed = len(path) > 1 and _is_swap(last, path[-2])  # the sale of a swap is not one's receipt
        sales = [] if crossed else [h for h in together[last.theft, last.transfer.tx] if _is_swap(h, last)]
        if last.bridge is not None:
            sales = together[last.theft, last.crossing]
        before = sales or [
            h
            for giver in givers(last)
            for h in into[last.theft, giver, last.amount.asset]
            if h.transfer.key < last.transfer.key
        ]
        if not before:
            break
        # The fewest steps back to the theft, and among those the one that brought most.
        path.append(min(before, key=lambda h: (h.depth, -envelope(h.taint)[1], h.row)))
    return tuple(reversed(path))


def _is_theft(hop: Hop, theft: Theft) -> bool:
    return hop.transfer.id == theft.transfer and hop.target == theft.thief
