"""The ledger on disk: exact both ways, refused when it is another's, named when it is damaged."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.errors import FlowtraceError, InputError, IntegrityError
from flowtrace.ledger import Ledger, read_ledger, write_ledger
from flowtrace.model import Basis, Coverage, Kind, Leg, Opening, Transfer
from model.nouns import ETHER, PEOPLE, TOKEN, UINT256_MAX, coverages, histories

HUGE = ((1 << 127) - 1, 1 << 127, (1 << 128) + 1, UINT256_MAX, 0)


def huge() -> Ledger:
    """Return a ledger of amounts on both sides of what DuckDB's integers hold."""
    rows = [
        Transfer(
            "eip155:1", f"0x{n}", "value", n, 0, 1, 0, Kind.VALUE, Basis.RECORDED, True,  # noqa: FBT003
            (Leg(PEOPLE[0], TOKEN, units),), (Leg(PEOPLE[1], TOKEN, units),),
        )
        for n, units in enumerate(HUGE)
    ]  # fmt: skip
    return Ledger(rows, witness={rows[0].id: (1, 2)})


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger file."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.duckdb"
    write_ledger(huge(), path, "source")
    return path


@given(histories(), st.lists(coverages(), max_size=4), st.data())
@settings(max_examples=15, deadline=None)
def test_written_and_read_back_it_is_the_same(
    history: list[Transfer], coverage: list[Coverage], data: st.DataObject
) -> None:
    """Every transfer, amount, coverage and witness comes back exactly, and so does the digest."""
    seen = st.lists(st.integers(1, 99), min_size=1, unique=True).map(sorted).map(tuple)
    witness = {t.id: data.draw(seen) for t in history}
    ledger = Ledger(history, coverage, witness)
    with TemporaryDirectory() as name:
        path = Path(name) / "ledger.duckdb"
        write_ledger(ledger, path, "source")
        again = read_ledger(path, "source")
        assert again is not None
        assert (list(again), again.coverage, again.witness) == (list(ledger), ledger.coverage, witness)
        assert again.digest == ledger.digest
        facts = [(a.symbol, a.decimals) for a in again.assets]
        assert facts == [(a.symbol, a.decimals) for a in ledger.assets]
        assert [p.name for p in Path(name).iterdir()] == ["ledger.duckdb"]


def test_amounts_beyond_127_bits_are_exact(stored: Path) -> None:
    """2^127 and the largest uint256 come back to the unit, and SQL can tell them from the small."""
    again = read_ledger(stored, "source")
    assert again is not None
    assert tuple(t.amount.units for t in again) == HUGE
    with duckdb.connect(str(stored), read_only=True) as db:
        sql = "SELECT units, CAST(units_big AS VARCHAR) FROM leg WHERE side = 'out' ORDER BY rowid"
        rows = db.execute(sql).fetchall()
    assert rows == [(u, None) if u < 1 << 127 else (None, str(u)) for u in HUGE]


def test_a_ledger_of_other_evidence_is_no_ledger(stored: Path, tmp_path: Path) -> None:
    """Derived from something else, or absent: None, and it is derived anew."""
    assert read_ledger(stored, "another source") is None
    assert read_ledger(tmp_path / "none.duckdb", "source") is None


def test_writing_leaves_the_old_ledger_or_the_new(stored: Path, tmp_path: Path) -> None:
    """What a killed writer left beside the ledger is cleared away, and the ledger replaced whole."""
    path = tmp_path / "ledger.duckdb"
    path.write_bytes(stored.read_bytes())
    for left in ("ledger.duckdb.new", "ledger.duckdb.new.wal", "ledger.duckdb.wal"):
        (tmp_path / left).write_bytes(b"half a file")
    write_ledger(Ledger([]), path, "next")
    again = read_ledger(path, "next")
    assert again is not None
    assert len(again) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["ledger.duckdb"]


