"""The verbs on who is who: labels show, add, sync, lists, export, decide; and screen."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from case.shared_deposit import DEPOSIT, HUOBI, shared_deposit
from case.small import THIEF
from commands import Command
from fetch.pretend import Pretend
from flowtrace import Case
from flowtrace.case import screening
from flowtrace.fetch import Door
from flowtrace.labels.graphsense import read_pack
from flowtrace.labels.lists import HOMES, Snapshots
from flowtrace.model import Request
from labels.invented_lists import small_xml
from report.texts import report_text

PACK = (
    "title: t\ncreator: c\nnetwork: ethereum\ncurrency: ETH\ntags:\n"
    f"- {{address: '{HUOBI}', label: A casino, category: gambling, actor: casino, source: 'https://a.example',"
    " confidence: ownership, lastmod: 2024-05-06}\n"
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own labels of this machine out of it."""
    monkeypatch.setenv("FLOWTRACE_HOME", str(tmp_path / "home"))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return a small case with a label of its own, which contradicts a shipped one."""
    made = shared_deposit(tmp_path)
    (made.folder / "labels").mkdir()
    (made.folder / "labels" / "own.yaml").write_text(PACK, encoding="utf-8")
    return Case(made.folder)


def said(command: Command, *words: str | Path) -> str:
    """Return what a verb prints; it must do well."""
    code, out, err = command(*words)
    assert code == 0, err
    return out


def test_one_address_with_two_entities_shows_both(command: Command, case: Case) -> None:
    """Issue 6: both are shown, with dates; the stated order says which counts; the report names it."""
    shown = said(command, "labels", "show", HUOBI, "--case", case.folder)
    assert "A casino" in shown
    assert "2024-05-06" in shown
    assert "CONTRADICTION of entity: casino / Huobi; the first counts" in shown
    both = shown.partition("CONTRADICTION of entity")[2].splitlines()[1:3]
    assert "2024-05-06" in both[0]
    assert [line.split(":")[0].strip() for line in both] == ["casino", "Huobi"]
    assert all(re.search(r": \d{4}[\d-]*, [a-z_]+, \S", line) for line in both)
    assert "order: a person's decision first" in shown
    told = json.loads(said(command, "labels", "show", HUOBI, "--case", case.folder, "--json"))
    (chain,) = told["chains"]
    assert [one["said"] for one in chain["contradictions"]] == [["casino", "huobi"], ["service", "exchange"]]
    report = report_text(case.result)
    assert "Labels that contradict each other" in report
    assert "casino: “A casino”" in report
    assert "Huobi: “" in report


def test_a_persons_decision_resolves_it(command: Command, case: Case) -> None:
    """Rejecting one label leaves the other, is logged, and changes the digest; both are still shown."""
    told = json.loads(said(command, "labels", "show", HUOBI, "--case", case.folder, "--json"))
    (casino,) = (one for one in told["chains"][0]["claims"] if one["entity"] == "casino")
    before = case.result.digest
    words = ("--case", case.folder, "--reject", "--who", "an analyst", "--why", "a mistake")
    said(command, "labels", "decide", HUOBI, casino["id"][:12], *words)
    again = Case(case.folder)
    assert again.result.digest != before
    assert "Labels that contradict each other" not in report_text(again.result)
    shown = said(command, "labels", "show", HUOBI, "--case", case.folder)
    assert "REJECTED by an analyst" in shown
    assert "CONTRADICTION" not in shown
    code, _, err = command("labels", "decide", HUOBI, "ffff", *words)
    assert (code, "no label has such an id" in err) == (2, True)


def test_a_frozen_address_is_marked(case: Case) -> None:
    """A freeze in the case's labels stands in the report, with its day, and in the roles."""
    table = (
        "chain,address,usdt_balance,tx_hash,block,timestamp_utc\n"
        f"ethereum,{DEPOSIT},1.5,0x{'cd' * 32},7,2025-03-19 15:10:15\n"
    )
    (case.folder / "labels" / "freezes.csv").write_text(table, encoding="utf-8")
    result = Case(case.folder).result
    report = report_text(result)
    assert "Frozen by the issuer" in report
    assert "USDT frozen by Tether, 1.5 USDT" in report
    (role,) = (one for one in result.trace.roles if one.address.account == DEPOSIT)
    assert "USDT frozen by Tether, 1.5 USDT, 2025-03-19" in role.detail


def test_labels_are_added_exported_and_shown(command: Command, tmp_path: Path) -> None:
    """A pack goes into the user's own index; the shipped labels come out as a TagPack of the schema."""
    pack = tmp_path / "pack.yaml"
    pack.write_text(PACK, encoding="utf-8")
    code, _, err = command("labels", "add", pack)
    assert (code, "pack.yaml: 1 labels" in err) == (0, True)
    assert "A casino" in said(command, "labels", "show", HUOBI)
    out = tmp_path / "out.yaml"
    said(command, "labels", "export", out)
    exported = read_pack(out.read_bytes(), out.name)
    assert not list(exported.faults())
    assert len(exported.tags) > 4000
    code, _, err = command("labels", "show", "nobody")
    assert (code, "is no address" in err) == (2, True)


