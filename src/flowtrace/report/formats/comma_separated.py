"""CSV: every table as RFC 4180 in UTF-8, formulas of strangers made text."""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.formats.sheets import sheets
from flowtrace.report.tables import csv_of


def files(result: Result) -> dict[str, bytes]:
    """Return one file per table."""
    return {f"{name}.csv": csv_of(rows) for name, rows in sheets(result).items()}
