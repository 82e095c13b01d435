"""A list as a table, row by row: its headings say what a row is, and the row's addresses are its entry's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flowtrace.errors import InputError
from flowtrace.labels.lists.entry import TEXT, Entry, place
from flowtrace.labels.lists.hits import told
from flowtrace.labels.lists.listing import Listing
from flowtrace.labels.untrusted import one_line

_MOST_ENTRIES = 100_000
_LONGEST_ID = 60


def folded(heading: str) -> str:
    """Return a heading without what differs from one edition of a list to the next.

    >>> folded(" Name 6 "), folded("告示 番号")
    ('name6', '告示番号')
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", heading).lower()))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by folded heading, and the headings as they are written."""

    cells: dict[str, str]
    headings: dict[str, str]

    def said(self, *headings: str) -> str:
        """Return the cell under the first of these headings that has one."""
        return next((one for one in (self.cells.get(heading, "") for heading in headings) if one), "")

    def like(self, *parts: str) -> str:
        """Return the first cell whose heading holds one of these words."""
        found = (cell for heading, cell in self.cells.items() if any(part in heading for part in parts))
        return next(filter(None, found), "")


class EntriesTable:
    """Hears a list's rows; each publisher's form is a class of its own.

    Entries are held by their ids until the end, for a name may stand rows away from the address.
    """

    FORM: ClassVar[str]
    NEEDS: ClassVar[frozenset[str]]
    FIELDS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str) -> None:
        self._name = name
        self.published = ""
        self.title = ""
        self.count = 0
        self.outside = Entry()
        self.headings: dict[str, str] = {}
        self._order: list[str] = []
        self._entries: dict[str, Entry] = {}
        self._single: list[Entry] = []

    def sheet(self, title: str) -> None:
        """A sheet, or a table of a page, begins: it has headings of its own."""
        self.title, self._order, self.headings = one_line(title), [], {}

    def take(self, cells: Sequence[str]) -> None:
        """Take in one row."""
        order = [folded(cell) for cell in cells]
        if self.is_heading(order):
            self._order = order
            self.headings = dict(zip(order, map(one_line, cells), strict=True))
        elif self._order:
            self.row(Row(self._by_heading(cells), self.headings))
        else:
            self.preamble(cells)
            for cell in cells:
                self.outside.search(cell, TEXT)

    def _by_heading(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the cells by heading; what stands under none, or under the same again, is not lost."""
        found: dict[str, str] = {}
        for number, cell in enumerate(cells):
            heading = self._order[number] if number < len(self._order) else ""
            found[heading] = f"{found[heading]}\n{cell}" if found.get(heading) else cell
        return found

    def is_heading(self, order: Sequence[str]) -> bool:
        """Tell whether a row is that of the headings."""
        return set(order) >= self.NEEDS

    def entry_of(self, key: str) -> Entry:
        """Return the entry of this id; a row without one stands for itself."""
        key = one_line(key)[:_LONGEST_ID]
        if not key:
            return self.single(key)
        if key not in self._entries:
            self._entries[key] = self.single(key)
        return self._entries[key]

    def single(self, key: str) -> Entry:
        """Return a new entry of this id, whatever others have it."""
        self.count += 1
        if self.count > _MOST_ENTRIES:
            raise InputError(f"{self._name}: more than {_MOST_ENTRIES} entries, as no official list has")
        entry = Entry(one_line(key)[:_LONGEST_ID])
        self._single.append(entry)
        return entry

    def search(self, entry: Entry, row: Row) -> None:
        """Search all cells of a row for the entry's addresses; a field's words are taken as they are."""
        for heading, cell in row.cells.items():
            if not cell:
                continue
            basis = place(row.headings.get(heading) or "no heading", ())
            if heading in self.FIELDS or any(heading.startswith(one) for one in self.FIELDS):
                basis = place(row.headings[heading], (row.headings[heading],))
                entry.keep(told(cell, self.ticker(row)), basis)
            else:
                entry.search(cell, basis)

    def ticker(self, row: Row) -> str:
        """Return what a row says its address is of."""
        del row
        return ""

    def line(self, text: str, _tag: str = "") -> None:
        """Hear of a line of a page outside its tables."""
        self.outside.search(text, TEXT)

    def preamble(self, cells: Sequence[str]) -> None:
        """Hear of a row above the headings: the day of the list, or a title."""

    def row(self, row: Row) -> None:
        """Hear of a row below the headings."""
        raise NotImplementedError

    def finish(self) -> None:
        """Make the entries whole, for the list has ended."""

    @property
    def listings(self) -> tuple[Listing, ...]:
        """All addresses, entry by entry; last those that stand in none."""
        found = dict.fromkeys(self._bound())
        bound = {one.account for one in found}
        return (*found, *(one for one in self.outside.listings() if one.account not in bound))

    def _bound(self) -> Iterator[Listing]:
        for entry in self._single:
            yield from entry.listings()

    @property
    def refused(self) -> dict[str, None]:
        """Words that have the form of an address, but a wrong checksum."""
        return {word: None for entry in (*self._single, self.outside) for word in entry.refused}
