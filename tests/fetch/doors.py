"""Doors on a clock that does not wait, for the tests of the door."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fetch.pretend import Pretend, at_once
from fetch.services import Reply
from flowtrace.errors import FlowtraceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.door.received import Received
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.provider import Provider, providers
from flowtrace.model import Answer, Key, Request

HOST = replace(
    next(one for one in providers() if one.kind == "esplora"),
    requests=10,
    seconds=1.0,
    concurrent=4,
    key=None,
)
GOOD: Reply = (200, {}, b'{"good": true}')
BUSY: Reply = (429, {}, b"Too Many Requests")
DOWN: Reply = (500, {}, b"Internal Server Error")
Mishap = Callable[[Reply], Received | Reply | None]


def to(path: object, url: str = HOST.url, key: Key | None = None) -> Request:
    """Return a request for a path."""
    return Request("GET", f"{url}/{path}", key=key)


def of(*replies: Reply | Received) -> dict[int, Mishap]:
    """Return what happens to the first requests, in order."""

    def mishap(reply: Reply | Received) -> Mishap:
        return lambda _: reply

    return {number: mishap(reply) for number, reply in enumerate(replies)}


@contextmanager
def kept() -> Iterator[EvidenceStore]:
    """Open an evidence store in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder, EvidenceStore(Path(folder) / "evidence.sqlite") as store:
        yield store


def asked(wire: Pretend, work: Callable[[Door], Awaitable[object]], **how: object) -> EvidenceStore:
    """Do some work through a door, on a clock that does not wait; return the log and the counts."""

    async def run(store: EvidenceStore) -> None:
        async with Door(store, wire=wire, **how) as door:  # type: ignore[arg-type]
            await work(door)

    with kept() as store:
        at_once(run(store))
        log = store.sent = attempts(store)  # type: ignore[attr-defined]
        assert log == len(wire.sent), "the log has exactly the attempts that left"
        return store


def attempts(store: EvidenceStore) -> int:
    """Return how many attempts the log says have left."""
    entries = store.noted("acquired") + store.noted("failed")
    return sum(entry.get("sent", 1) for entry in entries)


async def outcome(work: Awaitable[Answer]) -> Answer | FlowtraceError:
    """Return what comes of an ask."""
    try:
        return await work
    except FlowtraceError as error:
        return error


def outcomes(wire: Pretend, *requests: Request, provider: Provider = HOST, **how: object) -> list[object]:
    """Return what comes of requests made side by side."""
    found: list[object] = []

    async def work(door: Door) -> None:
        found.extend(await asyncio.gather(*(outcome(door.ask(one, provider)) for one in requests)))

    asked(wire, work, **how)
    return found
