"""Lanes too long for a page go on in a further lane below, as lines of a text do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowtrace.report.diagram.geometry import Edge, Node
from flowtrace.report.diagram.lane import SIDE, Lane
from flowtrace.report.diagram.layers import arrange
from flowtrace.report.diagram.layout import needed

_MARK = "\x00"


def wrapped_lanes(nodes: Mapping[str, Node], edges: Mapping[str, Edge], width: float) -> dict[str, Node]:
    """Return the nodes, those of a lane wider than ``width`` in several lanes, in the order of the lanes."""
    found: dict[str, Node] = {}
    if needed(nodes, edges)[0] <= width:
        return dict(nodes)
    for lane in dict.fromkeys(node.lane for node in nodes.values()):
        inside = {key: node for key, node in nodes.items() if node.lane == lane}
        rows = _rows(inside, edges, width)
        named = {key: replace(node, lane=_name(lane, rows[key])) for key, node in inside.items()}
        found.update(sorted(named.items(), key=lambda item: rows[item[0]]))
    return found


def chain_of(lane: str) -> tuple[str, int]:
    """Return the chain of a lane, and which of its lanes it is, from 1."""
    chain, _, row = lane.partition(_MARK)
    return chain, int(row or 1)


def _name(lane: str, row: int) -> str:
    return f"{lane}{_MARK}{row + 1}" if row else lane


def _rows(inside: Mapping[str, Node], edges: Mapping[str, Edge], width: float) -> dict[str, int]:
    """Return the row of every node: as few rows as hold all columns, and in each about as many columns."""
    within = {key: e for key, e in edges.items() if e.source in inside and e.target in inside}
    ends = {key: (e.source, e.target) for key, e in within.items()}
    columns = arrange(list(inside), ends, {key: e.span for key, e in within.items()})
    lane = Lane(inside, within, columns)
    widths = [a + b for a, b in zip(lane.widths(), [*lane.gaps(), 0.0], strict=True)]
    room = width - 2 * SIDE
    least = len(_breaks(widths, room, len(widths)))
    even = next(
        per for per in range(-(-len(widths) // least), len(widths) + 1)
        if len(_breaks(widths, room, per)) == least
    )  # fmt: skip
    breaks = _breaks(widths, room, even)
    at = {point: i for i, column in enumerate(columns.columns) for point in column}
    return {key: sum(at[key] >= start for start in breaks) - 1 for key in inside}


def _breaks(widths: Sequence[float], room: float, most: int) -> list[int]:
    """Return the column at which each row begins."""
    starts, used = [0], 0.0
    for i, width in enumerate(widths):
        if i > starts[-1] and (used + width > room or i - starts[-1] >= most):
            starts.append(i)
            used = 0.0
        used += width
    return starts
