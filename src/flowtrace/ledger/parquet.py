"""Parquet in, through DuckDB: the rows of a file as text, floating-point columns refused unless named."""

from __future__ import annotations

import re
from collections.abc import Container
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


def read_parquet(
    file: Path, *, only: Container[str] | None = None, lossy: Container[str] = (), name: str = ""
) -> tuple[list[str], list[list[str]]]:
    """Return column names and rows, every cell as text.

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
        If the file is not Parquet or too large, or a column is floating point that was not named: amounts
        there have lost digits already.
    """
    import duckdb

    called = name or str(file)
    with duckdb.connect() as db:
        try:
            db.execute("SET memory_limit = '2GB'")
            columns = [
                (column, kind) for column, kind in _columns(db, file) if only is None or column in only
            ]
            inexact = [column for column, kind in columns if _FLOAT.search(kind) and column not in lossy]
            if inexact:
                told = ", ".join(inexact)
                raise InputError(
                    f"{called} holds floating-point columns ({told}): store them as text or integers"
                )
            rows = _rows(db, file, columns=columns, called=called) if columns else []
        except duckdb.Error as error:
            why = str(error).splitlines()[0].replace(str(file), called)
            raise InputError(f"{called} cannot be read as Parquet: {why}") from None
    return [column for column, _ in columns], rows


def parquet_columns(file: Path, name: str = "") -> dict[str, bool]:
    """Return each column's name, and whether it is floating point or holds such numbers.

    Raises
    ------
    InputError
        If the file is not Parquet.
    """
    import duckdb

    with duckdb.connect() as db:
        try:
            return {column: bool(_FLOAT.search(kind)) for column, kind in _columns(db, file)}
        except duckdb.Error as error:
            why = str(error).splitlines()[0].replace(str(file), name or str(file))
            raise InputError(f"{name or file} cannot be read as Parquet: {why}") from None


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
        rows += [list(row) for row in batch]
        size += sum(len(cell) + _CELL for row in batch for cell in row)
        if size > MOST:
            raise InputError(f"{called} unfolds to more than {MOST} bytes: split it")
    return rows


def _text(column: str, kind: str) -> str:
    """Return the SQL that writes a column as text; what is absent is empty."""
    quoted = '"' + column.replace('"', '""') + '"'
    form = "NESTED" if _NESTED.search(kind) else kind.removesuffix(" WITH TIME ZONE").partition("_")[0]
    written = _WRITTEN.get(form, "{}").format(quoted)
    return f"coalesce(CAST({written} AS VARCHAR), '')"
