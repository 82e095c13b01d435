"""The verbs report and evidence: a report again, for an audience; and what its ids stand for."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from case.small import KEPT_TX, THIEF, contents, finished
from commands import Command
from flowtrace import Case, verify
from flowtrace.evidence import EvidenceStore


@pytest.fixture
def small(small_reported: Path, tmp_path: Path) -> Path:
    """Return a copy of the small case, reported."""
    return shutil.copytree(small_reported, tmp_path / "small")


def test_a_report_is_written_again_from_the_evidence(command: Command, small: Path) -> None:
    """Offline, to the same bytes, and the case still verifies."""
    before = contents(small / "out")
    shutil.rmtree(small / "out")
    assert command("report", small, "--quiet") == (0, "", "")
    assert contents(small / "out") == before
    assert all(check.passed for check in verify(Case(small)))


def test_a_copy_for_others_stands_beside_the_report(command: Command, small: Path) -> None:
    """With a manifest of its own; what is sealed stays as it was."""
    before = contents(small / "out")
    code, _, err = command("report", small, "--profile", "public")
    assert (code, "out-public" in err) == (0, True)
    assert json.loads((small / "out-public" / "manifest.json").read_bytes())["profile"] == "public"
    assert not (small / "out-public" / "requests").exists()
    assert b"victim's name" in (small / "out-public" / "dropped.csv").read_bytes()
    assert contents(small / "out") == before
    assert all(check.passed for check in verify(Case(small)))


def test_the_case_s_own_profile_is_what_out_is_made_for(command: Command, small: Path) -> None:
    """And it verifies as such."""
    with (small / "case.toml").open("a", encoding="utf-8") as file:
        file.write('profile = "public"\nauthors = ["A. Author"]\n')
    assert command("report", small, "--quiet")[0] == 0
    assert json.loads((small / "out" / "manifest.json").read_bytes())["profile"] == "public"
    assert all(check.passed for check in verify(Case(small)))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('profile = "nobody"', "report.profile is 'nobody': write one of le, vasp, public"),
        ('profle = "le"', "unknown setting report.profle"),
        ('embargo = ["0x1"]', "report.embargo"),
        ('authors = "me"', 'report.authors is not a list of texts: write ["…"]'),
        ("version = 2", "report.version is 2: write a text in quotes"),
        ('victim_is_public = "yes"', "report.victim_is_public is 'yes': write true or false"),
        ('replies = ["Acme"]', "report.replies is not a list of tables"),
        ('[[report.replies]]\nparty = "Acme"', "report.replies, row 1: asked is missing"),
        (
            '[[report.changes]]\nversion = "2"\ndate = "2022"\nwho = "me"',
            "report.changes, row 1: unknown setting who",
        ),
        ('funding = "a notorious sponsor"', "Scope and what was not examined"),
    ],
)
def test_a_wrong_setting_is_named(command: Command, small: Path, *, setting: str, said: str) -> None:
    """In one line, before anything is written."""
    before = contents(small / "out")
    with (small / "case.toml").open("a", encoding="utf-8") as file:
        file.write(f"{setting}\n")
    code, _, err = command("report", small, "--quiet")
    assert (code, said in err, err.count("\n")) == (2, True, 1), err
    assert contents(small / "out") == before


def test_an_unknown_profile_is_named(command: Command, small: Path) -> None:
    """With those there are."""
    code, _, err = command("report", small, "--profile", "press")
    assert (code, "--profile is 'press': write one of le, vasp, public" in err) == (2, True)


def test_a_row_names_its_transfer_and_the_bytes_that_tell_it(command: Command, small: Path) -> None:
    """And the bytes come out as they were kept."""
    rows = {hop.transfer.tx: hop.row for hop in Case(small).result.trace.hops}
    code, out, _ = command("evidence", small, f"[{rows[KEPT_TX]}]", "--quiet")
    assert code == 0
    assert KEPT_TX in out
    assert THIEF[2:8] in out.lower()
    (digest,) = {word.strip(",") for word in out.split() if len(word.strip(",")) == 64}
    with EvidenceStore(small / "evidence.sqlite", readonly=True) as store:
        bodies = {item.sha256: store.body(item) for item in store.items()}
    code, body, _ = finished("evidence", str(small), digest[:12], "-q", cwd=small)
    assert (code, body) == (0, bodies[digest])
    assert hashlib.sha256(body).hexdigest() == digest


def test_all_that_is_kept_is_listed(command: Command, small: Path) -> None:
    """One line each, as custody.csv has them."""
    code, out, _ = command("evidence", small, "--quiet")
    assert code == 0
    kept = Case(small).result.custody
    assert [line.split()[0] for line in out.splitlines()] == [str(one.number) for one in kept]
    assert all(one.sha256 in out for one in kept)


@pytest.mark.parametrize(
    ("named", "said"), [("99", "has no row [99]"), ("abcdef0123", "nothing kept has it")]
)
def test_an_id_that_stands_for_nothing_is_named(
    command: Command, small: Path, *, named: str, said: str
) -> None:
    """With what can be given."""
    code, _, err = command("evidence", small, named, "--quiet")
    assert (code, said in err) == (2, True)


def test_neither_place_nor_hour_changes_a_byte(small: Path, tmp_path: Path) -> None:
    """Two runs, other time zones, locales and hash seeds: every file of the report is the same."""
    other = shutil.copytree(small, tmp_path / "other")
    for folder, zone, locale, seed in (
        (small, "Pacific/Kiritimati", "C.UTF-8", "1"),
        (other, "America/Adak", "tr_TR.UTF-8", "2022"),
    ):
        shutil.rmtree(folder / "out")
        words = ("report", str(folder), "-q")
        code, _, err = finished(
            *words, cwd=tmp_path, TZ=zone, LC_ALL=locale, LANG=locale, PYTHONHASHSEED=seed
        )
        assert (code, err) == (0, b"")
    assert contents(small / "out") == contents(other / "out")
    assert {"report.pdf", "report.docx", "custody.csv"} <= contents(small / "out").keys()


def test_the_chain_of_custody_can_be_worked_out_again(small: Path) -> None:
    """Each line's hash is of the line and the one before, as Annex H says."""
    previous = "0" * 64
    for one in Case(small).result.custody:
        said = [one.number, one.event, one.at, one.source, one.what, one.sha256, one.size, previous]
        assert one.previous == previous
        assert one.chain == hashlib.sha256(json.dumps(said).encode()).hexdigest()
        previous = one.chain
    rows = {row for one in Case(small).result.custody for row in one.rows}
    assert rows == {hop.row for hop in Case(small).result.trace.hops}
