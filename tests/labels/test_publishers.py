"""Each publisher's own structure: what is planted in an entry is found, bound to it, and nothing else is."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels.found import account_of
from flowtrace.labels.lists import read_list
from flowtrace.labels.lists.days import day_of, days_in
from flowtrace.labels.lists.read import Read
from labels.invented_lists import address
from labels.invented_publishers import (
    DAY,
    FORMS,
    Form,
    Invented,
    archive,
    eu_xml,
    fbi_page,
    nbctf_csv,
    nbctf_page,
    uk_csv,
    uk_xml,
    un_xml,
    xlsx,
)

FORM = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.make.__name__)
A, B = address(1, "ETH"), address(2, "TRX")


def read(form: Form, entries: Sequence[Invented]) -> Read:
    """Read invented entries in a publisher's form."""
    return read_list(io.BytesIO(form.make(entries)), form.file, form.of)


@st.composite
def entries_of_a_list(draw: st.DrawFn) -> list[Invented]:
    """Entries of which some have addresses, no address in two of them."""
    kinds = st.lists(st.sampled_from(["ETH", "XBT", "TRX"]), max_size=3)
    number, made = 0, []
    for index, wanted in enumerate(draw(st.lists(kinds, min_size=1, max_size=6)), start=1):
        held = tuple(address(number + n, kind) for n, kind in enumerate(wanted))
        number += len(held)
        made.append(Invented(index, f"SURNAME {index}", f"Other {index}", held))
    return made


@FORM
@given(entries_of_a_list())
def test_what_is_planted_is_found_and_bound(form: Form, entries: list[Invented]) -> None:
    """Every address is found once, with the entry it stands in; numbers, hashes and words are none."""
    found = read(form, entries)
    planted = [(account_of(text), form.entry(one)) for one in entries for text in one.addresses]
    assert sorted((one.account, one.entry) for one in found.listings) == sorted(planted)
    assert found.told
    assert found.form == form.form
    assert not found.refused
    assert not found.loose


@FORM
def test_an_entry_is_told_whole(form: Form) -> None:
    """Names, programme and day come from the entry, and where in it the address stands is said."""
    found = read(form, [Invented(1, addresses=(A,)), Invented(2, "Nobody", "No one")])
    (one,) = found.listings
    assert found.published == form.day
    assert one.written == A
    if form.of == "fbi":
        assert (one.name, one.listed_on, one.programme) == (
            "A theft of much", "2025-02-26", "public service announcement",
        )  # fmt: skip
        assert one.basis == "field list of addresses"
    elif form.of == "nbctf":
        assert one.programme == "seizure order of Israel's Minister of Defence"
        assert one.basis.startswith("field ")
        assert one.name == ("" if form.file.endswith("txt") else "LEE & <SONS>")
    else:
        assert one.name == "LEE & <SONS>"
        assert "Lee Ho" in one.also
        assert one.programme in ("DPRK", "北朝鮮の核関連計画等に関与する者")
        assert one.listed_on == DAY
        assert one.basis.startswith("remarks ")


@FORM
def test_hostile_words_are_inert(form: Form) -> None:
    """Marks that turn a text, escapes of a terminal and formulas are a plain line of text."""
    name = '=HYPERLINK("http://x") \u202ereversed\u2028 end'
    remark = "\u202e@SUM(1) see "
    found = read(form, [Invented(1, name, "-1+cmd|' /C calc'!A0", (A,), before=remark)])
    (one,) = found.listings
    for text in (one.name, one.also, one.basis, one.programme, one.entry, one.written):
        assert text.isprintable()
    if one.name and form.of != "fbi":
        assert one.name == '=HYPERLINK("http://x") reversed end'


@given(st.binary(max_size=300), st.sampled_from(FORMS), st.integers(min_value=0, max_value=2000))
def test_a_broken_file_is_an_error_of_one_line_or_a_list(junk: bytes, form: Form, at: int) -> None:
    """Whatever stands in a file, no traceback comes, and what is found is an address."""
    whole = form.make([Invented(1, addresses=(A,))])
    refusal = ""
    found = None
    try:
        found = read_list(io.BytesIO(whole[:at] + junk + whole[at:]), form.file, form.of)
    except InputError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert refusal if found is None else all(one.account for one in found.listings)


