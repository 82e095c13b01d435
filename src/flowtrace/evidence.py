"""The truth of a case: every answer's bytes as received, and an append-only, hash-chained custody log.

Bodies are kept zstd-compressed under the SHA-256 of their plain bytes. Each log entry is canonical JSON that
names the hash of the entry before it, so no entry can be changed, removed or slipped in without every later
hash changing. One entry is one transaction: a crash leaves whole entries only.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import zstandard

from flowtrace.errors import InputError, IntegrityError
from flowtrace.model import Evidence, Request

FORMAT = 1
_GENESIS = "0" * 64
_SCHEMA = (
    "CREATE TABLE body (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE log (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash TEXT NOT NULL)",
)
# Parameters whose values are kept; every other value may be a key, so it is not.
_KEPT = frozenset(
    (
        *("action", "address", "block", "blockno", "chain_id", "chainid", "contractaddress", "endblock"),
        *("limit", "module", "offset", "page", "sort", "startblock", "txhash"),
    )
)
_SECRET_PATH = re.compile(r"(?<=/v[23]/)[A-Za-z0-9_-]{20,}")  # where node services want the key in the path
_REDACTED = "REDACTED"
_MAX_BODY = 1 << 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gave back, before anything has read it."""

    request: Request
    body: bytes
    fetched_at: str
    source: str
    media: str


def redacted(url: str) -> str:
    """Return the URL without user, password, fragment, and values of parameters it does not know.

    Raises
    ------
    InputError
        If it is no URL; the message does not repeat it, there may be a key in it.
    """
    try:
        parts = urlsplit(url)
        url.encode()
    except ValueError:
        msg = "a recorded URL is malformed: correct it"
        raise InputError(msg) from None
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query.replace(";", "&"), keep_blank_values=True)
    query = "&".join(_parameter(name, value) for name, value in pairs)
    path = _SECRET_PATH.sub(_REDACTED, parts.path)
    return urlunsplit((parts.scheme, host, path, query, ""))


def _parameter(name: str, value: str) -> str:
    if name.lower() in _KEPT:
        return f"{quote(name)}={quote(value, safe=',:')}"
    return f"{quote(name)}={_REDACTED}" if value else _REDACTED  # a bare word may be the key itself


