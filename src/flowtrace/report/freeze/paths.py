"""Paths: the hops by which value came from a theft to a deposit, walked back from the deposit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.model import Address, Deposit, Hop, Result, Theft, envelope

Into = dict[tuple[str, Address | None], list[Hop]]


@dataclass(frozen=True, slots=True)
class Way:
    """One path: its hops from the theft on, and the rows of every deposit that came by the same addresses."""

    id: str
    hops: tuple[Hop, ...]
    deposits: tuple[int, ...]


def ways(result: Result, deposits: Iterable[Deposit]) -> tuple[Way, ...]:
    """Return the distinct paths of deposits; each is shown by its first deposit's hops."""
    into: Into = defaultdict(list)
    for hop in result.trace.hops:
        into[hop.theft, hop.transfer.target].append(hop)
    thefts = {theft.id: theft for theft in result.incident.thefts}
    paths: dict[tuple[object, ...], list[tuple[int, tuple[Hop, ...]]]] = {}
    for deposit in deposits:
        path = _back(deposit.hop, into, thefts[deposit.hop.theft])
        steps = tuple(hop.transfer.target for hop in path)
        paths.setdefault((deposit.hop.theft, *steps), []).append((deposit.hop.row, path))
    return tuple(
        Way(f"P{number}", found[0][1], tuple(row for row, _ in found))
        for number, found in enumerate(paths.values(), start=1)
    )


def _back(hop: Hop, into: Into, theft: Theft) -> tuple[Hop, ...]:
    path = [hop]
    while path[-1].transfer.source != theft.thief:
        last = path[-1]
        before = [h for h in into[last.theft, last.transfer.source] if h.transfer.key < last.transfer.key]
        if not before:
            break
        # The fewest steps back to the theft, and among those the one that brought most.
        path.append(min(before, key=lambda h: (h.depth, -envelope(h.taint)[1], h.row)))
    # The theft itself goes first, where it is a hop: a path begins at the victim.
    if path[-1].transfer.source == theft.thief:
        path += [h for h in into[theft.id, theft.thief] if h.transfer.id == theft.transfer]
    return tuple(reversed(path))
