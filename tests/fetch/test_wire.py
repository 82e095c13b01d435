"""The wire: one request out, one answer in, whatever the other end does, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from fetch.mishaps import SERVICE
from fetch.pretend import BROKEN
from fetch.server import HOME, ON_THE_WAY, LineServer, Server, at_home, origin
from fetch.services import Reply
from flowtrace.errors import SourceError
from flowtrace.fetch.jsonrpc import call
from flowtrace.fetch.provider import Provider, providers
from flowtrace.fetch.received import LATE, Received
from flowtrace.fetch.wire import Limits, Wire
from flowtrace.model import Key, Request

BODY = b'{"result": [' + b"1, " * 600 + b"1]}"
SERVICE_URL = "https://mempool.space"
SHORT = Limits(connect=1.0, silence=0.15, total=0.4, size=1 << 20)


def provider(kind: str = "esplora") -> Provider:
    """Return a provider whose real place is taken by the test's server."""
    shipped = next(one for one in providers() if one.kind == kind)
    return at_home(shipped)


def to(path: str) -> Request:
    """Return a request to the service, whose place the test's server takes."""
    return Request("GET", SERVICE_URL + path, key=Key(HOME, "base"))


def answering(body: bytes = BODY, **headers: str) -> Server:
    """Return a server that always answers the same."""
    reply: Reply = (200, {"Content-Type": "application/json", **headers}, body)
    return Server(lambda _: reply, SERVICE_URL)


@asynccontextmanager
async def wired(server: Server | LineServer, limits: Limits = SHORT) -> AsyncIterator[Wire]:
    """Start a server and open a wire to it."""
    async with server:
        wire = Wire(limits=limits)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(HOME, server.url)
            yield wire
        await wire.close()


async def got(server: Server, *paths: str, limits: Limits = SHORT) -> list[Received]:
    """Return what comes back for these paths, one after the other."""
    async with wired(server, limits) as wire:
        return [await wire.send(to(path), provider()) for path in paths]


def test_a_good_answer_comes_whole() -> None:
    """Status, headers without cookies, and the body after content decoding."""
    server = answering(BODY, **{"Set-Cookie": "a=b", "X-Other": "1"})
    (one,) = asyncio.run(got(server, "/api/tx?a=1"))
    assert (one.status, one.body, one.sent, one.broken, one.long) == (200, BODY, 1, "", False)
    assert "x-other" in dict(one.headers)
    assert "set-cookie" not in dict(one.headers)
    assert [seen.request.url for seen in server.seen] == [f"{SERVICE_URL}/api/tx?a=1"]


def test_gzip_is_undone() -> None:
    """What is kept is the body after content decoding, which is the same however it was packed."""
    (one,) = asyncio.run(got(answering(gzip.compress(BODY), **{"Content-Encoding": "gzip"}), "/"))
    assert one.body == BODY


@pytest.mark.parametrize("fault", [name for name in ON_THE_WAY if name != "half a gzip"])
def test_what_goes_wrong_on_the_way_is_said(fault: str) -> None:
    """Every way of breaking off ends in one attempt that says so, with what had come by then."""
    server = answering()
    server.faults = {1: fault}
    _, bad, good = asyncio.run(got(server, "/1", "/2", "/3"))
    assert (bad.sent, bool(bad.broken)) == (1, True)
    assert BODY.startswith(bad.body) or set(bad.body) == {ord("0")}
    assert (good.broken, good.body) == ("", BODY)
    assert [seen.request.url[-2:] for seen in server.seen] == ["/1", "/2", "/3"], "each was sent exactly once"


def test_half_a_gzip_is_not_whole() -> None:
    """A compressed body that stops in its middle is either said to be broken, or has lost its end."""
    server = answering()
    server.faults = {0: "half a gzip"}
    (one,) = asyncio.run(got(server, "/"))
    assert one.broken or one.body != BODY
    assert BODY.startswith(one.body.rstrip())


