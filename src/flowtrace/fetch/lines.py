"""One JSON line out, one line in, over TCP or TLS, as Electrum servers speak.

One request at a time for each server, by design. A connection over which something went wrong is dropped:
an answer that comes late must never be taken for the answer to the next question.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from flowtrace.fetch.guard import Guard
from flowtrace.fetch.received import Coming, Limits, Received

_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_FAILURES = (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)

_GREETING = b'{"id":"hello","jsonrpc":"2.0","method":"server.version","params":["flowtrace",["1.4","1.6"]]}'


class Lines:
    """Connections to servers that speak in lines."""

    def __init__(self, guard: Guard, limits: Limits) -> None:
        self._guard = guard
        self._limits = limits
        self._open: dict[str, _Line] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def close(self) -> None:
        """Close every connection."""
        for url in list(self._open):
            await self._drop(url)

    async def exchange(self, url: str, line: bytes, left: Callable[[], None]) -> Received:
        """Send a line and return the one that answers it; ``left`` is called when it is sent.

        Raises
        ------
        SourceError
            If the server must not be asked.
        """
        coming, whole = Coming(), False
        async with self._turns.setdefault(url, asyncio.Lock()):
            try:
                async with asyncio.timeout(self._limits.total):
                    reader, writer = await self._connected(url)
                    writer.write(line + b"\n")
                    coming.sent += 1
                    left()
                    await writer.drain()
                    coming.take(await self._answer(reader, _id_of(line)), self._limits.size)
                coming.status, whole = 200, True
                return coming.received()
            except _FAILURES as error:
                return coming.received(error)
            finally:
                if not whole:
                    await self._drop(url)

    async def _connected(self, url: str) -> _Line:
        if url not in self._open or self._open[url][1].is_closing():
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or (50002 if parts.scheme == "ssl" else 50001)
            async with asyncio.timeout(self._limits.connect):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
                addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
                for address in addresses:
                    self._guard.check(host, address)
                tls = ssl.create_default_context() if parts.scheme == "ssl" else None
                line = await self._first((host, port), addresses, tls)
            self._open[url] = line  # before anything is sent on it: should that fail, it is dropped
            await self._greet(line)
        return self._open[url]

    async def _greet(self, line: _Line) -> None:
        """Begin a connection as the protocol demands: many servers answer nothing before it.

        Raises
        ------
        ValueError
            If the server does not speak a version that is spoken here.
        """
        reader, writer = line
        writer.write(_GREETING + b"\n")
        await writer.drain()
        answer = json.loads(await self._answer(reader, _id_of(_GREETING)))
        if answer.get("error"):
            raise ValueError(f"the greeting is refused: {answer['error']}")

    async def _first(self, at: tuple[str, int], addresses: list[str], tls: ssl.SSLContext | None) -> _Line:
        """Connect to the first of a host's addresses that can be reached."""
        host, port = at
        name = host if tls else None
        last: OSError = OSError(f"{host} has no address")
        for address in addresses:
            try:
                return await asyncio.open_connection(
                    address, port, ssl=tls, server_hostname=name, limit=self._limits.size
                )
            except OSError as error:
                last = error
        raise last

    async def _answer(self, reader: asyncio.StreamReader, wanted: object) -> bytes:
        """Return the line that answers; notifications in between carry no id."""
        while True:
            line = await reader.readuntil(b"\n")
            if _id_of(line) == wanted:
                return line.rstrip(b"\r\n")

    async def _drop(self, url: str) -> None:
        if url in self._open:
            _, writer = self._open.pop(url)
            writer.close()


def _id_of(line: bytes) -> object:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found.get("id") if isinstance(found, dict) else None
