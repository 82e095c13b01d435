"""One request out, one answer in, over HTTP or as lines over TCP: no retry, no second thought.

Secrets are put in here, on the way out, and taken out of whatever comes back, so that no other part of
flowtrace ever holds one.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from flowtrace.errors import KeyRefusedError, SourceError
from flowtrace.fetch.guard import Guard
from flowtrace.fetch.provider import Provider, key_value
from flowtrace.model import Request

if TYPE_CHECKING:
    import aiohttp

REDACTED = b"REDACTED"
_CONNECT, _SILENCE, _TOTAL = 15.0, 45.0, 180.0  # seconds; Etherscan thinks for 30 before it gives up
_MOST = 256 << 20
_CHUNK = 1 << 16
_SHORTEST_SECRET = 6  # shorter values would tear holes into data that is no secret


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
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sent: int = 0
    broken: str = ""
    original: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, of silence and in all, and bytes of a body once decompressed."""

    connect: float = _CONNECT
    silence: float = _SILENCE
    total: float = _TOTAL
    size: int = _MOST


class Wire:
    """Sends single requests."""

    def __init__(self, guard: Guard | None = None, limits: Limits | None = None) -> None:
        self._guard = guard or Guard()
        self._limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None
        self._lines: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}
        self._line_turn = asyncio.Lock()

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
        for _, writer in self._lines.values():
            writer.close()

    async def send(self, request: Request, provider: Provider) -> Received:
        """Send one request and return what came back, without any secret in it.

        Raises
        ------
        SourceError
            If the address must not be asked.
        KeyRefusedError
            If it needs a key that is not set.
        """
        secret = _secret_of(request, provider)
        host = urlsplit(request.url).hostname or ""
        if provider.private:
            self._guard.allow(urlsplit(_real(request, secret)[0]).hostname or "")
        self._guard.check_host(host)
        over_lines = urlsplit(request.url).scheme in ("tcp", "ssl")
        exchange = self._exchange_lines if over_lines else self._exchange_http
        return _without(await exchange(request, secret, private=provider.private), secret)

    async def _exchange_http(self, request: Request, secret: str, *, private: bool) -> Received:
        import aiohttp

        url, headers = _real(request, secret)
        if urlsplit(url).scheme not in ("http", "https"):
            raise SourceError(
                f"{urlsplit(request.url).scheme}:// is not asked: only http, https, tcp and ssl"
            )
        session = await self._open()
        proxy = None if private else key_value("FLOWTRACE_PROXY")
        left: list[int] = []
        coming = _Coming()
        try:
            async with session.request(
                request.method, url, data=request.body or None, headers=headers,
                allow_redirects=False, trace_request_ctx=left, proxy=proxy,
            ) as response:  # fmt: skip
                coming.status = response.status
                coming.headers = _kept(response.headers)
                async for chunk in response.content.iter_chunked(_CHUNK):
                    coming.take(chunk, self._limits.size)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, _TooLong) as error:
            return coming.received(sent=len(left), broken=_words(error))
        return coming.received(sent=len(left))

    async def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            limits = self._limits
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_left)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=self._guard.resolver(), limit=0),
                timeout=aiohttp.ClientTimeout(
                    total=limits.total, sock_connect=limits.connect, sock_read=limits.silence
                ),
                trace_configs=[trace],
                headers={"User-Agent": f"flowtrace/{version('flowtrace')}"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            # aiohttp sends a GET again by itself when a kept connection turns out dead: past the pace, past
            # the log.
            self._session._retry_connection = False  # noqa: SLF001  no public switch
        return self._session

    async def _exchange_lines(self, request: Request, secret: str, *, private: bool) -> Received:
        """Exchange one JSON line each way, as Electrum servers speak. One request at a time, by design."""
        url, _ = _real(request, secret)
        if not private and key_value("FLOWTRACE_PROXY"):
            raise SourceError(f"{urlsplit(request.url).netloc} cannot be asked through FLOWTRACE_PROXY")
        async with self._line_turn:
            sent = 0
            try:
                async with asyncio.timeout(self._limits.total):
                    reader, writer = await self._line(url)
                    writer.write(request.body + b"\n")
                    sent = 1
                    await writer.drain()
                    return Received(200, (), await self._answer_line(reader, request), sent)
            except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
                self._lines.pop(url, (None, None))
                return Received(sent=sent, broken=_words(error))

    async def _line(self, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if url not in self._lines or self._lines[url][1].is_closing():
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 50001
            addresses = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
            for *_, address in addresses:
                self._guard.check(host, str(address[0]))
            context = ssl.create_default_context() if parts.scheme == "ssl" else None
            self._lines[url] = await asyncio.open_connection(
                str(addresses[0][4][0]), port, ssl=context, server_hostname=host if context else None,
                limit=self._limits.size,
            )  # fmt: skip
        return self._lines[url]

    async def _answer_line(self, reader: asyncio.StreamReader, request: Request) -> bytes:
        """Return the line that answers the request; notifications in between carry no id."""
        wanted = _line_id(request.body)
        while True:
            line = await reader.readuntil(b"\n")
            if _line_id(line) == wanted:
                return line.rstrip(b"\r\n")


class _TooLong(Exception):  # noqa: N818  never leaves this module
    pass


class _Coming:
    """An answer while it comes in."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: tuple[tuple[str, str], ...] = ()
        self._body = bytearray()

    def take(self, chunk: bytes, most: int) -> None:
        self._body += chunk
        if len(self._body) > most:
            del self._body[most:]
            raise _TooLong(f"longer than {most} bytes")

    def received(self, *, sent: int, broken: str = "") -> Received:
        return Received(self.status, self.headers, bytes(self._body), sent, broken)


async def _left(_session: object, context: Any, _params: object) -> None:  # noqa: ANN401  aiohttp's own type
    context.trace_request_ctx.append(1)


def _kept(headers: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401  a multidict, typed in a heavy package
    return tuple(sorted((k.lower(), v) for k, v in headers.items() if k.lower() != "set-cookie"))


def _words(error: BaseException) -> str:
    """Return what went wrong, in one line."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


def _line_id(line: bytes) -> object:
    import json  # noqa: PLC0415  only for servers that speak in lines

    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found.get("id") if isinstance(found, dict) else None


def _secret_of(request: Request, provider: Provider) -> str:
    if request.key is None:
        return ""
    value = key_value(request.key.name)
    if value is None and (provider.needs_key or request.key.place == "base"):
        raise KeyRefusedError(f"{provider.host} needs a key: set {request.key.name} in the environment")
    return value or ""


def _real(request: Request, secret: str) -> tuple[str, dict[str, str]]:
    """Return the URL and headers as they leave, the secret in its place."""
    headers = dict(request.headers)
    if request.body:
        headers.setdefault("Content-Type", "application/json")
    if not secret or request.key is None:
        return request.url, headers
    place, _, name = request.key.place.partition(" ")
    parts = urlsplit(request.url)
    if place == "header":
        headers[name] = secret
    elif place == "query":
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), (name, secret)], safe=",:")
        return urlunsplit(parts._replace(query=query)), headers
    elif place == "base":
        path = urlunsplit(("", "", parts.path, parts.query, ""))
        return secret.rstrip("/") + (path if path != "/" else ""), headers
    return request.url, headers


def _without(received: Received, secret: str) -> Received:
    """Take a secret out of whatever came back, headers and errors too, and say so."""
    forms = [form for form in _forms(secret) if len(form) >= _SHORTEST_SECRET]
    body, broken = received.body, received.broken
    headers = received.headers
    for form in forms:
        body = body.replace(form.encode(), REDACTED)
        broken = broken.replace(form, REDACTED.decode())
        headers = tuple((k, v.replace(form, REDACTED.decode())) for k, v in headers)
    original = hashlib.sha256(received.body).hexdigest() if body != received.body else ""
    return replace(received, body=body, broken=broken, headers=headers, original=original)


def _forms(secret: str) -> set[str]:
    """Return the ways a secret may be written: as it is, quoted, and for an address its telling parts."""
    if not secret:
        return set()
    parts = urlsplit(secret) if "://" in secret else None
    telling = {secret, quote(secret, safe="")}
    if parts is not None:
        telling |= {secret.rstrip("/"), parts.path.strip("/"), parts.query, parts.password or ""}
        telling |= {part.rpartition("=")[2] for part in parts.query.split("&")}
    return telling
