"""Transfer tables: exact both ways, in CSV, gzip and Parquet; every bad cell named with its row."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.files import COVERAGE_MEDIA, TRANSFERS_MEDIA, read_table, table_answers, write_tables
from flowtrace.model import Coverage, Transfer
from model.nouns import UINT256_MAX, coverages, histories

ROW = {
    "chain": "eip155:1", "tx": "0x" + "01" * 32, "position": "value", "block": "7", "index": "2",
    "order": "1", "time": "1648000000", "kind": "value", "basis": "recorded", "ok": "1",
    "from": "0x" + "a1" * 20, "to": "0x" + "b2" * 20, "asset": "eip155:1/slip44:60", "symbol": "ETH",
    "decimals": "18", "amount": "5",
}  # fmt: skip
COVERED = {
    "address": "eip155:1:0x" + "a1" * 20, "scope": "external", "first": "0", "last": "9", "complete": "1",
    "check": "a check", "fetched_at": "2023-09-21", "source": "a test",
}  # fmt: skip


def table(*rows: dict[str, str]) -> bytes:
    """Return rows as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@given(histories(), st.lists(coverages(), max_size=4))
@settings(max_examples=50)
def test_tables_round_trip(history: list[Transfer], coverage: list[Coverage]) -> None:
    """Written and read back, every transfer and coverage is the same, symbols and decimals too."""
    transfers_csv, coverage_csv = write_tables(history, coverage)
    again, _ = read_table(TRANSFERS_MEDIA, transfers_csv, "t.csv")
    assert again == history
    assert [t.amount.asset.symbol for t in again] == [t.amount.asset.symbol for t in history]
    assert [t.amount.asset.decimals for t in again] == [t.amount.asset.decimals for t in history]
    assert read_table(COVERAGE_MEDIA, coverage_csv, "t.coverage.csv")[1] == coverage


def parquet(file: Path, body: bytes, types: dict[str, str]) -> None:
    """Write a CSV as Parquet, with the types told; every other column as text."""
    names, *rows = csv.reader(io.StringIO(body.decode()))
    columns = ", ".join(f'"{name}" {types.get(name, "VARCHAR")}' for name in names)
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE t ({columns})")
        if rows:
            db.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(names))})", rows)  # noqa: S608
        db.execute(f"COPY t TO '{file}' (FORMAT parquet)")


@given(histories(4).filter(bool))
@settings(max_examples=15, deadline=None)
def test_csv_gzip_and_parquet_say_the_same(history: list[Transfer]) -> None:
    """One table in three wrappings gives one list of transfers; amounts of 256 bits are text in Parquet."""
    body, _ = write_tables(history, ())
    types = {"block": "BIGINT", "index": "INTEGER", "order": "SMALLINT", "time": "UBIGINT", "ok": "BOOLEAN"}
    with TemporaryDirectory() as name:
        files = [Path(name) / f"t{end}" for end in (".csv", ".csv.gz", ".parquet")]
        files[0].write_bytes(body)
        files[1].write_bytes(gzip.compress(body))
        parquet(files[2], body, types)
        for file in files:
            ((media, found),) = table_answers(file)
            assert read_table(media, found, file.name) == (history, [])


def test_integers_of_128_bits_are_exact_in_parquet(tmp_path: Path) -> None:
    """A DECIMAL(38, 0) column keeps every digit."""
    units = 10**38 - 1
    parquet(tmp_path / "t.parquet", table(ROW | {"amount": str(units)}), {"amount": "DECIMAL(38, 0)"})
    ((media, body),) = table_answers(tmp_path / "t.parquet")
    assert read_table(media, body, "t")[0][0].amount.units == units


@pytest.mark.parametrize("kind", ["DOUBLE", "FLOAT", "HUGEINT"])
def test_floating_point_columns_are_refused(kind: str, tmp_path: Path) -> None:
    """A floating-point amount has lost digits already; DuckDB writes HUGEINT as one, so it is refused too."""
    parquet(tmp_path / "t.parquet", table(ROW), {"amount": kind})
    with pytest.raises(InputError, match=r"t\.parquet holds floating-point columns \(amount\)"):
        table_answers(tmp_path / "t.parquet")


def test_a_coverage_table_beside_it_comes_along(tmp_path: Path) -> None:
    """NAME.coverage.csv, plain or gzip, is read with NAME in any wrapping; another's is not."""
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(table(ROW)))
    (tmp_path / "t.coverage.csv").write_bytes(table(COVERED))
    (tmp_path / "u.coverage.csv").write_bytes(table(COVERED))
    answers = dict(table_answers(tmp_path / "t.csv.gz"))
    assert list(answers) == [TRANSFERS_MEDIA, COVERAGE_MEDIA]
    assert read_table(COVERAGE_MEDIA, answers[COVERAGE_MEDIA], "t")[1][0].complete


WRONG = {
    "chain": ("", "eip155:424242", "eip155:137"),
    "tx": ("", "0x12", "0x" + "g1" * 32, "0x" + "ab" * 33),
    "position": ("",),
    "block": ("", "7.0", "-1", "x", "9" * 19, "1e3"),
    "index": ("", "?"),
    "order": ("one",),
    "time": ("2022-03-23",),
    "kind": ("", "gift", "VALUE"),
    "basis": ("heard",),
    "ok": ("", "yes", "true", "2"),
    "from": ("", "0x12", "0x098B716B8Aaf21512996dC57EB0615e2383E2f97"),
    "to": ("0x12", "0x098B716B8Aaf21512996dC57EB0615e2383E2f97"),
    "asset": ("", "ETH", "eip155:1/erc20:0x12", "eip155:1/slip44:0", "eip155:137/slip44:966"),
    "decimals": ("", "-1", "1.5"),
    "amount": ("", "1.0", "5.", "1e18", "-5", "five", "1,000", " 5", "NaN", "0x5"),
}


