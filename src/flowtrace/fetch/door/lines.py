"""One JSON line out, one line in, over TCP or TLS, as Electrum servers speak.

One request at a time on each connection, by design, and a few connections to a server. A connection over
which something went wrong is dropped: an answer that comes late must never be taken for the next one's.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

from flowtrace.fetch.door.guard import Guard
from flowtrace.fetch.door.received import Coming, Limits, Received
from flowtrace.fetch.faults import one_line

_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_HELLO = b'{"id":"hello","jsonrpc":"2.0","method":"server.version","params":["flowtrace",["1.4","1.6"]]}'
_CONNECTIONS = 4  # to one server: it may hold each small answer back for a second, to hide its size
_FAILURES = (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class Lines:
    """Connections to servers that speak in lines.

    Every new connection is greeted first (``server.version``), as the protocol demands; the greeting asks
    nothing of a chain, so it belongs to connecting and is no request.
    """

    def __init__(self, guard: Guard, limits: Limits) -> None:
        self._guard = guard
        self._limits = limits
        self._idle: defaultdict[str, list[_Line]] = defaultdict(list)
        self._places = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(_CONNECTIONS))

    async def close(self) -> None:
        """Close every connection."""
        for lines in self._idle.values():
            while lines:
                lines.pop()[1].close()

    async def exchange(self, url: str, line: bytes, left: Callable[[], None]) -> Received:
        """Send a line and return the one that answers it; ``left`` is called when it is sent.

        Raises
        ------
        SourceError
            If the server must not be asked.
        """
        coming, open_line, whole = Coming(), None, False
        async with self._places[url]:
            try:
                async with asyncio.timeout(self._limits.total):
                    reader, writer = open_line = await self._connected(url)
                    writer.write(line + b"\n")
                    coming.sent += 1
                    left()
                    await writer.drain()
                    coming.take(await _answer(reader, _id_of(line)), self._limits.size)
                coming.status, whole = 200, True
                return coming.received()
            except _FAILURES as error:
                return coming.received(error)
            finally:
                if open_line and whole:
                    self._idle[url].append(open_line)
                elif open_line:
                    open_line[1].close()

    async def _connected(self, url: str) -> _Line:
        """Return a connection that nobody uses, or a new one, greeted."""
        while self._idle[url]:
            reader, writer = self._idle[url].pop()
            if not (writer.is_closing() or reader.at_eof()):
                return reader, writer
            writer.close()
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (50002 if parts.scheme == "ssl" else 50001)
        async with asyncio.timeout(self._limits.connect):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
            addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
            for address in addresses:
                self._guard.check(host, address)
            tls = ssl.create_default_context() if parts.scheme == "ssl" else None
            return await _greeted(await self._first((host, port), addresses, tls))

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


async def _greeted(line: _Line) -> _Line:
    """Greet a server, or close the connection."""
    with ExitStack() as until_greeted:
        until_greeted.callback(line[1].close)
        await _greet(*line)
        until_greeted.pop_all()
    return line


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_HELLO + b"\n")
    await writer.drain()
    answer = json.loads(await _answer(reader, _id_of(_HELLO)))
    if not answer.get("result"):
        words = one_line(str(answer.get("error")))[:200]
        raise ConnectionRefusedError(f"the greeting was refused: {words}")


async def _answer(reader: asyncio.StreamReader, wanted: object) -> bytes:
    """Return the line that answers; notifications in between carry no id."""
    while True:
        line = await reader.readuntil(b"\n")
        if _id_of(line) == wanted:
            return line.rstrip(b"\r\n")


def _id_of(line: bytes) -> object:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found.get("id") if isinstance(found, dict) else None
