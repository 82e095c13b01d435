"""The lists that are held in a folder as labels, looked up by address.

So the lists that a case holds are told wherever labels are: in its report, its figure and its exports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from flowtrace.labels.found import accounts_of
from flowtrace.labels.lists.screen import Match, Word
from flowtrace.labels.lists.snapshots import TRUTH, Snapshots
from flowtrace.labels.untrusted import one_line
from flowtrace.model import Address, Category, Entity, Label, Use

_OFFICIAL = "authority_data"
_LONGEST = 160
_TITLES = {
    "ofac": "OFAC SDN list", "fbi": "FBI announcement", "un": "UN sanctions list", "eu": "EU sanctions list",
    "uk": "UK sanctions list", "dfat": "DFAT sanctions list", "mof": "Japan's MOF sanctions list",
    "nbctf": "NBCTF seizure order",
}  # fmt: skip


class ListShelf:
    """The lists of public bodies that a folder holds.

    It is looked up and not listed: as a whole a list is kept as it came, and not written out as labels.

    Parameters
    ----------
    folder
        Where the snapshots are.
    """

    def __init__(self, folder: Path) -> None:
        self._held: dict[str, list[Match]] = {}
        self._gaps: set[tuple[str, str, str]] = set()
        with Snapshots(folder) as snapshots:
            every = snapshots.all()
            days = sorted({one.day for one in every})
            told = json.dumps([[one.list, one.day, one.sha256] for one in every])
            for match in snapshots.matches(sorted(snapshots.accounts()), days[-1]) if days else ():
                self._held.setdefault(match.account, []).append(match)
                between = [day for day in days if match.first_seen < day < match.last_seen]
                if any(_is_gone(snapshots, match, day) for day in between):
                    self._gaps.add(_key(match))
        self._digest = hashlib.sha256(told.encode()).hexdigest()

    @property
    def digest(self) -> str:
        """SHA-256 over list, day and hash of every snapshot."""
        return self._digest

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return a label for every entry of a public body's list that holds or held an address."""
        found = (match for name in accounts_of(address) for match in self._held.get(name, ()))
        return tuple(
            self._label(address, match) for match in found if match.list in _TITLES and match.first_seen
        )

    def actor(self, name: str) -> Entity | None:  # noqa: ARG002  a shelf answers it
        """Return nothing: a list's entry is no actor of the labels."""
        return None

    def __iter__(self) -> Iterator[Label]:
        """Yield nothing."""
        return iter(())

    def __len__(self) -> int:
        return 0

    def _label(self, address: Address, match: Match) -> Label:
        seen = f"snapshots of {match.first_seen} to {match.last_seen}"
        seen += ", with gaps" if _key(match) in self._gaps else ""
        seen += f", gone by {match.gone_by}" if match.gone_by else ""
        days = f"; entry listed on {match.listed_on}" if match.listed_on else ""
        days += f"; entry until {match.unlisted_on}" if match.unlisted_on else ""
        # What the publisher wrote comes last, where it cannot be taken for the words before it.
        who = one_line(f"; entry {match.entry}; {match.programme}", _LONGEST) if match.entry else ""
        return Label(
            address=address,
            text=one_line(f"{_TITLES[match.list]}: {match.name or 'no name told'}", _LONGEST),
            category=Category.OTHER,
            use=Use.UNSPECIFIED,
            entity=None,
            source=f"list {match.list}, {seen}{days}; sha256 {match.sha256[:16]}…{who}",
            confidence=_OFFICIAL,
            date=match.last_seen,
        )


def _key(match: Match) -> tuple[str, str, str]:
    return match.list, match.entry, match.account


def _is_gone(snapshots: Snapshots, match: Match, day: str) -> bool:
    again = (one for one in snapshots.matches([match.account], day) if _key(one) == _key(match))
    return any(one.word is Word.NOT_LISTED for one in again)


def list_shelf(folder: Path) -> tuple[ListShelf, ...]:
    """Return the lists that a folder holds, if it holds any."""
    return (ListShelf(folder),) if (folder / TRUTH).is_file() else ()
