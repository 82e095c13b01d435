"""The verbs on who is who: labels show, add, sync, lists, export, decide; and screen."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from case.shared_deposit import DEPOSIT, HUOBI, shared_deposit
from case.small import THIEF
from commands import Command
from fetch.pretend import Pretend, at_once
from flowtrace import Case
from flowtrace.case import screening
from flowtrace.fetch import Door
from flowtrace.labels.graphsense import read_pack
from flowtrace.labels.lists import HOMES, Snapshot, Snapshots
from flowtrace.model import Request
from labels.invented_lists import address, small_xml
from labels.invented_publishers import Invented, eu_xml, fbi_page, mof_xlsx, uk_xml, un_xml
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
    assert [tag["label"] for tag in exported.tags if tag.get("actor") == "casino"] == ["A casino"]
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


def test_nothing_held_is_no_answer(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a list, nobody is said to be on none; what a program cannot get is told with what to do."""
    monkeypatch.delenv("FLOWTRACE_EU_FSF_TOKEN", raising=False)
    code, _, err = command("screen", HUOBI)
    assert (code, "no list is held" in err) == (2, True)
    code, _, err = command("labels", "sync", "--offline")
    assert (code, "sanctionslistservice.ofac.treas.gov" in err) == (3, True)
    code, _, err = command("labels", "sync", "eu")
    assert (code, "set FLOWTRACE_EU_FSF_TOKEN" in err) == (4, True)
    assert "labels add FILE --list eu" in err
    code, _, err = command("labels", "sync", "nbctf")
    assert (code, "labels add FILE --list nbctf" in err) == (2, True)


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


Wire = Callable[[Request], tuple[int, dict[str, str], bytes]]


def synced(folder: Path, answer: Wire, *names: str) -> tuple[list[Snapshot], list[str], Pretend]:
    """Fetch lists through a wire that pretends; return what came, what did not, and what was asked."""
    wire = Pretend(answer)

    async def fetched() -> tuple[list[Snapshot], list[str]]:
        with Snapshots(folder) as lists:
            async with Door(lists.store, wire=wire) as door:
                return await screening.sync(lists, [HOMES[name] for name in names], door)

    return *at_once(fetched()), wire


def test_lists_are_fetched_through_the_door(tmp_path: Path) -> None:
    """What comes is kept and a snapshot of that day; what does not is told, and the others stay.

    OFAC and the UN hand on to their own stores of files.
    """

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        if "treas.gov" in request.url:
            return (
                302,
                {"location": f"https://files{HOMES['ofac'].moves_to[-1]}/SDN_ADVANCED.XML?signed"},
                b"",
            )
        if "amazonaws" in request.url:
            return 200, {}, small_xml({7: DEPOSIT})
        if "scsanctions" in request.url:
            return 302, {"location": "https://unsolprodfiles.blob.core.windows.net/x.xml?sv=1"}, b""
        if "unsolprodfiles" in request.url:
            return 200, {}, un_xml([Invented(1, addresses=(DEPOSIT,))])
        return 404, {}, b"gone"

    came, missed, _ = synced(tmp_path, answer, "ofac", "un", "dfat")
    assert [(one.list, one.addresses, one.told) for one in came] == [("ofac", 1, True), ("un", 1, True)]
    assert came[0].day > "2026"
    assert [why.partition(":")[0] for why in missed] == ["dfat"]


@pytest.mark.parametrize("place", [
    "https://elsewhere.example/list.xml",
    "http://scsanctions.un.org/list.xml",
    "https://evilunsolprodfiles.blob.core.windows.net/list.xml",
    "https://scsanctions.un.org.elsewhere.example/list.xml",
    "https://scsanctions.un.org:8443/list.xml",
])  # fmt: skip
def test_nobody_is_followed_elsewhere(tmp_path: Path, place: str) -> None:
    """A publisher's redirect counts only to a host of its own, by HTTPS."""

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        if request.url == HOMES["un"].urls[0]:
            return 302, {"location": place}, b""
        return 200, {}, un_xml([])

    came, missed, wire = synced(tmp_path, answer, "un")
    assert (came, len(missed), len(wire.sent)) == ([], 1, 1)