def test_an_address_in_a_field_says_so() -> None:
    """EU: a number of an identification; a field counts before remarks."""
    field = f"<identification identificationTypeCode='other' number='{A}'/></sanctionEntity>"
    data = eu_xml([Invented(1, addresses=(A,))]).replace(b"</sanctionEntity>", field.encode())
    (one,) = read_list(io.BytesIO(data), "eu.xml", "eu").listings
    assert one.basis == "field identification/number"


def test_words_before_an_address_name_its_ticker() -> None:
    """As OFAC words it, and Japan's ministry repeats it; so an address without a checksum is one."""
    monero = "4" + "A" * 50 + "7" * 44
    told = (
        f"Digital Currency Address - XBT {address(3, 'XBT')}; alt. Digital Currency Address - XMR {monero}; "
    )
    found = read_list(io.BytesIO(un_xml([Invented(1, before=told)])), "un.xml", "un")
    assert [(one.ticker, one.account) for one in found.listings] == [
        ("XBT", address(3, "XBT")),
        ("XMR", monero),
    ]


def test_an_order_as_it_was_published_is_read() -> None:
    """ASO 2/24 and ASO 53/25 of NBCTF's page: two Cyrillic letters in an address, one address thrice."""
    rows = (
        "Order ID,Full name,ID No,Passport No,D.O.B (DD/MM/YYYY),Virtual currency address / User ID,"
        "Currency\nASO 53/25\n,,,,,TAfGsxeQz9PQJ2wEgj7oR3cuiL3zCLqtWz,TAfGsxeQz9PQJ2wEgj7oR3cuiL3zCLqtWz,\n"
        "TAfGsxeQz9PQJ2wEgj7oR3cuiL3zCLqtWz\nASO 2/24,,,,18.9.1992,35561732,\n"
        ",,,,,T\u041d96tFMn8KGiYSLiw\u0441V3E2UiaJc8jmcbz3,\n"
    )
    found = read_list(io.BytesIO(rows.encode()), "wallets.csv", "nbctf")
    assert [(one.account, one.entry, one.basis.partition(" ")[0]) for one in found.listings] == [
        ("TAfGsxeQz9PQJ2wEgj7oR3cuiL3zCLqtWz", "ASO 53/25", "field"),
        ("TH96tFMn8KGiYSLiwcV3E2UiaJc8jmcbz3", "ASO 2/24", "field"),
    ]


def test_letters_that_look_alike_are_read() -> None:
    """A seizure order has Cyrillic letters in an address: its checksum shows what is meant."""
    typed = B.replace("T", "\u0422", 1)
    assert typed != B
    for make, file in ((nbctf_csv, "w.csv"), (nbctf_page, "w.html")):
        (one,) = read_list(io.BytesIO(make([Invented(1, addresses=(typed,))])), file, "nbctf").listings
        assert one.account == B


def test_an_order_tells_until_when_it_holds() -> None:
    """NBCTF: the table of orders has the day; with the day's end an address is no longer listed."""
    (one,) = read_list(io.BytesIO(nbctf_page([Invented(1, addresses=(A,))])), "w.html", "nbctf").listings
    assert one.unlisted_on == "2027-09-01"


def test_an_ended_entry_is_told_apart() -> None:
    """UN: an entry with a day of delisting holds nothing, and the day is kept."""
    data = un_xml([Invented(1, addresses=(A,)), Invented(2, addresses=(B,))])
    data = data.replace(b"<DATAID>691<", b"<DELISTED_ON>2024-05-06</DELISTED_ON><DATAID>691<")
    found = read_list(io.BytesIO(data), "un.xml", "un")
    assert [one.account for one in found.listings] == [B]
    assert [(one.account, one.unlisted_on) for one in found.ended] == [(A, "2024-05-06")]


@pytest.mark.parametrize("form", FORMS[:3], ids=lambda form: form.make.__name__)
def test_two_entries_of_one_id_are_refused(form: Form) -> None:
    """Whose an address is could not be told."""
    with pytest.raises(InputError, match="two entries have the id"):
        read(form, [Invented(1, addresses=(A,)), Invented(3), Invented(1)])


