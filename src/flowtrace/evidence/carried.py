"""Evidence carried to another machine: the log as JSON lines, each body compressed under its SHA-256.

The bytes of a SQLite file depend on how it came to be; these do not. A line of the log is an entry as it is
kept, so the chain of hashes can be worked out again from the lines alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard

from flowtrace.errors import IntegrityError
from flowtrace.evidence.custody import GENESIS, MAX_BODY, Custody, Entry, chain_hash

_CHUNK = 1 << 20
_RATIO, _SMALL = 2000, 1 << 24  # recorded answers shrink 5 to 50 times; what swells more is no answer


@dataclass(frozen=True, slots=True)
class Log:
    """The custody log of a case: its entries as they are kept, and the hash of the last one."""

    texts: tuple[str, ...]
    head: str

    @property
    def lines(self) -> bytes:
        """As JSON lines."""
        return "".join(f"{text}\n" for text in self.texts).encode()

    @property
    def entries(self) -> list[Entry]:
        """The entries, read."""
        return [json.loads(text) for text in self.texts]

    def bodies(self) -> dict[str, int | None]:
        """Return the SHA-256 of each body the log names, with its size where the log states it; sorted."""
        named: dict[str, int | None] = {}
        for entry in self.entries:
            if "posted" in entry:
                named.setdefault(entry["posted"], None)
            if "sha256" in entry and "size" in entry:
                named[entry["sha256"]] = entry["size"]
        return dict(sorted(named.items()))


def log_of(path: Path, *, without: frozenset[str] = frozenset()) -> Log:
    """Return the log of an evidence file, less the last entries while they are of the events ``without``.

    Raises
    ------
    IntegrityError
        If the chain does not hold.
    """
    custody = Custody(path, readonly=True)
    try:
        for fault in custody.faults():
            raise IntegrityError(fault)
        texts = list(custody.texts())
    finally:
        custody.close()
    while texts and json.loads(texts[-1])["event"] in without:
        texts.pop()
    return chained(texts)


def read_log(lines: bytes) -> Log:
    """Return the log that JSON lines hold.

    Raises
    ------
    IntegrityError
        If an entry does not follow from the one before it, or is no entry.
    """
    try:
        texts = lines.decode().split("\n")
    except UnicodeDecodeError:
        raise IntegrityError("custody log: it is not UTF-8") from None
    if texts.pop():
        raise IntegrityError("custody log: its last line is cut off")
    return chained(texts)


def chained(texts: Sequence[str]) -> Log:
    """Return a log after working out its chain.

    Raises
    ------
    IntegrityError
        If an entry does not follow from the one before it.
    """
    previous = GENESIS
    for place, text in enumerate(texts, start=1):
        try:
            entry = json.loads(text)
            follows = (entry["seq"], entry["prev"]) == (place, previous) and isinstance(entry["event"], str)
        except (ValueError, KeyError, TypeError, RecursionError):
            follows = False
        if not follows:
            raise IntegrityError(f"custody log entry {place}: it does not follow from the entry before it")
        previous = chain_hash(previous, text)
    return Log(tuple(texts), previous)


def packed_bodies(path: Path, log: Log) -> Iterator[tuple[str, bytes]]:
    """Yield each body the log names, compressed as it is kept, one at a time, each re-hashed.

    Raises
    ------
    IntegrityError
        If one is gone, or does not hash to its name.
    """
    custody = Custody(path, readonly=True)
    try:
        for digest, size in log.bodies().items():
            packed = custody.packed(digest)
            if packed is None:
                raise IntegrityError(f"evidence {digest[:16]}…: its bytes are gone")
            if why := packed_fault(packed, digest, size):
                raise IntegrityError(f"evidence {digest[:16]}…: {why}")
            yield digest, packed
    finally:
        custody.close()


def packed_fault(packed: bytes, digest: str, size: int | None) -> str:
    """Say why compressed bytes are not the body of this hash and size; empty where they are.

    Nothing larger than a piece is ever held: a stranger's bytes may swell to anything.
    """
    try:
        stated = zstandard.frame_content_size(packed)
        if not 0 <= stated <= MAX_BODY or (size is not None and stated != size):
            return "its size is not as the custody log has it"
        if stated > max(_SMALL, _RATIO * len(packed)):
            return f"{len(packed)} bytes would swell to {stated}: no recorded answer does that"
        if _unpacked_hash(packed) != digest:
            return "its bytes were changed, they no longer match their SHA-256"
    except (zstandard.ZstdError, MemoryError) as error:
        return f"its bytes were changed ({error})"
    return ""


def _unpacked_hash(packed: bytes) -> str:
    hashed = hashlib.sha256()
    with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
        while piece := reader.read(_CHUNK):
            hashed.update(piece)
    return hashed.hexdigest()


def restore(path: Path, log: Log, bodies: Iterable[tuple[str, bytes]]) -> None:
    """Write an evidence file anew from a log and compressed bodies."""
    custody = Custody(path, readonly=False)
    try:
        custody.fill(log.texts, bodies)
    finally:
        custody.close()
