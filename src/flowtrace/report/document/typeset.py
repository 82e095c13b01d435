"""The one door to Typst: blocks of plain data go in, the bytes of a PDF/A-2b come out.

Everything that varies reaches Typst as JSON strings, never as markup, so no label or claim can become code.
Only the fonts inside the typst wheel are used and every date is given, so the bytes are the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flowtrace.errors import InputError

Block = dict[str, Any]
Cell = str | list[str]


def typeset(head: Mapping[str, str], blocks: Iterable[Block], figure: bytes = b"") -> bytes:
    """Return a PDF.

    Parameters
    ----------
    head
        ``title``, ``date`` (ISO 8601, the document's only date) and ``footer``.
    blocks
        The body in reading order, made by the functions below.
    figure
        An SVG, drawn where a ``figure`` block stands.
    """
    import typst

    day = day_of(head["date"])
    parts = {"head": {**head, "day": [day.year, day.month, day.day]}, "blocks": list(blocks)}
    inputs = {"data": json.dumps(parts, ensure_ascii=False, sort_keys=True), "figure": figure.decode()}
    template = files("flowtrace.report.document").joinpath("templates", "blocks.typ").read_bytes()
    # A root with nothing else in it: a document can read only what it is given.
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "blocks.typ").write_bytes(template)
        return typst.compile(
            root / "blocks.typ", root=root, sys_inputs=inputs, ignore_system_fonts=True, font_paths=[],
            pdf_standards=["a-2b"], timestamp=day, format="pdf",
        )  # fmt: skip


def day_of(text: str) -> datetime:
    """Return the day that a document is dated by.

    Raises
    ------
    InputError
        If the text begins with no date.
    """
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC)
    except ValueError:
        msg = f"{text!r} is not a date: a result's as_of is ISO 8601, such as 2022-05-01"
        raise InputError(msg) from None


def heading(text: str, level: int = 1) -> Block:
    """A section's heading."""
    return {"kind": "heading", "text": text, "level": level}


def para(text: str, *, small: bool = False) -> Block:
    """A plain paragraph."""
    return {"kind": "para", "text": text, "small": small}


def numbered(text: str, cls: str = "") -> Block:
    """A numbered paragraph with its evidence class in the margin."""
    return {"kind": "numbered", "text": text, "class": cls}


def bullets(items: Iterable[str]) -> Block:
    """A list."""
    return {"kind": "bullets", "items": list(items)}


def pairs(rows: Iterable[tuple[str, Cell]]) -> Block:
    """Names and values, one pair a line."""
    return {"kind": "pairs", "rows": [[name, _lines(value)] for name, value in rows]}


def table(head: list[str], rows: Iterable[list[Cell]], **look: object) -> Block:
    """A table.

    ``look``: ``columns`` (widths), ``right``, ``mono`` (columns), ``strong`` (rows), ``size``, and ``whole``:
    of how many lines a row may be at most to be kept on one page.
    """
    body = [[_lines(value) for value in row] for row in rows]
    plain = {"columns": ["1fr"] * len(head), "right": [], "mono": [], "size": 8, "strong": [], "whole": 20}
    return {"kind": "table", "head": head, "rows": body, **plain, **look}


def boxed(title: str, blocks: Iterable[Block]) -> Block:
    """Blocks set apart in a frame, on one page where they fit one."""
    return {"kind": "boxed", "title": title, "blocks": list(blocks)}


def landscape(blocks: Iterable[Block]) -> Block:
    """Blocks on pages turned on their side."""
    return {"kind": "landscape", "blocks": list(blocks)}


def _lines(value: Cell) -> list[str]:
    return [value] if isinstance(value, str) else value
