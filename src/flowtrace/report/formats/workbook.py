"""XLSX: every table as a sheet, every cell text, so that no program rounds, dates or runs it.

Rows are written as they come and never held (constant memory); a table of more rows than a sheet holds goes
on in a second one.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from flowtrace.model import Result
from flowtrace.report.formats.identity import day_of
from flowtrace.report.formats.sheets import Row, Rows, sheets

if TYPE_CHECKING:
    import xlsxwriter

MOST_ROWS = 1_048_576
_LONGEST = 32_767  # characters a cell of XLSX holds
_WIDTH = 22


def files(result: Result) -> dict[str, bytes]:
    """Return the workbook, the same bytes on every run."""
    import xlsxwriter

    data = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(data, options)
    book.set_properties(
        {
            "title": result.incident.id,
            "comments": result.digest,
            "created": datetime.fromisoformat(day_of(result)),
        }
    )
    for name, rows in sheets(result).items():
        for title, part in parted(name, rows):
            _write(book, title, part)
    book.close()
    return {"flowtrace.xlsx": data.getvalue()}


def parted(name: str, rows: Rows, most: int = MOST_ROWS) -> Iterator[tuple[str, Iterable[Row]]]:
    """Yield a table's sheets: as many rows in each as a sheet holds, under the same names of columns."""
    left = iter(rows)
    columns = next(left)
    number = 1
    part = list(islice(left, 1))
    while part or number == 1:
        yield (name if number == 1 else f"{name}-{number}"), chain([columns], part, islice(left, most - 2))
        part = list(islice(left, 1))
        number += 1


def _write(book: xlsxwriter.Workbook, title: str, rows: Iterable[Row]) -> None:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # they are, and shall be
    bold = book.add_format({"bold": True, "bottom": 1})
    for number, row in enumerate(rows):
        if number == 0:
            sheet.set_column(0, len(row) - 1, _WIDTH)
        for column, text in enumerate(row):
            sheet.write_string(number, column, _fitting(text), *([bold] if number == 0 else []))


def _fitting(text: str) -> str:
    """Return what a cell can hold; what was cut says so."""
    if len(text) <= _LONGEST:
        return text
    note = f" [cut: {len(text)} characters; whole in the CSV]"
    return text[: _LONGEST - len(note)] + note
