"""A part of a flow, drawn like the whole: the hops that somebody asks for, and what they lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from flowtrace.errors import InputError
from flowtrace.model import Address, Result
from flowtrace.report.diagram import statement
from flowtrace.report.diagram.captions import ranges
from flowtrace.report.diagram.picture import FlowPicture, Fold

_LONGEST = 160


def narrowed(result: Result, only: Collection[int]) -> Result:
    """Return the result with no hop but those numbered, and the stops and deposits they lead to.

    Raises
    ------
    InputError
        If a number is no hop's, or there is none.
    """
    trace, rows = result.trace, frozenset(only)
    hops = tuple(hop for hop in trace.hops if hop.row in rows)
    if unknown := rows - {hop.row for hop in hops}:
        raise InputError(f"no hop has the number {min(unknown)}: the figure's hops are those of hops.csv")
    if not hops:
        raise InputError("a figure of no hops was asked for: give the numbers of the hops it shall show")
    drawn = {end for hop in hops for end in (hop.drawn_from, hop.target) if end is not None}
    ends = {(hop.theft, hop.target) for hop in hops}
    stops = tuple(s for s in trace.stops if s.address in drawn and (s.theft, s.address) in ends)
    deposits = tuple(deposit for deposit in trace.deposits if deposit.hop.row in rows)
    part = replace(trace, hops=hops, stops=stops, deposits=deposits, set_aside=())
    return replace(result, trace=part)


def explained(picture: FlowPicture, shown: int, of: int) -> FlowPicture:
    """Say that only so many hops are drawn, and in the figure's own notes what its folds stand for."""
    scope = picture.subtitle.replace(statement.ROWS, statement.ROWS_OF_PART)
    words = f"Part of the flow: {shown:,} of {of:,} hops are drawn. {scope}"
    return replace(picture, subtitle=words, notes=(*_listed(picture), *picture.notes))


def _listed(picture: FlowPicture) -> Iterator[str]:
    for mark in picture.folds:
        yield f"{mark.id}: {_rows(picture, mark)}"


def _rows(picture: FlowPicture, mark: Fold) -> str:
    members = frozenset[Address](mark.addresses)
    if not members:
        return _cut(f"[{ranges(mark.rows)}]")
    keys = {box.key for box in picture.boxes if set(box.members) <= members}
    into = [row for arrow in picture.arrows if arrow.target in keys for row in arrow.rows]
    inner = [row for arrow in picture.inner if arrow.target in keys for row in arrow.rows]
    shown = ", ".join(address.short for address in mark.addresses)
    if len(shown) <= _LONGEST:
        return shown
    return _cut(f"{len(members):,} addresses, the takers of [{ranges([*into, *inner])}]")


def _cut(text: str) -> str:
    """Keep a note readable: the rows that have no room are counted, and all are in the table of hops."""
    if len(text) <= _LONGEST:
        return text
    kept = text[:_LONGEST].rpartition(",")[0]
    return f"{kept}, … all in the table of hops"
