"""A history asked in every way: straight of a stand-in, through the door, and again from the evidence."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fetch.pretend import Pretend, Sent, at_once
from fetch.services import Reply, Service
from flowtrace.errors import FlowtraceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask, ask_of, replay
from flowtrace.fetch.door.received import Received
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.source import Rows, drive
from flowtrace.model import Answer, Coverage, Request

Mishap = Callable[[Reply], Received | Reply | None]


@dataclass(frozen=True)
class Told:
    """What an ask told, in a form that does not depend on when its answers came."""

    transfers: Counter[object]
    coverage: tuple[tuple[object, ...], ...]

    @classmethod
    def of(cls, rows: Rows) -> Told:
        """Return what rows tell."""
        return cls(Counter(rows.transfers), tuple(sorted(map(_plain, rows.coverage))))

    @property
    def complete(self) -> bool:
        """Whether every scope says that it is complete."""
        return all(scope[4] for scope in self.coverage)


def _plain(coverage: Coverage) -> tuple[object, ...]:
    covered = coverage
    return (
        *(str(covered.address), covered.scope, covered.first, covered.last, covered.complete, covered.check),
        covered.source,
    )


def history(service: Service) -> Ask:
    """Return the ask for the history of a stand-in's address."""
    return Ask(service.provider, str(service.address), service.pin)


def straight(service: Service) -> tuple[Told, list[Request]]:
    """Return what a stand-in tells without door and evidence, and what was asked of it."""
    asked: list[Request] = []
    rows = Rows()

    def answer_of(request: Request) -> Answer:
        asked.append(request)
        status, headers, body = service.answer(request)
        lower = tuple((name.lower(), value) for name, value in headers.items())
        return Answer(
            request, body, "2026-01-01", service.provider.id, "asked", status, lower, number=len(asked)
        )

    def take(batch: object) -> None:
        rows.take(batch, service.provider.chain.id)  # type: ignore[arg-type]

    rows.coverage += drive(history(service).asking(), answer_of, take)
    return Told.of(rows), asked


@dataclass
class Run:
    """What came of an ask through the door.

    Attributes
    ----------
    logged
        How many attempts the log says have left.
    again
        What a replay of the evidence tells, where the ask came to its end.
    """

    told: Told | None
    error: FlowtraceError | None
    sent: list[Sent]
    struck: int
    logged: int
    again: Told | None
    rejected: int
    faults: list[str] = field(default_factory=list)


@cache
def _empty() -> bytes:
    """Return an evidence file without an entry: laying one out takes longer than a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.sqlite"
        EvidenceStore(path).close()
        return path.read_bytes()


@contextmanager
def store_in_a_folder() -> Iterator[EvidenceStore]:
    """Open an evidence store in a folder that goes away, without waiting for the disk at every entry."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.sqlite"
        path.write_bytes(_empty())
        with EvidenceStore(path) as store:
            store._custody._db.execute("PRAGMA synchronous = OFF")  # noqa: SLF001  no power cut to survive here
            yield store


def through_the_door(service: Service, mishaps: Mapping[int, Mishap] | None = None, seed: int = 7) -> Run:
    """Ask a stand-in through the door on a clock that does not wait, and ask again over the evidence.

    ``seed`` decides how long each answer takes, and so the order in which they come.
    """
    wire = Pretend(service.answer, mishaps or {}, seconds=(0.0, 0.01, 0.1), seed=seed)
    with store_in_a_folder() as store:
        rows: Rows | None = None
        error: FlowtraceError | None = None
        try:
            rows = at_once(_asked(history(service), store, wire))
        except FlowtraceError as raised:
            error = raised
        again = None if rows is None else Told.of(replay(Ask.read(store.asks()[0]), store))
        entries = store.noted("acquired") + store.noted("failed")
        return Run(
            told=None if rows is None else Told.of(rows),
            error=error,
            sent=wire.sent,
            struck=wire.struck,
            logged=sum(entry.get("sent", 1) for entry in entries),
            again=again,
            rejected=len(store.noted("rejected")),
            faults=list(store.faults()),
        )


async def _asked(ask: Ask, store: EvidenceStore, wire: Pretend) -> Rows:
    async with Door(store, wire=wire) as door:
        return await ask_of(ask, door)
