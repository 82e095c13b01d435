"""The custody log as a person reads it: every kind of event, its reason, and a chain that holds."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from case.small import KEEPER
from commands import Command
from flowtrace import Case, verify
from flowtrace.case import bundle
from flowtrace.labels import label_id

TAGS = f"""title: own
creator: a test
tags:
  - address: "{KEEPER}"
    currency: ETH
    label: somebody
    source: https://example.org/
    lastmod: 2024-01-01
    confidence: manual_transaction
"""


@pytest.fixture
def told(small_reported: Path, tmp_path: Path, command: Command) -> Path:
    """Return a copy of the small case in which everything was done that is logged."""
    folder = shutil.copytree(small_reported, tmp_path / "small")
    (tmp_path / "own.yaml").write_text(TAGS, encoding="utf-8")
    code, _, err = command("labels", "add", tmp_path / "own.yaml", "--case", folder)
    assert code == 0, err
    case = Case(folder)
    (label,) = next(some for one, some in case.result.labels.items() if one.account == KEEPER.lower())
    words = ("labels", "decide", KEEPER, label_id(label), "--case", folder, "--reject")
    code, _, err = command(*words, "--who", "A. Nalyst", "--why", "no such person")
    assert code == 0, err
    case = Case(folder)
    case.report()
    case.export(["csv"])
    bundle.pack(case, tmp_path / "small.zip")
    return folder


def test_every_event_is_told_with_its_reason(told: Path, command: Command) -> None:
    """Acquired, labelled, decided, exported, sealed: one line each, in order, with a hash."""
    code, out, _ = command("custody", told)
    lines = out.splitlines()
    events = [line.split()[2] for line in lines]
    assert code == 0
    assert [int(line.split()[0]) for line in lines] == [*range(1, len(lines) + 1)]
    assert set(events) == {"acquired", "decided", "exported", "labelled", "sealed"}
    (decided,) = (line for line in lines if " decided " in line)
    assert "rejected by A. Nalyst: no such person" in decided
    (labelled,) = (line for line in lines if " labelled " in line)
    assert hashlib.sha256(TAGS.encode()).hexdigest() in labelled
    exported = [line for line in lines if " exported " in line]
    assert ["report, manifest" in line for line in exported] == [True, True, False]
    assert "csv, manifest" in exported[-1]


def test_every_export_is_logged_with_the_hash_of_its_manifest(told: Path, command: Command) -> None:
    """The report by its manifest's hash, machine formats by one over their files, a bundle by its own."""
    _, out, _ = command("custody", told, "--json")
    entries = json.loads(out)
    manifest = hashlib.sha256((told / "out" / "manifest.json").read_bytes()).hexdigest()
    csv = sorted(
        (p.name, hashlib.sha256(p.read_bytes()).hexdigest())
        for p in (told / "exports" / "csv").rglob("*")
        if p.is_file()
    )
    listed = hashlib.sha256(json.dumps([list(one) for one in csv]).encode()).hexdigest()
    reported, exported = [entry for entry in entries if entry["event"] == "exported"][1:]
    assert (reported["manifest"], exported["manifest"]) == (manifest, listed)
    assert exported["digest"] == reported["digest"]
    assert entries[-1]["event"] == "sealed"
    previous = "0" * 64
    for entry in entries:
        held = {name: value for name, value in entry.items() if name != "hash"}
        text = json.dumps(held, sort_keys=True, ensure_ascii=False)
        assert entry["prev"] == previous
        previous = hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
        assert entry["hash"] == previous


def test_what_is_logged_after_the_report_leaves_a_case_that_verifies(told: Path) -> None:
    """An export or a bundle is logged, and the seal goes on telling that nothing else was changed."""
    assert [check.item for check in verify(Case(told)) if not check.passed] == []


def test_an_answer_says_which_flowtrace_kept_it(told: Path, command: Command) -> None:
    """New entries name the tool's version, size, hash, source and time."""
    _, out, _ = command("custody", told, "--json")
    acquired = next(entry for entry in json.loads(out) if entry["event"] == "acquired")
    assert {"tool", "method", "url", "sha256", "size", "media", "source", "fetched_at", "at"} <= set(acquired)


def test_a_changed_entry_is_named_with_code_5(told: Path, command: Command) -> None:
    """The log is printed as it is, and the first entry that does not follow is named."""
    with sqlite3.connect(told / "evidence.sqlite") as db:
        db.execute("UPDATE log SET entry = replace(entry, 'no such person', 'no reason at all')")
    db.close()
    code, out, err = command("custody", told)
    assert code == 5
    assert "no reason at all" in out
    assert "its hash does not follow from the entry before it" in err


def test_hostile_words_in_the_log_stay_in_their_line(told: Path, command: Command) -> None:
    """A terminal is told no commands by what a stranger wrote."""
    with Case(told).store() as store:
        store.note("rejected", evidence=1, why="bad\x1b[2Jwords\nsealed by nobody")
    _, out, _ = command("custody", told)
    assert "\x1b" not in out
    assert out.splitlines()[-1].endswith("bad [2Jwords sealed by nobody")


def test_no_case_is_bad_input(command: Command, tmp_path: Path) -> None:
    """The folder is named."""
    code, _, err = command("custody", tmp_path)
    assert (code, "is no case" in err) == (2, True)
