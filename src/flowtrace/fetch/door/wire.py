"""One request out, one answer in, over HTTP or as lines over TCP: no retry, no second thought."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowtrace.errors import SourceError
from flowtrace.fetch.door.guard import Guard
from flowtrace.fetch.door.lines import Lines
from flowtrace.fetch.door.received import Coming, Limits, Received, TooLongError
from flowtrace.fetch.door.secret import Eraser, real, secret_of
from flowtrace.fetch.provider import Provider, key_value
from flowtrace.model import Request

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Limits", "Received", "Wire"]
PROXY = "FLOWTRACE_PROXY"
_CHUNK = 1 << 16


def _unheard() -> None:
    pass


class Wire:
    """Sends single requests."""

    def __init__(self, guard: Guard | None = None, limits: Limits | None = None) -> None:
        self._guard = guard or Guard()
        self._limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None
        self._lines = Lines(self._guard, self._limits)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
        await self._lines.close()

    async def send(
        self, request: Request, provider: Provider, left: Callable[[], None] = _unheard
    ) -> Received:
        """Send one request and return what came back, without any secret in it.

        Parameters
        ----------
        left
            Called at the moment the request leaves.

        Raises
        ------
        SourceError
            If the address must not be asked.
        KeyRefusedError
            If it needs a key that is not set.
        """
        secret = secret_of(request, provider)
        url, headers = real(request, secret)
        proxy = "" if provider.private else key_value(PROXY) or ""
        self._check(url, named=provider.private, proxy=proxy)
        if urlsplit(url).scheme in ("tcp", "ssl"):
            received = await self._lines.exchange(url, request.body, left)
        else:
            limits = self._limits.thinking(provider.silence)
            said = {"headers": headers, "proxy": proxy or None, "timeout": _timeout(limits)}
            received = await self._exchange(request, url, said, left=left)
        return _erased(received, Eraser(secret, proxy))

    def _check(self, url: str, *, named: bool, proxy: str) -> None:
        """Refuse what must not be asked; ``named`` says that the user named the server."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "tcp", "ssl"):
            raise SourceError(f"{parts.scheme}:// is not asked: only http, https, tcp and ssl")
        if parts.scheme in ("tcp", "ssl") and proxy:
            raise SourceError(f"{parts.hostname} cannot be asked in lines through {PROXY}")
        if proxy and urlsplit(proxy).scheme not in ("http", "https"):
            raise SourceError(f"{PROXY} is not the address of an HTTP proxy: correct it")
        if named:
            self._guard.allow(parts.hostname or "")
        if proxy:
            self._guard.allow(urlsplit(proxy).hostname or "")
        self._guard.check_host(parts.hostname or "")

    async def _exchange(
        self, request: Request, url: str, said: dict[str, Any], *, left: Callable[[], None]
    ) -> Received:
        import aiohttp

        session = await self._open()
        coming = Coming()

        def leaves() -> None:
            coming.sent += 1
            left()

        try:
            async with session.request(
                request.method,
                url,
                data=request.body or None,
                allow_redirects=False,
                trace_request_ctx=leaves,
                **said,
            ) as response:
                coming.status = response.status
                coming.headers = _kept(response.headers)
                async for chunk in response.content.iter_chunked(_CHUNK):
                    coming.take(chunk, self._limits.size)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, TooLongError) as error:
            return coming.received(error)
        return coming.received()

    async def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_leaves)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=self._guard.resolver(), limit=0),
                trace_configs=[trace],
                headers={"User-Agent": f"flowtrace/{version('flowtrace')}"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            # aiohttp sends a GET again by itself when a kept connection turns out dead: past the pace, past
            # the log.
            self._session._retry_connection = False  # noqa: SLF001  no public switch
        return self._session


def _timeout(limits: Limits) -> aiohttp.ClientTimeout:
    import aiohttp

    return aiohttp.ClientTimeout(total=limits.total, sock_connect=limits.connect, sock_read=limits.silence)


async def _leaves(_session: object, context: Any, _params: object) -> None:  # noqa: ANN401  aiohttp's own type
    context.trace_request_ctx()


def _kept(headers: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401  a multidict, typed in a heavy package
    """Return the headers without cookies; bytes that are no text are written out."""
    kept = ((name.lower(), _text(value)) for name, value in headers.items() if name.lower() != "set-cookie")
    return tuple(sorted(kept))


def _text(value: str) -> str:
    return value.encode(errors="backslashreplace").decode()


def _erased(received: Received, eraser: Eraser) -> Received:
    """Take secrets out of whatever came back, headers and errors too, and say so."""
    body = eraser.body(received.body, cut=bool(received.broken))
    return replace(
        received,
        body=body,
        broken=eraser.text(received.broken),
        headers=tuple((name, eraser.text(value)) for name, value in received.headers),
        original=hashlib.sha256(received.body).hexdigest() if body != received.body else "",
    )
