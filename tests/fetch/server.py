"""A real server in this process, for any stand-in: HTTP, or JSON lines over TCP, with faults where chosen.

It counts what it saw, with the times of arrival. A fault is chosen by the number of the request, from 0.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.model import Key, Request

HOME = "FLOWTRACE_TEST_SERVER"
"""Where the address of the server stands: it takes the place of the service's own, and is a secret, too."""
Act = Callable[[web.BaseRequest, Reply], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    at: float
    request: Request
    headers: Mapping[str, str]


def at_home(provider: Provider) -> Provider:
    """Return a provider that is reached where HOME says: as fast as may be, in a private range."""
    return replace(
        provider,
        key=Key(HOME, "base"),
        needs_key=True,
        private=True,
        requests=10_000,
        seconds=1.0,
        concurrent=8,
        silence=0.0,
    )


def _plain(reply: Reply) -> web.Response:
    status, headers, body = reply
    return web.Response(status=status, headers=headers, body=body)


async def _started(request: web.BaseRequest, reply: Reply, **headers: str) -> web.StreamResponse:
    response = web.StreamResponse(status=reply[0], headers={**reply[1], **headers})
    await response.prepare(request)
    return response


def _abort(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _before_headers(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    _abort(request)
    return _plain(reply)


async def _after_headers(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = await _started(request, reply, **{"Content-Length": str(len(reply[2]))})
    _abort(request)
    return response


async def _truncated(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = await _started(request, reply, **{"Content-Length": str(len(reply[2]) + 1)})
    await response.write(reply[2][: len(reply[2]) // 2])
    await asyncio.sleep(0.01)
    _abort(request)
    return response


async def _closed_early(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """End the connection politely, in the middle of a chunked body."""
    response = await _started(request, reply)
    await response.write(reply[2][: len(reply[2]) // 2])
    await asyncio.sleep(0.01)
    if request.transport is not None:
        request.transport.close()
    return response


async def _silent(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = await _started(request, reply, **{"Content-Length": str(len(reply[2]))})
    await response.write(reply[2][:1])
    await asyncio.sleep(5)
    return response


async def _dripping(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = await _started(request, reply, **{"Content-Length": str(len(reply[2]))})
    for number in range(len(reply[2])):
        await response.write(reply[2][number : number + 1])
        await asyncio.sleep(0.02)
    return response


async def _bomb(_: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    headers = {**reply[1], "Content-Encoding": "gzip"}
    return web.Response(status=200, headers=headers, body=gzip.compress(b"0" * (64 << 20), 1))


async def _half_gzip(_: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Send half of a compressed answer as if it were all of it."""
    packed = gzip.compress(reply[2] + b" " * 4_000)
    return web.Response(
        status=200, headers={**reply[1], "Content-Encoding": "gzip"}, body=packed[: len(packed) // 2]
    )


ON_THE_WAY: Mapping[str, Act] = {
    "abort before headers": _before_headers,
    "abort after headers": _after_headers,
    "truncated": _truncated,
    "closed early": _closed_early,
    "silence": _silent,
    "slow drip": _dripping,
    "gzip bomb": _bomb,
    "half a gzip": _half_gzip,
}
"""What goes wrong on the way."""


@dataclass
class Server:
    """Serves a function from requests to replies.

    Parameters
    ----------
    answer
        What the service answers.
    service
        Scheme, host and port that the service really has, so that its requests are told as it knows them.
    faults
        Per number of a request, what happens to its answer: by the name of something that goes wrong on the
        way, or as a function from the good reply to the bad one.
    echo
        Whether every answer repeats the request's URL and headers, in its body and in a header of its own.

    Attributes
    ----------
    seen, given
        What arrived, and the bodies that were answered.
    """

    answer: Callable[[Request], Reply]
    service: str = ""
    faults: Mapping[int, str | Callable[[Reply], Reply | None]] = field(default_factory=dict)
    echo: bool = False
    seen: list[Seen] = field(default_factory=list)
    given: list[bytes] = field(default_factory=list)
    url: str = ""

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self.service = self.service or self.url
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = Request(request.method, self.service + request.raw_path, await request.read())
        number = len(self.seen)
        self.seen.append(Seen(asyncio.get_running_loop().time(), asked, dict(request.headers)))
        reply = self.answer(asked)
        fault = self.faults.get(number)
        if callable(fault):
            reply = fault(reply) or reply
        if self.echo:
            told = json.dumps([request.raw_path, dict(request.headers)])
            reply = reply[0], {**reply[1], "X-Echo": told}, reply[2] + told.encode()
        self.given.append(reply[2])
        act = ON_THE_WAY[fault] if isinstance(fault, str) else None
        return _plain(reply) if act is None else await act(request, reply)


def origin(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class LineServer:
    """Serves JSON lines over TCP, as Electrum servers do; faults are those of the names below.

    The first line of every connection must be the greeting; it is answered, and counted among the others not.

    ``late`` answers after the client has given up, ``cut`` ends in the middle of a line, ``gone`` without a
    word, ``noise`` sends notifications first, ``long`` a line without an end.
    """

    answer: Callable[[Request], Reply]
    service: str
    faults: Mapping[int, str | Callable[[Reply], Reply | None]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""
    greets: bool = True
    refusal: Mapping[str, object] = field(default_factory=lambda: {"message": "no"})

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.StreamWriter] = set()
        self._greeted: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"tcp://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while line := await reader.readline():
                await self._one(line.rstrip(b"\n"), writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _one(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        asked = json.loads(line)
        if writer not in self._greeted:
            self._greeted.add(writer)
            greeted = asked["method"] == "server.version"
            welcome = greeted and self.greets
            told = {"result": ["a test", "1.4"]} if welcome else {"error": dict(self.refusal)}
            writer.write(json.dumps({"id": asked["id"], **told}).encode() + b"\n")
            await writer.drain()
            return
        number = len(self.seen)
        asked = Request("POST", self.service, line)
        self.seen.append(Seen(asyncio.get_running_loop().time(), asked, {}))
        reply, fault = self.answer(asked), self.faults.get(number, "")
        if callable(fault):
            reply, fault = fault(reply) or reply, ""
        body = reply[2].replace(b"\n", b" ")
        if fault == "late":
            await asyncio.sleep(0.3)
        elif fault == "noise":
            writer.write(b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[]}\n' * 3)
        if fault in ("cut", "long"):
            writer.write(body[: len(body) // 2] if fault == "cut" else b"x" * (4 << 20))
        if fault in ("gone", "cut"):
            await writer.drain()
            writer.transport.abort()
        elif fault != "long":
            writer.write(body + b"\n")
            await writer.drain()
