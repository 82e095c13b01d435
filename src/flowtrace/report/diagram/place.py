"""Where labels stand: beside their own arrow, off every box, every other label and the page's edge."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from flowtrace.report.diagram.geometry import Edge, Rect
from flowtrace.report.diagram.ways import Point, Route

_PASSES = 3
_PLACES = (0.5, 0.58, 0.42, 0.66, 0.34, 0.74, 0.26, 0.82, 0.18, 0.9, 0.1)
_FORBIDDEN = 10_000.0
_CLEAR = 1.6
_HEAD, _OFF = 9.0, 2.5
_UNDER, _ASIDE = 6.0, 14.0
_ONE_LINE = 10.0
_FLAT, _SHORTEST = 0.05, 10.0


def place_labels(
    edges: Mapping[str, Edge], ways: Mapping[str, Route], scene: tuple[Rect, list[Rect]]
) -> dict[str, Rect]:
    """Place a label on every arrow; a second and third look may move one that a later label disturbs.

    Parameters
    ----------
    edges, ways
        The arrows by name: the sizes of their labels, and where they run.
    scene
        The area that labels may not leave, and the boxes they may not touch.
    """
    lines = {name: way.points() for name, way in ways.items()}
    dots = {name: _Dots(line) for name, line in lines.items()}
    page, boxes = scene
    labels: dict[str, Rect] = {}
    hardest = sorted(edges, key=lambda name: (len(lines[name]), name))
    for _ in range(_PASSES):
        for name in hardest:
            taken = [*boxes, *(rect for other, rect in labels.items() if other != name)]
            near = [other for key, other in dots.items() if key != name]
            here = _Scene(page, taken, near=near, own=dots[name])
            labels[name] = here.best(_candidates(lines[name], edges[name]))
    return labels


def overlaps(labels: Mapping[str, Rect], boxes: Mapping[str, Rect]) -> list[tuple[str, str]]:
    """Return every pair of labels, or label and box, that overlap; a figure fit to print has none."""
    named = [*labels.items()]
    pairs = [(a, b) for i, (a, r) in enumerate(named) for b, s in named[:i] if r.meets(s)]
    return pairs + [(a, b) for a, r in named for b, s in boxes.items() if r.meets(s)]


class _Dots:
    """The points of a way, to be counted in rectangles: sorted by x, so that few are looked at."""

    def __init__(self, line: Sequence[Point]) -> None:
        self.middle = line[len(line) // 2]
        self._line = sorted(line)
        self._across = [x for x, _ in self._line]
        heights = [y for _, y in line]
        self._top, self._bottom = min(heights), max(heights)

    def inside(self, rect: Rect, margin: float) -> int:
        """Return how many points lie in a rectangle, or nearer to it than the margin."""
        top, bottom = rect.top - margin, rect.bottom + margin
        if bottom <= self._top or self._bottom <= top:
            return 0
        first = bisect_right(self._across, rect.left - margin)
        last = bisect_left(self._across, rect.right + margin)
        return sum(top < y < bottom for _, y in self._line[first:last])


def _candidates(line: Sequence[Point], edge: Edge) -> Iterable[tuple[float, Rect]]:
    """Offer places with their drawback: best on a level piece, then under one, then anywhere on the way."""
    w, h = edge.width, edge.height
    for left, right, y in _levels(line):
        for x in (right - w - _HEAD, (left + right - w) / 2, left + _CLEAR, right - w):
            yield 0.0, Rect(x, y - h - _OFF, x + w, y - _OFF)
            yield _UNDER, Rect(x, y + _OFF, x + w, y + _OFF + h)
        if h < _ONE_LINE:
            for share in _PLACES:
                x = left + _CLEAR + share * (right - left - w - 2 * _CLEAR)
                yield 0.0, Rect(x, y - h / 2, x + w, y + h / 2)
    for share in _PLACES:
        x, y = line[round(share * (len(line) - 1))]
        for dx in (-w / 2, -w - 3, 3.0, -w * 0.75, -w * 0.25):
            for dy in (-h / 2, -h - _OFF, _OFF):
                yield _ASIDE, Rect(x + dx, y + dy, x + dx + w, y + dy + h)


def _levels(line: Sequence[Point]) -> list[tuple[float, float, float]]:
    """Return the level pieces of a way that are long enough to carry a label: left, right, height."""
    pieces: list[tuple[float, float, float]] = []
    for (x0, y0), (x1, y1) in pairwise(line):
        if abs(y0 - y1) > _FLAT:
            continue
        left, right = min(x0, x1), max(x0, x1)
        last = pieces[-1] if pieces else (0.0, -1.0, -1.0)
        if abs(last[2] - y0) <= _FLAT and left <= last[1] + 1 and last[0] <= right + 1:
            before = pieces.pop()
            left, right = min(left, before[0]), max(right, before[1])
        pieces.append((left, right, y0))
    return [p for p in pieces if p[1] - p[0] >= _SHORTEST]


class _Scene:
    """What one label has to keep clear of."""

    def __init__(self, page: Rect, taken: Sequence[Rect], *, near: Sequence[_Dots], own: _Dots) -> None:
        self._page, self._taken, self._near, self._own = page, taken, near, own

    def best(self, choices: Iterable[tuple[float, Rect]]) -> Rect:
        """Return the choice of the least drawback; the first of equals."""
        found, least = None, float("inf")
        for drawback, rect in choices:
            cost = drawback + self._stray(rect)
            if cost < least:
                cost += self._own.inside(rect, 0.0) * (1.5 if rect.bottom - rect.top >= _ONE_LINE else 0.0)
            if cost < least:
                cost += self._struck(rect) * _FORBIDDEN
            if cost < least:
                cost += sum(dots.inside(rect, 1.5) for dots in self._near) * 4.0
            if cost < least:
                found, least = rect, cost
        if found is None:
            raise ValueError("an arrow without a way has no place for its label")
        return found

    def _struck(self, rect: Rect) -> int:
        """Count the boxes and labels it would overlap, and the page's edge."""
        page = self._page
        level = page.left + 2 <= rect.left and rect.right <= page.right - 2
        outside = not (level and page.top + 2 <= rect.top and rect.bottom <= page.bottom - 2)
        return sum(rect.meets(other, _CLEAR) for other in self._taken) + outside

    def _stray(self, rect: Rect) -> float:
        x, y = rect.middle
        return abs(x - self._own.middle[0]) * 0.03 + abs(y - self._own.middle[1]) * 0.02
