"""Every snapshot of every list, kept as evidence and never forgotten; and what they say of an address.

``lists.sqlite`` is the truth: the bytes as they came, by SHA-256, and the hash-chained log of what was
taken in, as in a case. ``screening.sqlite`` is derived from it, may be removed, and is made again.
"""

from __future__ import annotations

import io
import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.labels.lists.homes import HOMES
from flowtrace.labels.lists.read import Read, read_list
from flowtrace.labels.lists.screen import Match, Word, chain_of, on_day
from flowtrace.model import Answer, Evidence, Request

TRUTH, DERIVED = "lists.sqlite", "screening.sqlite"
_EVENT = "snapshot"
_FORMAT = 2
_COLUMNS = (
    "ticker", "written", "entry", "name", "programme", "listed_on", "also", "unlisted_on", "basis",
)  # fmt: skip
_SCHEMA = (
    (
        "CREATE TABLE snapshot"
        " (seq INTEGER PRIMARY KEY, list, day, name, sha256, form, addresses, refused, told)"
    ),
    f"CREATE TABLE listing (account TEXT, seq INTEGER, held INTEGER, {', '.join(_COLUMNS)})",
    "CREATE INDEX by_account ON listing (account)",
    f"PRAGMA user_version = {_FORMAT}",
)
_LISTINGS = (
    "SELECT listing.*, snapshot.list, snapshot.day, snapshot.sha256 FROM listing JOIN snapshot USING (seq)"
    " WHERE account = ? ORDER BY list, entry, day, seq"
)
_HALVED = "; that snapshot has lost more than half of its addresses: check it before you rely on this"
_UNREAD = "not read any more"
_FEWER = 2  # a list that has lost more than one in so many addresses has changed its form, not its mind


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One list as it was on a day.

    Attributes
    ----------
    seq
        The number of its entry in the custody log.
    form
        What it was read as.
    addresses, refused
        How many addresses it holds, and words with the form of one but a wrong checksum.
    told
        Whether its entries could be told.
    """

    seq: int
    list: str
    day: str
    name: str
    sha256: str
    form: str
    addresses: int
    refused: int
    told: bool = True


class Snapshots:
    """The lists that are held in a folder; use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"no lists can be kept in {folder}: {error.strerror}") from None
        self.store = EvidenceStore(folder / TRUTH)
        self._db = self._derived(folder / DERIVED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self.store.close()

    def _derived(self, path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, isolation_level=None)
        with suppress(sqlite3.DatabaseError):
            if db.execute("PRAGMA user_version").fetchone()[0] == _FORMAT:
                return self._caught_up(db)
        db.close()
        path.unlink(missing_ok=True)
        db = sqlite3.connect(path, isolation_level=None)
        for statement in _SCHEMA:
            db.execute(statement)
        return self._caught_up(db)

    def _caught_up(self, db: sqlite3.Connection) -> sqlite3.Connection:
        """Read the snapshots that are kept and not derived yet."""
        there = {seq for (seq,) in db.execute("SELECT seq FROM snapshot")}
        for entry in self.store.noted(_EVENT):
            if entry["seq"] not in there:
                kept = next(one for one in self.store.items() if one.number == entry["evidence"])
                read = _read_again(self.store.body(kept), entry["name"], entry["list"])
                _derive(db, _snapshot(entry, kept.sha256, read), read)
        return db

    def add(self, name: str, body: bytes, *, of: str, day: str = "", url: str = "") -> Snapshot:
        """Keep a list's file as it came, then read it; return it as a snapshot.

        Parameters
        ----------
        of
            Which list it is of: one of :data:`HOMES`.
        day
            The day it stands for, ISO 8601; without it, the file's own date.

        Raises
        ------
        InputError
            If there is no such list or day, or the file cannot be read; it is kept, and marked as rejected,
            or if it says no day and none is given.
        """
        check_list(of)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        answer = Answer(Request("GET", url or f"file:{name}"), body, now, of, media="list")
        return self.take(self.store.keep(answer), name, of=of, day=day)

    def take(self, kept: Evidence, name: str, *, of: str, day: str = "") -> Snapshot:
        """Read a list that is kept already; return it as a snapshot.

        Raises
        ------
        InputError
            If the day is none, or the file cannot be read; it is marked as rejected then.
        """
        day = check_day(day)
        try:
            read = read_list(io.BytesIO(self.store.body(kept)), name, of)
            if not read.listings and (HOMES[of].structured or not read.told):
                raise InputError(f"{name}: holds no address at all: it is no whole list of {of}")  # noqa: TRY301
            if day and _after(day) < read.published:
                raise InputError(f"{name}: says that it is of {read.published}, and cannot be of {day}")  # noqa: TRY301
        except InputError as error:
            self.store.note("rejected", evidence=kept.number, why=str(error))
            raise
        day = day or read.published
        if not day:
            raise InputError(f"{name}: does not say of which day it is: give it with --date YYYY-MM-DD")
        same = (one for one in self.all() if (one.list, one.day, one.sha256) == (of, day, kept.sha256))
        if held := next(same, None):
            return held
        self.store.note(_EVENT, list=of, day=day, name=name, evidence=kept.number)
        snapshot = _snapshot(self.store.last(_EVENT), kept.sha256, read)
        _derive(self._db, snapshot, read)
        return snapshot

    def all(self) -> list[Snapshot]:
        """Return every snapshot, by list and day."""
        rows = self._db.execute("SELECT * FROM snapshot ORDER BY list, day, seq")
        return [_row(row) for row in rows]

    def warnings(self, of: Snapshot) -> list[str]:
        """Return what a person must know before a snapshot is relied on, in words."""
        home, said = HOMES[of.list], []
        if not of.told and home.entries:
            why = f"{of.name}: has not the form in which the list {of.list} is published"
            said.append(
                f"{why}: addresses were searched for in its texts, of which entries could not be told"
            )
        before = self._before(of)
        if home.whole and before and _halved([before, of]):
            fewer = f"{of.addresses} addresses, where that of {before.day} held {before.addresses}"
            what = (
                "has the publisher changed the form? It is kept, and counts: check it before you rely on it"
            )
            said.append(f"{of.list} of {of.day} ({of.name}) holds {fewer}: {what}")
        return said

    def changes(self, of: Snapshot) -> tuple[list[str], list[str]]:
        """Return the addresses that came to a list with a snapshot, and those that are gone with it.

        Both are empty for a list's first snapshot, and for announcements: they say nothing of each other.
        """
        before = self._before(of)
        if before is None or not HOMES[of.list].whole:
            return [], []
        now, then = (self._held(one.seq) for one in (of, before))
        return sorted(now - then), sorted(then - now)

    def _before(self, of: Snapshot) -> Snapshot | None:
        held = [one for one in self.all() if one.list == of.list]
        place = held.index(of)
        return held[place - 1] if place else None

    def _held(self, seq: int) -> set[str]:
        rows = self._db.execute("SELECT account FROM listing WHERE seq = ? AND held = 1", (seq,))
        return {account for (account,) in rows}

    def matches(self, accounts: Iterable[str], day: str) -> list[Match]:
        """Return every entry of every list that ever held one of these spellings of an address.

        Parameters
        ----------
        day
            The day that is asked for, ISO 8601.
        """
        snapshots = self.all()
        grouped: dict[tuple[str, str, str], list[_Held]] = {}
        for account in accounts:
            for row in self._db.execute(_LISTINGS, (account,)):
                listing = _Held._make(row)
                grouped.setdefault((listing.list, listing.entry, account), []).append(listing)
        return [
            _match(rows, [one for one in snapshots if one.list == rows[0].list], day)
            for rows in _joined(grouped)
        ]

    def accounts(self) -> set[str]:
        """Return every spelling of an address that any snapshot holds."""
        return {account for (account,) in self._db.execute("SELECT DISTINCT account FROM listing")}


def _row(row: tuple[int, str, str, str, str, str, int, int, int]) -> Snapshot:
    return Snapshot(*row[:8], bool(row[8]))


def _read_again(body: bytes, name: str, of: str) -> Read:
    """Read a list that was read once; where that is no longer done, it is kept, and says nothing."""
    try:
        return read_list(io.BytesIO(body), name, of)
    except InputError as error:
        return Read(f"{_UNREAD} ({error})", (), told=False)


class _Held(NamedTuple):
    """One row of a snapshot's listings, with whose and of when it is."""

    account: str
    seq: int
    held: int
    ticker: str
    written: str
    entry: str
    name: str
    programme: str
    listed_on: str
    also: str
    unlisted_on: str
    basis: str
    list: str
    day: str
    sha256: str


def _derive(db: sqlite3.Connection, snapshot: Snapshot, read: Read) -> None:
    rows = (
        (one.account, snapshot.seq, held, *(getattr(one, column) for column in _COLUMNS))
        for held, listings in ((1, read.listings), (0, read.ended))
        for one in listings
    )
    fields = tuple(getattr(snapshot, name) for name in Snapshot.__slots__)
    db.execute("BEGIN IMMEDIATE")
    db.executemany(f"INSERT INTO listing VALUES ({', '.join('?' * (3 + len(_COLUMNS)))})", rows)  # noqa: S608  marks only
    db.execute(f"INSERT INTO snapshot VALUES ({', '.join('?' * len(fields))})", fields)  # noqa: S608  the same
    db.execute("COMMIT")


def _snapshot(entry: dict[str, object], sha256: str, read: Read) -> Snapshot:
    form = f"{read.form}, {read.loose} of its addresses in no entry" if read.loose else read.form
    said = (str(entry["list"]), str(entry["day"]), str(entry["name"]))
    return Snapshot(
        int(str(entry["seq"])), *said, sha256, form, len(read.listings), len(read.refused), told=read.told
    )


def _joined(grouped: dict[tuple[str, str, str], list[_Held]]) -> Iterator[list[_Held]]:
    """Yield the rows of each entry, with those of snapshots in which no entry could be told.

    Else an address would seem to be gone from one entry, and to have come to another, when only the form of
    the file was another.
    """
    for (of, entry, account), rows in grouped.items():
        untold = grouped.get((of, "", account), []) if entry else []
        told = any(key[0] == of and key[1] and key[2] == account for key in grouped)
        if entry or not told:
            yield sorted((*rows, *untold), key=lambda row: (row.day, row.seq))


def _halved(snapshots: list[Snapshot]) -> set[str]:
    """Return the days of the snapshots that hold less than half of the addresses of the one before."""
    pairs = itertools.pairwise(snapshots)
    return {one.day for before, one in pairs if one.addresses * _FEWER < before.addresses}


def _match(rows: list[_Held], snapshots: list[Snapshot], day: str) -> Match:
    holding = {row.seq for row in rows if row.held}
    whole = HOMES[rows[0].list].whole
    held: dict[str, bool] = {}  # of several snapshots of one day the last taken in counts
    for one in snapshots:
        if one.seq in holding or (whole and not one.form.startswith(_UNREAD)):
            # an announcement says nothing of what is in another
            held[one.day] = one.seq in holding
    latest = rows[-1]
    last = max(rows, key=lambda row: (bool(row.entry), row.day, row.seq))
    days = [row.day for row in rows if row.held]
    word, why = on_day(day, sorted(held.items()), last.listed_on, unlisted_on=last.unlisted_on)
    deciding = max((then for then in held if then <= day), default="")
    if word is Word.NOT_LISTED and why.startswith(f"not in the snapshot of {deciding}"):
        why += _HALVED if whole and deciding in _halved(snapshots) else ""
    return Match(
        account=last.account,
        list=last.list,
        entry=last.entry,
        name=last.name,
        programme=last.programme,
        ticker=last.ticker,
        written=last.written,
        listed_on=last.listed_on,
        first_seen=min(days, default=""),
        last_seen=max(days, default=""),
        gone_by=next((then for then in sorted(held) if days and then > max(days)), ""),
        sha256=latest.sha256,
        day=day,
        word=word,
        why=why,
        also=last.also,
        basis=last.basis,
        unlisted_on=last.unlisted_on,
        chain=chain_of(last.written, last.ticker),
        snapshot=latest.day,
    )


def _after(day: str) -> str:
    """Return the day after: where a publisher dates its file, the day may have begun earlier than here."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def check_list(of: str) -> None:
    """Refuse a list that is not known.

    Raises
    ------
    InputError
        If it is not.
    """
    if of not in HOMES:
        raise InputError(f"unknown list {of!r}: use one of {', '.join(HOMES)}")


def check_day(day: str) -> str:
    """Return a day, if it is one, or nothing.

    Raises
    ------
    InputError
        If it is no day.
    """
    if not day:
        return ""
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        raise InputError(f"{day!r} is no day: write it as YYYY-MM-DD") from None
