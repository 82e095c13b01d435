"""Sanctions lists: every form is read, hostile ones are refused, none is forgotten, and days are right."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels.found import account_of, accounts_of, address_of, found_in
from flowtrace.labels.lists import Snapshots, Word, read_list
from flowtrace.labels.lists.ofac import ticker_of
from flowtrace.labels.lists.read import Read
from flowtrace.labels.lists.screen import on_day
from flowtrace.model import Address, Chain
from labels.invented_lists import TICKERS, address, advanced_xml, entry, party, small_xml
from labels.invented_publishers import Invented, fbi_page, uk_csv, uk_xml

SHARED = Path(__file__).parents[2].parent / "shared/data/labels"
A, B = (address(n, "ETH") for n in (1, 2))


def read(data: bytes, name: str = "list.xml") -> Read:
    """Read a list's file."""
    return read_list(io.BytesIO(data), name)


@pytest.mark.parametrize("modern", [False, True])
def test_a_large_advanced_xml_streams(tmp_path: Path, *, modern: bool) -> None:
    """8 MB in either namespace: the addresses are those planted, in a small part of the file's size.

    benchmarks/labels.py does the same with 80 MB.
    """
    path = tmp_path / "sdn_advanced.xml"
    with path.open("wb") as file:
        planted = advanced_xml(file, 8 << 20, modern=modern)
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            found = read_list(file, path.name)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert {one.account for one in found.listings} == planted
    assert len(planted) > 500
    assert {one.ticker for one in found.listings} == set(TICKERS.values())
    assert found.published == "2026-01-02"
    assert peak < path.stat().st_size


@pytest.mark.parametrize("modern", [False, True])
def test_80_mb_are_taken_in_with_less_than_300_mb(tmp_path: Path, *, modern: bool) -> None:
    """Issue 6: unknown tickers, white space, ended entries; kept and read by a process of its own."""
    status = Path("/proc/self/status")
    if not status.is_file():
        pytest.skip("the most that a process has held is told by /proc alone")
    path = tmp_path / "sdn_advanced.xml"
    with path.open("wb") as file:
        planted = advanced_xml(file, 80 << 20, modern=modern)
    assert path.stat().st_size > 80_000_000
    run = (
        "from pathlib import Path; from flowtrace.cli import main; import contextlib, sys\n"
        "with contextlib.suppress(SystemExit):\n    main()\n"
        "print(next(l for l in Path('/proc/self/status').read_text().splitlines() if l.startswith('VmHWM')))"
    )
    words = ("labels", "add", path, "--list", "ofac")
    env = {**os.environ, "FLOWTRACE_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", run, *words], capture_output=True, text=True, check=True, env=env
    )
    most = int(done.stdout.split()[-2])
    assert most < 300 * 1024, done.stderr
    (folder,) = (tmp_path / "home").rglob("lists.sqlite")
    with Snapshots(folder.parent) as lists:
        (one,) = lists.all()
        assert one.addresses == len(planted)
        known = lists.accounts()
        assert planted < known  # those of ended entries are known too, as such
        words_of_ended = {lists.matches([name], "2026-06-01")[0].word for name in sorted(known - planted)}
        assert words_of_ended == {Word.NOT_LISTED}
        sample = sorted(planted)[::100]
        assert {lists.matches([name], "2026-06-01")[0].word for name in sample} == {Word.LISTED}


def test_an_entry_is_told_whole() -> None:
    """Id, name, programme and the entry's own date stand with each address, white space away."""
    alias = "<Alias Primary='false'><DocumentedName><DocumentedNamePart><NamePartValue>Other</NamePartValue>"
    end = b"</DocumentedNamePart></DocumentedName></Alias></Identity>"
    (one,) = read(small_xml({7: A}).replace(b"</Identity>", alias.encode() + end)).listings
    assert (one.entry, one.name, one.programme, one.listed_on) == ("7", "SURNAME 7", "DPRK3", "2018-03-07")
    assert (one.written, one.also, one.basis) == (A, "Other", "field Digital Currency Address")


