"""When the next request to a host may leave: never more than so many in any so many seconds, evenly spaced.

The clock is given, so that the laws can be tested without waiting.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_MARGIN = 1.01  # requests that left evenly may arrive unevenly
_SLOWEST = 60.0
_GOOD = 20  # answers in a row before the pace is tried a little faster again
_CATCH_UP = 4  # places in the schedule a late request may be behind and still keep its place


@dataclass
class Pace:
    """The pace of one host.

    Attributes
    ----------
    requests, seconds
        What the host allows: at most so many requests in any so many seconds.
    """

    requests: int
    seconds: float
    _factor: float = 1.0
    _next: float = 0.0
    _good: int = 0
    _sent: deque[float] = field(default_factory=deque)

    @property
    def window(self) -> float:
        """Seconds in which ``requests`` may leave, as learned so far."""
        return self.seconds * self._factor * _MARGIN

    @property
    def spacing(self) -> float:
        """Seconds between two requests, when there is work."""
        return self.window / self.requests

    def wait(self, now: float) -> float:
        """Return how many seconds to wait before the next request may leave; 0 if it may now."""
        full = len(self._sent) >= self.requests
        free = self._sent[-self.requests] + self.window if full else now
        return max(0.0, self._next - now, free - now)

    def sent(self, now: float) -> None:
        """Count a request that leaves now."""
        self._next = max(self._next, now - _CATCH_UP * self.spacing) + self.spacing
        self._sent.append(now)
        while len(self._sent) > self.requests:
            self._sent.popleft()

    def refused(self, now: float, retry_after: float | None) -> None:
        """Learn from an answer that said "slower": wait as told, or longer each time, and go on slower."""
        self._good = 0
        self._factor = min(self._factor * 1.5, max(1.0, _SLOWEST * self.requests / self.seconds))
        pause = retry_after if retry_after is not None else min(2 * self.spacing, _SLOWEST)
        self._next = max(self._next, now + pause)

    def accepted(self) -> None:
        """Learn from a good answer: after many in a row, back towards what the host allows."""
        self._good += 1
        if self._good >= _GOOD and self._factor > 1.0:
            self._good = 0
            self._factor = max(1.0, self._factor * 0.8)
