"""How each group of the table is filled: by lightness and lines too, so that grey print tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.report.accounted import BURNT, CHARGES, EXCHANGED, FEES, FROZEN, OVERTAKEN
from flowtrace.report.chart.ground import box
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Mark, Path
from flowtrace.report.diagram.shapes import Command

EDGE = "#1F2937"
_STEP, _LEAST = 4.0, 1.0


@dataclass(frozen=True, slots=True)
class Fill:
    """A fill: its colour, and the lines on it: rising, falling, level, upright, crossed or none."""

    colour: str
    lines: str = ""


FILLS = {
    FROZEN: Fill("#93B4F8", "rising"),
    "exchange": Fill("#E08E2B"),
    "bank": Fill("#2F6B46"),
    "other service": Fill("#A3B86C", "falling"),
    "mixer": Fill("#8B5CF6", "crossed"),
    "bridge, not matched": Fill("#3F8FA5", "upright"),
    "at rest": Fill("#CBD5E1"),
    "no data": Fill("#FFFFFF", "upright"),
    "crowded address": Fill("#CBD5E1", "falling"),
    "incomplete record": Fill("#E5E7EB", "level"),
    "beyond budget": Fill("#9CA3AF", "level"),
    "below minimum": Fill("#F3F4F6", "rising"),
    "no address": Fill("#D6C2A8", "upright"),
    EXCHANGED: Fill("#5EAAA8", "crossed"),
    OVERTAKEN: Fill("#8A5A2B", "level"),
    BURNT: Fill("#6B7280", "falling"),
    CHARGES: Fill("#374151", "falling"),
    FEES: Fill("#111827"),
}
"""By group of the table of what is accounted for."""


def filled(rect: Rect, fill: Fill) -> list[Mark]:
    """Return a rectangle with its fill, lines and edge."""
    marks: list[Mark] = [box(rect, fill.colour)]
    if fill.lines and rect.right - rect.left > _LEAST:
        marks.append(Path(_lines(rect, fill.lines), EDGE, 0.45))
    marks.append(box(rect, "", EDGE, width=0.5))
    return marks


def _lines(r: Rect, kind: str) -> list[Command]:
    if kind == "level":
        return _straight(r, upright=False)
    if kind == "upright":
        return _straight(r, upright=True)
    rising = _slanting(r, 1) if kind in {"rising", "crossed"} else []
    return rising + (_slanting(r, -1) if kind in {"falling", "crossed"} else [])


def _straight(r: Rect, *, upright: bool) -> list[Command]:
    lines: list[Command] = []
    at, end = (r.left, r.right) if upright else (r.top, r.bottom)
    while (at := at + _STEP) < end:
        pair = ((at, r.top), (at, r.bottom)) if upright else ((r.left, at), (r.right, at))
        lines += [("M", pair[0]), ("L", pair[1])]
    return lines


def _slanting(r: Rect, way: int) -> list[Command]:
    """Return slanting lines cut at the rectangle's edges; ``way`` is 1 for rising ones, -1 for falling."""
    lines: list[Command] = []
    deep = r.bottom - r.top
    start = r.left - deep
    while (start := start + _STEP) < r.right:
        low, high = max(start, r.left), min(start + deep, r.right)
        if low < high:
            for code, x in (("M", low), ("L", high)):
                lines.append((code, (x, r.bottom - (x - start) if way > 0 else r.top + (x - start))))
    return lines
