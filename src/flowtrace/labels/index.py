"""An index of label files too large to load: one SQLite file, sorted by address, read by one query.

It is derived: it can be made again from the files it was made of, whose names and hashes it holds.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self
from urllib.parse import quote

from flowtrace.errors import InputError
from flowtrace.model import Address, Category, Entity, Label, Use

FORMAT = 1
_SCHEMA = (
    "CREATE TABLE said (account, chain, words, PRIMARY KEY (account,chain,words))WITHOUT ROWID",
    "CREATE TABLE actor (id TEXT PRIMARY KEY, name TEXT, category TEXT, uri TEXT) WITHOUT ROWID",
    "CREATE TABLE file (sha256 TEXT PRIMARY KEY, name TEXT, labels INTEGER)",
    f"PRAGMA user_version = {FORMAT}",
)
_AT_ONCE = 10_000
_MAPPED = 1 << 30  # bytes that are read without a call to the system for each page
_LOOK_UP = "SELECT words FROM said WHERE account = ? AND chain = ?"


@dataclass(frozen=True, slots=True)
class Indexed:
    """A file that was taken in: its name and SHA-256, and how many labels it gave.

    ``again`` says that it was there already, and stays as it was taken in then.
    """

    name: str
    sha256: str
    labels: int
    again: bool = field(default=False, compare=False)


class LabelIndex:
    """Labels by address; use it as a context manager.

    Raises
    ------
    InputError
        If the file is missing and may not be made, is damaged, or of a newer format.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        if readonly and not path.is_file():
            raise InputError(f"{path} is missing: flowtrace labels add makes it")
        self.path = path
        mode = "?mode=ro" if readonly else ""
        try:
            self._db = sqlite3.connect(f"file:{quote(str(path))}{mode}", uri=True, isolation_level=None)
            self._prepare()
            weakref.finalize(self, self._db.close)
        except sqlite3.Error as fault:
            raise InputError(f"{path}: is no index of labels ({fault}): remove it, add again") from None

    def _prepare(self) -> None:
        self._db.execute(f"PRAGMA mmap_size = {_MAPPED}")
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > FORMAT:
            raise InputError(f"{self.path} is of format {version}: upgrade flowtrace")
        if version == 0:
            for statement in _SCHEMA:
                self._db.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, name: str, data: bytes, labels: Iterable[Label]) -> Indexed:
        """Take the labels of a file in, all or none; one that is there already is not taken in twice."""
        digest = hashlib.sha256(data).hexdigest()
        if held := next((one for one in self.files() if one.sha256 == digest), None):
            return replace(held, again=True)
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:  # commits, or rolls back whatever ends it
            count = self._insert(labels)
            self._db.execute("INSERT INTO file VALUES (?, ?, ?)", (digest, name, count))
        return Indexed(name, digest, count)

    def _insert(self, labels: Iterable[Label]) -> int:
        count, waiting, actors = 0, [], dict[str, tuple[str, str, str, str]]()
        for label in labels:
            waiting.append((label.address.account, label.address.chain_id, _words(label)))
            if label.entity:
                one = label.entity
                actors[one.id] = (one.id, one.name, one.category.value, one.uri)
            count += 1
            if len(waiting) == _AT_ONCE:
                self._write(waiting)
                waiting = []
        self._write(waiting)
        self._db.executemany("INSERT OR IGNORE INTO actor VALUES (?, ?, ?, ?)", actors.values())
        return count

    def _write(self, rows: list[tuple[str, str, str]]) -> None:
        self._db.executemany("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", sorted(rows))

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return the labels of an address."""
        rows = self._db.execute(_LOOK_UP, (address.account, address.chain_id))
        return tuple(_label(address, words) for (words,) in rows)

    def actor(self, name: str) -> Entity | None:
        """Return the actor of this id."""
        row = self._db.execute("SELECT * FROM actor WHERE id = ?", (name,)).fetchone()
        return None if row is None else Entity(row[0], row[1], Category(row[2]), row[3])

    def files(self) -> list[Indexed]:
        """Return the files that were taken in, by name."""
        rows = self._db.execute("SELECT name, sha256, labels FROM file ORDER BY name, sha256")
        return [Indexed(*row) for row in rows]

    def __iter__(self) -> Iterator[Label]:
        rows = self._db.execute("SELECT chain, account, words FROM said ORDER BY account, chain, words")
        return (_label(Address(chain, account), words) for chain, account, words in rows)

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM said").fetchone()[0])

    @property
    def digest(self) -> str:
        """SHA-256 over the hashes of the files it was made of, whatever order they came in."""
        return hashlib.sha256("\n".join(sorted(one.sha256 for one in self.files())).encode()).hexdigest()


def _words(label: Label) -> str:
    one = label.entity
    actor = [one.id, one.name, one.category.value, one.uri] if one else None
    said = [label.text, label.category.value, label.use.value, actor, label.source, label.confidence]
    return json.dumps([*said, label.date, label.asserted, label.licence], ensure_ascii=False)


def _label(address: Address, words: str) -> Label:
    text, category, use, actor, source, confidence, date, asserted, licence = json.loads(words)
    entity = Entity(actor[0], actor[1], Category(actor[2]), actor[3]) if actor else None
    kind = (text, Category(category), Use(use), entity)
    return Label(address, *kind, source, confidence, date, asserted, licence)