def test_two_names_of_one_id_in_a_table_are_both_told() -> None:
    """DFAT has reused a reference by mistake: the address stands with every name of it."""
    data = uk_csv([Invented(1, "One", "o", (A,)), Invented(1, "Two", "t")])
    (one,) = read_list(io.BytesIO(data), "uk.csv", "uk").listings
    assert "One" in f"{one.name}; {one.also}"
    assert "Two" in f"{one.name}; {one.also}"


@pytest.mark.parametrize("form", [form for form in FORMS if form.of not in ("fbi", "nbctf")],
                         ids=lambda form: form.make.__name__)  # fmt: skip
def test_another_structure_is_searched_and_says_so(form: Form) -> None:
    """When a publisher changes its form, the addresses are still found, and the form says the rest."""
    data = form.make([Invented(1, addresses=(A, B))])
    if form.file.endswith((".xlsx", ".ods")):
        data = xlsx({"new": [["No. of entry", "Words"], ["1", f"wallets {A} and {B}"]]})
    for old in (b"INDIVIDUAL>", b"sanctionEntity", b"Designation>", b"Unique ID", b"Regime Name"):
        data = data.replace(old, b"Thing" + old[-1:])
    found = read_list(io.BytesIO(data), form.file, form.of)
    assert {one.account for one in found.listings} == {A, B}
    assert not found.told
    assert "of which entries could not be told" in found.form


def test_what_stands_outside_all_entries_is_kept_and_says_so() -> None:
    """Nothing is lost, and nothing is bound to an entry in which it does not stand."""
    data = uk_xml([Invented(1, addresses=(A,))]).replace(
        b"</Designations>", f"<Note>{B}</Note></Designations>".encode()
    )
    found = read_list(io.BytesIO(data), "uk.xml", "uk")
    assert [(one.account, one.entry, one.basis) for one in found.listings][1:] == [(B, "", "text")]
    assert found.loose == 1


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
CELL = b"<worksheet><sheetData><row><c t='inlineStr'><is><t>%b</t></is></c></row></sheetData></worksheet>"


def _book(sheet: bytes = CELL % b"x", strings: bytes = b"<sst/>") -> bytes:
    return archive({"xl/sharedStrings.xml": strings, "xl/worksheets/sheet1.xml": sheet})


def _deep(root: bytes) -> bytes:
    return root + b"<x>" * 100_000


