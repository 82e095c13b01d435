"""The formats of tables: CSV, XLSX and Parquet tell the same, and nothing floats."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest

from flowtrace.model import Result
from flowtrace.report.formats import exported
from flowtrace.report.formats.sheets import sheets
from flowtrace.report.formats.workbook import parted
from flowtrace.report.tables import csv_of, tables
from report.coin_result import coin_result
from report.formats import readers
from report.formats.enlarged import HUGE, enlarged
from report.toy_result import toy_result


@pytest.mark.parametrize("make", [toy_result, coin_result])
def test_the_workbook_has_every_table_cell_for_cell(make: Callable[[], Result]) -> None:
    """Openpyxl reads the same texts, in the same order, as the tables hold."""
    book = openpyxl.load_workbook(
        io.BytesIO(exported(make(), ["xlsx"])["xlsx/flowtrace.xlsx"]), read_only=True
    )
    wanted = {name: [list(row) for row in rows] for name, rows in sheets(make()).items()}
    assert book.sheetnames == list(wanted)
    for name, rows in wanted.items():
        found = [[str(value or "") for value in row] for row in book[name].iter_rows(values_only=True)]
        width = len(rows[0])
        assert [row + [""] * (width - len(row)) for row in found] == rows


def test_parquet_has_the_same_texts_and_exact_numbers() -> None:
    """The number beside an amount is the amount, or empty where it has more than 38 digits."""
    for result, fits in ((toy_result(), True), (enlarged(toy_result(), HUGE), False)):
        files = exported(result, ["parquet"])
        for name, rows in sheets(result).items():
            columns, *wanted = rows
            kinds, found = readers.parquet_rows(files[f"parquet/{name}.parquet"])
            assert not {kind for kind in kinds.values() if kind in {"FLOAT", "DOUBLE", "HUGEINT"}}
            assert [[_text(row[column]) for column in columns] for row in found] == [
                list(row) for row in wanted
            ]
            for column in (column for column in columns if column.endswith("base_units")):
                assert kinds[f"{column}_number"] == "DECIMAL(38,0)"
                for row in found:
                    _is_exact(row[column], row[f"{column}_number"], fits=fits)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _is_exact(text: str | None, number: object, *, fits: bool) -> None:
    if number is None:
        assert not text or not fits
        assert not text or len(text) > 38
    else:
        assert str(number) == text


def test_csv_has_the_tables_of_a_trace_as_they_are() -> None:
    """What ``out/`` holds is there byte for byte, with the tables that only an export has."""
    files = exported(toy_result(), ["csv"])
    for name, rows in tables(toy_result()).items():
        assert files[f"csv/{name}.csv"] == csv_of(rows)
    assert {"csv/stops.csv", "csv/accounts.csv", "csv/thefts.csv", "csv/case.csv"} <= set(files)


@pytest.mark.parametrize(("rows", "sizes"), [(0, [1]), (3, [4]), (4, [4, 2]), (6, [4, 4]), (7, [4, 4, 2])])
def test_a_table_too_long_for_a_sheet_goes_on_in_another(rows: int, sizes: list[int]) -> None:
    """Every sheet begins with the columns, and no row is lost or told twice."""
    table = [("n",), *((str(n),) for n in range(rows))]
    parts = [(name, list(part)) for name, part in parted("t", table, 4)]
    assert [name for name, _ in parts] == ["t", "t-2", "t-3"][: len(sizes)]
    assert [len(part) for _, part in parts] == sizes
    assert all(part[0] == ("n",) for _, part in parts)
    assert [row for _, part in parts for row in part[1:]] == table[1:]
