"""A clock that does not wait and a wire without a network: the door's policy, exactly and at once."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fetch.services import Reply
from flowtrace.fetch.door.guard import Guard
from flowtrace.fetch.door.received import LATE, Received
from flowtrace.fetch.door.wire import Wire
from flowtrace.fetch.provider import Provider
from flowtrace.model import Request

T = TypeVar("T")
BROKEN: Mapping[str, Callable[[Reply], Received]] = {
    "no connection": lambda _: Received(broken="ClientConnectorError: Cannot connect to host"),
    "abort before headers": lambda _: Received(sent=1, broken="ServerDisconnectedError: Server disconnected"),
    "abort after headers": lambda reply: _cut(reply, 0),
    "truncated": lambda reply: _cut(reply, len(reply[2]) // 2),
    "silence": lambda _: Received(sent=1, broken=LATE),
    "too long": lambda reply: Received(
        reply[0], (), reply[2], sent=1, broken="TooLongError: longer than 9 bytes", long=True
    ),
}
"""What the wire makes of connections that fail: :mod:`fetch.door.test_wire` proves each over a socket."""


def _cut(reply: Reply, length: int) -> Received:
    return Received(reply[0], (), reply[2][:length], sent=1, broken="ClientPayloadError: not all came")


class _Selector(selectors.DefaultSelector):
    """Where the loop would wait, time passes instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(None if timeout is None else 0)
        if not found and timeout:
            self.now += timeout
        return found


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to whatever comes next."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        """Return the time on its own clock."""
        return self._clock.now


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a clock that does not wait."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


@dataclass
class Sent:
    """A request that left: when, to which host, and what it was."""

    at: float
    host: str
    request: Request


@dataclass
class Pretend(Wire):
    """Answers from a function; what goes wrong is chosen by the number of the request, from 0.

    Parameters
    ----------
    answer
        What the service answers.
    mishaps
        Per number of a request, what happens to its answer instead; None for nothing.
    connecting, seconds
        How long a request may take to leave, and its answer to come.
    """

    answer: Callable[[Request], Reply]
    mishaps: Mapping[int, Callable[[Reply], Received | Reply | None]] = field(default_factory=dict)
    seconds: Sequence[float] = (0.0,)
    connecting: Sequence[float] = ()
    seed: int = 7
    sent: list[Sent] = field(default_factory=list)
    tried: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        super().__init__(Guard())
        self.chance = random.Random(self.seed)  # noqa: S311  no secret

    async def send(
        self, request: Request, provider: Provider, left: Callable[[], None] = lambda: None
    ) -> Received:
        """Answer as the service would, after some seconds, or as the mishap has it."""
        number, self.tried = self.tried, self.tried + 1
        reply = self.answer(request)
        found: Received | Reply | None = self.mishaps[number](reply) if number in self.mishaps else None
        if found is not None:
            self.struck += 1
        if isinstance(found, Received) and not found.sent:
            return found
        await asyncio.sleep(self.chance.choice(self.connecting or self.seconds))
        left()
        self.sent.append(Sent(asyncio.get_running_loop().time(), provider.host, request))
        await asyncio.sleep(self.chance.choice(self.seconds))
        return found if isinstance(found, Received) else received(found or reply)


def received(reply: Reply) -> Received:
    """Return what the wire makes of a reply that comes whole."""
    status, headers, body = reply
    return Received(status, tuple((name.lower(), value) for name, value in headers.items()), body, sent=1)