def test_sdn_xml_is_read() -> None:
    """The plain form, whatever the namespace; a ticker nobody knows is taken as it is."""
    ids = "".join(
        f"<id><idType>Digital Currency Address - {ticker}</idType><idNumber> {text} </idNumber></id>"
        for ticker, text in (("ETH", A), ("QQQ", "qqq-whatever"))
    )
    passport = "<id><idType>Passport</idType><idNumber>0x12</idNumber></id>"
    said = "<uid>9</uid><firstName>Ho</firstName><lastName>LEE</lastName>"
    said += "<akaList><aka><uid>3</uid><firstName>H.</firstName><lastName>Li</lastName></aka></akaList>"
    programmes = "<programList><program>DPRK2</program><program>CYBER2</program></programList>"
    body = f"<sdnEntry>{said}{programmes}<idList>{ids}{passport}</idList></sdnEntry>"
    head = "<publshInformation><Publish_Date>09/27/2024</Publish_Date></publshInformation>"
    found = read(f"<sdnList xmlns='urn:any'>{head}{body}</sdnList>".encode())
    assert found.form == "OFAC SDN.XML"
    assert found.published == "2024-09-27"
    assert [(one.account, one.ticker) for one in found.listings] == [(A, "ETH"), ("qqq-whatever", "QQQ")]
    assert {one.programme for one in found.listings} == {"DPRK2; CYBER2"}
    assert {(one.entry, one.name, one.also) for one in found.listings} == {("9", "Ho LEE", "H. Li")}
    with pytest.raises(InputError, match="two entries have the uid '9'"):
        read(f"<sdnList>{body}{body}</sdnList>".encode())


@given(st.text())
def test_a_ticker_is_plain_text_whatever_it_is(text: str) -> None:
    """No ticker breaks a line or turns a text around."""
    found = ticker_of(f"Digital Currency Address - {text}")
    assert found is not None
    assert found.isprintable()
    assert len(found) <= 20


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Sanctions>&b;</Sanctions>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE s SYSTEM "file:///etc/passwd"><Sanctions/>"""


def zipped(name: str, data: bytes) -> bytes:
    """Return an archive of one file."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return body.getvalue()


PARTIES = b"<DistinctParties>"


def bomb() -> bytes:
    """Return an archive that says it unpacks to 10 GB: its stated size changed, in both places."""
    body = zipped("sdn.xml", b"<Sanctions>" + b" " * 4096)
    size = (4096 + 11).to_bytes(4, "little")
    return body.replace(size, (0xFFFFFFF0).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (LAUGHS, "declares a document type"),
        (OUTSIDE, "declares a document type"),
        (b"<a>" * 100_000, "nested deeper"),
        (b"<a>" + b"x" * 200_000 + b"</a>", "a text longer"),
        (small_xml({7: A})[:-30], "no whole XML"),
        (b"\0\1\2" * 2000, "is no text"),
        (zipped("a.txt", b"x"), "holds no XML"),
        (zipped("a.xml", b" " * (300 << 20)), "would unpack"),
        (bomb(), "would unpack"),
        (zipped("a.xml", small_xml({7: A}))[:-40], "no archive"),
        (small_xml({7: A}).replace(PARTIES, PARTIES + party(7, []).encode()), "two profiles"),
        (small_xml({7: A}).replace(b"<FeatureType ID='8'", b"<FeatureType ID='345'"), "two feature types"),
    ],
)  # fmt: skip
def test_a_hostile_list_is_refused_in_one_line(data: bytes, why: str) -> None:
    """No bomb, no entity, no doubled id gets through, and each is named."""
    with pytest.raises(InputError, match=why) as refusal:
        read(data)
    assert "\n" not in str(refusal.value)


def test_hostile_words_are_inert_text() -> None:
    """Bidirectional and escape characters leave a name; a formula stays a text."""
    xml = small_xml({7: A}).replace(b"SURNAME 7", "=HYPERLINK(1) \u202ereversed\u2028 \x7f".encode())
    (one,) = read(xml).listings
    assert one.name == "=HYPERLINK(1) reversed"


def test_an_archive_is_read() -> None:
    """OFAC gives its list out as ZIP too."""
    assert [one.account for one in read(zipped("SDN.XML", small_xml({7: A}))).listings] == [A]


MIXED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def test_addresses_are_found_in_any_text() -> None:
    """By form, with a right checksum; one with a wrong checksum is told apart, and no other word is taken."""
    bitcoin, tron = address(3, "XBT"), address(3, "TRX")
    text = f"note: {A}, ({bitcoin})\nseized;{tron};x\n{MIXED[:-1]}D 1111111111111111111111111 plain words\n"
    found = read(text.encode(), "seizures.csv")
    assert {one.account for one in found.listings} == {A, bitcoin, tron}
    assert found.refused == (MIXED[:-1] + "D",)
    other = read(f"<un><note>wallet {A}</note><x y='{B}'/></un>".encode())
    assert {one.account for one in other.listings} == {A, B}
    assert other.form == "addresses in any text of an XML file: of which entries could not be told"
    assert not other.told


@given(st.text(alphabet="0x1aAbBcfz T9;,\n", max_size=200))
def test_no_text_is_a_traceback(text: str) -> None:
    """Whatever stands there, every address found is one."""
    for word, found in found_in(text):
        assert found is None or address_of(word) == found


