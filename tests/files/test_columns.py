"""Cells of any wrapping, exactly as written; and bytes that mean harm, refused in one clear line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.worlds import PAID, PEOPLE
from files.wrappings import MADE, as_parquet, cells, imported, transactions
from flowtrace.errors import InputError
from flowtrace.files.columns import columns_of, read_columns

HEADER = b"address,decimals,symbol\n"
ROW = PEOPLE[0].account.encode() + b",6,X\n"
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is no table that is known"),
    "another width": (HEADER + ROW + b"a,b\n", "row 3 has 2 cells where there are 3 columns"),
    "more cells": (HEADER + b"a,b,c,d\n", "row 2 has 4 cells where there are 3 columns"),
    "twice": (b"address,decimals,address\n" + ROW, "has two columns named 'address'"),
    "bad UTF-8": (HEADER + ROW + b"\xff" + ROW, "row 3, 'address': holds bytes that are no UTF-8"),
    "bad UTF-8 in a symbol": (HEADER + ROW.replace(b"X", b"\xc3"), "row 2, 'symbol': holds bytes"),
    "bad UTF-8 in the header": (b"\xff,decimals\n", "row 1, 'column 1': holds bytes that are no UTF-8"),
    "open quote": (HEADER + b'"a,6,X\n', "row 2 is not CSV"),
    "commas": (HEADER + b"," * 200_000, "a line has more than 100000 commas"),
    "UTF-16": ("address,decimals\n".encode("utf-16"), "holds bytes that are no UTF-8"),
    "JSON of another kind": (b'{"address": "0x", "decimals": 6}\n[1]\n', "row 2 is no JSON object"),
    "JSON cut off": (b'{"address": "0x", "decimals": 6}\n{"address"', "row 2 is not JSON"),
    "JSON bad UTF-8": (b'{"address": "\xff", "decimals": 6}', "row 1 holds bytes that are no UTF-8"),
    "JSON half a character": (b'{"address": "\\ud800", "decimals": 6}', "row 1 holds bytes"),
    "JSON twice": (b'{"address": "0x", "decimals": 6, "decimals": 8}', "row 1 names a key twice"),
    "JSON deep": (b'{"address": ' + b"[" * 100_000, "row 1 is not JSON"),
    "JSON deep and whole": (b'{"decimals": 6, "address": ' + b"[" * 900 + b"]" * 900 + b"}", "list|not J"),
    "JSON list in a cell": (b'{"address": ["0x"], "decimals": 6}', "row 1, address: is a list or"),
    "Parquet cut off": (b"PAR1" + b"\x00" * 40 + b"PAR1", "cannot be read as Parquet"),
    "Parquet alone": (b"PAR1", "cannot be read as Parquet"),
    "NUL": (HEADER + b"\x00,6,X\n", "row 2, address: '.x00' is not an address"),
    "a long cell": (HEADER + b"a" * 100_000 + b",6,X\n", "row 2, address: is too long for an address"),
    "a control character": (HEADER + b"\x1b[2J,6,X\n", "row 2, address: .*is not an address"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "told"), HOSTILE.values(), ids=HOSTILE)
def test_bytes_that_mean_harm_are_one_clear_line(body: bytes, told: str) -> None:
    """Named by file, and by row and column where there is one; no traceback, no control character."""
    with pytest.raises(InputError, match=told) as error:
        imported({"t.csv": body})
    said = str(error.value)
    assert said.startswith("t.csv")
    assert said.isprintable()
    assert len(said) < 1200


@pytest.mark.parametrize(
    "number", ["1" * 5000, "1e999999999", "-1e999999999", "Infinity", "NaN", "0.5", "1e5"]
)
def test_numbers_that_would_unfold_are_refused(number: str) -> None:
    """A short text of an endless number is never made into one."""
    row = json.dumps(transactions([PAID])[0]).replace(str(PAID.units), number)
    with pytest.raises(InputError, match=r"t\.json, row 1, value: is "):
        imported({"t.json": row.encode()})


def test_a_small_parquet_that_unfolds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column of one long value repeated is a few bytes: what it unfolds to is what counts."""
    monkeypatch.setattr("flowtrace.ledger.parquet.MOST", 100_000)
    body = as_parquet([{"address": "a" * 500, "decimals": "6"}] * 1000, {})
    assert len(body) < 10_000
    with pytest.raises(InputError, match=r"t\.parquet unfolds to more than 100000 bytes: split it"):
        imported({"t.parquet": body})


def test_an_empty_line_is_no_row_and_rows_keep_their_numbers() -> None:
    """What a person sees in the file is what the number says, empty lines and a byte order mark or not."""
    body = b"\xef\xbb\xbf" + HEADER + b"\n" + ROW
    assert [row.number for row in read_columns(body, "t")] == [3]
    lines = b"\xef\xbb\xbf" + b'{"address": "0x"}\n\n{"address": null, "b": true}\n'
    assert [(row.number, dict(row.cells)) for row in read_columns(lines, "t")] == [
        (1, {"address": "0x", "b": ""}),
        (3, {"address": "", "b": "1"}),
    ]


def test_parquet_is_read_as_text_that_loses_nothing() -> None:
    """Bytes, times, truth, big numbers, doubles and what is absent, each in its exact words."""
    rows = [{"b": "ab", "t": "2024-01-01 00:00:00.5", "y": "true", "n": str(10**37), "d": "0.1", "x": ""}]
    body = as_parquet(
        rows, {"b": "BLOB", "t": "TIMESTAMPTZ", "y": "BOOLEAN", "n": "DECIMAL(38, 0)", "d": "DOUBLE"}
    )
    assert columns_of(body, "t") == {"b": False, "t": False, "y": False, "n": False, "d": True, "x": False}
    (row,) = cells(body)
    assert row == {
        "b": "0x6162",
        "t": "2024-01-01 00:00:00.500000 UTC",
        "y": "1",
        "n": str(10**37),
        "d": "0.1",
        "x": "",
    }


@given(st.floats(min_value=0, max_value=1e60))
@settings(max_examples=30)
def test_a_double_comes_out_of_parquet_as_itself(value: float) -> None:
    """The shortest text that reads back as the same number."""
    (row,) = cells(as_parquet([{"d": repr(value), "x": "1"}], {"d": "DOUBLE"}))
    assert float(str(row["d"])) == value


def test_wrong_statistics_hide_nothing() -> None:
    """The tool's own files say of columns that nothing is absent there, where much is."""
    (body,) = (path.read_bytes() for path in MADE.glob("cryo/*__traces__*"))
    rows = cells(body)
    assert sum(row["error"] == "" for row in rows) == 22
    assert sum(row["action_to"] == "" for row in rows) == 5
