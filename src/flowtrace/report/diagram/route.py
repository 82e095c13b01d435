"""The ways of arrows between placed boxes: through the gaps between columns, never across a box."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from flowtrace.report.diagram.backward import over
from flowtrace.report.diagram.channel import Step, channels
from flowtrace.report.diagram.geometry import Edge, Rect
from flowtrace.report.diagram.layout import Placed, level_in
from flowtrace.report.diagram.ways import Point, Route, polyline

_STUB, _BESIDE = 9.0, 3.5
_GUTTER, _GUTTERS, _STEP = 9.0, 5, 9.5
_MARGINS = 6
_LEVEL = 0.5
_SNAP = 6.5


def routes(edges: Mapping[str, Edge], placed: Placed) -> dict[str, Route]:
    """Route every arrow: forward through gaps, backward over the lane's top, to a lane by the gutter."""
    ports = _ports(edges, placed)
    back = sorted({name for columns in placed.columns.values() for name in columns.back})
    chains = {name: chain for columns in placed.columns.values() for name, chain in columns.chains.items()}
    ways = {name: _stations(ports[name], [placed.dummies[d] for d in chains[name][1:-1]]) for name in chains}
    turns = channels([s for name, way in ways.items() for s in _steps(name, way, edges)])
    crossing = [name for name in edges if name not in chains and name not in back]
    level = _levels({name: edges[name] for name in crossing}, placed)
    found = {}
    for name in edges:
        if name in chains:
            found[name] = _forward(ways[name], [turns.get((name, i)) for i in range(len(ways[name]) // 2)])
        elif name in back:
            found[name] = polyline(over(edges[name], placed, back.index(name)))
        else:
            found[name] = _across(ports[name], level[name], crossing.index(name))
    return found


def _stations(ports: tuple[Point, Point], through: Sequence[tuple[float, float, float]]) -> list[Point]:
    """Return where a way leaves and enters each column, in turn."""
    start, end = ports
    heights = [y for _, _, y in through]
    for i, far in ((0, start[1]), (-1, end[1])):
        if heights and abs(heights[i] - far) < _SNAP:
            heights[i] = far
    inner = [(x, y) for (left, right, _), y in zip(through, heights, strict=True) for x in (left, right)]
    return [start, *inner, end]


def _steps(name: str, way: Sequence[Point], edges: Mapping[str, Edge]) -> Iterable[Step]:
    edge, last = edges[name], len(way) // 2 - 1
    out = sum(e.source == edge.source for e in edges.values())
    into = sum(e.target == edge.target for e in edges.values())
    for i in range(last + 1):
        a, b = way[2 * i], way[2 * i + 1]
        late = (into > out) if last == 0 else (i == last and into > 1)
        if abs(a[1] - b[1]) > _LEVEL:
            yield Step((name, i), a, b, late)


def _forward(way: Sequence[Point], turns: Sequence[float | None]) -> Route:
    points = [way[0]]
    for i, x in enumerate(turns):
        a, b = way[2 * i], way[2 * i + 1]
        points += [(x, a[1]), (x, b[1])] if x is not None else [a, b][1:] if a[1] == b[1] else _gentle(a, b)
        points.append(b)
    return polyline([p for i, p in enumerate(points) if i == 0 or p != points[i - 1]])


def _gentle(a: Point, b: Point) -> list[Point]:
    x = (a[0] + b[0]) / 2
    return [(x, a[1]), (x, b[1])]


def _ports(edges: Mapping[str, Edge], placed: Placed) -> dict[str, tuple[Point, Point]]:
    """Give every arrow its place on its boxes' sides, sorted by where the other end lies."""
    back = {name for columns in placed.columns.values() for name in columns.back}
    sides: dict[tuple[str, bool], list[tuple[float, str]]] = defaultdict(list)
    for name, edge in edges.items():
        if name not in back:
            sides[edge.source, True].append((_next_height(name, edge, placed, out=True), name))
            sides[edge.target, False].append((_next_height(name, edge, placed, out=False), name))
    at: dict[tuple[str, bool], Point] = {}
    for (box, out), ends in sides.items():
        at.update({(name, out): point for name, point in _along(placed.boxes[box], sorted(ends), out=out)})
    return {name: (at[name, True], at[name, False]) for name in edges if name not in back}


def _along(box: Rect, ends: Sequence[tuple[float, str]], *, out: bool) -> list[tuple[str, Point]]:
    x, middle = box.right if out else box.left, box.middle[1]
    step = min(9.0, (box.bottom - box.top - 8) / max(len(ends) - 1, 1))
    return [(name, (x, middle + step * (i - (len(ends) - 1) / 2))) for i, (_, name) in enumerate(ends)]


def _next_height(name: str, edge: Edge, placed: Placed, *, out: bool) -> float:
    chain = next(
        (c.chains[name] for c in placed.columns.values() if name in c.chains), (edge.source, edge.target)
    )
    point = chain[1] if out else chain[-2]
    return placed.dummies[point][2] if point in placed.dummies else placed.boxes[point].middle[1]


def _holds(lane: Rect, box: Rect) -> bool:
    return lane.top <= box.top and box.bottom <= lane.bottom


def _levels(edges: Mapping[str, Edge], placed: Placed) -> dict[str, list[Point]]:
    """Return where each arrow between lanes runs level, beside its own and the other: (margin, height).

    Every arrow of a gutter has a height of its own there.
    """
    lanes = list(placed.lanes.values())
    taken: dict[int, int] = defaultdict(int)
    found: dict[str, list[Point]] = {}
    for rank, (name, edge) in enumerate(edges.items()):
        here, there = (
            next(i for i, r in enumerate(lanes) if _holds(r, placed.boxes[end]))
            for end in (edge.source, edge.target)
        )
        margin = lanes[here].right - _BESIDE * (rank % _GUTTERS + 0.5)
        found[name] = []
        for gutter in level_in(here, there):
            height = lanes[gutter].bottom + _GUTTER + _STEP * taken[gutter]
            found[name].append((margin, height))
            taken[gutter] += 1
    return found


def _across(ports: tuple[Point, Point], gutters: Sequence[Point], rank: int) -> Route:
    """Leave on the right, run between the lanes, enter on the left; pass other lanes by the margin."""
    start, end = ports
    beside = _STUB + _BESIDE * (rank % _MARGINS)
    right, left = start[0] + beside, end[0] - beside - _STUB
    way = [start, (right, start[1]), (right, gutters[0][1])]
    way += [(gutters[0][0], y) for _, y in gutters] if len(gutters) > 1 else []
    return polyline([*way, (left, gutters[-1][1]), (left, end[1]), end])