def test_one_account_has_one_spelling() -> None:
    """Case and white space do not matter; an older form of Litecoin's is found too."""
    assert account_of(f" {MIXED} ") == MIXED.lower()
    assert account_of("0X" + MIXED[2:].upper()) == MIXED.lower()
    newer = Address.parse(Chain.of("litecoin"), "M8yFL6SFC6TreATegTyuSYkDfDRbisdpT3")
    older = next(one for one in accounts_of(newer) if one.startswith("3"))
    assert Address.parse("litecoin", older) == newer


def test_days_before_between_and_after_two_snapshots(tmp_path: Path) -> None:
    """A is on the first and gone from the second; B comes with the second."""
    with Snapshots(tmp_path) as lists:
        lists.add("one.xml", small_xml({7: A}, modern=False, day="2024-01-01"), of="ofac")
        lists.add("two.xml", small_xml({8: B}, day="2025-01-01"), of="ofac")

        def says(text: str, day: str) -> Word:
            (match,) = lists.matches([text], day)
            return match.word

        known, yes, no = Word.NOT_KNOWN, Word.LISTED, Word.NOT_LISTED
        days = ("2017-01-01", "2023-12-31", "2024-01-01", "2024-06-01", "2025-01-01", "2026-01-01")
        assert [says(A, day) for day in days] == [no, known, yes, yes, no, no]
        assert [says(B, day) for day in days] == [no, known, no, no, yes, yes]
        (gone,) = lists.matches([A], "2026-01-01")
        assert (gone.first_seen, gone.last_seen, gone.gone_by) == ("2024-01-01", "2024-01-01", "2025-01-01")
        assert lists.matches([address(99, "ETH")], "2026-01-01") == []


def test_an_entry_that_the_list_says_has_ended(tmp_path: Path) -> None:
    """Before its own day and after its end nothing is listed; in between the snapshots decide."""
    xml = small_xml({7: A, 8: B}, day="2024-01-01").decode().replace(entry(7), entry(7, ended=True))
    with Snapshots(tmp_path) as lists:
        assert lists.add("one.xml", xml.encode(), of="ofac").addresses == 1
        words = [
            lists.matches([A], day)[0] for day in ("2017-01-01", "2019-01-01", "2021-03-07", "2025-01-01")
        ]
        assert [one.word for one in words] == ["not listed", "not known", "not listed", "not listed"]
        assert words[-1].why == "the list says that the entry holds until 2021-03-07"
        assert (words[-1].unlisted_on, words[-1].first_seen, words[-1].gone_by) == ("2021-03-07", "", "")
        assert words[-1].snapshot == "2024-01-01"


def test_a_file_of_another_form_in_between_delists_nobody(tmp_path: Path) -> None:
    """An address of an entry is the same address where no entry could be told."""
    forms = (("2026-02-01", uk_xml), ("2026-03-01", None), ("2026-04-01", uk_csv))
    with Snapshots(tmp_path) as lists:
        for day, make in forms:
            data = make([Invented(1, addresses=(A,))]) if make else f"<new>{A}</new>".encode()
            lists.add("uk.csv" if make is uk_csv else "uk.xml", data, of="uk", day=day)
        (match,) = lists.matches([A], "2026-03-15")
        assert (match.word, match.entry, match.gone_by) == (Word.LISTED, "DPR0001", "")
        assert (match.first_seen, match.last_seen, match.snapshot) == (
            "2026-02-01",
            "2026-04-01",
            "2026-04-01",
        )


