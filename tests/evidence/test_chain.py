"""The chain of hashes: any change to what is kept is named, or changes nothing that is read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.case import Check
from flowtrace.case.seal import hashes
from flowtrace.errors import FlowtraceError, IntegrityError
from flowtrace.evidence import EvidenceStore
from flowtrace.model import Answer, Evidence, Request

ANSWERS = 6


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store with a few answers and notes."""
    path = tmp_path_factory.mktemp("chain") / "evidence.sqlite"
    with EvidenceStore(path) as store:
        for number in range(ANSWERS):
            url = f"https://host.example/{number}"
            body = json.dumps({"result": list(range(200 * number))}).encode()
            store.keep(Answer(Request("GET", url), body, "2023-09-21", "a test", "etherscan"))
        store.note("exported", manifest="0" * 64)
    return path


def read(path: Path) -> list[tuple[Evidence, bytes]]:
    """Return everything the store gives out."""
    with EvidenceStore(path, readonly=True) as store:
        return [(item, store.body(item)) for item in store.items()]


def faults(path: Path) -> list[str]:
    """Return what the store finds wrong with itself; a file that cannot be opened is named too."""
    try:
        with EvidenceStore(path, readonly=True) as store:
            return list(store.faults())
    except FlowtraceError as error:
        return [str(error)]


def changed(sealed: Path, folder: Path, sql: str, *values: object) -> Path:
    """Return a copy of the store with one statement run on it behind flowtrace's back."""
    path = folder / "evidence.sqlite"
    path.write_bytes(sealed.read_bytes())
    with sqlite3.connect(path) as db:
        assert db.execute(sql, values).rowcount > 0
    db.close()
    return path


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_one_flipped_bit_is_named_or_changes_nothing(
    data: st.DataObject, sealed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One bit anywhere in the file: the seal differs, and the store gives out nothing but the truth."""
    truth, raw = read(sealed), sealed.read_bytes()
    offset, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    folder = tmp_path_factory.mktemp("flip")
    path = folder / "evidence.sqlite"
    path.write_bytes(raw[:offset] + bytes([raw[offset] ^ 1 << bit]) + raw[offset + 1 :])
    assert hashes(folder)["evidence.sqlite"] != hashes(sealed.parent)["evidence.sqlite"]
    found = faults(path)
    assert all("\n" not in line and line for line in found)
    if not found:
        assert read(path) == truth


@pytest.mark.parametrize("place", range(1, ANSWERS + 1))
def test_a_deleted_entry_is_named(place: int, sealed: Path, tmp_path: Path) -> None:
    """An entry taken out of the log is missed by the entry after it."""
    path = changed(sealed, tmp_path, "DELETE FROM log WHERE seq = ?", place)
    assert faults(path) == [f"custody log entry {place}: its hash does not follow from the entry before it"]


def test_a_deleted_last_entry_is_missed_by_the_seal(sealed: Path, tmp_path: Path) -> None:
    """A chain cannot miss its own end; the seal of the case does."""
    changed(sealed, tmp_path, "DELETE FROM log WHERE seq = ?", ANSWERS + 1)
    assert hashes(tmp_path)["evidence.sqlite"] != hashes(sealed.parent)["evidence.sqlite"]


@pytest.mark.parametrize("place", range(1, ANSWERS + 2))
def test_an_edited_entry_is_named(place: int, sealed: Path, tmp_path: Path) -> None:
    """A changed word of an entry no longer hashes to what the log says."""
    path = changed(sealed, tmp_path, "UPDATE log SET entry = replace(entry, '20', '21') WHERE seq = ?", place)
    assert faults(path)[0].startswith(f"custody log entry {place}:")


def test_an_entry_edited_with_its_hash_is_named_by_the_next(sealed: Path, tmp_path: Path) -> None:
    """Whoever makes an entry's hash anew breaks the entry after it."""
    from flowtrace.evidence.custody import chain_hash  # noqa: PLC0415  the forger knows how hashes are made

    with sqlite3.connect(sealed) as db:
        text, before = db.execute(
            "SELECT entry, (SELECT hash FROM log WHERE seq = 1) FROM log WHERE seq = 2"
        ).fetchone()
    db.close()
    forged = text.replace("host.example/1", "host.example/9")
    sql = "UPDATE log SET entry = ?, hash = ? WHERE seq = 2"
    path = changed(sealed, tmp_path, sql, forged, chain_hash(before, forged))
    assert faults(path)[0].startswith("custody log entry 3:")


@pytest.mark.parametrize("place", range(1, ANSWERS))
def test_swapped_entries_are_named(place: int, sealed: Path, tmp_path: Path) -> None:
    """Two entries in each other's place: the first of them is named."""
    path = changed(sealed, tmp_path, "UPDATE log SET seq = -seq WHERE seq IN (?, ?)", place, place + 1)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE log SET seq = ? WHERE seq = ?", (place + 1, -place))
        db.execute("UPDATE log SET seq = ? WHERE seq = ?", (place, -place - 1))
    db.close()
    assert faults(path)[0].startswith(f"custody log entry {place}:")


SPOILED: dict[str, Callable[[Path, Path, str], Path]] = {
    "is gone": lambda s, t, sha: changed(s, t, "DELETE FROM body WHERE sha256 = ?", sha),
    "holds other bytes": lambda s, t, sha: changed(
        s,
        t,
        "UPDATE body SET bytes = (SELECT max(bytes) FROM body WHERE sha256 != ?1) WHERE sha256 = ?1",
        sha,
    ),
    "holds no bytes": lambda s, t, sha: changed(s, t, "UPDATE body SET bytes = 5 WHERE sha256 = ?", sha),
    "holds text": lambda s, t, sha: changed(s, t, "UPDATE body SET bytes = 'x' WHERE sha256 = ?", sha),
    "claims to be far larger": lambda s, t, sha: changed(
        s,
        t,
        "UPDATE body SET bytes = ? WHERE sha256 = ?",
        b"\x28\xb5\x2f\xfd\xe0" + b"\x7f" * 8 + b"\0" * 9,
        sha,
    ),
    "is cut off": lambda s, t, sha: changed(
        s, t, "UPDATE body SET bytes = substr(bytes, 1, 9) WHERE sha256 = ?", sha
    ),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_body_is_named(how: str, sealed: Path, tmp_path: Path) -> None:
    """A body that is gone, cut, or another is named by number, hash and URL; the others are still read."""
    item = read(sealed)[2][0]
    path = SPOILED[how](sealed, tmp_path, item.sha256)
    (fault,) = faults(path)
    assert fault.startswith(
        f"evidence {item.number} ({item.sha256[:16]}…, https://host.example/2): its bytes"
    )
    with EvidenceStore(path, readonly=True) as store, pytest.raises(IntegrityError, match="its bytes"):
        store.body(item)


def test_a_check_says_item_and_why() -> None:
    """The record of one verification is plain data."""
    assert Check("evidence", passed=False, why="gone") == Check("evidence", passed=False, why="gone")