@pytest.mark.parametrize("fault", ["silence", "slow drip"])
def test_an_answer_has_to_come_in_time(fault: str) -> None:
    """Silence has its limit, and so has the whole: dripping does not keep an answer alive."""
    server = answering()
    server.faults = {0: fault}
    (one,) = asyncio.run(got(server, "/"))
    assert one.broken == LATE
    assert BODY.startswith(one.body)


def test_a_bomb_does_not_go_off() -> None:
    """Sixty-four million bytes come packed in a few; no more than the limit is taken in, and few are held."""
    server = answering()
    server.faults = {0: "gzip bomb"}

    async def taken() -> Received:
        async with wired(server) as wire:
            gzip.compress(b"0" * 10)
            tracemalloc.start()
            return await wire.send(to("/"), provider())

    one = asyncio.run(taken())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (one.long, len(one.body)) == (True, SHORT.size)
    assert peak < 150 << 20, "the server's own sixty-four are in it"


def test_pretended_breaks_are_the_real_ones() -> None:
    """The door's tests pretend these: here the wire is held to giving the like."""

    def shape(one: Received, reply: Reply) -> tuple[bool, int, bool, bool]:
        return bool(one.broken), one.sent, one.long, 0 < len(one.body) < len(reply[2])

    reply: Reply = (200, {}, BODY)
    for name in ("abort before headers", "abort after headers", "truncated", "silence"):
        server = answering()
        server.faults = {0: name}
        (real,) = asyncio.run(got(server, "/"))
        pretended = BROKEN[name](reply)
        assert shape(real, reply)[:3] == shape(pretended, reply)[:3], name
        assert (real.broken == LATE) == (pretended.broken == LATE)


def test_a_get_is_not_sent_again_behind_our_back() -> None:
    """A kept connection that turns out dead fails one attempt; aiohttp by itself would send a second."""

    async def plainly(server: Server) -> None:
        async with server, aiohttp.ClientSession() as session:
            for _ in range(2):
                async with session.get(server.url) as response:
                    await response.read()

    by_itself = answering()
    by_itself.faults = {1: "abort before headers"}
    asyncio.run(plainly(by_itself))
    assert len(by_itself.seen) == 3, "if this fails, aiohttp has changed: the switch in wire.py may go"

    ours = answering()
    ours.faults = {1: "abort before headers"}
    good, bad = asyncio.run(got(ours, "/", "/"))
    assert (good.broken, bool(bad.broken), len(ours.seen)) == ("", True, 2)


def test_a_redirect_is_not_followed() -> None:
    """Where it leads is not asked: the answer is the redirect."""
    server = answering()
    server.faults = {0: SERVICE["redirect"]}
    (one,) = asyncio.run(got(server, "/"))
    assert (one.status, len(server.seen)) == (302, 1)


