"""When the next request to a host may leave: never more than so many in any so many seconds, evenly spaced.

The clock is given, so that the laws can be tested without waiting. A request first takes its place, and
counts as leaving at any moment from then on until it is said to have left: making a connection takes time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_MARGIN, _JITTER = 0.01, 0.03  # requests that left evenly arrive unevenly: by a part, or by so many seconds
_SLOWER, _FASTER = 1.5, 0.8
_GOOD = 20  # answers in a row before the pace is tried a little faster again
_CATCH_UP = 4  # places in the schedule a late request may be behind and still keep its place


@dataclass
class Pace:
    """The pace of one host.

    Attributes
    ----------
    requests, seconds
        What the host allows: at most so many requests in any so many seconds.
    first, longest
        Seconds to pause after a first "slower" that does not say how long, and at most after many.
    """

    requests: int
    seconds: float
    first: float = 0.5
    longest: float = 60.0
    _factor: float = 1.0
    _next: float = 0.0
    _good: int = 0
    _refusals: int = 0
    _slowed: float = 0.0
    _leaving: int = 0
    _sent: deque[float] = field(default_factory=deque)

    @property
    def window(self) -> float:
        """Seconds in which ``requests`` may leave, as learned so far."""
        margin = max(_MARGIN * self.seconds, min(_JITTER, _JITTER * self.seconds))
        return (self.seconds + margin) * self._factor

    @property
    def spacing(self) -> float:
        """Seconds between two requests, when there is work."""
        return self.window / self.requests

    def wait(self, now: float) -> float:
        """Return how many seconds to wait before the next request may leave; 0 if it may now."""
        places = self.requests - self._leaving
        free = now
        if places <= 0:
            free = now + self.spacing  # look again then: those about to leave may all leave just now
        elif len(self._sent) >= places:
            free = self._sent[-places] + self.window
        return max(0.0, self._next - now, free - now)

    def take(self, now: float) -> None:
        """Take a place for a request that may leave from now on; ``sent`` or ``unsent`` must follow."""
        self._leaving += 1
        self._next = max(self._next, now - _CATCH_UP * self.spacing) + self.spacing

    def sent(self, now: float) -> None:
        """Count a request that leaves now."""
        self._leaving = max(0, self._leaving - 1)
        self._sent.append(now)
        while len(self._sent) > self.requests:
            self._sent.popleft()

    def unsent(self) -> None:
        """Give back the place of a request that never left."""
        self._leaving = max(0, self._leaving - 1)

    def refused(self, now: float, retry_after: float | None = None, *, left: float | None = None) -> None:
        """Learn from an answer that said "slower": wait as told, and longer each time, and go on slower.

        ``left`` is when the refused request left. Of several that were under way together, one teaches.
        """
        if left is None or left >= self._slowed:
            self._factor = min(self._factor * _SLOWER, max(1.0, self.longest / self.seconds))
            self._refusals += 1
            self._slowed = now
        self._good = 0
        pause = max(2 * self.spacing, self.first * 2.0 ** min(self._refusals - 1, 32))
        self._next = max(self._next, now + max(retry_after or 0.0, min(pause, self.longest)))

    def accepted(self) -> None:
        """Learn from a good answer: after many in a row, back towards what the host allows."""
        self._good += 1
        self._refusals = 0
        if self._good >= _GOOD and self._factor > 1.0:
            self._good = 0
            self._factor = max(1.0, self._factor * _FASTER)
