"""Where labels stand: beside their own arrow, off every box, every other label and the page's edge."""

from __future__ import annotations

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
    page, boxes = scene
    labels: dict[str, Rect] = {}
    hardest = sorted(edges, key=lambda name: (len(lines[name]), name))
    for _ in range(_PASSES):
        for name in hardest:
            taken = [*boxes, *(rect for other, rect in labels.items() if other != name)]
            here = _Scene(page, taken, near=_nearby(lines, name, edges[name]), own=lines[name])
            labels[name] = here.best(_candidates(lines[name], edges[name]))
    return labels


def overlaps(labels: Mapping[str, Rect], boxes: Mapping[str, Rect]) -> list[tuple[str, str]]:
    """Return every pair of labels, or label and box, that overlap; a figure fit to print has none."""
    named = [*labels.items()]
    pairs = [(a, b) for i, (a, r) in enumerate(named) for b, s in named[:i] if r.meets(s)]
    return pairs + [(a, b) for a, r in named for b, s in boxes.items() if r.meets(s)]


def _nearby(lines: Mapping[str, Sequence[Point]], name: str, edge: Edge) -> list[Point]:
    """Return the points of other arrows that any place for this label could touch."""
    own = lines[name]
    reach = Rect(
        min(x for x, _ in own) - 1.5 * edge.width,
        min(y for _, y in own) - 1.5 * edge.height - 5,
        max(x for x, _ in own) + 1.5 * edge.width,
        max(y for _, y in own) + 1.5 * edge.height + 5,
    )
    return [p for other, line in lines.items() if other != name for p in line if _inside(reach, p, 0.0)]


def _candidates(line: Sequence[Point], edge: Edge) -> Iterable[tuple[float, Rect]]:
    """Offer places with their drawback: best on a level piece, then under one, then anywhere on the way."""
    w, h = edge.width, edge.height
    for left, right, y in _levels(line):
        for x in (right - w - _HEAD, (left + right - w) / 2, left + _CLEAR, right - w):
            yield 0.0, Rect(x, y - h - _OFF, x + w, y - _OFF)
            yield _UNDER, Rect(x, y + _OFF, x + w, y + _OFF + h)
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

    def __init__(
        self, page: Rect, taken: Sequence[Rect], *, near: Sequence[Point], own: Sequence[Point]
    ) -> None:
        self._page, self._taken, self._near, self._own = page, taken, near, own
        self._middle = own[len(own) // 2]

    def best(self, choices: Iterable[tuple[float, Rect]]) -> Rect:
        """Return the choice of the least drawback; the first of equals."""
        return min(choices, key=lambda choice: choice[0] + self.cost(choice[1]))[1]

    def cost(self, rect: Rect) -> float:
        """Overlaps are forbidden; then as few crossed lines as possible, then near the middle of its own."""
        x, y = rect.middle
        page = self._page
        level = page.left + 2 <= rect.left and rect.right <= page.right - 2
        outside = not (level and page.top + 2 <= rect.top and rect.bottom <= page.bottom - 2)
        struck = sum(rect.meets(other, _CLEAR) for other in self._taken) + outside
        crossed = sum(_inside(rect, p, 1.5) for p in self._near)
        own = sum(_inside(rect, p, 0.0) for p in self._own)
        stray = abs(x - self._middle[0]) * 0.03 + abs(y - self._middle[1]) * 0.02
        return struck * _FORBIDDEN + crossed * 4.0 + own * 1.5 + stray


def _inside(rect: Rect, point: Point, margin: float) -> bool:
    x, y = point
    return rect.left - margin < x < rect.right + margin and rect.top - margin < y < rect.bottom + margin