def test_a_cases_own_index_counts_in_its_trace(command: Command, tmp_path: Path) -> None:
    """What is added to a case is looked up by its trace; what a user holds himself is not."""
    made, pack = shared_deposit(tmp_path), tmp_path / "pack.yaml"
    pack.write_text(PACK, encoding="utf-8")
    before = Case(made.folder).result
    said(command, "labels", "add", pack)
    assert Case(made.folder).result == before
    said(command, "labels", "add", pack, "--case", made.folder)
    after = Case(made.folder).result
    assert "Labels that contradict each other" in report_text(after)
    assert after.digest != before.digest
    code, _, err = command("labels", "add", pack, "--case", tmp_path / "nowhere")
    assert (code, "is no case folder" in err) == (2, True)


def test_exact_match_and_exposure_are_told_apart(command: Command, case: Case, tmp_path: Path) -> None:
    """The listed deposit address matches; the thief who paid it is exposed, one hop, and no match."""
    listed = tmp_path / "list.txt"
    listed.write_text(DEPOSIT, encoding="utf-8")
    said(command, "labels", "add", listed, "--list", "fbi", "--date", "2023-01-01")
    told = json.loads(said(command, "screen", DEPOSIT, THIEF, "--case", case.folder, "--json"))
    match, none = told["matches"]
    assert [one["word"] for one in match["matches"]] == ["listed"]
    assert {one["word"] for one in match["payments"]} == {"listed"}
    assert none["matches"] == []
    exposed = [one for one in told["exposure"] if THIEF in one["address"].lower()]
    assert {one["direction"] for one in exposed} == {"sent to"}
    shown = said(command, "screen", DEPOSIT, THIEF, "--case", case.folder, "--at", "2022-01-01")
    assert "NOT KNOWN on 2022-01-01" in shown
    assert "on no list that is held" in shown
    assert "exposure, one hop from a listed address (no match):" in shown


def test_a_file_of_addresses_is_screened_for_its_days(command: Command, tmp_path: Path) -> None:
    """The day of a line is the day that is asked for."""
    xml, asked = tmp_path / "sdn.xml", tmp_path / "asked.csv"
    xml.write_bytes(small_xml({7: DEPOSIT}, day="2024-01-01"))
    said(command, "labels", "add", xml, "--list", "ofac")
    asked.write_text(f"{DEPOSIT},2023-06-01\n{DEPOSIT},2024-06-01\n{HUOBI},2024-06-01\n", encoding="utf-8")
    told = json.loads(said(command, "screen", asked, "--json"))
    words = [[match["word"] for match in one["matches"]] for one in told["matches"]]
    assert words == [["not known"], ["listed"], []]
    (held,) = json.loads(said(command, "labels", "lists", "--json"))
    assert (held["list"], held["day"], held["form"]) == ("ofac", "2024-01-01", "OFAC advanced XML")


def test_nothing_held_is_no_answer(command: Command) -> None:
    """Without a list, nobody is said to be on none."""
    code, _, err = command("screen", HUOBI)
    assert (code, "no list is held" in err) == (2, True)
    code, _, err = command("labels", "sync", "--offline")
    assert (code, "sanctionslistservice.ofac.treas.gov" in err) == (3, True)
    code, _, err = command("labels", "sync", "eu")
    assert (code, "labels add FILE --list eu" in err) == (2, True)


def test_a_page_that_says_sorry_is_no_list(tmp_path: Path) -> None:
    """Taken for a list it would hold no address, and everybody would seem to be delisted."""

    async def fetched() -> list[str]:
        wire = Pretend(lambda _: (200, {}, b"be back soon"))
        with Snapshots(tmp_path) as lists:
            async with Door(lists.store, wire=wire) as door:
                came, missed = await screening.sync(lists, [HOMES["un"]], door)
            assert not came
            assert not lists.all()
            return missed

    (why,) = asyncio.run(fetched())
    assert "something else than the list" in why


def test_lists_are_fetched_through_the_door(tmp_path: Path) -> None:
    """What comes is kept and a snapshot of that day; what does not is told, and the others stay.

    OFAC hands on to its store of files; nobody is followed elsewhere.
    """

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        if "treas.gov" in request.url:
            return 302, {"location": "https://files.s3.amazonaws.com/SDN_ADVANCED.XML?signed"}, b""
        if "amazonaws" in request.url:
            return 200, {}, small_xml({7: DEPOSIT})
        if "scsanctions" in request.url:
            return 302, {"location": "https://elsewhere.example/list.xml"}, b""
        return 404, {}, b"gone"

    homes = [HOMES[name] for name in ("ofac", "un", "dfat")]

    async def fetched() -> tuple[int, list[str]]:
        with Snapshots(tmp_path) as lists:
            async with Door(lists.store, wire=Pretend(answer)) as door:
                came, missed = await screening.sync(lists, homes, door)
            assert [one.list for one in lists.all()] == ["ofac"]
            assert lists.all()[0].day > "2026"
            return len(came), missed

    came, missed = asyncio.run(fetched())
    assert came == 1
    assert [why.partition(":")[0] for why in missed] == ["un", "dfat"]
