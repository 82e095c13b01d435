"""Parquet in, through DuckDB: the rows of a file as text, floating-point columns refused."""

from __future__ import annotations

from pathlib import Path

from flowtrace.errors import InputError


def read_parquet(file: Path) -> tuple[list[str], list[list[str]]]:
    """Return column names and rows, every cell as text.

    Raises
    ------
    InputError
        If the file is not Parquet, or a column is floating point: amounts there have lost digits already.
    """
    import duckdb

    with duckdb.connect() as db:
        try:
            table = db.execute("SELECT * FROM read_parquet(?)", [str(file)])
            columns = [(str(name), str(kind)) for name, kind, *_ in table.description or ()]
            rows = table.fetchall()
        except duckdb.Error as error:
            msg = f"{file} cannot be read as Parquet: {str(error).splitlines()[0]}"
            raise InputError(msg) from None
    inexact = [name for name, kind in columns if kind in ("DOUBLE", "FLOAT")]
    if inexact:
        msg = f"{file} holds floating-point columns ({', '.join(inexact)}): store them as text or integers"
        raise InputError(msg)
    return [name for name, _ in columns], [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)
