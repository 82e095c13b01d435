"""The outlines of boxes as path commands, in points: one per shape of the visual grammar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from flowtrace.report.diagram.geometry import Rect

Point: TypeAlias = tuple[float, float]
Command: TypeAlias = tuple[str, Point]
"""M moves, L draws a line, C is one of three points of a cubic curve, Z closes."""

_SLANT = 7.0
_TILT = 5.0
_CORNER = 4.0
_LID = 4.0
_EAR = 6.0
_RISE = 6.0
_HATCH = 5.0
_KAPPA = 0.5523  # the control distance at which a cubic curve follows a quarter circle


def outline(shape: str, rect: Rect) -> list[Command]:
    """Return the closed outline of a shape."""
    return _OUTLINES[shape](rect)


def strokes(shape: str, rect: Rect) -> list[Command]:
    """Return the lines inside a shape that mark it, beside its outline."""
    inner = _STROKES.get(shape)
    return inner(rect) if inner else []


def inset(shape: str) -> float:
    """Return how much narrower than its box the text in a shape has to be, on each side."""
    return {"rounded": 3.0, "arch": 3.0, "double": 5.0, "barred": 6.0, "parallelogram": 5.0}.get(
        shape, _SLANT
    )


def crown(shape: str) -> float:
    """Return how much of a shape's top its text has to keep clear of."""
    return {"arch": _RISE, "cylinder": 2 * _LID - 2}.get(shape, 0.0)


def _polygon(points: Sequence[Point]) -> list[Command]:
    return [("M", points[0]), *(("L", p) for p in points[1:]), ("Z", points[0])]


def _rectangle(r: Rect) -> list[Command]:
    return _polygon([(r.left, r.top), (r.right, r.top), (r.right, r.bottom), (r.left, r.bottom)])


def _rounded(r: Rect) -> list[Command]:
    c, k = _CORNER, _CORNER * (1 - _KAPPA)
    return [
        ("M", (r.left + c, r.top)),
        ("L", (r.right - c, r.top)),
        *_curve((r.right - k, r.top), (r.right, r.top + k), (r.right, r.top + c)),
        ("L", (r.right, r.bottom - c)),
        *_curve((r.right, r.bottom - k), (r.right - k, r.bottom), (r.right - c, r.bottom)),
        ("L", (r.left + c, r.bottom)),
        *_curve((r.left + k, r.bottom), (r.left, r.bottom - k), (r.left, r.bottom - c)),
        ("L", (r.left, r.top + c)),
        *_curve((r.left, r.top + k), (r.left + k, r.top), (r.left + c, r.top)),
        ("Z", (r.left + c, r.top)),
    ]


def _curve(a: Point, b: Point, end: Point) -> list[Command]:
    return [("C", a), ("C", b), ("C", end)]


def _arch(r: Rect) -> list[Command]:
    rise = min(_RISE, (r.bottom - r.top) / 4)
    third = (r.right - r.left) / 3
    return [
        ("M", (r.left, r.bottom)),
        ("L", (r.left, r.top + rise)),
        *_curve(
            (r.left + third, r.top - rise / 3), (r.right - third, r.top - rise / 3), (r.right, r.top + rise)
        ),
        ("L", (r.right, r.bottom)),
        ("Z", (r.left, r.bottom)),
    ]


def _octagon(r: Rect) -> list[Command]:
    c = min(_SLANT, (r.bottom - r.top) / 3)
    top, bottom = (
        [(r.left + c, r.top), (r.right - c, r.top)],
        [(r.right - c, r.bottom), (r.left + c, r.bottom)],
    )
    right, left = (
        [(r.right, r.top + c), (r.right, r.bottom - c)],
        [(r.left, r.bottom - c), (r.left, r.top + c)],
    )
    return _polygon([*top, *right, *bottom, *left])


def _hexagon(r: Rect) -> list[Command]:
    y = r.middle[1]
    return _polygon([
        (r.left, y), (r.left + _SLANT, r.top), (r.right - _SLANT, r.top),
        (r.right, y), (r.right - _SLANT, r.bottom), (r.left + _SLANT, r.bottom),
    ])  # fmt: skip