@pytest.mark.parametrize(
    ("data", "of", "why"),
    [
        (LAUGHS + b"<CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>", "un", "declares a document type"),
        (LAUGHS + b"<export>&b;</export>", "eu", "declares a document type"),
        (LAUGHS + b"<Designations>&b;</Designations>", "uk", "declares a document type"),
        (_deep(b"<export>"), "eu", "nested deeper"),
        (b"<CONSOLIDATED_LIST><ENTITY><COMMENTS1>" + b"x" * 200_000, "un", "a text longer"),
        (un_xml([Invented(1)])[:-20], "un", "no whole XML"),
        (eu_xml([Invented(1)]), "un", "is a list of eu, not of un"),
        (un_xml([Invented(1)]), "dfat", "is a list of un, not of dfat"),
        (_book(LAUGHS + b"<worksheet>&b;</worksheet>"), "dfat", "declares a document type"),
        (_book(strings=LAUGHS + b"<sst>&b;</sst>"), "mof", "declares a document type"),
        (_book(CELL % (b"x" * 200_000)), "dfat", "a text longer"),
        (_book(b"<worksheet>" + b" " * (300 << 20)), "mof", "would unpack"),
        (archive({"content.xml": LAUGHS + b"<a>&b;</a>"}), "uk", "declares a document type"),
        (archive({"content.xml": b"<a>" + b" " * (300 << 20)}), "uk", "would unpack"),
        (b"%PDF-1.7 ...", "nbctf", "is a PDF: save its text"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "mof", "old or an encrypted Excel"),
        (b"\x1f\x8b\x08\0", "uk", "packed with gzip"),
        (b"Report Date,\n" + b"x" * (2 << 20), "uk", "a line longer"),
        (b"<!DOCTYPE html><html>" + (b"<!-- x\n" * 4_000_000), "fbi", "larger than any page"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_in_one_line(data: bytes, of: str, why: str) -> None:
    """For every reader: no bomb, no entity, nothing deep or endless, and each is named."""
    with pytest.raises(InputError, match=why) as refusal:
        read_list(io.BytesIO(data), "list", of)
    assert "\n" not in str(refusal.value)


def test_an_archive_with_two_parts_of_one_name_or_a_password_is_refused() -> None:
    """Which of them a program shows is not ours to guess; what is locked is said to be."""
    body = archive({"xl/worksheets/sheet1.xml": CELL % b"x", "xl/worksheets/sheet2.xml": CELL % b"y"})
    with pytest.raises(InputError, match="have one name"):
        read_list(io.BytesIO(body.replace(b"sheet2", b"sheet1")), "x.xlsx", "mof")
    locked = bytearray(archive({"a.xml": b"<export/>"}))
    for at in (6, locked.index(b"PK\x01\x02") + 8):
        locked[at] |= 1
    with pytest.raises(InputError, match="no archive that can be read"):
        read_list(io.BytesIO(bytes(locked)), "x.zip", "eu")


def test_repeated_cells_are_bounded() -> None:
    """An ODS may say that a cell stands a billion times."""
    spaces = "xmlns:t='urn:oasis:names:tc:opendocument:xmlns:table:1.0'"
    cell = f"<t:table-cell t:number-columns-repeated='1000000000'><p>{A}</p></t:table-cell>"
    body = f"<d {spaces}><t:table><t:table-row>{cell * 50}</t:table-row></t:table></d>"
    found = read_list(io.BytesIO(archive({"content.xml": body.encode()})), "x.ods", "uk")
    assert [one.account for one in found.listings] == [A]


@pytest.mark.parametrize("form", FORMS[:4], ids=lambda form: form.make.__name__)
def test_a_large_list_is_read_in_a_part_of_its_size(form: Form) -> None:
    """Only the entry at hand, and what was found, is held; of a table also the names of its entries."""
    words = "a long account of what was done " * 60
    many = [
        Invented(n, before=words, addresses=(address(n, "ETH"),) if not n % 50 else ())
        for n in range(1, 3000)
    ]
    data = form.make(many)
    body = io.BytesIO(data)
    tracemalloc.start()
    try:
        found = read_list(body, form.file, form.of)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.listings) == 59
    assert len(data) > 6 << 20
    assert peak < len(data) / 2


def test_an_announcement_without_its_marks_is_searched() -> None:
    """A bare list of addresses is no announcement; a page of another kind is none either."""
    bare = f"{A}\n{B}\n".encode()
    found = read_list(io.BytesIO(bare), "fbi.txt", "fbi")
    assert (found.told, len(found.listings)) == (False, 2)
    page = fbi_page([Invented(1, addresses=(A,))]).replace(b"I-022625-PSA", b"").replace(b"FBI", b"we")
    found = read_list(io.BytesIO(page.replace(b"(IC3)", b"")), "page.html", "fbi")
    assert (found.told, [one.account for one in found.listings]) == (False, [A])


def test_a_press_release_is_known_by_its_place_on_the_web() -> None:
    """It has no number; its title begins with the name of the bureau."""
    page = (
        "<!DOCTYPE html><html><head><link rel='canonical' href='https://www.fbi.gov/news/press-releases/a-theft'>"
        "<title>FBI</title></head><body><h1>FBI Identifies the Thieves</h1><p>September 6, 2023</p>"
        f"<p>Bitcoin</p><p>{address(3, 'XBT')}<br>{address(4, 'XBT')}</p></body></html>"
    )
    found = read_list(io.BytesIO(page.encode()), "a-theft", "fbi")
    said = {(one.entry, one.name, one.listed_on, one.programme) for one in found.listings}
    place, title = "www.fbi.gov/news/press-releases/a-theft", "FBI Identifies the Thieves"
    assert said == {(place, title, "2023-09-06", "press release")}
    assert len(found.listings) == 2


def test_japans_csv_is_read_in_its_own_letters() -> None:
    """The ministry's CSV is in Shift JIS."""
    rows = f"告示日付,告示番号,日本語表記,英語表記,その他の情報\n2019.3.7,第7号,リー,LEE,ウォレット: {B}\n"
    (one,) = read_list(io.BytesIO(rows.encode("cp932")), "list.csv", "mof").listings
    assert (one.account, one.name, one.also, one.entry, one.listed_on) == (B, "LEE", "リー", "第7号", DAY)


def test_a_sheets_title_is_that_of_its_part() -> None:
    """The order of the sheets of a book is not that of the files in the archive."""
    heads: list[object] = ["告示日付", "告示番号", "英語表記", "その他の情報"]
    book = {title: [heads, ["2019.3.7", 7, title, f"see {text}"]] for title, text in (("one", A), ("two", B))}
    parts = xlsx(book)
    with zipfile.ZipFile(io.BytesIO(parts)) as held:
        files = {name: held.read(name) for name in held.namelist()}
    rels = files["xl/_rels/workbook.xml.rels"]
    swapped = rels.replace(b"sheet1", b"sheetX").replace(b"sheet2", b"sheet1").replace(b"sheetX", b"sheet2")
    for relations, titles in ((rels, {"one": "one", "two": "two"}), (swapped, {"one": "two", "two": "one"})):
        data = archive({**files, "xl/_rels/workbook.xml.rels": relations})
        found = read_list(io.BytesIO(data), "x.xlsx", "mof").listings
        assert {one.name: one.programme for one in found} == titles


@pytest.mark.parametrize("form", FORMS[:3], ids=lambda form: form.make.__name__)
@pytest.mark.parametrize("space", ["urn:any", "http://www.un.org/sanctions/2.0"])
def test_any_namespace_means_the_same(form: Form, space: str) -> None:
    """OFAC changed its own in 2024, and broke programs: the same may come to any list."""
    data = form.make([Invented(1, addresses=(A,))]).decode()
    data = re.sub(r" xmlns(:xsi)?=(['\"]).*?\2", "", data)
    data = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", data)
    data = re.sub(r"(<x:\w+)", rf"\1 xmlns:x='{space}'", data, count=1)
    found = read_list(io.BytesIO(data.encode()), form.file, form.of)
    assert [(one.account, one.entry) for one in found.listings] == [(A, form.entry(Invented(1)))]
    assert (found.form, found.published) == (form.form, form.day)


@pytest.mark.parametrize("form", [form for form in FORMS if form.file.endswith(".csv")],
                         ids=lambda form: form.make.__name__)  # fmt: skip
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_table_saved_again_is_the_same_table(form: Form, delimiter: str) -> None:
    """A spreadsheet program in much of Europe parts cells by semicolons."""
    entries = [Invented(1, addresses=(A,)), Invented(2, addresses=(B,))]
    text = io.StringIO()
    rows = csv.reader(io.StringIO(form.make(entries).decode("utf-8-sig")))
    csv.writer(text, delimiter=delimiter).writerows(rows)
    again = read_list(io.BytesIO(text.getvalue().encode()), form.file, form.of)
    assert again == read(form, entries)


WRITTEN = (
    "%Y-%m-%d", "%Y-%m-%dT00:00:05.5Z", "%d/%m/%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %B %Y", "%B %d, %Y",
    "%Y.%m.%d", "%Y年%m月%d日", "%d %b %Y", "%Y/%m/%d",
)  # fmt: skip


@given(st.dates(min_value=date(1955, 1, 1), max_value=date(2090, 1, 1)), st.sampled_from(WRITTEN))
def test_a_day_is_read_as_it_is_written(day: date, written: str) -> None:
    """In every form that a publisher uses, and as a spreadsheet's number."""
    assert day_of(day.strftime(written)) == day.isoformat()
    assert day_of(str((day - date(1899, 12, 30)).days)) == day.isoformat()


@given(st.text(alphabet="0123456789/-. JanuryFebMch年月日,", max_size=40))
def test_no_text_is_a_wrong_day(text: str) -> None:
    """What is no day is none; what is one is in the calendar."""
    for found in (day_of(text), *days_in(text)):
        assert not found or date.fromisoformat(found).isoformat() == found