def test_nobody_there_means_nothing_was_sent() -> None:
    """A closed port is no attempt that a service could have seen."""

    async def refused() -> Received:
        server = answering()
        async with server:
            pass
        wire = Wire(limits=SHORT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(HOME, server.url)
            received = await wire.send(to("/"), provider())
        await wire.close()
        return received

    one = asyncio.run(refused())
    assert (one.sent, one.status) == (0, 0)
    assert "Connect" in one.broken


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/"])
def test_only_known_schemes_are_asked(url: str) -> None:
    """Nothing but http, https, tcp and ssl leaves."""
    with pytest.raises(SourceError, match="is not asked: only http"):
        asyncio.run(Wire().send(Request("GET", url), next(iter(providers()))))


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\x80\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus one\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/9.9 999999 Odd\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\x01\x02",
    ],
)
def test_whatever_is_said_is_taken_or_named(head: bytes) -> None:
    """Headers that are no text, lengths that are no numbers, other protocols: one attempt, no traceback."""

    async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await writer.drain()
        writer.close()

    async def taken() -> Received:
        server = await asyncio.start_server(said, "127.0.0.1", 0)
        wire = Wire(limits=SHORT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(HOME, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            received = await wire.send(to("/"), provider())
        await wire.close()
        server.close()
        await server.wait_closed()
        return received

    one = asyncio.run(taken())
    assert one.sent == 1
    assert one.broken or one.body == b"{}"
    assert repr(one).encode(), "all of it is text that can be kept"
    assert all(value.encode() for _, value in one.headers)


def lines(**faults: str) -> LineServer:
    """Return a server that answers each line with the method asked for."""

    def answer(request: Request) -> Reply:
        return 200, {}, b'{"id":1,"result":' + request.body + b"}"

    return LineServer(
        answer, "ssl://electrum.example:50002", {int(n[1:]): name for n, name in faults.items()}
    )


async def lined(server: LineServer, *methods: str) -> list[Received]:
    """Return what comes back for these methods, one after the other."""
    spoken = provider("esplora")
    async with wired(server) as wire:
        asked = [call(spoken, method, (), url=server.service) for method in methods]
        return [await wire.send(request, spoken) for request in asked]


def test_lines_are_exchanged_one_by_one() -> None:
    """Each question gets its own line; notifications in between are no answers."""
    server = lines(n1="noise")
    found = asyncio.run(lined(server, "a", "b", "c"))
    assert [one.status for one in found] == [200] * 3
    for name, one in zip((b"a", b"b", b"c"), found, strict=True):
        assert b'"method":"%b"' % name in one.body


def test_every_connection_begins_with_the_greeting() -> None:
    """Once for each connection, and again for the next; it is no request and no answer."""
    server = lines(n1="gone")
    found = asyncio.run(lined(server, "a", "b", "c"))
    assert [bool(one.broken) for one in found] == [False, True, False]
    assert (server.greeted, len(server.seen)) == (2, 3)


def test_a_refused_greeting_is_a_failure() -> None:
    """A server that speaks no version spoken here is asked nothing, and its words are the reason."""
    server = lines()
    server.greeting = {"error": {"code": 1, "message": "unsupported protocol version"}}
    (found,) = asyncio.run(lined(server, "a"))
    assert (found.sent, server.seen) == (0, [])
    assert "the greeting is refused" in found.broken
    assert "unsupported protocol version" in found.broken


@pytest.mark.parametrize("fault", ["late", "cut", "gone", "long"])
def test_a_line_that_fails_spoils_no_other(fault: str) -> None:
    """After a failure the connection is a new one: an answer that is late is never the next one's."""
    server = lines(n1=fault)
    limits = Limits(total=0.15, size=1 << 20)

    async def run() -> list[Received]:
        spoken = provider("esplora")
        async with wired(server, limits) as wire:
            asked = [call(spoken, method, (), url=server.service) for method in "abc"]
            found = [await wire.send(request, spoken) for request in asked]
            await asyncio.sleep(0.3)
            return [*found, await wire.send(call(spoken, "d", (), url=server.service), spoken)]

    one, bad, three, four = asyncio.run(run())
    assert (bad.sent, bool(bad.broken)) == (1, True)
    assert all(
        b'"method":"%b"' % name in found.body for name, found in ((b"a", one), (b"c", three), (b"d", four))
    )
    assert len(server.seen) == 4


def test_an_interrupted_line_spoils_no_other() -> None:
    """A question given up in its middle leaves no answer behind that the next could take for its own."""
    server = lines(n0="late")

    async def run() -> Received:
        spoken = provider("esplora")
        async with wired(server, Limits(total=5.0)) as wire:
            first = asyncio.create_task(wire.send(call(spoken, "a", (), url=server.service), spoken))
            await asyncio.sleep(0.1)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            return await wire.send(call(spoken, "b", (), url=server.service), spoken)

    assert b'"method":"b"' in asyncio.run(run()).body


def test_the_origin_of_a_url() -> None:
    """The stand-ins' own addresses are put in where the test's server is."""
    assert origin("https://api.example.org:8443/v2?x=1") == "https://api.example.org:8443"
