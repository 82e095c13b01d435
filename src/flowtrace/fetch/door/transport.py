"""The one door to the network: every request leaves here, and every answer is kept before it is read.

The only place with a retry policy, a pace, limits of size and time, and secrets. A request that the evidence
answers never leaves. What leaves is counted when its headers are sent, and logged, whatever comes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from flowtrace.errors import FlowtraceError, IncompleteError, KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.door.host import Host, Patience, now, retry_after
from flowtrace.fetch.door.pace import Pace
from flowtrace.fetch.door.received import LATE, Received
from flowtrace.fetch.door.wire import Wire
from flowtrace.fetch.faults import Fault, complaint, fault_of, one_line
from flowtrace.fetch.provider import PAGES, Provider
from flowtrace.model import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

MEDIA = "asked"
_ALL_AT_ONCE = 32
_AGAIN = frozenset({Fault.RATE, Fault.SERVER, Fault.TRUNCATED})
_REFUSED = frozenset({Fault.PLAN, Fault.KEY, Fault.BLOCKED, Fault.NOT_INDEXED})
_REDIRECTS = range(300, 400)
_OK = 200


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
    """One attempt: what was received, as the answer of whom, and when its request left."""

    provider: Provider
    received: Received
    answer: Answer
    left: float

    @property
    def fault(self) -> Fault:
        if self.received.broken:
            return Fault.TRUNCATED
        if self.provider.kind == PAGES and self.answer.status == _OK:
            return Fault.NONE  # of an explorer a page is a refusal; here it is what was asked for
        return fault_of(self.answer)

    @property
    def words(self) -> str:
        """What went wrong, in one short line."""
        text = self.received.broken or f"status {self.answer.status} {complaint(self.answer)[1]}"
        return one_line(text)[:300]

    @property
    def again(self) -> bool:
        """Whether the same request may be sent again at all."""
        return self.fault in _AGAIN and not self.redirected and not self.received.long

    @property
    def redirected(self) -> bool:
        return self.answer.status in _REDIRECTS


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
    patience
        How often a request is sent before it is given up, and the pauses in between.
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
        patience: Patience | None = None,
        told: Callable[[Provider, Tally], None] = lambda _provider, _tally: None,
    ) -> None:
        self.store = store
        self.offline = offline
        self.budget = budget
        self.tallies: dict[str, Tally] = {}
        self._wire = wire or Wire()
        self._patience = patience or Patience()
        self._told = told
        self._hosts: dict[str, Host] = {}
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
            If the service cannot be reached, refuses, or keeps failing; or if nothing may leave and the
            evidence does not answer.
        KeyRefusedError
            If it wants a key, or refuses the one it got.
        IncompleteError
            If the budget of requests is spent.
        """
        held = None if fresh else self.store.held(request)
        if held is not None:
            return held
        if self.offline:
            raise SourceError(f"offline, and the evidence does not answer {_named(request)}")
        while request.id in self._under_way:
            other = self._under_way[request.id]
            try:
                return await asyncio.shield(other)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not other.cancelled() or (task is not None and task.cancelling()):
                    raise  # this one is cancelled; else only the other is, and this one asks itself
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
        patience, host, why = self._patience, self._host(provider), ""
        pause = patience.first
        for number in range(1, patience.tries + 1):
            attempt = await self._attempt(request, provider, number)
            if not attempt.again:
                return self._accepted(attempt)
            self._failed(attempt)
            why = attempt.words
            if not attempt.received.sent and (host.lost(patience.first) or number >= patience.unreached):
                error = SourceError(f"{provider.host} cannot be reached ({why})")
                raise host.leave(error, now() + patience.cooling)
            if attempt.received.broken == LATE and number >= patience.unreached:
                raise SourceError(f"{provider.host} gave {why}, {number} times")
            if attempt.fault is Fault.RATE or retry_after(attempt.answer) is not None:
                self._slow_down(attempt)
            elif number < patience.tries:
                await asyncio.sleep(pause)
                pause = min(2 * pause, patience.longest)
        raise SourceError(f"{provider.host} failed {patience.tries} times in a row: {why}")

    def _slow_down(self, attempt: _Attempt) -> None:
        """Learn the pace from an answer that said "slower", and leave the host where it said "much later"."""
        provider, wanted = attempt.provider, retry_after(attempt.answer)
        self._tally(provider).slowed += 1
        self._host(provider).pace.refused(now(), wanted, left=attempt.left)
        if wanted is not None and wanted > self._patience.told:
            error = SourceError(f"{provider.host} wants to be left for {wanted:.0f} seconds: ask it later")
            raise self._host(provider).leave(error, now() + wanted)

    async def _attempt(self, request: Request, provider: Provider, number: int) -> _Attempt:
        """Send a request once. What left and was cut short by an interrupt is logged all the same."""
        host, tally = self._host(provider), self._tally(provider)
        left: list[float] = []

        def leaves() -> None:
            host.unreached = None
            left.append(now())
            host.pace.sent(left[-1])
            tally.sent += 1

        async with self._turn(host):
            if self.budget is not None:
                self.budget -= 1
            try:
                received = await self._wire.send(request, provider, leaves)
            except asyncio.CancelledError:
                if left:
                    cut = Received(sent=len(left), broken="interrupted")
                    answer = _answer(request, provider, (cut, number))
                    self._failed(_Attempt(provider, cut, answer, left[-1]))
                raise
            finally:
                if not left:
                    host.pace.unsent()
                    self.budget = None if self.budget is None else self.budget + 1
        answer = _answer(request, provider, (received, number))
        return _Attempt(provider, received, answer, left[-1] if left else 0.0)

    @asynccontextmanager
    async def _turn(self, host: Host) -> AsyncIterator[None]:
        """Hold a place under way, once the host's pace lets one more leave; an answer may slow it meanwhile.

        A place among all is held only while the request is under way: a slow host keeps no other waiting.
        """
        async with host.slots:
            async with host.turn:
                host.check()
                await self._all.acquire()
                while (wait := host.pace.wait(now())) > 0:
                    self._all.release()
                    await asyncio.sleep(wait)
                    host.check()
                    await self._all.acquire()
                if self.budget is not None and self.budget <= 0:
                    self._all.release()
                    what = "the budget of requests is spent: run the same command again to go on"
                    raise IncompleteError(what)
                host.pace.take(now())
            try:
                yield
            finally:
                self._all.release()

    def _accepted(self, attempt: _Attempt) -> Answer:
        if attempt.fault in _REFUSED or attempt.redirected or attempt.received.long:
            self._failed(attempt)
            raise self._refusal(attempt)
        provider, tally = attempt.provider, self._tally(attempt.provider)
        self._host(provider).pace.accepted()
        tally.answered += 1
        kept = self.store.keep_asked(attempt.answer, **_scrubbed(attempt.received))
        self._told(provider, tally)
        return kept

    def _refusal(self, attempt: _Attempt) -> FlowtraceError:
        provider, host = attempt.provider, self._host(attempt.provider)
        if attempt.redirected:
            return SourceError(f"{provider.host} redirects elsewhere, which is not followed")
        if attempt.received.long:
            return SourceError(f"{provider.host} answers with too much at once ({attempt.words})")
        why = f"{provider.host} refuses: {attempt.words}"
        if attempt.fault is Fault.BLOCKED:
            return host.leave(SourceError(why), now() + self._patience.told)
        if attempt.fault is not Fault.KEY:
            return SourceError(why)
        name = attempt.answer.request.key.name if attempt.answer.request.key else "none is known for it"
        error = KeyRefusedError(f"{why}. Its key is set in the environment or keyring: {name}")
        return host.leave(error, now() + self._patience.cooling) if provider.key else error

    def _failed(self, attempt: _Attempt) -> None:
        tally = self._tally(attempt.provider)
        tally.failed += 1
        tally.last_error = attempt.words
        sent, more = bool(attempt.received.sent), _scrubbed(attempt.received)
        self.store.keep_failed(attempt.answer, attempt.words, sent=sent, **more)
        self._told(attempt.provider, tally)

    def _tally(self, provider: Provider) -> Tally:
        return self.tallies.setdefault(provider.id, Tally())

    def _host(self, provider: Provider) -> Host:
        if provider.host not in self._hosts:
            slots = asyncio.Semaphore(provider.concurrent)
            first, longest = self._patience.first, self._patience.longest
            pace = Pace(provider.requests, provider.seconds, first=first, longest=longest)
            self._hosts[provider.host] = Host(pace, slots)
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