def _parallelogram(r: Rect) -> list[Command]:
    return _polygon(
        [(r.left + _TILT, r.top), (r.right, r.top), (r.right - _TILT, r.bottom), (r.left, r.bottom)]
    )


def _chevron(r: Rect) -> list[Command]:
    y = r.middle[1]
    return _polygon([
        (r.left, r.top), (r.right - _SLANT, r.top), (r.right, y),
        (r.right - _SLANT, r.bottom), (r.left, r.bottom), (r.left + _SLANT, y),
    ])  # fmt: skip


def _cut(r: Rect) -> list[Command]:
    c = _SLANT
    return _polygon([
        (r.left, r.top), (r.right - c, r.top), (r.right, r.top + c),
        (r.right, r.bottom), (r.left + c, r.bottom), (r.left, r.bottom - c),
    ])  # fmt: skip


def _double(r: Rect) -> list[Command]:
    return _rectangle(Rect(r.left + 2.4, r.top + 2.4, r.right - 2.4, r.bottom - 2.4))


def _bars(r: Rect) -> list[Command]:
    left, right = r.left + 3.5, r.right - 3.5
    return [("M", (left, r.top)), ("L", (left, r.bottom)), ("M", (right, r.top)), ("L", (right, r.bottom))]


def _foot(r: Rect) -> list[Command]:
    return [("M", (r.left, r.bottom - 2.6)), ("L", (r.right, r.bottom - 2.6))]


def _lid(r: Rect, *, below: bool) -> list[Command]:
    """Return half the rim of a cylinder, from right to left."""
    y, depth = r.top + _LID, _LID if below else -_LID
    x, kx, ky = r.middle[0], (r.right - r.left) / 2 * _KAPPA, depth * _KAPPA
    return [
        *_curve((r.right, y + ky), (x + kx, y + depth), (x, y + depth)),
        *_curve((x - kx, y + depth), (r.left, y + ky), (r.left, y)),
    ]


def _cylinder(r: Rect) -> list[Command]:
    start = (r.right, r.top + _LID)
    x, low = r.middle[0], r.bottom - _LID
    kx, ky = (r.right - r.left) / 2 * _KAPPA, _LID * _KAPPA
    return [
        ("M", start), *_lid(r, below=False), ("L", (r.left, low)),
        *_curve((r.left, low + ky), (x - kx, r.bottom), (x, r.bottom)),
        *_curve((x + kx, r.bottom), (r.right, low + ky), (r.right, low)), ("Z", start),
    ]  # fmt: skip


def _rim(r: Rect) -> list[Command]:
    return [("M", (r.right, r.top + _LID)), *_lid(r, below=True)]


def _folded(r: Rect) -> list[Command]:
    return _polygon([
        (r.left, r.top), (r.right - _EAR, r.top), (r.right, r.top + _EAR),
        (r.right, r.bottom), (r.left, r.bottom),
    ])  # fmt: skip


def _ear(r: Rect) -> list[Command]:
    x, y = r.right - _EAR, r.top + _EAR
    return [("M", (x, r.top)), ("L", (x, y)), ("L", (r.right, y))]


def hatching(r: Rect) -> list[Command]:
    """Return slanting lines across a rectangle, cut at its edges: what is frozen is hatched."""
    lines: list[Command] = []
    deep = r.bottom - r.top
    start = r.left - deep + _HATCH
    while start < r.right:
        low, high = max(start, r.left), min(start + deep, r.right)
        lines += [("M", (low, r.bottom - (low - start))), ("L", (high, r.bottom - (high - start)))]
        start += _HATCH
    return lines


_OUTLINES: dict[str, Callable[[Rect], list[Command]]] = {
    "arch": _arch,
    "octagon": _octagon,
    "rounded": _rounded,
    "parallelogram": _parallelogram,
    "chevron": _chevron,
    "hexagon": _hexagon,
    "double": _rectangle,
    "barred": _rectangle,
    "footed": _rectangle,
    "cylinder": _cylinder,
    "folded": _folded,
    "cut": _cut,
}
_STROKES: dict[str, Callable[[Rect], list[Command]]] = {
    "double": _double,
    "barred": _bars,
    "footed": _foot,
    "cylinder": _rim,
    "folded": _ear,
}
