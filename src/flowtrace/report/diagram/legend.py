"""The legend: a sample of every shape, line and mark that the figure uses, and of no other."""

from __future__ import annotations

from flowtrace.model import Class
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.boxes import flag_marks, shape_marks
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Font, Mark, Measure, Path, Words
from flowtrace.report.diagram.picture import BoxKind, FlowPicture
from flowtrace.report.diagram.shapes import outline

_FONT = Font(6.5)
_ROW = 14.0
_SAMPLE, _TALL, _LONG = 20.0, 9.0, 26.0
_GAP = 13.0
_SPACE = 4.0

_RECT = Rect(0.0, -_TALL / 2, _SAMPLE, _TALL / 2)

Sample = tuple[str, float, list[Mark]]
"""Words, the sample's width, and its marks drawn from the origin; the vertical middle is 0."""


def legend(picture: FlowPicture, left: float, room: float, *, measure: Measure) -> tuple[list[Mark], float]:
    """Return the legend's marks from y = 0 downwards, and its depth."""
    marks: list[Mark] = []
    depth = 0.0
    for samples in (_shapes(picture), _lines(picture)):
        x, y = left, depth + _ROW / 2
        for text, width, drawn in samples:
            end = x + width + _SPACE + measure(text, _FONT)
            if end > left + room and x > left:
                x, y = left, y + _ROW
                end = x + width + _SPACE + measure(text, _FONT)
            marks += [mark.moved(x, y) for mark in drawn]
            marks.append(Words(x + width + _SPACE, y, text, _FONT, palette.QUIET))
            x = end + _GAP
        depth = y + _ROW / 2
    return marks, depth


def _shapes(picture: FlowPicture) -> list[Sample]:
    used = {box.kind for box in picture.boxes}
    samples = [(_capital(picture.words[kind]), _SAMPLE, _sample(kind)) for kind in BoxKind if kind in used]
    if any(box.fold for box in picture.boxes):
        samples.append((f"Several addresses, listed in {picture.listed} under F", _SAMPLE + 3, _stack()))
    if any(box.frozen and box.kind is not BoxKind.FROZEN for box in picture.boxes):
        drawn = shape_marks(palette.STYLES[BoxKind.WALLET], _RECT, frozen=True)
        samples.append(("Frozen by a token's issuer", _SAMPLE, drawn))
    if any(box.listed for box in picture.boxes):
        words = "On a sanctions list: which, and the date of the list"
        samples.append((words, _SAMPLE, flag_marks(0.0, -_TALL / 2, _SAMPLE, words="")))
    return samples


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sample(kind: BoxKind) -> list[Mark]:
    marks = shape_marks(palette.STYLES[kind], _RECT, frozen=kind is BoxKind.FROZEN)
    if kind is BoxKind.NO_DATA:
        marks.append(Words(_SAMPLE / 2, 0.0, "?", Font(6.5, bold=True), centred=True))
    return marks


def _stack() -> list[Mark]:
    style = palette.STYLES[BoxKind.WALLET]
    rects = [Rect(d, -_TALL / 2 - d + 1.5, _SAMPLE + d, _TALL / 2 - d + 1.5) for d in (3.0, 1.5, 0.0)]
    return [Path(outline(style.shape, r), style.stroke, style.width * 0.8, fill="#ffffff") for r in rects]


def _lines(picture: FlowPicture) -> list[Sample]:
    used = {arrow.cls for arrow in picture.arrows}
    samples = [(f"{c}: {c.words}", _LONG, _line(c)) for c in Class if c in used]
    return [*samples, *((text, -_SPACE, []) for text in _words(picture))]


def _words(picture: FlowPicture) -> list[str]:
    words = ["Line width: amount, per asset"]
    if any(arrow.fold for arrow in picture.arrows):
        words.append(f"[n]+k Fm: row n and k more, listed in {picture.listed} under Fm")
    if any(arrow.decoded for arrow in picture.arrows):
        words.append("† decoded from call data")
    stated = "".join(line for box in picture.boxes for line in box.lines)
    words += [f"({c}): {c.words}" for c in Class if f"({c})" in stated]
    return words


def _line(cls: Class) -> list[Mark]:
    return [Path([("M", (0.0, 0.0)), ("L", (_LONG, 0.0))], palette.LINE, 1.6, palette.LINES[cls])]
