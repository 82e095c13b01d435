"""Parquet in, through DuckDB: the rows of a file as text, floating-point columns refused unless named."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowtrace.errors import InputError

if TYPE_CHECKING:
    import duckdb

MOST = 1 << 31
"""Bytes that one file's rows may take in memory: a small file can unfold into endless ones."""
_CELL, _BATCH = 50, 10_000  # what a cell takes beside its characters; rows taken at a time
_FLOAT = re.compile(r"\b(DOUBLE|FLOAT)\b")
_NESTED = re.compile(r"STRUCT\(|MAP\(|\]$")
# How each kind of column is written as text; any other as DuckDB writes it.
_WRITTEN = {
    "BOOLEAN": "CAST({} AS TINYINT)",
    "BLOB": "'0x' || lower(hex({}))",
    "TIMESTAMP": "strftime(make_timestamp(epoch_us({})), '%Y-%m-%d %H:%M:%S.%f UTC')",
    "NESTED": "to_json({})",
}


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A file's columns, each with whether its numbers are floating point; and the rows of those read."""

    columns: dict[str, bool]
    held: list[str]
    rows: list[list[str]]


def read_parquet(file: Path) -> tuple[list[str], list[list[str]]]:
    """Return column names and rows, every cell as text.

    Raises
    ------
    InputError
        If the file is not Parquet, or a column is floating point: amounts there have lost digits already.
    """
    table = parquet_table(file)
    return table.held, table.rows


def parquet_table(
    file: Path, *, only: Container[str] | None = None, lossy: Container[str] = (), name: str = ""
) -> ParquetTable:
    """Read a file, every cell as text.

    Bytes are hexadecimal with ``0x``, times are in UTC, lists and structures are JSON, what is absent is
    empty.

    Parameters
    ----------
    only
        The columns to read, the others being left out; all of them where it is None.
    lossy
        The columns that may be floating point: each number comes as the shortest text that reads back as it.
    name
        How errors name the file; its path where it is empty.

    Raises
    ------
    InputError
        If the file is not Parquet or too large, or a column is floating point that was not named.
    """
    import duckdb

    called = name or str(file)
    with duckdb.connect() as db:
        try:
            db.execute("SET memory_limit = '2GB'")
            kinds = _columns(db, file)
            wanted = [(column, kind) for column, kind in kinds if only is None or column in only]
            inexact = [column for column, kind in wanted if _FLOAT.search(kind) and column not in lossy]
            if inexact:
                told = ", ".join(inexact)
                raise InputError(
                    f"{called} holds floating-point columns ({told}): store them as text or integers"
                )
            rows = _rows(db, file, columns=wanted, called=called) if wanted else []
        except duckdb.Error as error:
            why = str(error).splitlines()[0].replace(str(file), called)
            raise InputError(f"{called} cannot be read as Parquet: {why}") from None
    columns = {column: bool(_FLOAT.search(kind)) for column, kind in kinds}
    return ParquetTable(columns, [column for column, _ in wanted], rows)


def _columns(db: duckdb.DuckDBPyConnection, file: Path) -> list[tuple[str, str]]:
    found = db.execute("DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(file)])
    return [(str(column), str(kind)) for column, kind, *_ in found.fetchall()]


def _rows(
    db: duckdb.DuckDBPyConnection, file: Path, *, columns: list[tuple[str, str]], called: str
) -> list[list[str]]:
    select = ", ".join(_text(column, kind) for column, kind in columns)
    query = f"SELECT {select} FROM read_parquet(?, hive_partitioning = false)"  # noqa: S608  names are quoted
    table = db.execute(query, [str(file)])
    rows: list[list[str]] = []
    size = 0
    while batch := table.fetchmany(_BATCH):
        # What is absent is found here, not in SQL: DuckDB believes a file's statistics, and some are wrong.
        found = [["" if cell is None else cell for cell in row] for row in batch]
        rows += found
        size += sum(len(cell) + _CELL for row in found for cell in row)
        if size > MOST:
            raise InputError(f"{called} unfolds to more than {MOST} bytes: split it")
    return rows


def _text(column: str, kind: str) -> str:
    """Return the SQL that writes a column as text."""
    quoted = '"' + column.replace('"', '""') + '"'
    form = "NESTED" if _NESTED.search(kind) else kind.removesuffix(" WITH TIME ZONE").partition("_")[0]
    written = _WRITTEN.get(form, "{}").format(quoted)
    return f"CAST({written} AS VARCHAR)"
