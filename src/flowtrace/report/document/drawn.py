"""The figures of a report: which of them stand where, each by the name of its file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flowtrace.errors import InputError
from flowtrace.model import Result
from flowtrace.report.accounted import Accounted
from flowtrace.report.document.typeset import Block, drawing, figure_names
from flowtrace.report.subject import followed_amount

if TYPE_CHECKING:
    from flowtrace.report.diagram.sheet import Sheet


def flow_pages(result: Result) -> list[Block]:
    """Every page of the flow diagram, the overview first."""
    from flowtrace.report.diagram.drawing import pages_of  # noqa: PLC0415  heavy

    sheets = [page.sheet for page in pages_of(result)]
    words = "How the money moved", "Flow diagram; every [n] is a row of the annexes"
    return [drawing(name, *_numbered(words, n, sheets)) for n, name in _pages("flow", sheets)]


def sankey_page(result: Result, number: int, book: Accounted) -> Block:
    """The page of the Sankey that shows one theft and asset: those of its table, in the tables' order."""
    amount = followed_amount(result.incident, book.theft, became=book.became)
    alt = f"Bands, each as wide as the part that went there, of {amount}"
    return drawing(_named("sankey", number), f"Where the money went, drawn: {amount}", alt)


def status_pages(result: Result) -> list[Block]:
    """Every page of the status-of-funds bars."""
    from flowtrace.report.chart import status_sheets  # noqa: PLC0415  heavy
    from flowtrace.report.paint import width_of  # noqa: PLC0415  heavy

    sheets = status_sheets(result, width_of)
    words = "Money accounted for, drawn", "Status of funds: a bar for every rule, cut into where the money is"
    return [drawing(name, *_numbered(words, n, sheets)) for n, name in _pages("status", sheets)]


def figures_in(folder: Path, blocks: Iterable[Block], suffix: str) -> dict[str, bytes]:
    """Return the figures that blocks place, read from their files ``NAME.suffix``.

    Raises
    ------
    InputError
        If one is not there.
    """
    found = {}
    for name in figure_names(blocks):
        path = folder / f"{name}.{suffix}"
        try:
            found[name] = path.read_bytes()
        except FileNotFoundError:
            msg = f"the report shows the figure {path.name}, which is not in its folder: draw it first"
            raise InputError(msg) from None
    return found


def _pages(stem: str, sheets: Sequence[Sheet]) -> list[tuple[int, str]]:
    return [(n, _named(stem, n)) for n in range(1, len(sheets) + 1)]


def _named(stem: str, number: int) -> str:
    """Return what the file of a page is called, as they are written."""
    return f"{stem}-{number}" if number > 1 else stem


def _numbered(words: tuple[str, str], number: int, sheets: Sequence[Sheet]) -> tuple[str, str]:
    title, alt = words
    if len(sheets) == 1:
        return words
    return f"{title} ({number} of {len(sheets)})", f"{alt}; page {number} of {len(sheets)}"
