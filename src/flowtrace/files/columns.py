"""Tables of public data sets, whatever they are wrapped in: CSV, JSON lines or Parquet, cell by cell.

What a file is wrapped in is told from its bytes. Cells are text, as the file writes them; lists and
structures stay what they are. A column that a table lacks and a cell that is empty are different things: the
first is known from ``Table.columns``, the second is an empty text. Rows are counted as a person counts them:
in CSV the header is row 1.
"""

from __future__ import annotations

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from flowtrace.errors import InputError
from flowtrace.ledger.parquet import parquet_table

_PARQUET = b"PAR1"
_MOST_COMMAS, _LONGEST_LINE = 100_000, 1 << 25  # of a line; one that has more would unfold into gigabytes
_SHOWN = 60
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Table:
    """One file's rows.

    Attributes
    ----------
    name
        As errors name it.
    columns
        All that the file has.
    inexact
        Those whose numbers are floating point.
    rows
        Row numbers, and the cells that were asked for, in the order of ``held``.
    evidence, fetched_at, source
        Of the kept file.
    """

    name: str
    columns: tuple[str, ...]
    inexact: frozenset[str] = frozenset()
    held: tuple[str, ...] = ()
    rows: Sequence[tuple[int, Sequence[Any]]] = field(default=(), repr=False)
    evidence: int = 0
    fetched_at: str = ""
    source: str = ""

    def __iter__(self) -> Iterator[Row]:
        places = {column: place for place, column in enumerate(self.held)}
        return (Row(self, number, dict(zip(places, cells, strict=True))) for number, cells in self.rows)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, and its cells by column; ``part`` is where in it, for a row within a row."""

    table: Table
    number: int
    cells: Mapping[str, Any] = field(repr=False)
    part: str = ""

    def __contains__(self, column: str) -> bool:
        """Tell whether the table has the column, empty or not."""
        return column in self.table.columns

    def text(self, column: str) -> str:
        """Return a cell; empty where it is empty or the table lacks the column."""
        cell = self.cells.get(column, "")
        if not isinstance(cell, str):
            self.refuse(column, "is a list or a structure, where text belongs")
        return cell

    def nested(self, column: str) -> list[Any]:
        """Return a cell that holds a list; an empty one where it is empty."""
        cell = self.cells.get(column, "")
        if isinstance(cell, str):
            try:
                cell = _json(cell) if cell else []
            except InputError:
                self.refuse(column, f"is {shown(cell)}, where a list belongs")
        if not isinstance(cell, list):
            self.refuse(column, "is no list")
        return cell

    def parts(self, column: str) -> list[Row]:
        """Return a cell that holds a list of structures, each as a row within the row."""
        parts = self.nested(column)
        if not all(isinstance(one, dict) for one in parts):
            self.refuse(column, "is no list of structures")
        return [Row(self.table, self.number, one, f"{column} {n} ") for n, one in enumerate(parts)]

    def refuse(self, column: str, why: str) -> NoReturn:
        """Raise the error that names file, row and column."""
        raise InputError(f"{self.table.name}, row {self.number}, {self.part}{column}: {why}")


def shown(text: str) -> str:
    """Return text of a file as a message may show it: one line, short, without control characters."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def columns_of(body: bytes, name: str) -> dict[str, bool]:
    """Return the columns of a file's bytes, each with whether it is floating point.

    Raises
    ------
    InputError
        If they are no table, or a column is named twice.
    """
    match _wrapping(body):
        case "parquet":
            with TemporaryDirectory() as folder:
                return parquet_table(_laid_out(body, folder), only=(), name=name).columns
        case "json":
            return dict.fromkeys((key for _, row in _lines(body, name) for key in row), False)
        case _:
            return dict.fromkeys(_header(_records(body, name), name), False)


def read_columns(
    body: bytes, name: str, *, only: Container[str] | None = None, lossy: Container[str] = ()
) -> Table:
    """Read a file's bytes; see ``parquet_table`` for ``only`` and ``lossy``.

    Raises
    ------
    InputError
        If they are no table, or a row is not like the others; the message names the row.
    """
    match _wrapping(body):
        case "parquet":
            return _parquet(body, name, only=only, lossy=lossy)
        case "json":
            return _json_lines(body, name, only)
        case _:
            return _csv(body, name, only)


def is_sparse(body: bytes) -> bool:
    """Tell whether a file is JSON lines: there, a column that is empty in every row may not be at all."""
    return _wrapping(body) == "json"