@pytest.mark.parametrize(("column", "cell"), [(c, cell) for c, cells in WRONG.items() for cell in cells])
def test_a_bad_cell_is_named_with_its_row(column: str, cell: str) -> None:
    """Any cell that is not what the schema says is named by table and row, in one line."""
    with pytest.raises(InputError, match=r"^t\.csv, row 3: ") as error:
        read_table(TRANSFERS_MEDIA, table(ROW, ROW | {column: cell}), "t.csv")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("column", ["block", "index", "order", "time", "kind", "basis", "ok", "decimals"])
def test_a_bad_cell_is_named_by_its_column(column: str) -> None:
    """The column is named where the cell alone would not tell."""
    with pytest.raises(InputError, match=rf"row 2: {column} is 'x'"):
        read_table(TRANSFERS_MEDIA, table(ROW | {column: "x"}), "t.csv")


def test_a_token_with_more_decimals_than_a_byte_is_refused() -> None:
    """ERC-20 states decimals in one byte; 256 is a mistake, named with its row."""
    token = {"asset": "eip155:1/erc20:0x" + "c3" * 20, "decimals": "256"}
    with pytest.raises(InputError, match=r"row 2: asset .* claims 256 decimals"):
        read_table(TRANSFERS_MEDIA, table(ROW | token), "t.csv")


@pytest.mark.parametrize("amount", ["1.5", "1e18", "5 ETH", "", "²"])
def test_an_amount_that_is_not_an_integer_is_never_rounded(amount: str) -> None:
    """Amounts are integers of base units; the message says so and shows the cell."""
    with pytest.raises(InputError, match="is not an integer of base units: give wei, satoshi or sun"):
        read_table(TRANSFERS_MEDIA, table(ROW | {"amount": amount}), "t.csv")


@pytest.mark.parametrize(
    ("column", "cell"),
    [("address", "0x12"), ("scope", "all"), ("first", "x"), ("last", ""), ("complete", "yes")],
)
def test_a_bad_coverage_cell_is_named_with_its_row(column: str, cell: str) -> None:
    """The coverage table is held to the same."""
    with pytest.raises(InputError, match=r"^c\.csv, row 2: "):
        read_table(COVERAGE_MEDIA, table(COVERED | {column: cell}), "c.csv")


@pytest.mark.parametrize("column", ROW)
def test_a_missing_column_is_named(column: str) -> None:
    """Every column is needed; which one lacks is said."""
    less = {key: value for key, value in ROW.items() if key != column}
    with pytest.raises(InputError, match=rf"t\.csv lacks the column {column}$"):
        read_table(TRANSFERS_MEDIA, table(less), "t.csv")


@pytest.mark.parametrize(("old", "new"), [(b",5\n", b"\n"), (b",5\n", b",5,6\n"), (b",5\n", b',"5\n')])
def test_a_row_of_another_length_is_named(old: bytes, new: bytes) -> None:
    """A cell too few, a cell too many, a quote never closed: no value slides into another's column."""
    with pytest.raises(InputError, match=r"t\.csv(, row 2 has more or fewer cells| is not CSV)"):
        read_table(TRANSFERS_MEDIA, table(ROW).replace(old, new), "t.csv")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"\x00", b'"', b"a,b\n1,2\n"])
def test_what_is_no_table_is_named(body: bytes) -> None:
    """Not UTF-8, not CSV, or other columns."""
    with pytest.raises(InputError, match=r"^t\.csv (lacks|is not CSV)"):
        read_table(TRANSFERS_MEDIA, body, "t.csv")


def test_a_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    """Spreadsheet programs write one; it is not part of the first column's name."""
    assert read_table(TRANSFERS_MEDIA, b"\xef\xbb\xbf" + table(ROW), "t.csv")[0]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["none.csv", "cut.csv.gz", "text.parquet", "none.parquet", "folder.csv"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    """Absent, cut off, not what its name says, or a folder: named in one line."""
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(table(ROW))[:-9])
    (tmp_path / "text.parquet").write_bytes(table(ROW))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=f"{name} cannot be read") as error:
        table_answers(tmp_path / name)
    assert "\n" not in str(error.value)


def test_the_largest_amount_is_exact() -> None:
    """uint256's largest value is read to the unit."""
    (one,), _ = read_table(TRANSFERS_MEDIA, table(ROW | {"amount": str(UINT256_MAX)}), "t.csv")
    assert one.amount.units == UINT256_MAX


@pytest.mark.parametrize("text", ["0x" + "AB" * 32, "ab" * 32, "0x" + "ab" * 32])
def test_a_hash_is_taken_in_one_form(text: str) -> None:
    """Upper case or without 0x, a full hash of an EVM chain is the same transaction's."""
    table = (",".join(ROW) + "\n" + ",".join({**ROW, "tx": text}.values()) + "\n").encode()
    (transfer,), _ = read_table(TRANSFERS_MEDIA, table, "a.csv")
    assert transfer.tx == "0x" + "ab" * 32
