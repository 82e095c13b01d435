"""Bad input: exit code 2, one clear line on stderr that names the item, and nothing already kept is lost."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from case.small import INCIDENT, MIXED_TX, TABLE, THEFT, THIEF, contents, write_recordings, write_table
from commands import Command
from flowtrace.evidence import EvidenceStore

WRONG_CHECKSUM = "0x098B716B8Aaf21512996DC57EB0615e2383E2f96"
SECRET = "Zq8x3v9LtTq1"  # noqa: S105  the key in the small recordings' URLs


@pytest.fixture
def case(small_reported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small case, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(small_reported, tmp_path / "small")


def held(case: Path) -> list[object]:
    """Return what the case's evidence holds, bodies and all."""
    with EvidenceStore(case / "evidence.sqlite", readonly=True) as store:
        assert list(store.faults()) == []
        return [(item, store.body(item)) for item in store.items()]


def refused(answer: tuple[int, str, str], *words: str) -> None:
    """Assert exit code 2, nothing on stdout, and one line on stderr with these words in it."""
    code, out, err = answer
    assert (code, out) == (2, "")
    assert err.startswith("flowtrace: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for word in words:
        assert word in err


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def unknown_incident(case: Path) -> None:
    """Name an incident that is not shipped."""
    (case / "incident.toml").unlink()
    edit(case / "case.toml", 'incident = ""', 'incident = "ronin-2023"')


def broken_labels(case: Path) -> None:
    """Bring labels that are no YAML."""
    (case / "labels").mkdir()
    (case / "labels" / "mine.yaml").write_bytes(b"tags: [")


Spoil = Callable[[Path], object]
SETTINGS: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "a wrong checksum in incident.toml": (
        lambda c: edit(
            c / "incident.toml", f'thief = "eip155:1:{THIEF}"', f'thief = "eip155:1:{WRONG_CHECKSUM}"'
        ),
        ("incident.toml", "thefts 1", WRONG_CHECKSUM, "EIP-55 checksum is wrong"),
    ),
    "a wrong checksum in case.toml": (
        lambda c: edit(
            c / "case.toml",
            "[requester]",
            f'[policy.minimum]\n"eip155:1/erc20:{WRONG_CHECKSUM}" = "1"\n[requester]',
        ),
        ("case.toml, [policy]", WRONG_CHECKSUM, "EIP-55 checksum is wrong"),
    ),
    "a minimum that is no integer": (
        lambda c: edit(
            c / "case.toml", "[requester]", '[policy.minimum]\n"eip155:1/slip44:60" = 1.5\n[requester]'
        ),
        ("case.toml, [policy]", "'1.5' is not an integer"),
    ),
    "an opening balance without its source": (
        lambda c: edit(c / "case.toml", "[requester]", '[[openings]]\nunits = "1"\n[requester]'),
        ("case.toml, openings, row 1", "address is missing; known are address, asset, units, source"),
    ),
    "a stolen amount that is no integer": (
        lambda c: edit(c / "incident.toml", f'units = "{50 * 10**18}"', 'units = "50.0"'),
        ("incident.toml", "'50.0' is not an integer of base units"),
    ),
    "a case of a newer format": (
        lambda c: edit(c / "case.toml", "format = 1", "format = 2"),
        ("case.toml is of format 2", "upgrade flowtrace"),
    ),
    "a case of no format": (
        lambda c: edit(c / "case.toml", "format = 1", ""),
        ("case.toml is of format None", "write format = 1"),
    ),
    "a case.toml that is cut off": (
        lambda c: edit(c / "case.toml", '"researcher"', '"resea'),
        ("case.toml",),
    ),
    "an unknown table": (
        lambda c: edit(c / "case.toml", "[requester]", 'seed = ["x"]\n[requester]'),
        ("case.toml: unknown setting seed; known are crossings, format, heuristics",),
    ),
    "an unknown setting": (
        lambda c: edit(c / "case.toml", "[requester]", "[policy]\nbugdet = 5\n[requester]"),
        ("case.toml: unknown setting policy.bugdet",),
    ),
    "an unknown mode": (
        lambda c: edit(c / "case.toml", '"researcher"', '"sheriff"'),
        ("requester.mode is 'sheriff'", "write one of le, counsel, victim, researcher"),
    ),
    "an unknown incident": (unknown_incident, ("unknown incident 'ronin-2023'", "ronin-2022")),
    "no incident": (
        lambda c: (c / "incident.toml").unlink(),
        ("case.toml names no incident",),
    ),
    "an incident that is no TOML": (lambda c: (c / "incident.toml").write_bytes(b"\xff"), ("incident.toml",)),
    "labels that are no YAML": (broken_labels, ("mine.yaml",)),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_a_person_wrote_wrong_is_named(name: str, case: Path, command: Command) -> None:
    """A fault in case.toml, incident.toml or a label file is named; evidence and outputs stay."""
    spoil, words = SETTINGS[name]
    before, outputs = held(case), contents(case / "out")
    spoil(case)
    refused(command("trace", "small"), *words)
    assert (held(case), contents(case / "out")) == (before, outputs)


def test_a_theft_that_is_not_on_record_is_named(case: Path, command: Command) -> None:
    """An incident whose transfer no answer shows: one line with the next step, and nothing is written."""
    before, outputs = held(case), contents(case / "out")
    other = "0x" + "dd" * 32
    edit(case / "incident.toml", f"{THEFT}:value", f"{other}:value")
    code, out, err = command("trace", "small")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"{other}:value is not in the record of" in err
    assert "import the answers that show it" in err
    assert (held(case), contents(case / "out")) == (before, outputs)


def test_newer_evidence_is_refused(case: Path, command: Command) -> None:
    """Evidence of a newer flowtrace is refused and not touched, by every command that would read it."""
    with sqlite3.connect(case / "evidence.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = (case / "evidence.sqlite").read_bytes()
    refused(command("trace", "small"), "evidence.sqlite is of format 99", "upgrade flowtrace")
    table = write_table(case.parent / "more")
    refused(command("import", "transfers", table, "--case", "small"), "format 99")
    assert (case / "evidence.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        *product(["trace", "verify"], ["nowhere", "ronin-2023", "empty", "", "../nowhere"]),
        ("trace", "file"),  # verify takes a file for a bundle
    ],
)
def test_what_is_no_case_is_named(*, verb: str, name: str, case: Path, command: Command) -> None:
    """An unknown name, an empty folder, a file: no case, and nothing is written there."""
    (case.parent / "empty").mkdir()
    (case.parent / "file").write_text("no case", encoding="utf-8")
    refused(command(verb, name), "case.toml")
    assert list((case.parent / "empty").iterdir()) == []
    assert sorted(p.name for p in case.parent.iterdir()) == ["empty", "file", "small"]


def test_a_file_that_is_no_bundle_fails_the_check(command: Command, tmp_path: Path) -> None:
    """A bundle may have been cut or changed: that is a check that failed, not a wrong word typed."""
    (tmp_path / "file").write_text("no bundle", encoding="utf-8")
    code, out, err = command("verify", tmp_path / "file")
    assert code == 5
    assert out.startswith("FAIL  file")
    assert "cannot be read as a zip" in err
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_case_without_evidence_is_named(command: Command, tmp_path: Path) -> None:
    """A case that holds nothing yet says what to do next."""
    (tmp_path / "case.toml").write_text("format = 1\n", encoding="utf-8")
    refused(command("trace", tmp_path), "holds no evidence: import recordings or transfers first")


def cut_gzip(folder: Path) -> None:
    """Cut the last of the recordings off."""
    file = folder / "2.json.gz"
    file.write_bytes(file.read_bytes()[:-20])


def cut_json(folder: Path) -> None:
    """Cut the JSON inside the last of the recordings off."""
    file = folder / "2.json.gz"
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes())[:-20]))


