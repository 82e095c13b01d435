"""Parquet: every table, amounts as text and, where they fit, as whole numbers of 38 digits; nothing floats.

Parquet has no 128-bit integer, and DuckDB would write its own as a double: so the numbers are DECIMAL(38, 0),
which is exact, and empty where an amount is larger. The text always holds every digit.
"""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from flowtrace.model import Result
from flowtrace.report.formats.sheets import Rows, sheets

if TYPE_CHECKING:
    import duckdb

_UNITS = "base_units"
_NUMBERS = frozenset({"row", "depth", "block", "index", "order", "transfers", "senders", "hops"})


def files(result: Result) -> dict[str, bytes]:
    """Return one file per table, the same bytes on every run with the same DuckDB."""
    import duckdb

    with TemporaryDirectory() as name, duckdb.connect() as db:
        db.execute("SET threads = 1")
        db.execute("SET preserve_insertion_order = true")
        folder = Path(name)
        return {
            f"{table}.parquet": _file(db, folder / table, rows, digest=result.digest)
            for table, rows in sheets(result).items()
        }


def _file(db: duckdb.DuckDBPyConnection, place: Path, rows: Rows, *, digest: str) -> bytes:
    text, target = place.with_suffix(".csv"), place.with_suffix(".parquet")
    left = iter(rows)
    columns = next(left)
    with text.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([columns, *left])
    names = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    selected = ", ".join(part for column in columns for part in _columns(column))
    db.execute(
        f"COPY (SELECT {selected} FROM read_csv({_quoted(text)}, header = true, columns = {{{names}}}, "  # noqa: S608  own names
        "delim = ',', quote = '\"', escape = '\"', auto_detect = false, max_line_size = 100000000)) "
        f"TO {_quoted(target)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{digest: '{digest}'}})"
    )
    return target.read_bytes()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _columns(name: str) -> list[str]:
    """Return the SQL of a column, with its numbers beside it where it holds any."""
    if name.endswith(_UNITS):
        return [f'"{name}"', f'TRY_CAST("{name}" AS DECIMAL(38, 0)) AS "{name}_number"']
    if name in _NUMBERS:
        return [f'TRY_CAST("{name}" AS BIGINT) AS "{name}"']
    return [f'"{name}"']
