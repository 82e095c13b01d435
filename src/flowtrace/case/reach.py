"""How far a case may reach out: to whom, how often, for how long."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from flowtrace.errors import IncompleteError


@dataclass
class Reach:
    """How far a case may reach out.

    Attributes
    ----------
    requests, seconds
        Most requests that may leave, and longest time to go on asking; None for no limit.
    confirm
        Whether each history is asked of two independent services.
    offline
        Whether nothing may leave.
    services
        The only sources to ask, by the name of a service or of one source; empty for all.
    refresh
        Whether to read on to the chain's newest final block, instead of where the case stopped before.
    sent
        How many requests have left so far, whatever for.
    """

    requests: int | None = None
    seconds: float | None = None
    confirm: bool = False
    offline: bool = False
    services: tuple[str, ...] = ()
    refresh: bool = False
    sent: int = 0
    _begun: float = field(default_factory=time.monotonic)

    @property
    def budget(self) -> int | None:
        """How many more requests may leave; None for no limit."""
        return None if self.requests is None else max(0, self.requests - self.sent)

    def check(self) -> None:
        """Raise where the time is over."""
        if self.seconds is not None and time.monotonic() - self._begun > self.seconds:
            raise IncompleteError("the time given is over: run the same command again to go on")
