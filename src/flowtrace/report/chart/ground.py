"""What surrounds every chart: its finding, its scope, and what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flowtrace.model import Result
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Font, Mark, Measure, Path, Words, fitted, wrapped
from flowtrace.report.diagram.shapes import Command, Point, outline
from flowtrace.report.diagram.sheet import PAGE, Sheet, numbered
from flowtrace.report.diagram.statement import footer

SMALL, PLAIN, STRONG, MONO = Font(6.5), Font(7.0), Font(7.0, bold=True), Font(6.2, mono=True)
MARGIN = 24.0
_TITLE, _TITLE_LINES = Font(12.0, bold=True), 2
_FOOT = 17.0


def ground(result: Result, words: tuple[str, str], measure: Measure) -> tuple[list[Mark], Rect]:
    """Return the marks around a chart, and the area they leave.

    Parameters
    ----------
    words
        The title, which states what is found, and the scope under it.
    """
    width, height = PAGE
    room = width - 2 * MARGIN
    marks: list[Mark] = []
    y = 18.0
    for text in wrapped(words[0], room, _TITLE, measure=measure)[:_TITLE_LINES]:
        marks.append(Words(MARGIN, y + _TITLE.line / 2, text, _TITLE))
        y += _TITLE.line
    for text in wrapped(words[1], room, PLAIN, measure=measure):
        marks.append(Words(MARGIN, y + 1 + PLAIN.line / 2, text, PLAIN, palette.QUIET))
        y += PLAIN.line
    foot = fitted(footer(result), room - 70, SMALL, measure=measure)
    marks.append(Words(MARGIN, height - _FOOT, foot, SMALL, palette.QUIET))
    return marks, Rect(MARGIN, y + 8, width - MARGIN, height - _FOOT - 10)


def bound(made: Sequence[Iterable[Mark]], measure: Measure) -> tuple[Sheet, ...]:
    """Return pages of A4 landscape, numbered where there are several."""
    sheets = [Sheet(*PAGE, tuple(marks)) for marks in made]
    if len(sheets) == 1:
        return tuple(sheets)
    return tuple(numbered(sheet, (n, len(sheets)), measure) for n, sheet in enumerate(sheets, 1))


def box(rect: Rect, fill: str, stroke: str = "", *, width: float = 0.7) -> Path:
    """Return a filled rectangle."""
    return Path(outline("double", rect), stroke, width, fill=fill)


def line(start: Point, end: Point, colour: str, *, width: float = 0.6) -> Path:
    """Return a straight line."""
    commands: list[Command] = [("M", start), ("L", end)]
    return Path(commands, colour, width)