class EvidenceStore:
    """One case's evidence, in one SQLite file."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        if readonly and not path.is_file():
            msg = f"{path} is missing: the case has no evidence"
            raise InputError(msg)
        self.path = path
        self.readonly = readonly
        mode = _readonly(path) if readonly else ""
        with _sqlite_errors(path):
            self._db = sqlite3.connect(f"file:{quote(str(path))}{mode}", uri=True, isolation_level=None)
            self._prepare(readonly=readonly)

    def _prepare(self, *, readonly: bool) -> None:
        version = self._version()
        if version > FORMAT:
            msg = (
                f"{self.path} is of format {version}; this flowtrace reads up to {FORMAT}: upgrade flowtrace"
            )
            raise InputError(msg)
        if readonly:
            return
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if version == 0:
            self._lay_out()

    def _lay_out(self) -> None:
        with self._transaction():
            if self._version() == 0:  # or another process was first
                for statement in (*_SCHEMA, f"PRAGMA user_version = {FORMAT}"):
                    self._db.execute(statement)

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._db.close()

    def keep(self, answer: Answer) -> Evidence:
        """Store an answer and log it, in one transaction, before anything reads it.

        An answer already held (same request, same bytes) is returned, not kept twice.
        """
        digest = hashlib.sha256(answer.body).hexdigest()
        request = Request(answer.request.method, redacted(answer.request.url))
        fields = {
            "fetched_at": answer.fetched_at,
            "media": answer.media,
            "method": request.method,
            "sha256": digest,
            "size": len(answer.body),
            "source": answer.source,
            "url": request.url,
        }
        packed = zstandard.ZstdCompressor(level=10).compress(answer.body)
        with self._transaction():
            held = self._held(digest, request)
            if held is not None:
                return held
            self._db.execute("INSERT OR IGNORE INTO body VALUES (?, ?)", (digest, packed))
            return _evidence(self._append("acquired", fields))

    def _held(self, digest: str, request: Request) -> Evidence | None:
        """Return the same answer if it is held. The text search spares parsing the whole log each time."""
        if not self._rows("SELECT 1 FROM log WHERE instr(entry, ?) LIMIT 1", digest):
            return None
        same = (item for item in self.items() if item.sha256 == digest and item.request == request)
        return next(same, None)

    def note(self, event: str, **fields: str | int) -> None:
        """Append an event to the custody log: ``rejected``, ``decided``, ``exported``."""
        with self._transaction():
            self._append(event, fields)

    def last(self, event: str) -> dict[str, Any]:
        """Return the fields of the last log entry of this event; none where there is none."""
        entries = (json.loads(row[0]) for row in self._rows("SELECT entry FROM log ORDER BY seq DESC"))
        return next((entry for entry in entries if entry["event"] == event), {})

    def items(self) -> list[Evidence]:
        """Return the kept answers in the order they were kept, without those rejected later."""
        log = self._log()
        rejected = {entry["evidence"] for entry in log if entry["event"] == "rejected"}
        return [_evidence(e) for e in log if e["event"] == "acquired" and e["seq"] not in rejected]

    def _log(self) -> list[dict[str, Any]]:
        return [json.loads(row[0]) for row in self._rows("SELECT entry FROM log ORDER BY seq")]

    def body(self, evidence: Evidence) -> bytes:
        """Return the kept bytes.

        Raises
        ------
        IntegrityError
            If they are gone, or no longer hash to their name.
        """
        rows = self._rows("SELECT bytes FROM body WHERE sha256 = ?", evidence.sha256)
        name = f"evidence {evidence.number} ({evidence.sha256[:16]}…, {evidence.request.url})"
        if not rows:
            msg = f"{name}: its bytes are gone"
            raise IntegrityError(msg)
        try:
            stated = zstandard.frame_content_size(rows[0][0])  # what decompressing would claim as memory
            body = zstandard.decompress(rows[0][0]) if stated == evidence.size <= _MAX_BODY else b""
        except (zstandard.ZstdError, TypeError) as error:
            msg = f"{name}: its bytes were changed ({error})"
            raise IntegrityError(msg) from None
        if hashlib.sha256(body).hexdigest() != evidence.sha256:
            msg = f"{name}: its bytes were changed, they no longer match their SHA-256"
            raise IntegrityError(msg)
        return body

    @property
    def head(self) -> str:
        """The hash of the last log entry."""
        rows = self._rows("SELECT hash FROM log ORDER BY seq DESC LIMIT 1")
        return str(rows[0][0]) if rows else _GENESIS

    @property
    def digest(self) -> str:
        """SHA-256 over what the held answers say, independent of when they were imported."""
        held = sorted((e.request.url, e.sha256, e.media) for e in self.items())
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()

    def faults(self) -> Iterator[str]:
        """Re-hash the log and every body, rejected ones too; yield one line for each item that fails."""
        state = str(self._rows("PRAGMA integrity_check(1)")[0][0])
        if state != "ok":
            yield f"{self.path.name}: {_line(state)}"
        previous = _GENESIS
        for place, (seq, text, stored) in enumerate(
            self._rows("SELECT seq, entry, hash FROM log ORDER BY seq"), start=1
        ):
            if seq != place or _hash(previous, text) != stored or json.loads(text)["prev"] != previous:
                yield f"custody log entry {place}: its hash does not follow from the entry before it"
                return
            previous = stored
        for entry in self._log():
            if entry["event"] != "acquired":
                continue
            try:
                self.body(_evidence(entry))
            except IntegrityError as error:
                yield str(error)

    def _append(self, event: str, fields: dict[str, Any]) -> dict[str, Any]:
        seq = self._rows("SELECT coalesce(max(seq), 0) + 1 FROM log")[0][0]
        previous = self.head
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"at": at, "event": event, "prev": previous, "seq": seq, **fields}
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
        self._db.execute("INSERT INTO log VALUES (?, ?, ?)", (seq, text, _hash(previous, text)))
        return entry

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _sqlite_errors(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with _sqlite_errors(self.path):
            return self._db.execute(sql, values).fetchall()


def _readonly(path: Path) -> str:
    """Open without leaving a trace beside the file, unless a killed run left a log that must be read too."""
    return "?mode=ro" if path.with_name(path.name + "-wal").exists() else "?mode=ro&immutable=1"


def _line(text: str) -> str:
    return " ".join(text.split())


def _hash(previous: str, text: str) -> str:
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def _evidence(entry: dict[str, Any]) -> Evidence:
    return Evidence(
        number=entry["seq"],
        request=Request(entry["method"], entry["url"]),
        sha256=entry["sha256"],
        size=entry["size"],
        fetched_at=entry["fetched_at"],
        source=entry["source"],
        media=entry["media"],
    )


@contextmanager
def _sqlite_errors(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours, naming the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            msg = f"{path} is in use by another process: wait for it to finish"
            raise InputError(msg) from None
        msg = f"{path} cannot be read as evidence: {_line(str(error))}"
        raise IntegrityError(msg) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError, MemoryError) as error:
        msg = f"{path} cannot be read as evidence: {_line(str(error))}"
        raise IntegrityError(msg) from None
