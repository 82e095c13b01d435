"""The verb screen: a whole case, texts that are no address, and what several folders of lists say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from case.shared_deposit import DEPOSIT, HUOBI, shared_deposit
from case.small import THIEF
from commands import Command
from flowtrace import Case
from flowtrace.case import screening
from flowtrace.labels import load_incident
from flowtrace.labels.incident import naming
from flowtrace.labels.lists import Snapshot
from flowtrace.model import Address
from labels.invented_lists import small_xml

MISTYPED = "0x098B716B8Aaf21512996dC57EB0615e2383E2f97"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own lists of this machine out of it."""
    monkeypatch.setenv("FLOWTRACE_HOME", str(tmp_path / "home"))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return a small case."""
    return shared_deposit(tmp_path)


def listing(command: Command, folder: Path, day: str, *held: str, case: Path | None = None) -> None:
    """Take an invented list of a day in, into a case or the user's own folder."""
    xml = folder / f"{day}-{len(held)}.xml"
    xml.write_bytes(small_xml(dict(enumerate(held, 1)), day=day))
    code, _, err = command("labels", "add", xml, "--list", "ofac", *(("--case", case) if case else ()))
    assert code == 0, err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no-such-file.csv", "neither a file nor an address"),
        (MISTYPED, "checksum is wrong"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "checksum"),
        ("0x" + "ab" * 32, "it is a transaction"),
        ("\x1b]0;x\x07", "neither a file nor an address"),
    ],
)
def test_what_is_no_address_is_never_cleared(
    command: Command, tmp_path: Path, *, text: str, why: str
) -> None:
    """A mistyped address or path is on no list: that is said to be no answer, and the others are answered."""
    listing(command, tmp_path, "2024-01-01", DEPOSIT)
    code, out, err = command("screen", text, DEPOSIT)
    assert code == 2
    assert "1 of 2 could not be screened" in err
    assert "NOT SCREENED" in out
    assert why in out
    assert "EXACT MATCH" in out
    assert "on no list" not in out
    assert "\x1b" not in out + err


def test_a_mistyped_address_in_a_file_is_named(command: Command, tmp_path: Path) -> None:
    """So is a file without any address."""
    listing(command, tmp_path, "2024-01-01", DEPOSIT)
    asked = tmp_path / "asked.csv"
    asked.write_text(f"{MISTYPED}\n{DEPOSIT}\n", encoding="utf-8")
    code, out, err = command("screen", asked, "--json")
    assert (code, MISTYPED in err) == (2, True)
    assert [bool(one["fault"]) for one in json.loads(out)["matches"]] == [True, False]
    asked.write_text("nothing here\n", encoding="utf-8")
    code, _, err = command("screen", asked)
    assert (code, "holds no address" in err) == (2, True)


@pytest.mark.parametrize("text", ["rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY", f"eip155:1:{HUOBI}", HUOBI])
def test_which_lists_were_asked_is_told(command: Command, tmp_path: Path, text: str) -> None:
    """An address of a chain that is not followed is asked for by its spelling."""
    listing(command, tmp_path, "2024-01-01", DEPOSIT)
    listing(command, tmp_path, "2024-02-01", DEPOSIT)
    code, out, err = command("screen", text)
    assert (code, out.strip()) == (0, f"{text}  on no list that is held")
    assert "lists asked: ofac (2 of 2024-01-01 to 2024-02-01); no other list is held" in err
    _, out, _ = command("screen", f"eip155:1:{DEPOSIT}")
    assert "EXACT MATCH" in out


def test_a_case_alone_is_screened_whole(command: Command, case: Case, tmp_path: Path) -> None:
    """Every address of its record that a list holds is an exact match, with the days of its payments."""
    listing(command, tmp_path, "2020-01-01", DEPOSIT)
    code, out, _ = command("screen", "--case", case.folder, "--json")
    told = json.loads(out)
    (match,) = told["matches"]
    assert (code, match["address"].lower()) == (0, DEPOSIT.lower())
    assert {one["word"] for one in match["payments"]} == {"listed"}
    assert told["exposure"]


def test_a_case_without_a_listed_address_says_so(command: Command, case: Case, tmp_path: Path) -> None:
    """Then nothing is exposed either."""
    listing(command, tmp_path, "2020-01-01", "0x" + "cd" * 20)
    code, out, err = command("screen", "--case", case.folder)
    assert (code, out.strip()) == (0, "no address of the case is on a list that is held")
    assert "lists asked: ofac (2020-01-01)" in err


def test_folders_of_lists_speak_as_one(command: Command, case: Case, tmp_path: Path) -> None:
    """What one folder's lists hold is not on no list; where folders differ, each is named."""
    listing(command, tmp_path, "2020-01-01", DEPOSIT)
    listing(command, tmp_path, "2024-01-01", THIEF)
    listing(command, tmp_path, "2020-01-01", DEPOSIT, case=case.folder)
    _, out, _ = command("screen", DEPOSIT, THIEF, "--case", case.folder)
    assert "on no list" not in out
    assert "NOT LISTED" in out
    assert "(by your own lists)" in out
    assert "the last that is held (by the case's lists)" in out
    _, out, _ = command("screen", DEPOSIT, "--case", case.folder, "--at", "2021-01-01", "--json")
    assert len(json.loads(out)["matches"]) == 1


