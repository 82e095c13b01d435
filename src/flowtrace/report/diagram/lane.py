"""One lane of a flow diagram: the width of its columns and gaps, and the height at which every box stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flowtrace.report.diagram.geometry import Edge, Node, Rect
from flowtrace.report.diagram.layers import Columns

TRACK = 28.0
"""Height kept free at a lane's top for each arrow that runs against the flow."""

TRACKS = 4
"""How many such arrows get a height of their own; further ones share."""

SIDE = 36.0
"""Width kept free at a lane's ends for arrows to and from other lanes."""

_SWEEPS = 24
_LEAST_GAP = 34.0
_LEAST_SEPARATION = 9.0
_MOST_SEPARATION = 46.0
_DUMMY = 7.0
_STRAIGHT = 3.0
_PAD = 7.0
_LABEL_PAD = 7.0
_LABEL_GAP = 7.0


@dataclass(slots=True)
class Lane:
    """Boxes and arrows of one ledger in their columns."""

    nodes: Mapping[str, Node]
    edges: Mapping[str, Edge]
    columns: Columns
    side: float = _PAD

    @property
    def tracks(self) -> float:
        """Height kept free at the top for edges that run against the flow."""
        return TRACK * min(len(self.columns.back), TRACKS)

    def height(self, point: str) -> float:
        """Return the height a box or a dummy point takes."""
        return self.nodes[point].height if point in self.nodes else _DUMMY

    def widths(self) -> list[float]:
        """Return the width of each column."""
        columns = self.columns.columns
        return [max((self.nodes[p].width for p in c if p in self.nodes), default=0.0) for c in columns]

    def gaps(self) -> list[float]:
        """Return the least width of each gap between columns: the widest label that has no other place."""
        at = {p: i for i, c in enumerate(self.columns.columns) for p in c}
        gaps = [_LEAST_GAP] * (len(self.columns.columns) - 1)
        for name, chain in self.columns.chains.items():
            if len(chain) == 2:  # noqa: PLR2004  a short edge: its label can only stand in this gap
                i = at[chain[0]]
                gaps[i] = max(gaps[i], self.edges[name].width + _LABEL_PAD)
        return gaps

    def size(self) -> tuple[float, float]:
        """Return the least width and height of the lane."""
        width = sum(self.widths()) + sum(self.gaps()) + 2 * self.side
        columns = [sum(self.height(p) + _LEAST_SEPARATION for p in c) for c in self.columns.columns]
        return width, max(columns, default=0.0) + self.tracks + 2 * _PAD

    def put(self, rect: Rect, boxes: dict[str, Rect], dummies: dict[str, tuple[float, float, float]]) -> None:
        """Place this lane's boxes and dummy points inside a rectangle."""
        top = rect.top + _PAD + self.tracks
        inner = Rect(rect.left + self.side, top, rect.right - self.side, rect.bottom - _PAD)
        middles = self._heights(inner)
        widths, left = self.widths(), inner.left
        for column, width, gap in zip(self.columns.columns, widths, [*self._shared(inner), 0.0], strict=True):
            for point in column:
                y = middles[point]
                if point in self.nodes:
                    half = self.nodes[point].height / 2
                    boxes[point] = Rect(left, y - half, left + width, y + half)
                else:
                    dummies[point] = (left, left + width, y)
            left += width + gap

    def _shared(self, inner: Rect) -> list[float]:
        gaps = self.gaps()
        spare = inner.right - inner.left - sum(self.widths()) - sum(gaps)
        return [gap + spare / len(gaps) for gap in gaps] if gaps else []

    def _heights(self, inner: Rect) -> dict[str, float]:
        """Move every point towards its neighbours' middle as far as the others in its column allow."""
        near = self._neighbours()
        y = self._even(inner)
        for sweep in range(_SWEEPS):
            columns = self.columns.columns if sweep % 2 == 0 else self.columns.columns[::-1]
            for column in columns:
                wanted = [_average([y[n] for n in near[p]], y[p]) for p in column]
                y.update(zip(column, self._spread(column, wanted, inner), strict=True))
        return self._centred(y, inner)

    def _centred(self, y: dict[str, float], inner: Rect) -> dict[str, float]:
        """Move all points alike, so that as much room is left below them as above."""
        top = min((middle - self.height(p) / 2 for p, middle in y.items()), default=inner.top)
        bottom = max((middle + self.height(p) / 2 for p, middle in y.items()), default=inner.bottom)
        shift = (inner.top + inner.bottom - top - bottom) / 2
        return {p: middle + shift for p, middle in y.items()}

    def _neighbours(self) -> dict[str, list[str]]:
        near: dict[str, list[str]] = {p: [] for c in self.columns.columns for p in c}
        for chain in self.columns.chains.values():
            for a, b in pairwise(chain):
                near[a].append(b)
                near[b].append(a)
        return near

    def _even(self, inner: Rect) -> dict[str, float]:
        deep = inner.bottom - inner.top
        columns = self.columns.columns
        return {p: inner.top + deep * (k + 0.5) / len(c) for c in columns for k, p in enumerate(c)}

    def _column_heights(self, column: Sequence[str], inner: Rect) -> list[float]:
        """Give points, as far as there is room, the height of the labels that will stand beside them."""
        heights = [self.height(p) for p in column]
        extra = [max(0.0, self._labels(p) - h) for p, h in zip(column, heights, strict=True)]
        spare = inner.bottom - inner.top - sum(heights) - _LEAST_SEPARATION * len(column)
        share = max(0.0, min(1.0, spare / (sum(extra) or 1.0)))
        return [h + share * e for h, e in zip(heights, extra, strict=True)]

    def _labels(self, point: str) -> float:
        """Return the height of all labels of arrows into a box, or of the arrow through a dummy point."""
        if point not in self.nodes:
            return self.edges[point.partition("\x00")[0]].height + _LABEL_GAP
        into = [name for name, chain in self.columns.chains.items() if chain[-1] == point]
        return sum(self.edges[name].height + _LABEL_GAP for name in into)

    def _spread(self, column: Sequence[str], wanted: Sequence[float], inner: Rect) -> list[float]:
        heights = self._column_heights(column, inner)
        free = inner.bottom - inner.top - sum(heights)
        separation = max(_LEAST_SEPARATION / 2, min(_MOST_SEPARATION, free / max(len(column), 1)))
        offsets = [0.0]
        for a, b in pairwise(heights):
            offsets.append(offsets[-1] + (a + b) / 2 + separation)
        low, high = inner.top + heights[0] / 2, inner.bottom - heights[-1] / 2 - offsets[-1]
        weights = [1.0 if p in self.nodes else _STRAIGHT for p in column]
        rising = isotonic([w - o for w, o in zip(wanted, offsets, strict=True)], weights)
        return [max(min(r, high), low) + o for r, o in zip(rising, offsets, strict=True)]


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the nearest non-decreasing values (least squares; pool adjacent violators).

    >>> isotonic([1.0, 3.0, 2.0], [1.0, 1.0, 1.0])
    [1.0, 2.5, 2.5]
    """
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        pool = (value, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, mass, count = pools.pop()
            total = mass + pool[1]
            pool = ((mean * mass + pool[0] * pool[1]) / total, total, count + pool[2])
        pools.append(pool)
    return [mean for mean, _, count in pools for _ in range(count)]


def _average(values: Iterable[float], otherwise: float) -> float:
    known = list(values)
    return sum(known) / len(known) if known else otherwise
