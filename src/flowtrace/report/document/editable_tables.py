"""Tables of an editable document: built as elements, since python-docx takes minutes for a long annex."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flowtrace.report.document.editable_text import element, put, runs
from flowtrace.report.document.typeset import Block

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement

_TWIPS = 56.7  # of a millimetre
_PITCH = 0.6  # a fixed-pitch character's width, in parts of its size
_INSET = 2.4  # millimetres that a cell's margins take
_SMALLEST, _POINTS = 4.5, 2.835  # points, and of them in a millimetre


def grid(block: Block, width: float) -> BaseOxmlElement:
    """Return a table block; its head is repeated on every page, and a row is kept whole."""
    widths = _widths(block["columns"], width)
    made = _table(widths, lines=True)
    head = [[text] for text in block["head"]]
    made.append(_row(head, widths, {**block, "mono": []}, strong=True, head=True))
    for number, row in enumerate(block["rows"]):
        made.append(_row(row, widths, block, strong=number in block["strong"]))
    return made


def named(rows: Sequence[tuple[str, list[str]]], width: float) -> BaseOxmlElement:
    """Return names and values, without lines."""
    widths = [44.0, width - 44.0]
    look = {"size": 10, "mono": [], "right": [], "whole": 20}
    made = _table(widths, lines=False)
    for name, values in rows:
        row = _row([[name], values], widths, look)
        for bold in list(row.iter("{*}r"))[: len(runs(name, size=10))]:
            bold.find("{*}rPr").insert(1, element("b"))
        made.append(row)
    return made


def framed(into: BaseOxmlElement, width: float) -> BaseOxmlElement:
    """Append a frame and return the cell that its blocks go into."""
    made = _table([width], lines=False, frame=True)
    row, cell = element("tr"), _cell(width)
    row.append(cell)
    made.append(row)
    put(into, made)
    return cell


def _widths(columns: Sequence[str], width: float) -> list[float]:
    """Return millimetres per column: those stated, and of the rest what its share is."""
    stated = [0.0 if text.endswith("fr") or text == "auto" else float(text[:-2]) for text in columns]
    shares = [1.0 if text == "auto" else float(text[:-2]) if text.endswith("fr") else 0.0 for text in columns]
    free = max(width - sum(stated), 0) / (sum(shares) or 1)
    return [fixed or share * free for fixed, share in zip(stated, shares, strict=True)]


def _table(widths: Sequence[float], *, lines: bool, frame: bool = False) -> BaseOxmlElement:
    made, look, columns = element("tbl"), element("tblPr"), element("tblGrid")
    look.append(element("tblW", w=round(sum(widths) * _TWIPS), type="dxa"))
    if lines or frame:
        look.append(_borders(frame=frame))
    look.append(element("tblLayout", type="fixed"))
    margins = element("tblCellMar")
    for side in ("left", "right"):
        margins.append(element(side, w=round(_INSET / 2 * _TWIPS), type="dxa"))
    look.append(margins)
    for one in widths:
        columns.append(element("gridCol", w=round(one * _TWIPS)))
    made.append(look)
    made.append(columns)
    return made


def _borders(*, frame: bool) -> BaseOxmlElement:
    made = element("tblBorders")
    for side in ("top", "left", "bottom", "right") if frame else ("top", "bottom", "insideH"):
        weight = 8 if frame or side == "top" else 3
        made.append(element(side, val="single", sz=weight, space=0, color="1F2937" if frame else "9CA3AF"))
    return made


def _row(
    values: Sequence[list[str]],
    widths: Sequence[float],
    block: Block,
    *,
    strong: bool = False,
    head: bool = False,
) -> BaseOxmlElement:
    made, look = element("tr"), element("trPr")
    if all(len(lines) <= block["whole"] for lines in values):
        look.append(element("cantSplit"))
    if head:
        look.append(element("tblHeader"))
    made.append(look)
    for number, lines in enumerate(values):
        cell, fixed = _cell(widths[number]), number in block["mono"]
        size = _fitting(lines, widths[number], block["size"]) if fixed else block["size"]
        for text in lines or [""]:
            cell.append(_line(text, size, (fixed, strong), right=number in block["right"]))
        made.append(cell)
    return made


def _fitting(lines: Sequence[str], width: float, size: float) -> float:
    """Return a size at which the longest identifier stays on one line, if one can be read."""
    longest = max((len(line) for line in lines), default=0) or 1
    fits = (width - _INSET) * _POINTS / (_PITCH * longest)
    return max(_SMALLEST, min(size * 0.9, int(fits * 2) / 2))


def _cell(width: float) -> BaseOxmlElement:
    made, look = element("tc"), element("tcPr")
    look.append(element("tcW", w=round(width * _TWIPS), type="dxa"))
    made.append(look)
    return made


def _line(text: str, size: float, manner: tuple[bool, bool], *, right: bool) -> BaseOxmlElement:
    fixed, strong = manner
    made, look = element("p"), element("pPr")
    look.append(element("spacing", before=20, after=20))
    if right:
        look.append(element("jc", val="right"))
    made.append(look)
    for run in runs(text, size=size, fixed=fixed, strong=strong):
        made.append(run)
    return made
