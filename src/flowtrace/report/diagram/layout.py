"""Where boxes, arrows and labels of a flow diagram lie on the page: plain geometry, in points, y downwards.

One lane per ledger, each laid out by itself in layers; column gaps as wide as the labels in them need; the
rest of the page is shared out. Nothing here draws, measures text or knows what a box stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowtrace.report.diagram.geometry import Edge, Node, Rect
from flowtrace.report.diagram.lane import SIDE, Lane
from flowtrace.report.diagram.layers import Columns, arrange

_LANE_GAP = 28.0
_TRACK = 9.5
_BESIDE = 12.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Lanes and boxes on the page, and for every lane its columns and the heights of its dummy points."""

    lanes: Mapping[str, Rect]
    boxes: Mapping[str, Rect]
    columns: Mapping[str, Columns]
    dummies: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)


def needed(nodes: Mapping[str, Node], edges: Mapping[str, Edge]) -> tuple[float, float]:
    """Return the least width and height in which all lanes can be laid out."""
    sizes = [lane.size() for lane in _lanes(nodes, edges).values()]
    return max(w for w, _ in sizes), sum(h for _, h in sizes) + sum(gutters(nodes, edges))


def gutters(nodes: Mapping[str, Node], edges: Mapping[str, Edge]) -> list[float]:
    """Return the height of the gutter below every lane but the last: as many arrows as run there need."""
    lanes = list(dict.fromkeys(node.lane for node in nodes.values()))
    running = [0] * max(len(lanes) - 1, 0)
    for edge in edges.values():
        here, there = lanes.index(nodes[edge.source].lane), lanes.index(nodes[edge.target].lane)
        for gutter in level_in(here, there):
            running[gutter] += 1
    return [max(_LANE_GAP, _BESIDE + _TRACK * number) for number in running]


def level_in(here: int, there: int) -> tuple[int, ...]:
    """Return the gutters in which an arrow between two lanes runs level: beside its own, and the other."""
    if here == there:
        return ()
    down = there > here
    leave, enter = (here, there - 1) if down else (here - 1, there)
    return (leave,) if leave == enter else (leave, enter)


def place(nodes: Mapping[str, Node], edges: Mapping[str, Edge], area: Rect) -> Placed:
    """Place every box inside the area.

    Parameters
    ----------
    nodes, edges
        By name, in the order in which the flow meets them.
    area
        Where the lanes may lie; at least as large as `needed` says.
    """
    lanes = _lanes(nodes, edges)
    below = iter(gutters(nodes, edges))
    spare = area.bottom - area.top - needed(nodes, edges)[1]
    share = spare / len(lanes)
    rects: dict[str, Rect] = {}
    boxes: dict[str, Rect] = {}
    dummies: dict[str, tuple[float, float, float]] = {}
    top = area.top
    for name, lane in lanes.items():
        height = lane.size()[1] + share
        rects[name] = Rect(area.left, top, area.right, top + height)
        lane.put(rects[name], boxes, dummies)
        top += height + next(below, 0.0)
    return Placed(rects, boxes, {name: lane.columns for name, lane in lanes.items()}, dummies)


def _lanes(nodes: Mapping[str, Node], edges: Mapping[str, Edge]) -> dict[str, Lane]:
    lanes: dict[str, Lane] = {}
    names = list(dict.fromkeys(node.lane for node in nodes.values()))
    for name in names:
        inside = {key: node for key, node in nodes.items() if node.lane == name}
        within = {key: e for key, e in edges.items() if e.source in inside and e.target in inside}
        ends = {key: (e.source, e.target) for key, e in within.items()}
        columns = arrange(list(inside), ends, {key: e.span for key, e in within.items()})
        lanes[name] = Lane(inside, within, columns, *([SIDE] if len(names) > 1 else []))
    return lanes