def test_a_sync_that_fails_keeps_and_says_what_to_do(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file that could not be had has a line of its own; what is held stays."""
    listing(command, tmp_path, "2024-01-01", DEPOSIT)

    async def none_came(*_: object) -> tuple[list[Snapshot], list[str]]:
        return [], ["un: scsanctions.un.org cannot be reached", "uk: www.gov.uk cannot be reached"]

    monkeypatch.setattr(screening, "sync", none_came)
    code, _, err = command("labels", "sync")
    assert code == 3
    assert "not had: un: scsanctions.un.org cannot be reached\nnot had: uk: " in err
    assert "what was held before is kept" in err
    assert "flowtrace labels add FILE --list" in err
    assert "2024-01-01" in command("labels", "lists")[1]


def test_files_without_a_label_are_refused(command: Command, tmp_path: Path) -> None:
    """An empty file and an empty folder are no labels; a place that cannot be written is named."""
    empty, folder = tmp_path / "empty.csv", tmp_path / "folder"
    empty.write_bytes(b"")
    folder.mkdir()
    code, _, err = command("labels", "add", empty)
    assert (code, "no label was taken in" in err) == (2, True)
    code, _, err = command("labels", "add", folder)
    assert (code, "holds no TagPack" in err) == (2, True)
    code, _, err = command("labels", "export", tmp_path / "nowhere" / "pack.yaml")
    assert (code, "cannot be written" in err) == (2, True)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("ronin-2022", "flowtrace trace ronin-2022"),
        ("bybit-2025", "flowtrace trace eip155:1:0x47666Fab8bd0Ac7003bce3f5C3585383F09486E2"),
        ("dmm-2024", "No address of it is published"),
    ],
)
def test_an_incident_says_how_it_is_traced(command: Command, name: str, step: str) -> None:
    """And a trace of one without a bundled case says the same."""
    assert step in command("incidents", name)[1]
    if name != "ronin-2022":
        code, _, err = command("trace", name)
        assert code == 2
        assert step.lower() in err.lower()
        assert "is a known theft without a bundled case" in err


def test_an_address_that_an_incident_names_is_shown_with_who_names_it(command: Command) -> None:
    """All 51 addresses of the FBI's announcement on Bybit are among them; a stranger's address is not."""
    held = next(
        block
        for block in load_incident("bybit-2025").published
        if block.said.who == "Federal Bureau of Investigation"
    )
    first = held.addresses[0]
    code, out, _ = command("labels", "show", str(first))
    assert code == 0
    assert "NAMED FOR A THEFT  bybit-2025" in out
    assert "Federal Bureau of Investigation, 2025-02-26" in out
    assert "nothing is said" not in out
    assert [len(naming(address)) > 0 for address in held.addresses] == [True] * 51
    told = json.loads(command("labels", "show", first.account, "--json")[1])
    assert told["incidents"][0]["incident"] == "bybit-2025"
    assert naming(Address("eip155:1", "0x" + "ab" * 20)) == []
    assert "nothing is said" in command("labels", "show", "0x" + "ab" * 20)[1]


def test_a_file_that_is_held_already_is_not_taken_in_as_anew(command: Command, tmp_path: Path) -> None:
    """It stays as it was taken in, whatever source is named now, and that is told."""
    pack = tmp_path / "pack.csv"
    pack.write_text(f"address,label,network\n{DEPOSIT},A shop,ethereum\n", encoding="utf-8")
    first = command("labels", "add", pack, "--source", "https://a.example")
    again = command("labels", "add", pack, "--source", "https://b.example")
    assert (first[0], again[0]) == (0, 0), first[2] + again[2]
    assert "held already" not in first[2]
    assert "held already, and left as it was taken in then" in again[2]
    assert "https://b.example" not in command("labels", "show", DEPOSIT)[1]


@pytest.mark.parametrize(
    ("day", "why"), [("2020-01-01", "cannot be of 2020-01-01"), ("2999-01-01", "yet to come")]
)
def test_a_list_is_of_no_day_before_its_own_or_to_come(
    command: Command, tmp_path: Path, *, day: str, why: str
) -> None:
    """A mistyped day would say that an address was listed when it was not."""
    xml = tmp_path / "sdn.xml"
    xml.write_bytes(small_xml({7: DEPOSIT}, day="2024-01-01"))
    code, _, err = command("labels", "add", xml, "--list", "ofac", "--date", day)
    assert (code, why in err) == (2, True)
    assert command("labels", "lists", "--json")[1].strip() == "[]"
    assert command("labels", "add", xml, "--list", "ofac", "--date", "2024-01-05")[0] == 0


def test_a_name_is_found_however_it_is_spelt(command: Command) -> None:
    """A recipient by its id, brand or label; an incident by its id. What is not known is refused."""
    assert command("incidents", "RONIN-2022")[1].startswith("ronin-2022")
    assert [command("vasps", name)[1].split()[0] for name in ("Binance", "huobi", "HTX")] == [
        "binance",
        "htx",
        "htx",
    ]
    assert command("vasps", "no such")[0] == 2
