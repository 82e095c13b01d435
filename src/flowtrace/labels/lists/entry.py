"""One entry of a list while it is read: who it is, and the addresses that stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from flowtrace.labels.lists.hits import Hit, hits
from flowtrace.labels.lists.listing import Listing
from flowtrace.labels.untrusted import one_line

FIELD, REMARKS, TEXT = "field", "remarks", "text"
_MOST_NAMES = 20
_LONGEST_NAMES = 400
_MEANT = ("wallet", "crypto", "virtualcurrency", "digitalcurrency", "virtualasset")


def place(name: str, fields: Iterable[str] = ()) -> str:
    """Return the basis that a named place gives: a field where it is meant for identifiers, else remarks.

    >>> place("OtherInformation"), place("Crypto wallet")
    ('remarks OtherInformation', 'field Crypto wallet')
    """
    meant = name in fields or any(one in name.lower().replace(" ", "") for one in _MEANT)
    return f"{FIELD if meant else REMARKS} {one_line(name, 60)}"


@dataclass
class Entry:
    """What is known of an entry so far; texts are made plain when they are taken in."""

    id: str = ""
    name: str = ""
    others: dict[str, None] = field(default_factory=dict)
    programmes: dict[str, None] = field(default_factory=dict)
    listed_on: str = ""
    unlisted_on: str = ""
    found: dict[str, tuple[Hit, str]] = field(default_factory=dict)
    refused: dict[str, None] = field(default_factory=dict)

    def call(self, name: str, *, first: bool = False) -> None:
        """Take in a name; the first that is primary is the entry's, all others stand beside it."""
        name = one_line(name)
        if not name or name == self.name:
            return
        if self.name and not first:
            self._beside(name)
            return
        if self.name:
            self._beside(self.name)
        self.name = name
        self.others.pop(name, None)

    def _beside(self, name: str) -> None:
        if len(self.others) < _MOST_NAMES:
            self.others[name] = None

    def under(self, programme: str) -> None:
        """Take in a programme or regime."""
        programme = one_line(programme)
        if programme and len(self.programmes) < _MOST_NAMES:
            self.programmes[programme] = None

    def search(self, text: str, basis: str) -> None:
        """Keep the addresses of a text that stands in the entry."""
        self.keep(hits(text), basis)

    def keep(self, found: Iterable[Hit], basis: str) -> None:
        """Keep addresses; where one stands twice, a field counts before remarks, and a ticker before none."""
        for hit in found:
            if not hit.account:
                self.refused[one_line(hit.written)] = None
                continue
            held = self.found.get(hit.account)
            if held is None or _rank(hit, basis) > _rank(*held):
                self.found[hit.account] = (hit, basis)

    def listings(self) -> Iterator[Listing]:
        """Yield the entry's addresses, in order."""
        programmes = one_line("; ".join(self.programmes))
        also = one_line("; ".join(islice(self.others, _MOST_NAMES)), _LONGEST_NAMES)
        for account, (hit, basis) in self.found.items():
            yield Listing(
                account, one_line(hit.written), one_line(hit.ticker), self.id, self.name, programmes,
                self.listed_on, also, self.unlisted_on, basis,
            )  # fmt: skip


def _rank(hit: Hit, basis: str) -> tuple[bool, bool]:
    return basis.startswith(FIELD), bool(hit.ticker)
