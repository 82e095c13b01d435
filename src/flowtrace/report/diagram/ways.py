"""A way across the page: level and upright pieces with rounded corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]

_RADIUS = 5.0


@dataclass(frozen=True, slots=True)
class Route:
    """A smooth way: a start and cubic Bézier segments (control, control, end)."""

    start: Point
    segments: tuple[tuple[Point, Point, Point], ...]

    def points(self) -> list[Point]:
        """Return points along the way, dense enough to keep labels off it."""
        found, here = [self.start], self.start
        for a, b, end in self.segments:
            steps = max(2, round((abs(end[0] - here[0]) + abs(end[1] - here[1])) / 4))
            found += [_bezier((here, a, b, end), i / steps) for i in range(1, steps + 1)]
            here = end
        return found


def _bezier(way: tuple[Point, Point, Point, Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(w * p[0] for w, p in zip(weights, way, strict=True)),
        sum(w * p[1] for w, p in zip(weights, way, strict=True)),
    )


def polyline(points: Sequence[Point]) -> Route:
    """Draw a way of upright and level pieces with rounded corners."""
    segments: list[tuple[Point, Point, Point]] = []
    here = points[0]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, _length(before, corner) / 2, _length(corner, after) / 2)
        turn_in, turn_out = _towards(corner, before, radius), _towards(corner, after, radius)
        segments.append((here, turn_in, turn_in))
        segments.append((corner, corner, turn_out))
        here = turn_out
    segments.append((here, points[-1], points[-1]))
    return Route(points[0], tuple(segments))


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(a: Point, b: Point, step: float) -> Point:
    length = _length(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * step / length, a[1] + (b[1] - a[1]) * step / length