def manifest(folder: Path, **changes: object) -> None:
    """Change the last entry of the manifest."""
    path = folder / "manifest.json"
    whole = json.loads(path.read_bytes())
    whole["responses"][2] |= changes
    path.write_text(json.dumps(whole), encoding="utf-8")


def seed(folder: Path) -> None:
    """Name a seed with a wrong checksum."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"seed": WRONG_CHECKSUM}), encoding="utf-8")


URL = f"https://api.etherscan.io/api?action=txlist&address={WRONG_CHECKSUM}&apikey={SECRET}"
RECORDINGS: dict[str, tuple[Spoil, int, tuple[str, ...]]] = {
    "truncated": (cut_gzip, 2, ("2.json.gz cannot be read, it is cut off",)),
    "truncated inside": (cut_json, 2, ("2.json.gz is cut off",)),
    "missing": (lambda f: (f / "2.json.gz").unlink(), 0, ("manifest.json names 2.json.gz, which is not in",)),
    "outside": (
        lambda f: manifest(f, file="../small/case.toml"),
        0,
        ("names ../small/case.toml, which is not",),
    ),
    "rows that lack": (lambda f: manifest(f, rows=7), 2, ("holds 1 rows, its manifest promises 7",)),
    "an unknown service": (
        lambda f: manifest(f, url=f"https://host.example/?key={SECRET}"),
        2,
        ("no reader for",),
    ),
    "an address with a wrong checksum": (lambda f: manifest(f, url=URL), 2, (WRONG_CHECKSUM, "EIP-55")),
    "a seed with a wrong checksum": (seed, 0, (WRONG_CHECKSUM, "EIP-55")),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), 0, ("holds no manifest.json",)),
    "a manifest that is cut off": (
        lambda f: edit(f / "manifest.json", '"responses"', ""),
        0,
        ("manifest.json",),
    ),
    "a folder that is not there": (shutil.rmtree, 0, ("holds no manifest.json",)),
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_fault_in_recordings_is_named(name: str, case: Path, command: Command) -> None:
    """A fault in one recording is named; what the case held stays, and so do the good ones before it."""
    spoil, kept, words = RECORDINGS[name]
    before = held(case)
    recordings = write_recordings(case.parent / "rec", count=3)
    spoil(recordings)
    answer = command("import", "recordings", recordings, "--case", "small")
    refused(answer, *words)
    assert SECRET not in answer[2]
    after = held(case)
    assert after[: len(before)] == before
    assert len(after) == len(before) + kept
    for file in case.glob("evidence.sqlite*"):
        assert SECRET.encode() not in file.read_bytes()


def test_a_mended_recording_is_taken_in_where_it_stopped(command: Command, tmp_path: Path) -> None:
    """After the fault is mended the same command ends as if there had been none."""
    recordings = write_recordings(tmp_path / "rec", count=3)
    good = (recordings / "2.json.gz").read_bytes()
    cut_json(recordings)
    refused(command("import", "recordings", recordings, "--case", tmp_path / "case"))
    (recordings / "2.json.gz").write_bytes(good)
    assert command("import", "recordings", recordings, "--case", tmp_path / "case")[0] == 0
    assert command("import", "recordings", recordings, "--case", tmp_path / "other")[0] == 0
    one, other = (EvidenceStore(tmp_path / name / "evidence.sqlite") for name in ("case", "other"))
    with one, other:
        assert one.digest == other.digest


TABLES = {
    "an amount that is no integer": (
        f"{40 * 10**18}",
        "40.0",
        "row 4: amount '40.0' is not an integer of base units",
    ),
    "an address with a wrong checksum": (
        THIEF,
        WRONG_CHECKSUM,
        f"row 2: '{WRONG_CHECKSUM}' is not an address",
    ),
    "a missing column": (",amount\n", "\n", "lacks the column amount"),
    "a row that is cut off": (f",{5 * 10**18}\n", "\n", "row 5 has more or fewer cells"),
    "an unknown chain": (
        f"eip155:1,{MIXED_TX},fee",
        f"eip155:424242,{MIXED_TX},fee",
        "row 3: unknown chain 'eip155:424242'",
    ),
    "a number that is none": (",101,0,1,", ",1O1,0,1,", "row 4: block is '1O1'"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_fault_in_a_table_is_named(name: str, case: Path, command: Command) -> None:
    """A bad cell is named by table and row, and the case holds what it held."""
    old, new, words = TABLES[name]
    assert old in TABLE
    before = held(case)
    table = write_table(case.parent / "more", TABLE.replace(old, new))
    refused(command("import", "transfers", table, "--case", "small"), "small.csv", words)
    assert held(case) == before


@pytest.mark.parametrize("file", ["none.csv", "none.parquet", "folder"])
def test_a_table_that_cannot_be_read_is_named(file: str, command: Command, tmp_path: Path) -> None:
    """No file, or a folder, is named."""
    (tmp_path / "folder").mkdir()
    refused(
        command("import", "transfers", tmp_path / file, "--case", tmp_path / "new"), f"{file} cannot be read"
    )


def test_tables_that_contradict_each_other_are_an_integrity_failure(case: Path, command: Command) -> None:
    """Two tellings of one transfer: exit code 5, the transfer named, and both kept for a person to judge."""
    other = write_table(case.parent / "other", TABLE.replace(f"{40 * 10**18}", f"{41 * 10**18}"))
    assert command("import", "transfers", other, "--case", "small")[0] == 0
    code, _, err = command("trace", "small")
    assert (code, err.count("\n")) == (5, 1)
    assert f"two sources differ on transfer eip155:1:{MIXED_TX}:value" in err
    assert len(held(case)) == 3


def test_a_case_is_never_started_on_a_file(case: Path, command: Command) -> None:
    """A case folder cannot be where a file is: one line, and the file stays."""
    table = write_table(case.parent / "more")
    before = table.read_bytes()
    refused(
        command("import", "transfers", table, "--case", table), "no case can be started in", "File exists"
    )
    assert table.read_bytes() == before


def test_an_incident_is_read_from_the_case(case: Path, command: Command) -> None:
    """The small case itself is good input: the faults above fail for their own sake."""
    assert (case / "incident.toml").read_text(encoding="utf-8") == INCIDENT
    assert command("trace", "small", "--quiet")[0] == 0
