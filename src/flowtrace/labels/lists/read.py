"""A list's file as listings: each publisher's form by its structure, any other by the addresses in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flowtrace.errors import InputError
from flowtrace.labels.lists.anywhere import Anywhere, Cells, Kept, searched
from flowtrace.labels.lists.columns import EntriesTable
from flowtrace.labels.lists.dfat import DfatTable
from flowtrace.labels.lists.entry import TEXT
from flowtrace.labels.lists.eu import EuXml
from flowtrace.labels.lists.fbi import Announcement
from flowtrace.labels.lists.heard import EntriesXml
from flowtrace.labels.lists.listing import Listing
from flowtrace.labels.lists.mof import MofTable
from flowtrace.labels.lists.nbctf import NbctfTable, orders_in, read_order
from flowtrace.labels.lists.ofac import AdvancedXml, SdnXml
from flowtrace.labels.lists.pages import Page, lines, read_csv, read_page
from flowtrace.labels.lists.sheets import SHEETS, Open, Table, read_ods, read_xlsx
from flowtrace.labels.lists.stream import Body, members, parse
from flowtrace.labels.lists.uk import UkTable, UkXml
from flowtrace.labels.lists.un import UnXml

_ZIP = b"PK\x03\x04"
_START = 4096
_UNTOLD = "addresses in any {}: of which entries could not be told"
_TABLES: Mapping[str, type[EntriesTable]] = {
    "uk": UkTable, "dfat": DfatTable, "mof": MofTable, "nbctf": NbctfTable,
}  # fmt: skip
_ROOTS: Mapping[str, tuple[str, type[EntriesXml]]] = {
    "CONSOLIDATED_LIST": ("un", UnXml), "export": ("eu", EuXml), "Designations": ("uk", UkXml),
}  # fmt: skip
_HEARD = dict(_ROOTS.values())
_DELIMITERS = ",;\t"  # of the publishers, of a spreadsheet program in much of Europe, of a copied table
_OTHER_LETTERS = {"mof": "cp932"}
_REFUSED = {
    b"%PDF": "is a PDF: save its text as .txt, or its table as .csv or .xlsx",
    b"\xd0\xcf\x11\xe0": "is an old or an encrypted Excel file: save it as .xlsx or .csv",
    b"\x1f\x8b": "is packed with gzip: unpack it first",
}
_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<table")


@dataclass(frozen=True, slots=True)
class Read:
    """What a list's file says.

    Attributes
    ----------
    form
        What it was read as, in words.
    published
        The day the file itself gives, ISO 8601; empty where it gives none.
    refused
        Words that have the form of an address, but a wrong checksum: never screened against.
    told
        Whether its entries could be told: else addresses were only searched for in its texts.
    ended
        Addresses of entries that the file itself says have ended; ``listings`` holds none of them.
    """

    form: str
    listings: tuple[Listing, ...]
    published: str = ""
    refused: tuple[str, ...] = ()
    told: bool = True
    ended: tuple[Listing, ...] = ()

    @property
    def loose(self) -> int:
        """How many addresses stand in no entry, though the file has entries."""
        return sum(one.basis == TEXT for one in self.listings) if self.told else 0


def read_list(body: Body, name: str, of: str = "") -> Read:
    """Read a list's file, whatever its form.

    Parameters
    ----------
    of
        Whose list it is, as an id of :data:`~flowtrace.labels.lists.homes.HOMES`: a table says what it is by
        its publisher's headings only.

    Raises
    ------
    InputError
        If it is hostile, broken, no text, or another publisher's list.
    """
    start = body.read(_START)
    body.seek(0)
    for magic, why in _REFUSED.items():
        if start.startswith(magic):
            raise InputError(f"{name}: {why}")
    if start.startswith(_ZIP):
        return _archive(body, name, of)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_PAGE) or (text.startswith(b"<") and b"<html" in text):
        return _page(body, name, of)
    if text.startswith(b"<"):
        return _xml(body, name, of)
    return _text(body, name, of)


def _untold(kept: Kept, what: str) -> Read:
    return Read(_UNTOLD.format(what), kept.listings, "", tuple(kept.refused), told=False)


def _archive(body: Body, name: str, of: str) -> Read:
    """Read a spreadsheet, or the XML files of an archive."""
    parts = dict(members(body, name))
    if any(part.startswith(SHEETS) for part in parts):
        return _table(of, name, lambda table: read_xlsx(parts, name, table))
    if "content.xml" in parts:
        return _table(of, name, lambda table: read_ods(parts["content.xml"], name, table))
    wanted = [(part, opened) for part, opened in parts.items() if part.lower().endswith(".xml")]
    reads = [_opened(opened, f"{name}, {part}", of) for part, opened in wanted]
    if not reads:
        raise InputError(f"{name}: the archive holds no XML file")
    return Read(
        f"archive of {reads[0].form}",
        tuple(dict.fromkeys(listing for read in reads for listing in read.listings)),
        max(read.published for read in reads),
        tuple(word for read in reads for word in read.refused),
        told=all(read.told for read in reads),
        ended=tuple(dict.fromkeys(listing for read in reads for listing in read.ended)),
    )


def _opened(opened: Open, name: str, of: str) -> Read:
    with opened() as body:
        return _xml(body, name, of)


def _table(of: str, name: str, tell: Callable[[Table], object]) -> Read:
    """Read a spreadsheet by its publisher's headings, or else its cells."""
    if of in _TABLES:
        table = _TABLES[of](name)
        tell(table)
        if table.count:
            return _of_table(table)
    cells = Cells()
    tell(cells)
    return _untold(cells.kept, "cell of a spreadsheet")


