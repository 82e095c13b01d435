"""What the door knows of a host, and how patient it is with one."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flowtrace.errors import FlowtraceError
from flowtrace.fetch.door.pace import Pace
from flowtrace.model import Answer

_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent before it is given up, and the pauses in between, in seconds.

    Attributes
    ----------
    tries, unreached
        How often it is sent at most, and how often where no connection can be made.
    first, longest
        The pause after the first failure, doubled after each; and the longest.
    told
        The longest pause a service may ask for; a host that asks for more is left for that long.
    cooling
        How long a host is left that blocks, or cannot be reached.
    """

    tries: int = 6
    unreached: int = 2
    first: float = 0.5
    longest: float = 60.0
    told: float = 300.0
    cooling: float = 60.0


@dataclass
class Host:
    """A host, while it is asked: its pace, how many may be under way, and whether it is left for a while."""

    pace: Pace
    slots: asyncio.Semaphore
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    down: FlowtraceError | None = None
    until: float = 0.0
    unreached: float | None = None

    def lost(self, seconds: float) -> bool:
        """Note that it could not be reached; tell whether that has been so for some time, whoever asked."""
        self.unreached = now() if self.unreached is None else self.unreached
        return now() - self.unreached >= seconds

    def leave(self, why: FlowtraceError, until: float) -> FlowtraceError:
        """Ask nothing of it for a while; return the error that says why."""
        self.down, self.until = why, until
        return why

    def check(self) -> None:
        """Raise why it is left, while it is."""
        if self.down is not None and now() < self.until:
            raise type(self.down)(str(self.down))


def now() -> float:
    """Return the time by the running loop's clock: the one that its pauses keep."""
    return asyncio.get_running_loop().time()


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that Retry-After asks for, in either of its two forms; None where it is absent."""
    text = dict(answer.headers).get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        wanted = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if wanted.tzinfo is None:  # "-0000" says: in UTC, from nowhere in particular
        wanted = wanted.replace(tzinfo=UTC)
    return max(0.0, (wanted - datetime.now(UTC)).total_seconds())
