"""The verbs on requests: packages from a ready trace, and their diary; as office programs open them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from case.shared_deposit import shared_deposit
from case.small import contents, finished
from commands import Command
from flowtrace.report.freeze import write_packages
from report.broken import with_evil_text
from report.drafts import SURE
from report.toy_result import toy_result

AT = ("--at", "2026-11-25T10:00:00Z")
SURELY = ("--accept-stale", "--no-tip-off-checked")
office = pytest.mark.skipif(shutil.which("soffice") is None, reason="soffice (LibreOffice) is not installed")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small case that is reported; copy it before touching it."""
    made = shared_deposit(tmp_path_factory.mktemp("freezing"))
    made.report()
    return made.folder


@pytest.fixture
def folder(case: Path, tmp_path: Path) -> Path:
    """Return a copy of the small case."""
    return shutil.copytree(case, tmp_path / "case")


def test_freeze_refuses_until_the_sender_answers_for_it(folder: Path, command: Command) -> None:
    """A stale contact and no word on tip-off: nothing is written but why; exit code 3."""
    code, out, err = command("freeze", folder, *AT)
    assert code == 3
    assert "huobi: NOT WRITTEN" in out
    assert "error, rule 15 tip-off (huobi, tornado-exposure)" in out
    assert "error, rule contact (huobi)" in out
    assert "2 of 2 packages are not written (huobi, tornado-exposure)" in err
    assert "rule 15 tip-off" in (folder / "requests/NOT_WRITTEN.txt").read_text("utf-8")
    assert command("requests", folder)[1].startswith("no request is in the diary")


def test_freeze_writes_a_package_for_every_recipient(folder: Path, command: Command) -> None:
    """One for the exchange, a notice for the mixer; as data with --json."""
    code, out, _ = command("freeze", folder, *AT, *SURELY, "--json")
    assert code == 0
    told = {one["folder"]: one for one in json.loads(out)}
    assert set(told) == {"huobi", "tornado-exposure"}
    assert "letter.docx" in told["huobi"]["files"]
    assert (folder / "requests/huobi/figure.svg").is_file()
    assert not (folder / "requests/NOT_WRITTEN.txt").exists()


def test_the_same_bytes_in_another_zone_and_locale(folder: Path, tmp_path: Path) -> None:
    """Issue 7: every file byte-identical across two runs and two timezones and locales."""
    other = shutil.copytree(folder, tmp_path / "other")
    words = (*AT, *SURELY, "-q")
    assert finished("freeze", folder.name, *words, cwd=folder.parent, TZ="UTC", LC_ALL="C")[0] == 0
    away = {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "11"}
    assert finished("freeze", "other", *words, cwd=tmp_path, **away)[0] == 0
    first, again = contents(folder / "requests"), contents(other / "requests")
    assert len(first) == 2 * 11 + 2
    assert first == again


def test_the_diary_is_kept_and_reminds(folder: Path, command: Command) -> None:
    """A case as the first word lists; set enters; what is due is told as of a day."""
    command("freeze", folder, *AT, *SURELY, "-q")
    assert "small-huobi: drafted" in command("requests", folder)[1]
    who = ("--who", "an analyst")
    code, out, err = command("requests", "set", folder, "small-huobi", "sent", *who, "--date", "2027-01-01")
    assert (code, "answer due 2027-01-15" in out, "flowtrace trace" in err) == (0, True, True)
    held = ("held", *who, "--amount", "1.5", "--date", "2027-01-03", "--note", "by phone")
    assert command("requests", "set", folder, "small-huobi", *held)[0] == 0
    _, out, _ = command("requests", folder, "--on", "2027-01-30")
    assert "small-huobi: held 2027-01-03; Huobi; requested 3 ETH; held 1.5 ETH; hold ends 2027-02-02" in out
    assert "due on 2027-02-02: the hold ends" in out
    told = json.loads(command("requests", "list", folder, "--on", "2027-01-04", "--json")[1])
    assert told["requests"][0]["held"][0]["base_units"] == "1500000000000000000"
    assert told["reminders"] == []
    code, _, err = command("requests", "set", folder, "small-huobi", "sent", *who)
    assert (code, "what may follow is expired, held, released, not sent" in err) == (2, True)
    code, _, err = command("requests", "set", folder, "small-huobi", "lost", *who)
    assert (code, "there is no state 'lost'" in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('mode = "police"', "requester.mode is 'police': write one of le, counsel, victim, researcher"),
        ('nick = "x"', "unknown setting requester.nick"),
        ("name = 7", "requester.name is not a text"),
        ('actions = "flag"', "requester.actions is not a list of actions"),
        ('actions = ["seize"]', "there is no action 'seize'"),
        ('actions = ["disclose_kyc"]', "the mode researcher cannot ask for disclose_kyc"),
        ('mode = "victim"\nactions = ["issuer_block"]', "the mode victim cannot ask for issuer_block"),
        ("basis = 1", "requester.basis is not a table of texts"),
        ('basis = {flag = "order 7"}', "the mode researcher claims no basis in law"),
        ('mode = "counsel"\nbasis = {travel_rule_lookup = "x"}', "the mode counsel has no action"),
        ('no_tip_off_checked = "yes"', "requester.no_tip_off_checked is 'yes': write true or false"),
    ],
)
def test_a_wrong_setting_is_named(  # noqa: PLR0917  what a test is given
    text: str, named: str, tmp_path: Path, command: Command
) -> None:
    """In one line, with the file and what to write instead."""
    folder = tmp_path
    (folder / "case.toml").write_text(f"format = 1\n[requester]\n{text}\n", encoding="utf-8")
    code, _, err = command("freeze", folder)
    assert code == 2
    assert named in err
    assert "case.toml" in err


def test_a_time_or_a_day_that_is_none_is_named(folder: Path, command: Command) -> None:
    """With how it is written."""
    assert "--at 'soon' is no time" in command("freeze", folder, "--at", "soon")[2]
    assert "--on 'soon' is no day" in command("requests", folder, "--on", "soon")[2]


def _converted(path: Path, to: str, into: Path) -> Path:
    program = shutil.which("soffice") or ""
    home = f"-env:UserInstallation=file://{into}/profile"
    subprocess.run(
        [program, home, "--headless", "--convert-to", to, "--outdir", str(into), str(path)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return into / f"{path.stem}.{to.partition(':')[0]}"


@office
def test_office_programs_read_the_amounts_whole_and_run_nothing(tmp_path: Path) -> None:
    """LibreOffice gives the sheet back as it was written: no number, no date, no formula, no digit lost."""
    hostile = with_evil_text(toy_result())
    write_packages(hostile, tmp_path / "r", SURE, progress=lambda _said: None)
    book = tmp_path / "r/bolt/identifiers.xlsx"
    read = _converted(book, "csv", tmp_path).read_text("utf-8")
    written = (tmp_path / "r/bolt/identifiers.csv").read_text("utf-8")
    assert list(csv.reader(io.StringIO(read))) == list(csv.reader(io.StringIO(written)))
    for sheet in openpyxl.load_workbook(book):
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}
        assert {cell.number_format for cell in cells if cell.row > 1} <= {"@"}


@office
def test_the_letter_opens_in_libreoffice(folder: Path, tmp_path: Path, command: Command) -> None:
    """And says there what it says here."""
    command("freeze", folder, *AT, *SURELY, "-q")
    text = _converted(folder / "requests/huobi/letter.docx", "txt:Text", tmp_path).read_text("utf-8")
    assert "Notification of suspected proceeds of theft" in text
    assert "11. Annexes" in text