def _of_table(table: EntriesTable) -> Read:
    table.finish()
    return Read(table.FORM, table.listings, table.published, tuple(table.refused))


def _xml(body: Body, name: str, of: str) -> Read:
    root = _Root(name, of)
    parse(body, name, root)
    match root.inner:
        case AdvancedXml() as inner:
            return Read("OFAC advanced XML", inner.listings, inner.published, ended=inner.ended)
        case SdnXml() as inner:
            return Read("OFAC SDN.XML", inner.listings, inner.published)
        case EntriesXml() as inner if inner.count:
            refused = tuple(inner.refused | inner.outside.refused)
            return Read(inner.FORM, inner.listings, inner.published, refused, ended=tuple(inner.ended))
        case EntriesXml() as inner:
            kept = Kept()
            kept.found = {one.account: one for one in inner.listings}
            kept.refused = inner.outside.refused
            return replace(_untold(kept, "text of an XML file"), published=inner.published)
        case Anywhere() as inner:
            return _untold(inner.kept, "text of an XML file")
        case _:
            raise InputError(f"{name}: holds no element at all")


class _Root:
    """Hears a document's first element, and hands over to who knows it."""

    def __init__(self, name: str, of: str) -> None:
        self._name = name
        self._of = of
        self.inner: AdvancedXml | SdnXml | EntriesXml | Anywhere | None = None

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if self.inner is None:
            self.inner = self._by(name)
        self.inner.begin(name, attributes)

    def _by(self, root: str) -> AdvancedXml | SdnXml | EntriesXml | Anywhere:
        whose, heard = _ROOTS.get(root, ("", None))
        whose = "ofac" if root in ("Sanctions", "sdnList") else whose
        if whose and self._of not in ("", "other", whose):
            raise InputError(f"{self._name}: is a list of {whose}, not of {self._of}: say --list {whose}")
        heard = heard or _HEARD.get(self._of)
        if whose == "ofac":
            return AdvancedXml(self._name) if root == "Sanctions" else SdnXml(self._name)
        return heard(self._name) if heard is not None else Anywhere()

    def end(self, name: str, text: str) -> None:
        assert self.inner is not None  # noqa: S101  an end follows a beginning
        self.inner.end(name, text)


def _page(body: Body, name: str, of: str) -> Read:
    """Read a web page: an announcement, or a page of orders; else the addresses in its source."""
    found: Read | None = None
    if of == "fbi":
        heard = Announcement()
        page = Page(heard.told)
        if read_page(body, name, page):
            found = _of_announcement(heard, page.canonical)
    elif of in _TABLES:
        table = _TABLES[of](name)
        whole = read_page(body, name, Page(table.line, table))
        found = _of_table(table) if whole and table.count else None
    body.seek(0)
    kept = searched(body, name)
    if found is None:
        return _untold(kept, "line of a web page")
    bound = {one.account for one in found.listings}
    loose = (replace(one, basis=TEXT) for one in kept.listings if one.account not in bound)
    return replace(found, listings=(*found.listings, *loose))


def _of_announcement(heard: Announcement, canonical: str = "") -> Read | None:
    if not heard.whole(canonical):
        return None
    entry = heard.entry
    return Read(heard.FORM, tuple(entry.listings()), heard.published, tuple(entry.refused))


def _text(body: Body, name: str, of: str) -> Read:
    """Read plain text, CSV or JSON."""
    found: Read | None = None
    for delimiter in _DELIMITERS if of in _TABLES else "":
        table = _TABLES[of](name)
        other = _OTHER_LETTERS.get(of, "cp1252")
        if read_csv(body, name, table, delimiter=delimiter, other=other) and table.count:
            return _of_table(table)
        body.seek(0)
    if of == "fbi":
        heard = Announcement()
        for line in lines(body, name):
            heard.told(line.strip(), "")
        found = _of_announcement(heard)
    elif of == "nbctf":
        found = _orders(body, name)
    body.seek(0)
    return found or _untold(searched(body, name), "line of a text")


def _orders(body: Body, name: str) -> Read | None:
    orders = orders_in(lines(body, name))
    body.seek(0)
    if not orders:
        return None
    entries = read_order(lines(body, name), orders)
    bound = {account for entry in entries[:-1] for account in entry.found}
    listings = [one for entry in entries for one in entry.listings() if entry.id or one.account not in bound]
    refused = tuple({word: None for entry in entries for word in entry.refused})
    return Read("NBCTF seizure orders, text", tuple(listings), "", refused)
