"""A list's file as listings: OFAC's forms by their fields, any other by the addresses its texts hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from flowtrace.errors import InputError
from flowtrace.labels.found import found_in
from flowtrace.labels.lists.listing import Listing
from flowtrace.labels.lists.ofac import AdvancedXml, SdnXml
from flowtrace.labels.lists.stream import Body, chunks, members, parse
from flowtrace.labels.untrusted import one_line

_ZIP = b"PK\x03\x04"
_START = 4096
_LONGEST_LINE = 1 << 20


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
    """

    form: str
    listings: tuple[Listing, ...]
    published: str = ""
    refused: tuple[str, ...] = ()


def read_list(body: Body, name: str) -> Read:
    """Read a list's file, whatever its form.

    Raises
    ------
    InputError
        If it is hostile, broken, or no text.
    """
    start = body.read(_START)
    body.seek(0)
    if start.startswith(_ZIP):
        return _archive(body, name)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<html" not in start.lower():
        return _xml(body, name)
    return _texts(body, name)


def _archive(body: Body, name: str) -> Read:
    """Read the XML files of an archive: OFAC's own, or the parts of a spreadsheet."""
    reads = [_xml(open_it(), f"{name}, {member}") for member, open_it in _xml_members(body, name)]
    if not reads:
        raise InputError(f"{name}: the archive holds no XML file")
    whole = [listing for read in reads for listing in read.listings]
    refused = [word for read in reads for word in read.refused]
    published = max(read.published for read in reads)
    return Read(f"archive of {reads[0].form}", tuple(dict.fromkeys(whole)), published, tuple(refused))


def _xml_members(body: Body, name: str) -> Iterator[tuple[str, Callable[[], Body]]]:
    return (one for one in members(body, name) if one[0].lower().endswith(".xml"))


def _xml(body: Body, name: str) -> Read:
    root = _Root(name)
    parse(body, name, root)
    inner = root.inner
    if isinstance(inner, AdvancedXml):
        return Read("OFAC advanced XML", inner.listings, inner.published)
    if isinstance(inner, SdnXml):
        return Read("OFAC SDN.XML", inner.listings, inner.published)
    every = cast("_Anywhere", inner).kept
    return Read("addresses in any text of an XML file", tuple(every.listings), "", tuple(every.refused))


class _Root:
    """Hears a document's first element, and hands over to who knows it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.inner: AdvancedXml | SdnXml | _Anywhere | None = None

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if self.inner is None:
            self.inner = self._of(name)
        self.inner.begin(name, attributes)

    def _of(self, name: str) -> AdvancedXml | SdnXml | _Anywhere:
        match name:
            case "Sanctions":
                return AdvancedXml(self._name)
            case "sdnList":
                return SdnXml(self._name)
            case _:
                return _Anywhere()

    def end(self, name: str, text: str) -> None:
        assert self.inner is not None  # noqa: S101  an end follows a beginning
        self.inner.end(name, text)


class _Kept:
    """Addresses found in texts, each with the text it stood in."""

    def __init__(self) -> None:
        self.listings: dict[Listing, None] = {}
        self.refused: dict[str, None] = {}
        self._seen: set[str] = set()

    def take(self, text: str, where: str, around: str) -> None:
        """Keep the addresses of a text; the first place of each counts."""
        for word, address in found_in(text):
            if address is None:
                self.refused[one_line(word)] = None
            elif address.account not in self._seen:
                self._seen.add(address.account)
                self.listings[Listing(address.account, word, "", where, one_line(around))] = None


class _Anywhere:
    """Hears any XML: the texts of its elements and attributes."""

    def __init__(self) -> None:
        self.kept = _Kept()
        self._number = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._number += 1
        for text in attributes.values():
            self.kept.take(text, f"element {self._number} <{one_line(name, 40)}>", text)

    def end(self, name: str, text: str) -> None:
        self.kept.take(text, f"element {self._number} <{one_line(name, 40)}>", text)


def _texts(body: Body, name: str) -> Read:
    """Read plain text, CSV, JSON or a web page, line by line."""
    kept = _Kept()
    for number, line in enumerate(_lines(body, name), start=1):
        for cell in _cells(line) if name.lower().endswith(".csv") else (line,):
            kept.take(cell, f"line {number}", line)
    return Read("addresses in any line of a text", tuple(kept.listings), "", tuple(kept.refused))


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line)), [])
    except csv.Error:
        return [line]


def _lines(body: Body, name: str) -> Iterator[str]:
    rest = b""
    for chunk in chunks(body, name):
        if b"\0" in chunk:
            raise InputError(f"{name}: is no text: save it as CSV, XML or plain text")
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            raise InputError(f"{name}: holds a line longer than {_LONGEST_LINE} bytes: it is not read")
        yield from (line.decode(errors="replace") for line in lines)
    yield rest.decode(errors="replace")
