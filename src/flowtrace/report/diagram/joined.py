"""Crossings drawn as one arrow: from the bridge that was paid on one ledger to whom it paid on another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from flowtrace.model import Address, Class, Hop, Link, Result, Trace


@dataclass(frozen=True)
class JoinedHop(Hop):
    """A hop that came by a crossing: its giver is who was paid on the other ledger, not who pays out here."""

    came_from: Address | None = None
    joined_by: Class = Class.C

    @property
    def source(self) -> Address | None:
        """Who was paid where the value left."""
        return self.came_from


def joined(result: Result) -> Result:
    """Return the result with the hops that came by crossings leading from where they left."""
    trace = result.trace
    takers = {(hop.transfer.id, hop.leg): hop.target for hop in trace.hops}
    came = {link.got: link for link in _links(trace) if takers.get(link.gave)}
    if not came:
        return result
    hops = tuple(_hop(hop, came.get((hop.transfer.id, hop.leg)), takers) for hop in trace.hops)
    return replace(result, trace=replace(trace, hops=hops))


def bridges(trace: Trace) -> Mapping[Address, str]:
    """Return the addresses paid to cross a ledger: the names of their bridges, where told."""
    at = {(hop.transfer.id, hop.leg): hop.target for hop in trace.hops}
    named = ((at.get(link.gave), crossed.protocol) for crossed in _crossed(trace) for link in crossed.links)
    return {address: protocol for address, protocol in named if address is not None}


def _hop(hop: Hop, link: Link | None, takers: Mapping[tuple[str, int], Address | None]) -> Hop:
    if link is None or isinstance(hop, JoinedHop):
        return hop
    told = {one.name: getattr(hop, one.name) for one in fields(Hop)}
    return JoinedHop(**told, came_from=takers[link.gave], joined_by=link.cls)


def _links(trace: Trace) -> list[Link]:
    return [link for crossed in _crossed(trace) for link in crossed.links]


def _crossed(trace: Trace):  # type: ignore[no-untyped-def]  # noqa: ANN202  crossings are the tracer's to name
    return getattr(trace, "crossings", ())
