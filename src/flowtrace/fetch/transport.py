"""The one door to the network: every request leaves here, and every answer is kept before it is read.

The only place with a retry policy, a pace, limits of size and time, and secrets. A request that the evidence
answers never leaves. What leaves is counted when its headers are sent, and logged, whatever comes of it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from flowtrace.errors import FlowtraceError, IncompleteError, KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.guard import Guard
from flowtrace.fetch.pace import Pace
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.wire import Received, Wire
from flowtrace.model import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

MEDIA = "asked"
_TRIES, _TRIES_UNREACHED = 6, 2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_ALL_AT_ONCE = 32
_AGAIN = frozenset({Fault.RATE, Fault.SERVER, Fault.TRUNCATED})
_REFUSED = frozenset({Fault.PLAN, Fault.KEY, Fault.BLOCKED, Fault.NOT_INDEXED})
_REDIRECTS = range(300, 400)


@dataclass
class Tally:
    """What was asked of one service: for the display, and for the user who pays by the request."""

    sent: int = 0
    answered: int = 0
    failed: int = 0
    slowed: int = 0
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt: what was received, as the answer of whom."""

    provider: Provider
    received: Received
    answer: Answer

    @property
    def fault(self) -> Fault:
        return Fault.TRUNCATED if self.received.broken else fault_of(self.answer)

    @property
    def words(self) -> str:
        """What went wrong, in one short line."""
        text = self.received.broken or f"status {self.answer.status} {complaint(self.answer)[1]}"
        return " ".join(text.split())[:300]


@dataclass
class _Host:
    pace: Pace
    slots: asyncio.Semaphore
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    down: str = ""


