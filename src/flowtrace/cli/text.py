"""Text and tables for a terminal, whatever a stranger has written into them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from flowtrace.report import AccountTable

_WIDE, _WIDEST = 140, 10_000


def one_line(text: str) -> str:
    """Make text safe for a terminal: no control characters, no line breaks."""
    return "".join(c if c.isprintable() else " " for c in text)


def print_accounts(blocks: Sequence[AccountTable]) -> None:
    """Print where the money went: one line per recipient, one column per rule, and the range.

    A terminal too narrow for every rule gets several tables below each other: a figure is never cut off and
    no rule is left out.
    """
    from rich.console import Console  # noqa: PLC0415  a tenth of a second; --help must not pay it

    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    for block in blocks:
        for table in _fitting(block, console):
            console.print(table)


def _fitting(block: AccountTable, console: Console) -> list[Table]:
    """Return a block's tables: as many columns in each as the console has room for."""
    places = list(range(1, len(block.columns)))
    for size in range(len(places), 0, -1):
        parts = [places[n : n + size] for n in range(0, len(places), size)]
        tables = [_table(block, (0, *part), last=part is parts[-1]) for part in parts]
        options = console.options.update(width=_WIDEST)
        if size == 1 or all(console.measure(t, options=options).maximum <= console.width for t in tables):
            return tables
    return []


def _table(block: AccountTable, places: Sequence[int], *, last: bool) -> Table:
    from rich.table import Table  # noqa: PLC0415  the same
    from rich.text import Text  # noqa: PLC0415  the same

    table = Table(
        title=Text(block.title) if 1 in places else None, title_justify="left",
        caption=Text(block.note) if last else None, caption_justify="left",
    )  # fmt: skip
    for place in places:
        table.add_column(Text(block.columns[place]), justify="right" if place else "left", no_wrap=True)
    for row in block.rows:
        table.add_row(*(Text(row[place]) for place in places))
    return table
