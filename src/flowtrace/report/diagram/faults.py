"""What would make a page unfit to print: text on text, an arrow through a box, a thing off the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.place import overlaps
from flowtrace.report.diagram.ways import Route

_INSIDE = 0.4


def struck(
    ways: Mapping[str, Route], ends: Mapping[str, tuple[str, str]], boxes: Mapping[str, Rect]
) -> Iterator[tuple[str, str]]:
    """Yield every arrow that runs through a box, with the box; its own boxes it may touch at the edge."""
    for name, way in ways.items():
        points = way.points()
        for key, box in boxes.items():
            own = key in ends[name]
            # A fold's own arrow leaves from its front box, and passes the edges of those behind it.
            depth = 6.0 if own else _INSIDE
            inner = Rect(box.left + depth, box.top + depth, box.right - depth, box.bottom - depth)
            if any(inner.left < x < inner.right and inner.top < y < inner.bottom for x, y in points):
                yield name, key


def fits(
    ways: Mapping[str, Route], ends: Mapping[str, tuple[str, str]], placed: tuple[Mapping[str, Rect], ...]
) -> bool:
    """Whether a page is fit to print.

    Parameters
    ----------
    ways, ends
        Where each arrow runs, and between which boxes.
    placed
        The labels, and the boxes.
    """
    labels, boxes = placed
    return not overlaps(labels, boxes) and next(struck(ways, ends, boxes), None) is None
