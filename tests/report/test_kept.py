"""What a person put into the folder of results is not thrown away when the report is written again."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from flowtrace.report import write_report
from flowtrace.report.kept import keep_foreign
from report.toy_result import toy_result


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_person_s_files_and_changes_are_kept_and_told(tmp_path: Path) -> None:
    """A signed letter, a note, a corrected table: all moved aside; the report is as it would be."""
    written = tmp_path / "out"
    write_report(toy_result(), written, lambda _: None)
    before = contents(written)
    (written / "requests" / "acme" / "letter-signed.pdf").write_bytes(b"signed")
    (written / "notes.txt").write_text("mine")
    (written / "hops.csv").write_text("corrected by hand")
    said: list[str] = []
    write_report(toy_result(), written, said.append)
    kept = written.parent / "out-kept"
    assert contents(kept) == {
        "requests/acme/letter-signed.pdf": b"signed",
        "notes.txt": b"mine",
        "hops.csv": b"corrected by hand",
    }
    assert contents(written) == before
    told = [line for line in said if line.startswith("kept ")]
    assert "kept out/requests/acme/letter-signed.pdf as out-kept/requests/acme/letter-signed.pdf" in told
    assert len(told) == 3


def folder(at: Path, manifest: str | None = None) -> Path:
    """Return a folder with one file and a manifest: the true one, or another."""
    out = at / "out"
    out.mkdir(exist_ok=True)
    (out / "report.pdf").write_bytes(b"written")
    true = {"files": {"report.pdf": {"sha256": sha256(b"written").hexdigest(), "size": 7}}}
    (out / "manifest.json").write_text(json.dumps(true) if manifest is None else manifest)
    return out


def test_nothing_kept_is_written_over(tmp_path: Path) -> None:
    """The same name again gets a number, and again another."""
    out = folder(tmp_path)
    for text in ("first", "second", "third"):
        (out / "again.txt").write_text(text)
        keep_foreign(out, lambda _: None)
    kept = tmp_path / "out-kept"
    assert contents(kept) == {"again.txt": b"first", "again-2.txt": b"second", "again-3.txt": b"third"}
    assert set(contents(out)) == {"manifest.json", "report.pdf"}


def test_what_flowtrace_wrote_itself_is_simply_replaced(tmp_path: Path) -> None:
    """Nothing is left aside, and nothing is said."""
    said: list[str] = []
    assert keep_foreign(folder(tmp_path), said.append) == []
    assert keep_foreign(tmp_path / "nowhere", said.append) == []
    assert said == []
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": 3}', '{"files": {"report.pdf": "x"}}'])
def test_without_a_manifest_that_can_be_read_everything_is_kept(manifest: str, tmp_path: Path) -> None:
    """Nobody can tell then what was flowtrace's own: nothing is lost."""
    keep_foreign(folder(tmp_path, manifest), lambda _: None)
    kept = {"manifest.json": manifest.encode(), "report.pdf": b"written"}
    assert contents(tmp_path / "out-kept") == kept


def test_a_link_is_moved_and_not_followed(tmp_path: Path) -> None:
    """A link that a person put there stays a link, and what it points at stays where it is."""
    out = folder(tmp_path)
    (tmp_path / "elsewhere.txt").write_text("mine")
    (out / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    (out / "broken.txt").symlink_to(tmp_path / "nowhere.txt")
    keep_foreign(out, lambda _: None)
    assert (tmp_path / "out-kept" / "link.txt").is_symlink()
    assert (tmp_path / "out-kept" / "broken.txt").is_symlink()
    assert (tmp_path / "elsewhere.txt").read_text() == "mine"
