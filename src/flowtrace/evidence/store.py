"""The evidence of a case: answers kept before they are read, found again by what was asked.

Answers from files carry somebody else's URL, so what may be a secret in it is left out. Answers to requests
of flowtrace's own carry none, so the request is kept whole and its answer is found again by its id: that is
how a case is worked again without a network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from flowtrace.errors import IntegrityError
from flowtrace.evidence.custody import FORMAT, Custody, Entry
from flowtrace.evidence.redaction import redacted
from flowtrace.model import Answer, Evidence, Request

__all__ = ["FORMAT", "EvidenceStore"]


class EvidenceStore:
    """One case's evidence, in one SQLite file; use it as a context manager."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        self.readonly = readonly
        self._custody = Custody(path, readonly=readonly)
        self._answered: dict[str, int] | None = None
        self._asked_for: dict[str, None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._custody.close()

    def keep(self, answer: Answer) -> Evidence:
        """Store an answer that came in a file and log it, in one transaction, before anything reads it.

        An answer already held (same request, same bytes) is returned, not kept twice.
        """
        request = Request(answer.request.method, redacted(answer.request.url))
        digest = hashlib.sha256(answer.body).hexdigest()
        with self._custody.transaction():
            held = self._same(digest, request)
            if held is not None:
                return held
            self._custody.put(answer.body)
            fields = _acquired(replace(answer, request=request), digest)
            return _evidence(self._custody.append("acquired", fields))

    def _same(self, digest: str, request: Request) -> Evidence | None:
        """Return the same answer if it is held. The text search spares parsing the whole log each time."""
        if not self._custody.entries(holding=digest):
            return None
        same = (item for item in self.items() if item.sha256 == digest and item.request == request)
        return next(same, None)

    def keep_asked(self, answer: Answer, **more: str | int) -> Answer:
        """Store the answer to a request of flowtrace's own, and log it; return it with its number."""
        with self._custody.transaction():
            entry = self._custody.append("acquired", {**self._asked(answer), **more})
        self._index()[answer.request.id] = entry["seq"]
        return replace(answer, number=entry["seq"])

    def keep_failed(self, answer: Answer, why: str, *, sent: bool = True, **more: str | int) -> None:
        """Store what came of an attempt that failed, and log why; ``sent`` says whether it left the house."""
        with self._custody.transaction():
            self._custody.append("failed", {**self._asked(answer), **more, "why": why, "sent": int(sent)})

    def _asked(self, answer: Answer) -> Entry:
        """Store the bytes of request and answer; return what the log says of them."""
        request = answer.request
        fields = _acquired(answer, self._custody.put(answer.body))
        fields |= {"answer_headers": dict(answer.headers), "attempt": answer.attempt, "request": request.id}
        if request.headers:
            fields["headers"] = dict(request.headers)
        if request.body:
            fields["posted"] = self._custody.put(request.body)
        return fields

    def held(self, request: Request) -> Answer | None:
        """Return the kept answer to a request of flowtrace's own, or None where there is none to go by."""
        seq = self._index().get(request.id)
        if seq is None:
            return None
        entry = self._custody.entry(seq)
        return Answer(
            request=request,
            body=self.body(_evidence(entry)),
            fetched_at=entry["fetched_at"],
            source=entry["source"],
            media=entry["media"],
            status=entry.get("status", _OK),
            headers=tuple(entry["answer_headers"].items()),
            attempt=entry["attempt"],
            number=seq,
        )

    def _index(self) -> dict[str, int]:
        """Return the number of the last answer to each request of our own, without the rejected."""
        if self._answered is None:
            log = self._custody.entries()
            rejected = _rejected(log)
            asked = (e for e in log if e["event"] == "acquired" and "request" in e)
            self._answered = {e["request"]: e["seq"] for e in asked if e["seq"] not in rejected}
        return self._answered

    def note(self, event: str, **fields: str | int) -> None:
        """Append an event to the custody log: ``asked``, ``rejected``, ``decided``, ``exported``."""
        with self._custody.transaction():
            self._custody.append(event, fields)
        if event == "rejected":
            self._answered = None
        if event == "asked" and self._asked_for is not None:
            self._asked_for[str(fields["ask"])] = None

    def put_aside(self, numbers: Iterable[int], event: str, **fields: str | int) -> None:
        """Reject several answers and append the event that says why: all of it, or none."""
        with self._custody.transaction():
            for number in numbers:
                self._custody.append("rejected", {"evidence": number, "why": fields.get("why", event)})
            self._custody.append(event, fields)
        self._answered = None

    def entry(self, number: int) -> Entry:
        """Return one entry of the custody log by its number."""
        return self._custody.entry(number)

    def chain(self) -> list[tuple[Entry, str]]:
        """Return the custody log in order, each entry with its hash."""
        return self._custody.chain()

    def chain_faults(self) -> Iterator[str]:
        """Re-hash the log alone; yield one line where it fails."""
        return self._custody.faults()

    def noted(self, event: str) -> list[Entry]:
        """Return the log entries of this event, in order."""
        return [e for e in self._custody.entries(holding=f'"event": "{event}"') if e["event"] == event]

    def last(self, event: str) -> Entry:
        """Return the fields of the last log entry of this event; none where there is none."""
        return (self.noted(event) or [{}])[-1]

    def asks(self) -> list[str]:
        """Return what was asked of sources, in words of their own, each once, in order."""
        if self._asked_for is None:
            self._asked_for = dict.fromkeys(entry["ask"] for entry in self.noted("asked"))
        return list(self._asked_for)

    def items(self) -> list[Evidence]:
        """Return the kept answers in the order they were kept, without those rejected later."""
        log = self._custody.entries()
        rejected = _rejected(log)
        return [_evidence(e) for e in log if e["event"] == "acquired" and e["seq"] not in rejected]

    def body(self, evidence: Evidence) -> bytes:
        """Return the kept bytes.

        Raises
        ------
        IntegrityError
            If they are gone, or no longer hash to their name.
        """
        name = f"evidence {evidence.number} ({evidence.sha256[:16]}…, {evidence.request.url})"
        return self._custody.get(evidence.sha256, evidence.size, name)

    @property
    def head(self) -> str:
        """The hash of the last log entry."""
        return self._custody.head

    @property
    def digest(self) -> str:
        """SHA-256 over what was asked and what the held answers say, independent of when and how often."""
        held = sorted({(e.request.url, e.sha256, e.media) for e in self.items()})
        return hashlib.sha256(json.dumps([held, sorted(self.asks())]).encode()).hexdigest()

    def faults(self) -> Iterator[str]:
        """Re-hash the log and every body, rejected ones too; yield one line for each item that fails."""
        for fault in self._custody.faults():
            yield fault
            if fault.startswith("custody log"):
                return
        for entry in self._custody.entries():
            if entry["event"] in ("acquired", "failed"):
                try:
                    self.body(_evidence(entry))
                except IntegrityError as error:
                    yield str(error)


def _acquired(answer: Answer, digest: str) -> Entry:
    fields: dict[str, Any] = {
        "fetched_at": answer.fetched_at,
        "media": answer.media,
        "method": answer.request.method,
        "sha256": digest,
        "size": len(answer.body),
        "source": answer.source,
        "tool": version("flowtrace"),
        "url": answer.request.url,
    }
    return fields if answer.status == _OK else {**fields, "status": answer.status}


_OK = 200


def _rejected(log: list[Entry]) -> set[int]:
    return {entry["evidence"] for entry in log if entry["event"] == "rejected"}


def _evidence(entry: Entry) -> Evidence:
    return Evidence(
        number=entry["seq"],
        request=Request(entry["method"], entry["url"]),
        sha256=entry["sha256"],
        size=entry["size"],
        fetched_at=entry["fetched_at"],
        source=entry["source"],
        media=entry["media"],
        status=entry.get("status", _OK),
    )