SPOILED = {
    "an amount": "UPDATE leg SET units = 6 WHERE transfer = 4",
    "an asset's decimals": "UPDATE asset SET decimals = 0",
    "a block": "UPDATE transfer SET height = height + 1",
    "a kind": "UPDATE transfer SET kind = 'gift'",
    "a chain": "UPDATE transfer SET chain = 'eip155:137'",
    "an address": "UPDATE address SET account = '0x12'",
    "an address's number": "UPDATE address SET id = id + 7",
    "an asset": "UPDATE asset SET caip19 = 'ether'",
    "an asset's number": "UPDATE asset SET id = id + 7",
    "a leg gone": "DELETE FROM leg WHERE transfer = 1",
    "a transfer gone": "DELETE FROM transfer WHERE id = 1",
    "no amount": "UPDATE leg SET units = NULL, units_big = NULL",
    "no meta": "DELETE FROM meta",
    "two metas": "INSERT INTO meta SELECT * FROM meta",
    "no format": "UPDATE meta SET format = NULL",
    "a digest": "UPDATE meta SET ledger_digest = repeat('0', 64)",
    "no table": "DROP TABLE leg",
    "a column": "ALTER TABLE transfer DROP COLUMN ok",
}


@pytest.mark.parametrize("sql", SPOILED.values(), ids=list(SPOILED))
def test_a_changed_ledger_is_named(sql: str, stored: Path, tmp_path: Path) -> None:
    """Whatever was changed in it by SQL, reading says which file and what to do, in one line."""
    path = tmp_path / "ledger.duckdb"
    path.write_bytes(stored.read_bytes())
    with duckdb.connect(str(path)) as db:
        db.execute(sql)
    with pytest.raises(IntegrityError, match=r"ledger\.duckdb.* [Dd]elete it, it is derived") as told:
        read_ledger(path, "source")
    assert "\n" not in str(told.value)


def test_a_newer_ledger_is_refused(stored: Path, tmp_path: Path) -> None:
    """A ledger of a newer flowtrace is bad input, not damage."""
    path = tmp_path / "ledger.duckdb"
    path.write_bytes(stored.read_bytes())
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE meta SET format = 3")
    with pytest.raises(InputError, match="is of format 3"):
        read_ledger(path, "source")


def test_an_older_ledger_is_derived_anew(stored: Path, tmp_path: Path) -> None:
    """It is derived: what an older flowtrace wrote is no use, and no harm."""
    path = tmp_path / "ledger.duckdb"
    path.write_bytes(stored.read_bytes())
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE meta SET format = 1")
    assert read_ledger(path, "source") is None


def test_openings_are_stored_and_part_of_the_digest(tmp_path: Path) -> None:
    """Of amounts beyond any column's width, too; a ledger without them keeps the digest that it had."""
    path = tmp_path / "ledger.duckdb"
    opening = Opening(PEOPLE[0], ETHER, 1 << 130, "a balance")
    ledger = Ledger((), openings=[opening])
    write_ledger(ledger, path, "source")
    again = read_ledger(path, "source")
    assert again is not None
    assert again.openings == (opening,)
    assert again.digest == ledger.digest != Ledger(()).digest


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_any_one_flipped_bit_is_named_or_changes_nothing(
    data: st.DataObject, stored: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One bit anywhere in the file: an error of ours that names it, or the very same ledger."""
    raw = stored.read_bytes()
    offset = data.draw(st.integers(0, len(raw) - 1) | st.integers(0, 3 * 4096))
    bit = data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("flip") / "ledger.duckdb"
    path.write_bytes(raw[:offset] + bytes([raw[offset] ^ 1 << bit]) + raw[offset + 1 :])
    told = ""
    try:
        again = read_ledger(path, "source")
    except FlowtraceError as error:
        again, told = None, str(error)
    assert again is None or again.digest == huge().digest
    assert "\n" not in told
    assert not told or "ledger.duckdb" in told


@pytest.mark.parametrize("body", [b"", b"no database", b"x" * 20_000])
def test_what_is_no_ledger_is_named(body: bytes, tmp_path: Path) -> None:
    """An empty, cut or foreign file is damage, named."""
    path = tmp_path / "ledger.duckdb"
    path.write_bytes(body)
    with pytest.raises(IntegrityError, match=r"ledger\.duckdb"):
        read_ledger(path, "source")


def test_a_ledger_held_by_another_is_named(stored: Path, tmp_path: Path) -> None:
    """A ledger someone has open for writing is not damage: wait and try again."""
    import subprocess  # noqa: PLC0415  DuckDB locks between processes only
    import sys  # noqa: PLC0415

    path = tmp_path / "ledger.duckdb"
    path.write_bytes(stored.read_bytes())
    code = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(InputError, match="in use by another process"):
            read_ledger(path, "source")
        assert holder.stdin is not None
        holder.stdin.close()
