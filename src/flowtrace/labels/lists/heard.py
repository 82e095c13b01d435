"""A list in XML, entry by entry: what stands between an entry's tags is the entry's, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from flowtrace.errors import InputError
from flowtrace.labels.lists.entry import TEXT, Entry, place
from flowtrace.labels.lists.listing import Listing

_LONGEST_ID = 60
_MOST_ENTRIES = 1_000_000


class EntriesXml:
    """Hears a list whose entries are elements of one name; each publisher's form is a class of its own.

    Only the entry at hand is held. Its addresses are searched for in every text and attribute of it, so that
    one in a place that nobody expected is bound to it all the same. One that stands in no entry is kept too,
    and says so.
    """

    FORM: ClassVar[str]
    ENTRIES: ClassVar[frozenset[str]]
    FIELDS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str) -> None:
        self._name = name
        self.path: list[str] = []
        self.entry: Entry | None = None
        self.key = ""
        self.outside = Entry()
        self.published = ""
        self.count = 0
        self.ended: dict[Listing, None] = {}
        self.refused: dict[str, None] = {}
        self._held: dict[Listing, None] = {}
        self._depth = 0
        self._seen: set[str] = set()

    @property
    def listings(self) -> tuple[Listing, ...]:
        """All addresses of entries that hold, in the order of the file; last those of no entry."""
        bound = {one.account for one in self._held}
        loose = (one for one in self.outside.listings() if one.account not in bound)
        return (*self._held, *loose)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self.path.append(name)
        if self.entry is None and name in self.ENTRIES:
            self.entry, self.key, self._depth = Entry(), "", len(self.path)
        if self.entry is None:
            self.head(name, attributes, "")
        else:
            self.noted(self.entry, name, attributes)
        into = self.outside if self.entry is None else self.entry
        for attribute, text in attributes.items():
            into.search(text, TEXT if self.entry is None else place(f"{name}/{attribute}", self.FIELDS))

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self.path.pop()
        text = text.strip()
        if self.entry is None:
            self.head(name, {}, text)
            self.outside.search(text, TEXT)
            return
        if text:
            self.said(self.entry, (self.path[-1] if self.path else "", name), text)
            self.entry.search(text, place(name, self.FIELDS))
        if len(self.path) < self._depth:
            self._close(self.entry)

    def direct(self) -> bool:
        """Tell whether what ends stands right within the entry."""
        return len(self.path) == self._depth

    def _close(self, entry: Entry) -> None:
        self.closed(entry)
        key = self.key or entry.id
        if key and key in self._seen:
            what = f"two entries have the id {key[:40]!r}"
            raise InputError(f"{self._name}: {what}: whose an address is cannot be told, it is not read")
        self._seen.add(key)
        entry.id = (entry.id or key)[:_LONGEST_ID]
        self.count += 1
        if self.count > _MOST_ENTRIES:
            raise InputError(f"{self._name}: more than {_MOST_ENTRIES} entries, as no official list has")
        self.refused |= entry.refused
        into = self.ended if self.gone(entry) else self._held
        into |= dict.fromkeys(entry.listings())
        self.entry = None

    def head(self, name: str, attributes: Mapping[str, str], text: str) -> None:
        """Hear of what stands outside all entries: the day of the list."""

    def noted(self, entry: Entry, name: str, attributes: Mapping[str, str]) -> None:
        """Hear of an element's attributes within an entry."""

    def said(self, entry: Entry, where: tuple[str, str], text: str) -> None:
        """Hear of an element's text within an entry: (name of the element above, its own name)."""

    def closed(self, entry: Entry) -> None:
        """Make an entry whole, for it has ended."""

    def gone(self, entry: Entry) -> bool:
        """Tell whether an entry is one that the list itself says has ended."""
        return bool(entry.unlisted_on)
