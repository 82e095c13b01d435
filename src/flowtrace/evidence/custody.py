"""One SQLite file: bodies under the SHA-256 of their plain bytes, and the hash-chained log of what was done.

Each log entry is canonical JSON that names the hash of the entry before it, so no entry can be changed,
removed or slipped in without every later hash changing. One entry is one transaction: a crash leaves whole
entries only.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import zstandard

from flowtrace.errors import InputError, IntegrityError

FORMAT = 1
GENESIS = "0" * 64
_SCHEMA = (
    "CREATE TABLE body (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE log (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash TEXT NOT NULL)",
)
MAX_BODY = 1 << 30
_PAUSES = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)  # seconds, as long in all as SQLite waits for other locks
_LEVEL = 3  # of zstd: 500 MB/s on such pages; higher levels save a tenth and cost a crawl its speed

Entry = dict[str, Any]


class Custody:
    """Bodies and log of one case; appends only.

    Raises
    ------
    InputError
        If the file is missing and may not be made, of a newer format, or held by another process.
    IntegrityError
        If it is no such file, or damaged.
    """

    def __init__(self, path: Path, *, readonly: bool) -> None:
        if readonly and not path.is_file():
            raise InputError(f"{path} is missing: the case has no evidence")
        self.path = path
        mode = _readonly(path) if readonly else ""
        with _sqlite_errors(path):
            self._db = sqlite3.connect(f"file:{quote(str(path))}{mode}", uri=True, isolation_level=None)
            self._prepare(readonly=readonly)

    def _prepare(self, *, readonly: bool) -> None:
        version = self._version()
        if version > FORMAT:
            raise InputError(
                f"{self.path} is of format {version}; this flowtrace reads up to {FORMAT}: upgrade flowtrace"
            )
        if readonly:
            return
        self._log_ahead()
        self._db.execute("PRAGMA synchronous = FULL")
        if version == 0:
            self._lay_out()

    def _log_ahead(self) -> None:
        """Write ahead; the file alone decides who switches it, and SQLite lets nobody wait for that."""
        for pause in _PAUSES:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                time.sleep(pause)
            else:
                return
        self._db.execute("PRAGMA journal_mode = WAL")

    def _lay_out(self) -> None:
        with self.transaction():
            if self._version() == 0:  # or another process was first
                for statement in (*_SCHEMA, f"PRAGMA user_version = {FORMAT}"):
                    self._db.execute(statement)

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that is done inside, or none of it."""
        with _sqlite_errors(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            with self._db:  # commits, or rolls back whatever ends it
                yield

    def append(self, event: str, fields: Entry) -> Entry:
        """Append an entry, inside a transaction; return it."""
        seq = self._rows("SELECT coalesce(max(seq), 0) + 1 FROM log")[0][0]
        previous = self.head
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"at": at, "event": event, "prev": previous, "seq": seq, **fields}
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False).encode(errors="replace").decode()
        self._db.execute("INSERT INTO log VALUES (?, ?, ?)", (seq, text, chain_hash(previous, text)))
        return entry

    def put(self, body: bytes) -> str:
        """Store a body, inside a transaction, unless it is there; return its SHA-256."""
        digest = hashlib.sha256(body).hexdigest()
        if not self._rows("SELECT 1 FROM body WHERE sha256 = ?", digest):
            packed = zstandard.ZstdCompressor(level=_LEVEL).compress(body)
            self._db.execute("INSERT INTO body VALUES (?, ?)", (digest, packed))
        return digest

    def get(self, digest: str, size: int, name: str) -> bytes:
        """Return a body of that many bytes; ``name`` says in errors whose it is.

        Raises
        ------
        IntegrityError
            If it is gone, or no longer hashes to its name.
        """
        rows = self._rows("SELECT bytes FROM body WHERE sha256 = ?", digest)
        if not rows:
            raise IntegrityError(f"{name}: its bytes are gone")
        try:
            stated = zstandard.frame_content_size(rows[0][0])  # what decompressing would claim as memory
            body = zstandard.decompress(rows[0][0]) if stated == size <= MAX_BODY else b""
        except (zstandard.ZstdError, TypeError) as error:
            raise IntegrityError(f"{name}: its bytes were changed ({error})") from None
        if hashlib.sha256(body).hexdigest() != digest:
            raise IntegrityError(f"{name}: its bytes were changed, they no longer match their SHA-256")
        return body

    def packed(self, digest: str) -> bytes | None:
        """Return a body compressed, as it is kept; None where there is none."""
        rows = self._rows("SELECT bytes FROM body WHERE sha256 = ?", digest)
        return rows[0][0] if rows else None

    def texts(self) -> Iterator[str]:
        """Yield the log entries in order, as they are kept."""
        return (text for (text,) in self._rows("SELECT entry FROM log ORDER BY seq"))

    def fill(self, texts: Iterable[str], bodies: Iterable[tuple[str, bytes]]) -> None:
        """Write a log and compressed bodies into a new file, as they were kept elsewhere."""
        with self.transaction():
            previous = GENESIS
            for seq, text in enumerate(texts, start=1):
                previous = chain_hash(previous, text)
                self._db.execute("INSERT INTO log VALUES (?, ?, ?)", (seq, text, previous))
            for row in bodies:
                self._db.execute("INSERT INTO body VALUES (?, ?)", row)

    def entry(self, seq: int) -> Entry:
        """Return one log entry."""
        found: Entry = json.loads(self._rows("SELECT entry FROM log WHERE seq = ?", seq)[0][0])
        return found

    def entries(self, holding: str = "") -> list[Entry]:
        """Return the log entries in order; with ``holding``, those whose text holds it."""
        sql = "SELECT entry FROM log WHERE instr(entry, ?) ORDER BY seq"
        return [json.loads(row[0]) for row in self._rows(sql, holding)]

    def chain(self) -> list[tuple[Entry, str]]:
        """Return the log entries in order, each with its hash."""
        return [(json.loads(t), h) for t, h in self._rows("SELECT entry, hash FROM log ORDER BY seq")]

    @property
    def head(self) -> str:
        """The hash of the last log entry."""
        rows = self._rows("SELECT hash FROM log ORDER BY seq DESC LIMIT 1")
        return str(rows[0][0]) if rows else GENESIS

    def faults(self) -> Iterator[str]:
        """Re-hash the log; yield one line for the database or the first entry that fails."""
        state = str(self._rows("PRAGMA integrity_check(1)")[0][0])
        if state != "ok":
            yield f"{self.path.name}: {_line(state)}"
        previous = GENESIS
        rows = self._rows("SELECT seq, entry, hash FROM log ORDER BY seq")
        for place, (seq, text, stored) in enumerate(rows, start=1):
            if seq != place or chain_hash(previous, text) != stored or json.loads(text)["prev"] != previous:
                yield f"custody log entry {place}: its hash does not follow from the entry before it"
                return
            previous = stored

    def _rows(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        with _sqlite_errors(self.path):
            return self._db.execute(sql, values).fetchall()


def _readonly(path: Path) -> str:
    """Open without leaving a trace beside the file, unless a killed run left a log that must be read too."""
    return "?mode=ro" if path.with_name(path.name + "-wal").exists() else "?mode=ro&immutable=1"


def _line(text: str) -> str:
    return " ".join(text.split())


def chain_hash(previous: str, text: str) -> str:
    """Return the hash of an entry, which the next one names."""
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


@contextmanager
def _sqlite_errors(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours, naming the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise InputError(f"{path} is in use by another process: wait for it to finish") from None
        raise IntegrityError(f"{path} cannot be read as evidence: {_line(str(error))}") from None
    except (sqlite3.DatabaseError, UnicodeDecodeError, MemoryError) as error:
        raise IntegrityError(f"{path} cannot be read as evidence: {_line(str(error))}") from None