def test_a_snapshot_that_is_no_longer_read_delists_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version may refuse what an earlier one has read: the store opens, and the file is kept."""
    with Snapshots(tmp_path) as lists:
        lists.add("one.xml", small_xml({7: A}, day="2024-01-01"), of="ofac")
        lists.add("two.xml", small_xml({7: A, 8: B}, day="2025-01-01"), of="ofac")
    (tmp_path / "screening.sqlite").unlink()

    def refusing(body: io.BytesIO, name: str, of: str) -> Read:
        if name == "two.xml":
            raise InputError(f"{name}: is not read")
        return read_list(body, name, of)

    monkeypatch.setattr("flowtrace.labels.lists.snapshots.read_list", refusing)
    with Snapshots(tmp_path) as lists:
        assert [one.addresses for one in lists.all()] == [1, 0]
        assert lists.all()[1].form == "not read any more (two.xml: is not read)"
        (match,) = lists.matches([A], "2026-01-01")
        assert (match.word, match.gone_by) == (Word.LISTED, "")


@given(
    st.lists(st.tuples(st.dates().map(str), st.booleans()), unique_by=lambda one: one[0]), st.dates().map(str)
)
def test_the_last_snapshot_before_a_day_decides(snapshots: list[tuple[str, bool]], day: str) -> None:
    """Later snapshots say nothing of an earlier day, and without an earlier one nothing is known."""
    word, why = on_day(day, sorted(snapshots))
    earlier = [held for then, held in sorted(snapshots) if then <= day]
    assert word == ((Word.LISTED if earlier[-1] else Word.NOT_LISTED) if earlier else Word.NOT_KNOWN)
    assert why


def test_no_snapshot_is_forgotten(tmp_path: Path) -> None:
    """The same file again is one snapshot; what is derived may be removed; the bytes are those that came."""
    body = small_xml({7: A})
    with Snapshots(tmp_path) as lists:
        first = lists.add("one.xml", body, of="ofac")
        assert lists.add("one.xml", body, of="ofac") == first
        lists.add("two.xml", small_xml({8: B}, day="2025-01-01"), of="ofac")
        before = lists.all(), lists.matches([A], "2024-06-01")
    (tmp_path / "screening.sqlite").write_bytes(b"broken")
    with Snapshots(tmp_path) as lists:
        assert (lists.all(), lists.matches([A], "2024-06-01")) == before
        assert body in [lists.store.body(one) for one in lists.store.items()]
        assert not list(lists.store.faults())


def test_a_list_that_cannot_be_used_is_kept_and_refused(tmp_path: Path) -> None:
    """A hostile or empty file makes no snapshot; a list or day that is none is named."""
    with Snapshots(tmp_path) as lists:
        for data, why in ((LAUGHS, "document type"), (b"nothing at all", "holds no address")):
            with pytest.raises(InputError, match=why):
                lists.add("x.xml", data, of="ofac", day="2024-01-01")
        with pytest.raises(InputError, match="unknown list 'ofca'"):
            lists.add("x.xml", small_xml({7: A}), of="ofca")
        with pytest.raises(InputError, match="is no day"):
            lists.add("x.xml", small_xml({7: A}), of="ofac", day="2024-13-01")
        with pytest.raises(InputError, match="does not say of which day"):
            lists.add("fbi.txt", A.encode(), of="fbi")
        assert lists.all() == []
        assert len(lists.store.noted("rejected")) == 2


def test_an_entry_that_has_ended_lists_nothing() -> None:
    """A list may keep an entry and say that it was removed."""
    xml = small_xml({7: A, 8: B}).decode()
    assert [one.account for one in read(xml.replace(entry(7), entry(7, ended=True)).encode()).listings] == [B]


@pytest.mark.real
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public lists are not beside the checkout")
def test_the_addresses_of_the_fbi_and_of_ofac(tmp_path: Path) -> None:
    """All 51 of PSA I-022625-PSA are found with their source, and those of OFAC of every ticker followed."""
    fbi = SHARED / "fbi" / "bybit_psa250226_51.txt"
    with Snapshots(tmp_path) as lists:
        taken = lists.add(fbi.name, fbi.read_bytes(), of="fbi", day="2025-02-26")
        assert (taken.addresses, taken.refused) == (51, 0)
        for line in fbi.read_text().split():
            (match,) = lists.matches([account_of(line)], "2025-03-01")
            assert (match.list, match.word, match.sha256) == ("fbi", Word.LISTED, taken.sha256)
        page = fbi_page([Invented(1, addresses=tuple(fbi.read_text().split()))])
        lists.add("PSA250226", page, of="fbi")  # with the marks of the page they are all of its entry
        for line in fbi.read_text().split():
            (match,) = lists.matches([account_of(line)], "2025-03-01")
            assert (match.entry, match.word, match.listed_on) == ("I-022625-PSA", Word.LISTED, "2025-02-26")
        found = 0
        for ticker in ("ETH", "XBT", "TRX", "USDT", "USDC", "LTC", "ARB", "BSC", "ETC"):
            path = SHARED / "ofac" / f"sanctioned_addresses_{ticker}.txt"
            read_as = read(path.read_bytes(), path.name)
            assert len(read_as.listings) == len({account_of(one) for one in path.read_text().split()}), ticker
            found += len(read_as.listings)
            again = read(path.with_suffix(".json").read_bytes(), f"{ticker}.json")
            assert {one.account for one in again.listings} == {one.account for one in read_as.listings}
        assert found > 600
        assert taken.name == fbi.name


def test_a_spreadsheet_of_nobody_is_read(tmp_path: Path) -> None:
    """The addresses in its cells are found; whose it is does not matter."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "notes"])
    sheet.append(["Ho LEE", f"digital currency address: {A}; also {address(3, 'XBT')}"])
    path = tmp_path / "list.xlsx"
    book.save(path)
    found = read(path.read_bytes(), path.name)
    assert {one.account for one in found.listings} == {A, address(3, "XBT")}
    assert found.form == "addresses in any cell of a spreadsheet: of which entries could not be told"
