"""What comes back from one attempt, whole or not, within limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from flowtrace.fetch.faults import one_line

LATE = "no answer in time"
_MIB = 1 << 20
_UNREACHED = re.compile(r"Cannot connect to host \S+ ssl:\S+ \[(.+)\]", re.DOTALL)
"""What aiohttp says of a host that cannot be reached: the host is named by whoever says so."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came back from one attempt.

    Attributes
    ----------
    sent
        How often the request's headers left: 0 where no connection was made, else 1.
    broken
        Why the answer is not whole; empty where it is. Then ``body`` is what had come by then.
    original
        SHA-256 of the body as it came, where a secret had to be taken out of it; else empty.
    long
        Whether it is broken because it is longer than may be taken in.
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sent: int = 0
    broken: str = ""
    original: str = ""
    long: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, of silence and in all, and bytes of a body once decompressed."""

    connect: float = 15.0
    silence: float = 45.0  # Etherscan thinks for 30 before it gives up
    total: float = 180.0
    size: int = 128 * _MIB

    def thinking(self, seconds: float) -> Limits:
        """Return the limits for a service that may think for so long."""
        longer = max(0.0, seconds - self.silence)
        return replace(self, silence=self.silence + longer, total=self.total + longer)


class TooLongError(Exception):
    """A body passes the limit; it never leaves the wire."""


@dataclass
class Coming:
    """An answer while it comes in."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    sent: int = 0
    _body: bytearray = field(default_factory=bytearray)

    def take(self, chunk: bytes, most: int) -> None:
        """Add a chunk.

        Raises
        ------
        TooLongError
            If the body is longer than allowed then.
        """
        self._body += chunk
        if len(self._body) > most:
            del self._body[most:]
            raise TooLongError(f"longer than {most} bytes")

    def received(self, error: BaseException | None = None) -> Received:
        """Return what has come, and what went wrong, if anything did."""
        return Received(
            status=self.status,
            headers=self.headers,
            body=bytes(self._body),
            sent=self.sent,
            broken="" if error is None else words(error),
            long=isinstance(error, TooLongError),
        )


def words(error: BaseException) -> str:
    """Return what went wrong, in one line."""
    if isinstance(error, TimeoutError):
        return LATE
    said = _UNREACHED.sub(r"\1", str(error))
    return one_line(f"{type(error).__name__}: {said}")[:500]
