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


def typeset(
    head: Mapping[str, str], blocks: Iterable[Block], figures: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a PDF.

    Parameters
    ----------
    head
        ``title``, ``date`` (ISO 8601, the document's only date) and ``footer``.
    blocks
        The body in reading order, made by the functions below.
    figures
        SVGs by their names, each drawn where the ``figure`` block of its name stands.

    Raises
    ------
    InputError
        If a figure is placed that is not given, or given and not placed.
    """
    import typst

    day, body = day_of(head["date"]), list(blocks)
    drawn = placed(body, figures)
    named = {name: f"{n}.svg" for n, name in enumerate(drawn)}
    parts = {"head": {**head, "day": [day.year, day.month, day.day]}, "blocks": body, "figures": named}
    inputs = {"data": json.dumps(parts, ensure_ascii=False, sort_keys=True)}
    template = files("flowtrace.report.document").joinpath("templates", "blocks.typ").read_bytes()
    # A root with nothing else in it: a document can read only what it is given.
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "blocks.typ").write_bytes(template)
        for figure, path in named.items():
            (root / path).write_bytes(drawn[figure])
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


def placed(blocks: Iterable[Block], figures: Mapping[str, bytes] | None) -> dict[str, bytes]:
    """Return the figures that blocks place, in reading order.

    Raises
    ------
    InputError
        If a figure is placed that is not given, or given and not placed: none is blank, none is dropped.
    """
    given, names = figures or {}, figure_names(blocks)
    for name in names:
        if not given.get(name):
            raise InputError(f"the document places the figure {name!r}, which was not given to it")
    for name in sorted(set(given) - set(names)):
        raise InputError(f"the figure {name!r} was given to the document, which places it nowhere")
    return {name: given[name] for name in names}


def figure_names(blocks: Iterable[Block]) -> list[str]:
    """Return the names of the figures that blocks place, in reading order."""
    return [block["name"] for block in blocks if block["kind"] == "figure"]


def heading(text: str, level: int = 1) -> Block:
    """A section's heading."""
    return {"kind": "heading", "text": text, "level": level}


def para(text: str, *, small: bool = False) -> Block:
    """A plain paragraph."""
    return {"kind": "para", "text": text, "small": small}


def quoted(text: str, *, small: bool = False) -> Block:
    """A paragraph in others' words, or the authors' own assessment: the rules of wording leave it alone."""
    return {**para(text, small=small), "quoted": True}


def numbered(text: str, cls: str = "", *, ids: str = "") -> Block:
    """A numbered paragraph with its evidence class in the margin, and below it what it rests on."""
    return {"kind": "numbered", "text": text, "class": cls, "ids": ids}


def code(text: str, alt: str, *, side: int = 30) -> Block:
    """A QR code of a text, so many millimetres wide, with words beside it."""
    from flowtrace.report.document.code import code_svg  # noqa: PLC0415  one document in many has one

    return {"kind": "qr", "text": text, "svg": code_svg(text), "alt": alt, "side": side}


def bullets(items: Iterable[str]) -> Block:
    """A list."""
    return {"kind": "bullets", "items": list(items)}


def pairs(rows: Iterable[tuple[str, Cell]]) -> Block:
    """Names and values, one pair a line."""
    return {"kind": "pairs", "rows": [[name, _lines(value)] for name, value in rows]}


def table(head: list[str], rows: Iterable[list[Cell]], **look: object) -> Block:
    """A table.

    ``look``: ``columns`` (widths), ``right``, ``mono`` (columns), ``strong`` (rows), ``size``, ``whole``: of
    how many lines a row may be at most to be kept on one page, ``quoted``: columns in others' words.
    """
    body = [[_lines(value) for value in row] for row in rows]
    plain = {"columns": ["1fr"] * len(head), "right": [], "mono": [], "size": 8, "strong": [], "whole": 20}
    return {"kind": "table", "head": head, "rows": body, **plain, **look}


def boxed(title: str, blocks: Iterable[Block]) -> Block:
    """Blocks set apart in a frame, on one page where they fit one."""
    return {"kind": "boxed", "title": title, "blocks": list(blocks)}


def drawing(name: str, title: str, alt: str) -> Block:
    """A figure drawn for A4 landscape, by its name, on a page of its own: so large, its words can be read."""
    return {"kind": "figure", "name": name, "text": title, "alt": alt}


def landscape(blocks: Iterable[Block]) -> Block:
    """Blocks on pages turned on their side."""
    return {"kind": "landscape", "blocks": list(blocks)}


def _lines(value: Cell) -> list[str]:
    return [value] if isinstance(value, str) else value
