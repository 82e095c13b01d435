"""A file whose entries cannot be told: the addresses in its texts, each with the place where it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from flowtrace.labels.lists.entry import TEXT
from flowtrace.labels.lists.hits import hits
from flowtrace.labels.lists.listing import Listing
from flowtrace.labels.lists.pages import lines
from flowtrace.labels.lists.stream import Body
from flowtrace.labels.untrusted import one_line

_LONGEST_PLACE = 160


class Kept:
    """Addresses found in texts, each with the text it stood in; the first place of each counts."""

    def __init__(self) -> None:
        self.found: dict[str, Listing] = {}
        self.refused: dict[str, None] = {}

    @property
    def listings(self) -> tuple[Listing, ...]:
        """All addresses, in the order in which they were found."""
        return tuple(self.found.values())

    def take(self, text: str, where: str, around: str) -> None:
        """Keep the addresses of a text."""
        for hit in hits(text):
            if not hit.account:
                self.refused[one_line(hit.written)] = None
            elif hit.account not in self.found:
                basis = one_line(f"{TEXT}, {where}: {around}", _LONGEST_PLACE)
                self.found[hit.account] = Listing(hit.account, hit.written, one_line(hit.ticker), basis=basis)


class Anywhere:
    """Hears any XML: the texts of its elements and attributes."""

    def __init__(self) -> None:
        self.kept = Kept()
        self._number = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._number += 1
        for text in attributes.values():
            self.kept.take(text, f"element {self._number} <{one_line(name, 40)}>", text)

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self.kept.take(text, f"element {self._number} <{one_line(name, 40)}>", text)


class Cells:
    """Hears any spreadsheet: the texts of its cells."""

    def __init__(self) -> None:
        self.kept = Kept()
        self._title = ""
        self._number = 0

    def sheet(self, title: str) -> None:
        """A sheet begins."""
        self._title, self._number = one_line(title, 40), 0

    def take(self, cells: list[str]) -> None:
        """A row."""
        self._number += 1
        for cell in cells:
            self.kept.take(cell, f"sheet {self._title}, row {self._number}", " ".join(cells))


def searched(body: Body, name: str) -> Kept:
    """Search plain text, CSV, JSON or the source of a web page, line by line."""
    kept = Kept()
    for number, line in enumerate(lines(body, name), start=1):
        for cell in _cells(line) if name.lower().endswith(".csv") else (line,):
            kept.take(cell, f"line {number}", line)
    return kept


def _cells(line: str) -> Iterator[str]:
    try:
        yield from next(csv.reader(io.StringIO(line)), [])
    except csv.Error:
        yield line