def _wrapping(body: bytes) -> str:
    if body.startswith(_PARQUET):
        return "parquet"
    return "json" if body[:_SHOWN].removeprefix(BOM_UTF8).lstrip()[:1] == b"{" else "csv"


def _parquet(body: bytes, name: str, *, only: Container[str] | None, lossy: Container[str]) -> Table:
    with TemporaryDirectory() as folder:
        read = parquet_table(_laid_out(body, folder), only=only, lossy=lossy, name=name)
    inexact = frozenset(column for column, floats in read.columns.items() if floats)
    numbered = list(enumerate(read.rows, start=1))
    return Table(name, tuple(read.columns), inexact=inexact, held=tuple(read.held), rows=numbered)


def _laid_out(body: bytes, folder: str) -> Path:
    """Write bytes to a file, for DuckDB reads Parquet from files only."""
    file = Path(folder) / "table.parquet"
    file.write_bytes(body)
    return file


def _csv(body: bytes, name: str, only: Container[str] | None) -> Table:
    records = _records(body, name)
    header = _header(records, name)
    wanted = [n for n, column in enumerate(header) if only is None or column in only]
    rows = []
    for number, record in records:
        if len(record) != len(header):
            cells = f"has {len(record)} cells where there are {len(header)} columns"
            raise InputError(f"{name}, row {number} {cells}: export the file again")
        rows.append((number, [_cell(name, number, header[n], cell=record[n]) for n in wanted]))
    return Table(name, tuple(header), held=tuple(header[n] for n in wanted), rows=rows)


def _records(body: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of CSV with their numbers; empty lines are none."""
    if any(line.count(b",") > _MOST_COMMAS for line in io.BytesIO(body)):
        raise InputError(f"{name} is not CSV: a line has more than {_MOST_COMMAS} commas")
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_LINE))
    # Bytes that are no UTF-8 come through marked, so that the cell they are in can be named.
    text = io.StringIO(body.decode("utf-8-sig", "surrogateescape"), newline="")
    number = 0
    try:
        for number, record in enumerate(csv.reader(text, strict=True), start=1):
            if record:
                yield number, record
    except csv.Error as error:
        raise InputError(f"{name}, row {number + 1} is not CSV: {error}") from None


def _header(records: Iterator[tuple[int, list[str]]], name: str) -> list[str]:
    number, found = next(records, (1, []))
    header = [_cell(name, number, f"column {n}", cell=one.strip()) for n, one in enumerate(found, start=1)]
    if len(set(header)) != len(header):
        twice = next(column for n, column in enumerate(header) if column in header[:n])
        raise InputError(f"{name} has two columns named {shown(twice)}: which one counts cannot be known")
    return header


def _cell(name: str, number: int, column: str, *, cell: str) -> str:
    if not cell.isascii() and _SURROGATE.search(cell):
        raise InputError(f"{name}, row {number}, {shown(column)}: holds bytes that are no UTF-8")
    return cell


def _json_lines(body: bytes, name: str, only: Container[str] | None) -> Table:
    parsed = list(_lines(body, name, only))
    columns = tuple(columns_of(body, name))
    held = tuple(column for column in columns if only is None or column in only)
    rows = [(number, [row.get(column, "") for column in held]) for number, row in parsed]
    return Table(name, columns, held=held, rows=rows)


def _lines(
    body: bytes, name: str, only: Container[str] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of JSON lines with their numbers; empty lines are none."""
    for number, line in enumerate(io.BytesIO(body.removeprefix(BOM_UTF8)), start=1):
        if not line.strip():
            continue
        if len(line) > _LONGEST_LINE:
            raise InputError(f"{name}, row {number} is longer than {_LONGEST_LINE} bytes: no transaction is")
        try:
            row = _json(line.decode("utf-8", "surrogateescape"))
        except InputError as error:
            raise InputError(f"{name}, row {number} {error}") from None
        if not isinstance(row, dict):
            raise InputError(f"{name}, row {number} is no JSON object: export as JSON lines, one row a line")
        yield number, row if only is None else {k: v for k, v in row.items() if k in only}


def _json(text: str) -> Any:  # noqa: ANN401  JSON
    """Read JSON with every scalar as the text it is written in, true as 1, false as 0, null as nothing."""
    try:
        return _plain(
            json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)
        )
    except (ValueError, RecursionError):
        raise InputError("is not JSON") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InputError("names a key twice")
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if value is None:
        return ""
    text = str(int(value)) if isinstance(value, bool) else value
    if not text.isascii() and _SURROGATE.search(text):
        raise InputError("holds bytes that are no UTF-8")
    return text