def test_the_eus_token_goes_into_the_query_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a setting, and no part of what is kept."""
    monkeypatch.setenv("FLOWTRACE_EU_FSF_TOKEN", "not-a-secret-but-kept-as-one")
    sent = []

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        sent.append(request)
        return 200, {}, eu_xml([Invented(1, addresses=(DEPOSIT,))])

    (one,), missed, _ = synced(tmp_path, answer, "eu")
    assert (missed, one.form, one.addresses) == ([], "EU FSF XML 1.1", 1)
    assert sent[0].key is not None
    assert (sent[0].key.name, sent[0].key.place) == ("FLOWTRACE_EU_FSF_TOKEN", "query token")
    assert b"not-a-secret" not in (tmp_path / "lists.sqlite").read_bytes()


def test_a_file_is_found_on_its_publishers_page(tmp_path: Path) -> None:
    """UK: where the lasting address fails, GOV.UK names the file; Japan has only a page that names it."""
    asset = "https://assets.publishing.service.gov.uk/media/6/UK_Sanctions_List.xml"
    asked = []

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        asked.append(request.url)
        if request.url == HOMES["uk"].index:
            other = "https://elsewhere.example/UK_Sanctions_List.xml"
            told = json.dumps({"details": {"documents": [f'<a href="{other}">', f'<a href="{asset}">']}})
            return 200, {}, told.encode()
        if request.url == asset:
            return 200, {}, uk_xml([Invented(1, addresses=(DEPOSIT,))])
        if request.url == HOMES["mof"].index:
            return 200, {}, b"<html><a href='list_file/shisantouketsu20261001.xlsx'>Excel</a></html>"
        if request.url.endswith("economic_sanctions/list_file/shisantouketsu20261001.xlsx"):
            return 200, {}, mof_xlsx([Invented(1, addresses=(DEPOSIT,))])
        return 404, {}, b"gone"

    came, missed, _ = synced(tmp_path, answer, "uk", "mof")
    assert not missed
    assert [(one.list, one.name, one.addresses, one.told) for one in came] == [
        ("uk", "UK_Sanctions_List.xml", 1, True),
        ("mof", "shisantouketsu20261001.xlsx", 1, True),
    ]
    assert not [url for url in asked if "elsewhere" in url]


def test_each_announcement_of_the_fbi_is_a_file_of_its_own(tmp_path: Path) -> None:
    """One that is fetched later does not delist the addresses of another; one that is gone is told."""
    urls = HOMES["fbi"].urls

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        if request.url == urls[0]:
            return 200, {}, fbi_page([Invented(1, addresses=(DEPOSIT,))])
        if request.url == urls[1]:
            return 200, {}, fbi_page([Invented(1, addresses=(HUOBI,))]).replace(b"022625", b"090623")
        return 200, {}, b"<html>nothing here</html>"

    came, missed, _ = synced(tmp_path, answer, "fbi")
    assert [one.name for one in came] == [url.rpartition("/")[2] for url in urls[:2]]
    assert [why for why in missed if "holds no address at all" in why] == missed
    with Snapshots(tmp_path) as lists:
        for account, entry in ((DEPOSIT, "I-022625-PSA"), (HUOBI, "I-090623-PSA")):
            (match,) = lists.matches([account], came[0].day)
            assert (match.word, match.entry, match.gone_by) == ("listed", entry, "")


def test_a_list_of_which_half_is_gone_is_kept_and_told_loudly(command: Command, tmp_path: Path) -> None:
    """More likely its publisher has changed its form than its mind; the same where entries cannot be told."""
    many = [Invented(n, addresses=(address(n, "ETH"),)) for n in range(1, 8)]
    path = tmp_path / "un.xml"

    def words(day: str, data: bytes) -> str:
        path.write_bytes(data)
        code, _, err = command("labels", "add", path, "--list", "un", "--date", day, "--quiet")
        assert code == 0
        return err

    assert not words("2026-01-02", un_xml(many))
    assert not words("2026-02-02", un_xml(many[:4]))
    _, _, loud = command("labels", "add", path, "--list", "un", "--date", "2026-02-02")
    assert f"3 delisted: {', '.join(sorted(address(n, 'ETH') for n in (5, 6, 7)))}" in loud
    told = words("2026-03-02", un_xml(many[:1]))
    assert "WARNING: un of 2026-03-02 (un.xml) holds 1 addresses, where that of 2026-02-02 held 4" in told
    assert "has the publisher changed the form?" in said(command, "labels", "lists")
    shown = said(command, "screen", address(2, "ETH"), "--at", "2026-03-02")
    assert "NOT LISTED on 2026-03-02: not in the snapshot of 2026-03-02" in shown
    assert "that snapshot has lost more than half of its addresses: check it" in shown
    assert "check it" not in said(command, "screen", address(6, "ETH"), "--at", "2026-02-02")
    held = json.loads(said(command, "labels", "lists", "--json"))
    assert [len(one["warnings"]) for one in held] == [0, 0, 1]
    assert [len(one["delisted"]) for one in held] == [0, 3, 3]
    assert [one["new"] for one in held] == [[], [], []]
    told = words("2026-03-03", f"<new><x>{DEPOSIT}</x></new>".encode())
    assert "has not the form in which the list un is published" in told


def test_a_match_says_everything_that_the_list_says(command: Command, tmp_path: Path) -> None:
    """Issue 6: list, entry, name, programme, ticker and chain, snapshot with its hash, listed then or not."""
    path = tmp_path / "UK.xml"
    path.write_bytes(uk_xml([Invented(1, addresses=(DEPOSIT,))]))
    said(command, "labels", "add", path, "--list", "uk")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    shown = said(command, "screen", DEPOSIT, "--at", "2026-05-06")
    for words in (
        "EXACT MATCH  list uk  entry DPR0001, listed on 2019-03-07",
        "LISTED on 2026-05-06: in the snapshot of 2026-01-02, the last that is held",
        "name: LEE & <SONS>; also Lee Ho",
        "programme: DPRK; stands in: remarks OtherInformation",
        "ticker: none; chain: any EVM chain",
        f"snapshot: 2026-01-02, sha256 {sha256}",
    ):
        assert words in shown
    (asked,) = json.loads(said(command, "screen", DEPOSIT, "--at", "2019-01-01", "--json"))["matches"]
    (match,) = asked["matches"]
    assert (match["listed"], match["word"], match["why"]) == (
        False,
        "not listed",
        "the entry is of 2019-03-07",
    )
    assert (match["snapshot"], match["sha256"], match["chain"]) == ("2026-01-02", sha256, "any EVM chain")
    assert (match["entry"], match["also"], match["basis"]) == (
        "DPR0001",
        "Lee Ho",
        "remarks OtherInformation",
    )
    assert "EXACT MATCH  list uk" in said(command, "labels", "show", DEPOSIT)