class Door:
    """Answers requests: from the evidence where it holds the answer, from the network where it may.

    Parameters
    ----------
    store
        The evidence of the case; every exchange is kept there.
    offline
        Nothing leaves; a request the evidence does not answer is an error that names it.
    budget
        How many requests may leave at most; None for no limit.
    wire
        Sends one request and gives what came back. Tests put their own in its place.
    told
        Called after each attempt with the provider and the tally of its service.
    """

    def __init__(
        self,
        store: EvidenceStore,
        *,
        offline: bool = False,
        budget: int | None = None,
        wire: Wire | None = None,
        told: Callable[[Provider, Tally], None] = lambda _provider, _tally: None,
    ) -> None:
        self.store = store
        self.offline = offline
        self.budget = budget
        self.tallies: dict[str, Tally] = {}
        self._wire = wire or Wire(Guard())
        self._told = told
        self._hosts: dict[str, _Host] = {}
        self._under_way: dict[str, asyncio.Future[Answer]] = {}
        self._all = asyncio.Semaphore(_ALL_AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.close()

    async def ask(self, request: Request, provider: Provider, *, fresh: bool = False) -> Answer:
        """Return the answer to a request; with ``fresh``, a new one, whatever the evidence holds.

        Raises
        ------
        SourceError
            If the service cannot be reached, refuses, or keeps failing.
        KeyRefusedError
            If it wants a key, or refuses the one it got.
        IncompleteError
            If the budget of requests is spent, or nothing may leave and the evidence does not answer.
        """
        held = None if fresh else self.store.held(request)
        if held is not None:
            return held
        if self.offline:
            raise SourceError(f"offline, and the evidence does not answer {_named(request)}")
        if request.id in self._under_way:
            return await asyncio.shield(self._under_way[request.id])
        return await self._first(request, provider)

    async def _first(self, request: Request, provider: Provider) -> Answer:
        """Ask, and let whoever asks the same meanwhile wait for this answer."""
        mine: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._under_way[request.id] = mine
        try:
            answer = await self._until_answered(request, provider)
            mine.set_result(answer)
        except FlowtraceError as error:
            mine.set_exception(error)
            mine.exception()  # or the loop complains where nobody else waited
            raise
        finally:
            del self._under_way[request.id]
            mine.cancel()
        return answer

    async def _until_answered(self, request: Request, provider: Provider) -> Answer:
        pause, why = _FIRST_PAUSE, ""
        for number in range(1, _TRIES + 1):
            received = await self._sent(request, provider)
            attempt = _Attempt(provider, received, _answer(request, provider, (received, number)))
            fault, why = attempt.fault, attempt.words
            if fault not in _AGAIN:
                return self._accepted(attempt)
            self._failed(attempt)
            if not received.sent and number >= _TRIES_UNREACHED:
                self._host(provider).down = f"{provider.host} cannot be reached ({why})"
                raise SourceError(self._host(provider).down)
            if fault is Fault.RATE:
                self._tally(provider).slowed += 1
                self._host(provider).pace.refused(time.monotonic(), _retry_after(attempt.answer))
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        raise SourceError(f"{provider.host} failed {_TRIES} times in a row: {why}")

    async def _sent(self, request: Request, provider: Provider) -> Received:
        host = self._host(provider)
        async with self._all, host.slots:
            async with host.turn:
                await self._turn(host)
            received = await self._wire.send(request, provider)
        self._tally(provider).sent += received.sent
        if self.budget is not None and not received.sent:
            self.budget += 1
        return received

    async def _turn(self, host: _Host) -> None:
        """Wait until the host's pace allows one more. While this waits, an answer may slow the pace."""
        wait = host.pace.wait(time.monotonic())
        while wait > 0:
            await asyncio.sleep(wait)
            wait = host.pace.wait(time.monotonic())
        if host.down:
            raise SourceError(host.down)
        if self.budget is not None:
            if self.budget <= 0:
                raise IncompleteError("the budget of requests is spent: run the same command again to go on")
            self.budget -= 1
        host.pace.sent(time.monotonic())

    def _accepted(self, attempt: _Attempt) -> Answer:
        if attempt.fault in _REFUSED or attempt.answer.status in _REDIRECTS:
            self._failed(attempt)
            raise self._refusal(attempt)
        provider, tally = attempt.provider, self._tally(attempt.provider)
        self._host(provider).pace.accepted()
        tally.answered += 1
        kept = self.store.keep_asked(attempt.answer, **_scrubbed(attempt.received))
        self._told(provider, tally)
        return kept

    def _refusal(self, attempt: _Attempt) -> FlowtraceError:
        provider = attempt.provider
        if attempt.answer.status in _REDIRECTS:
            return SourceError(f"{provider.host} redirects elsewhere, which is not followed")
        why = f"{provider.host} refuses: {attempt.words}"
        if attempt.fault is Fault.BLOCKED:
            self._host(provider).down = why
        if attempt.fault is not Fault.KEY:
            return SourceError(why)
        name = provider.key.name if provider.key else "none is known for it"
        return KeyRefusedError(f"{why}. Its key is set in the environment or keyring: {name}")

    def _failed(self, attempt: _Attempt) -> None:
        tally = self._tally(attempt.provider)
        tally.failed += 1
        tally.last_error = attempt.words
        sent, more = bool(attempt.received.sent), _scrubbed(attempt.received)
        self.store.keep_failed(attempt.answer, attempt.words, sent=sent, **more)
        self._told(attempt.provider, tally)

    def _tally(self, provider: Provider) -> Tally:
        return self.tallies.setdefault(provider.id, Tally())

    def _host(self, provider: Provider) -> _Host:
        if provider.host not in self._hosts:
            slots = asyncio.Semaphore(provider.concurrent)
            self._hosts[provider.host] = _Host(Pace(provider.requests, provider.seconds), slots)
        return self._hosts[provider.host]


def _answer(request: Request, provider: Provider, came: tuple[Received, int]) -> Answer:
    received, attempt = came
    return Answer(
        request=request,
        body=received.body,
        fetched_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        source=provider.id,
        media=MEDIA,
        status=received.status,
        headers=received.headers,
        attempt=attempt,
    )


def _scrubbed(received: Received) -> dict[str, str]:
    return {"before_redaction": received.original} if received.original else {}


def _named(request: Request) -> str:
    posted = f" {request.body[:200].decode(errors='replace')}" if request.body else ""
    return f"{request.method} {request.url}{posted}"


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds that Retry-After asks for, in either of its two forms; None where it is absent."""
    text = dict(answer.headers).get("retry-after", "")
    if text.isdigit():
        return min(float(text), _LONGEST_PAUSE * 5)
    try:
        wanted = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, min((wanted - datetime.now(UTC)).total_seconds(), _LONGEST_PAUSE * 5))
