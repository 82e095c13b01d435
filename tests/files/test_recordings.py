"""Folders of recorded answers: every file found where the manifest says, or the fault named."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from flowtrace.errors import InputError
from flowtrace.files import read_recordings

BODY = json.dumps({"status": "1", "message": "OK", "result": [{"hash": "0x1"}, {"hash": "0x2"}]}).encode()
URL = "https://api.etherscan.io/api?action=txlist&address=0xab"


def folder(path: Path, *entries: object, **manifest: object) -> Path:
    """Write a folder of recordings: three bodies and a manifest of these entries."""
    (path / "answers").mkdir(parents=True)
    (path / "answers" / "0xab.json.gz").write_bytes(gzip.compress(BODY))
    (path / "answers" / "0xcd.json").write_bytes(BODY)
    (path / "plain").write_bytes(BODY)
    whole = {"source": "a test", "seed": "0xab", "responses": list(entries)} | manifest
    (path / "manifest.json").write_text(json.dumps(whole), encoding="utf-8")
    return path


def entry(**changes: object) -> dict[str, object]:
    """Return a manifest's entry, changed as told; None takes a field away."""
    plain = {"url": URL, "fetched_at": "2023-09-21T11:19:55+00:00", "rows": 2, "file": "plain"} | changes
    return {key: value for key, value in plain.items() if value is not None}


@pytest.mark.parametrize(
    "given",
    [
        entry(),
        entry(file="answers/0xcd.json"),
        entry(file="answers/0xab.json.gz"),
        entry(file=None, address="0xab"),
        entry(file=None, address="0xcd"),
        entry(rows=None),
    ],
)
def test_a_recording_is_found_by_file_or_by_address(given: dict[str, object], tmp_path: Path) -> None:
    """With `file` or without, plain or gzip: the bytes of the answer are those that were recorded."""
    seed, (recording,) = read_recordings(folder(tmp_path / "r", given))
    assert (seed, recording.url, recording.source) == ("0xab", URL, "a test")
    assert recording.body() == BODY
    recording.check(recording.body())


def test_a_folder_has_a_source_and_a_seed_or_not(tmp_path: Path) -> None:
    """Without `source` the folder's name stands for it; without `seed` there is none."""
    path = folder(tmp_path / "named", entry())
    (path / "manifest.json").write_text(json.dumps({"responses": [entry()]}), encoding="utf-8")
    seed, (recording,) = read_recordings(path)
    assert (seed, recording.source) == ("", "named")


@pytest.mark.parametrize(
    "named",
    ["none.json", "../outside", "answers/../../outside", "answers", "", "/etc/hostname", "plain\x00", "link"],
)
def test_a_file_that_is_not_in_the_folder_is_named(named: str, tmp_path: Path) -> None:
    """Missing, a folder, or outside by dots, from the root, or by a link: refused, never read."""
    path = folder(tmp_path / "r", entry(file=named or None, address="0xff"))
    (tmp_path / "outside").write_bytes(BODY)
    (path / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="which is not in the folder"):
        read_recordings(path)


@pytest.mark.parametrize("keep", [0, 5, 20, -1, -8])
def test_a_truncated_gzip_is_named(keep: int, tmp_path: Path) -> None:
    """A recording cut off anywhere is named as cut off; it is never read as far as it goes."""
    path = folder(tmp_path / "r", entry(file="answers/0xab.json.gz"))
    file = path / "answers" / "0xab.json.gz"
    raw = file.read_bytes()
    file.write_bytes(raw[:keep])
    _, (recording,) = read_recordings(path)
    with pytest.raises(
        InputError, match=r"0xab\.json\.gz (cannot be read, it )?is cut off|cut off or damaged"
    ):
        recording.check(recording.body())


def test_a_damaged_gzip_is_named(tmp_path: Path) -> None:
    """A byte changed in the middle is caught by gzip's own checks and named."""
    path = folder(tmp_path / "r", entry(file="answers/0xab.json.gz"))
    file = path / "answers" / "0xab.json.gz"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(raw)
    with pytest.raises(InputError, match=r"0xab\.json\.gz cannot be read"):
        read_recordings(path)[1][0].body()


@pytest.mark.parametrize("body", [BODY[:-10], b"", b"[]", b'{"result": 5}', b"5", b"[" * 100_000, b"\xff"])
def test_truncated_json_is_named(body: bytes, tmp_path: Path) -> None:
    """An answer that ends early, or is none, is named by its file."""
    path = folder(tmp_path / "r", entry())
    (path / "plain").write_bytes(body)
    _, (recording,) = read_recordings(path)
    with pytest.raises(InputError, match="plain is cut off or not an answer"):
        recording.check(recording.body())


@pytest.mark.parametrize("rows", [0, 1, 3, 10_000])
def test_a_row_count_that_differs_is_named(rows: int, tmp_path: Path) -> None:
    """The manifest promises so many rows: more or fewer is named with both counts."""
    _, (recording,) = read_recordings(folder(tmp_path / "r", entry(rows=rows)))
    with pytest.raises(InputError, match=rf"holds 2 rows, its manifest promises {rows}"):
        recording.check(recording.body())


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": None},
        {"fetched_at": None},
        {"file": None},
        {"rows": "two"},
        {"rows": 2.0},
        {"rows": True},
        {"fetched_at": "yesterday"},
        {"fetched_at": "\x1b[2J"},
    ],
)
def test_a_wrong_entry_is_named_by_number(wrong: dict[str, object], tmp_path: Path) -> None:
    """An entry without what it needs, or with a count or time that is none, is named by its number."""
    with pytest.raises(InputError, match="response 2 needs url, fetched_at") as error:
        read_recordings(folder(tmp_path / "r", entry(), entry(**wrong)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", "null", "{}", '{"responses": 5}', '{"responses": {}}', "[" * 100_000, "\x00"]
)
def test_what_is_no_manifest_is_named(text: str, tmp_path: Path) -> None:
    """A manifest that is cut off, or no manifest, is named."""
    path = folder(tmp_path / "r")
    (path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.json is not a manifest of recordings"):
        read_recordings(path)


@pytest.mark.parametrize("entries", [["x"], [5], [None], [[]]])
def test_entries_that_are_no_tables_are_named(entries: list[object], tmp_path: Path) -> None:
    """An entry that is no table is named by its number."""
    with pytest.raises(InputError, match="response 1 needs"):
        read_recordings(folder(tmp_path / "r", *entries))


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    """No manifest, or no folder at all."""
    path = folder(tmp_path / "r", entry())
    (path / "manifest.json").unlink()
    for where in (path, tmp_path / "none"):
        with pytest.raises(InputError, match=r"holds no manifest\.json"):
            read_recordings(where)
    shutil.rmtree(path)
