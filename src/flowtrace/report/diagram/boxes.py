"""A box as marks: its outline, those of the addresses folded behind it, hatching, flag and words."""

from __future__ import annotations

from flowtrace.report.diagram import palette
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.label import FLAG, Block, body, text_area
from flowtrace.report.diagram.marks import Font, Mark, Path, Words
from flowtrace.report.diagram.palette import Style
from flowtrace.report.diagram.picture import Box
from flowtrace.report.diagram.shapes import hatching, inset, outline, strokes

STACK = 2.6
_FLAG = Font(6.2)
_CLEAR, _INNER = 1.2, 0.7


def whole(box: Box, rect: Rect) -> Rect:
    """Return all that a box covers: its outline, its flag, and the edges of the boxes behind it."""
    behind = 2 * STACK if box.fold else 0.0
    return Rect(rect.left, body(box, rect).top - behind, rect.right + behind, rect.bottom)


def box_marks(box: Box, place: Rect, text: Block) -> list[Mark]:
    """Return the marks of a box."""
    style, rect = palette.STYLES[box.kind], body(box, place)
    marks: list[Mark] = []
    for i in (2, 1) if box.fold else ():
        d = i * STACK
        behind = Rect(rect.left + d, rect.top - d, rect.right + d, rect.bottom - d)
        marks.append(
            Path(outline(style.shape, behind), style.stroke, style.width * 0.7, style.dashes, "#ffffff")
        )
    marks += shape_marks(style, rect, frozen=box.frozen)
    area = text_area(box, rect)
    if box.frozen:  # words stand on plain ground, not on the hatching
        fill = palette.mixed(palette.FROZEN, 0.1)
        marks += [Path(outline("double", ground), fill=fill) for ground in text.grounds(area)]
    return [*marks, *(_flag(box, place) if box.listed else []), *text.marks(area)]


def shape_marks(style: Style, rect: Rect, *, frozen: bool) -> list[Mark]:
    """Return an outline with the lines that mark its kind; thick, blue and hatched where it is frozen."""
    stroke = palette.FROZEN if frozen else style.stroke
    fill = palette.mixed(palette.FROZEN, 0.1) if frozen else style.fill
    width = palette.FROZEN_WIDTH if frozen else style.width
    marks: list[Mark] = [Path(outline(style.shape, rect), fill=fill)] if frozen else []
    if frozen:
        side = inset(style.shape) - 1.0
        inner = Rect(rect.left + side, rect.top + _CLEAR, rect.right - side, rect.bottom - _CLEAR)
        marks.append(Path(hatching(inner), palette.mixed(palette.FROZEN, 0.55), 0.6))
    marks.append(Path(outline(style.shape, rect), stroke, width, style.dashes, "" if frozen else fill))
    inside = strokes(style.shape, rect)
    return [*marks, Path(inside, stroke, style.width * _INNER)] if inside else marks


def flag_marks(left: float, top: float, right: float, *, words: str) -> list[Mark]:
    """Return a small flag on a pole, with its words."""
    bottom, notch = top + FLAG - 1.0, 2.5
    cloth = [
        ("M", (left, top)), ("L", (right, top)), ("L", (right - notch, (top + bottom) / 2)),
        ("L", (right, bottom)), ("L", (left, bottom)), ("Z", (left, top)),
    ]  # fmt: skip
    marks: list[Mark] = [
        Path(cloth, palette.LISTED, 0.7, fill="#ffffff"),
        Path([("M", (left, top - 1.5)), ("L", (left, bottom + 0.5))], palette.LISTED, 1.4),
    ]
    if words:
        marks.append(
            Words((left + right - notch) / 2, (top + bottom) / 2, words, _FLAG, palette.LISTED, centred=True)
        )
    return marks


def _flag(box: Box, place: Rect) -> list[Mark]:
    return flag_marks(place.left + 1.0, place.bottom - FLAG + 1.5, place.right - 1.0, words=box.listed)
