"""Secrets: they reach the service and nothing else, whatever it echoes and however it fails."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.mishaps import SERVICE
from fetch.server import Server
from fetch.services import Reply
from flowtrace.errors import FlowtraceError, KeyRefusedError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask
from flowtrace.fetch.door.host import Patience
from flowtrace.fetch.door.received import Limits
from flowtrace.fetch.door.secret import REDACTED, Eraser, real
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.door.wire import PROXY, Wire
from flowtrace.fetch.provider import Provider, providers
from flowtrace.model import Key, Request

NAME = "FLOWTRACE_TEST_KEY"
KEY = "Zq8x3v9L+tTq1/mN5b=="
FAULTS: Mapping[int, str | Callable[[Reply], Reply | None]] = {
    1: SERVICE["500 page"], 2: "truncated", 3: SERVICE["429"], 4: "abort before headers",
    6: SERVICE["redirect"], 7: SERVICE["403 captcha page"],
}  # fmt: skip
SWIFT = Patience(first=0.001, longest=0.002)


@contextmanager
def secret(value: str) -> Iterator[None]:
    """Set the secret in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME, value)
        yield


def told(store: EvidenceStore, folder: Path) -> Iterator[bytes]:
    """Return everything a case keeps: its files as they lie there, its log, and its bodies unpacked."""
    store.close()
    yield from (path.read_bytes() for path in folder.iterdir())
    with EvidenceStore(store.path) as again:
        for (entry,) in again._custody._rows("SELECT entry FROM log"):  # noqa: SLF001
            yield entry.encode()
        yield from (again._custody.get(e["sha256"], e["size"], "") for e in attempts(again))  # noqa: SLF001


def attempts(store: EvidenceStore) -> list[dict[str, Any]]:
    """Return the log's entries of what left."""
    return [*store.noted("acquired"), *store.noted("failed")]


def forms(value: str) -> set[str]:
    """Return the ways a secret may be written down."""
    return {value, quote(value, safe=""), quote(value), value.replace("/", "\\/")}


PLACES = {
    "query apikey": (KEY, "", (KEY,)),
    "header TRON-PRO-API-KEY": (KEY, "", (KEY,)),
    "basic": ("trace:pass-w0rd", "", ("pass-w0rd", "dHJhY2U6cGFzcy13MHJk")),
    "base": (
        "http://trace:p%2Fss-w0rd@{host}/v3/Qm7rT0kenInPath?token=t0k-in-query", "base",
        ("p%2Fss-w0rd", "p/ss-w0rd", "Qm7rT0kenInPath", "t0k-in-query", "dHJhY2U6cC9zcy13MHJk"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_reaches_the_service_and_nothing_else(
    place: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Echoed in body and headers, in good answers and bad ones: it is in no file, log, error or repr."""
    value, base, parts = PLACES[place]
    server = Server(lambda _: (200, {}, b'{"a": "'), faults=FAULTS, echo=True)
    caplog.set_level(logging.DEBUG)
    words: list[str] = []

    async def run(store: EvidenceStore) -> None:
        async with server:
            host = server.url.partition("://")[2]
            shipped = next(iter(providers()))
            url = f"http://{host}"
            own = replace(shipped, url=url, key=Key(NAME, place), private=True, requests=10_000, seconds=1.0)
            wire = Wire(limits=Limits(size=1 << 16))
            with secret(value.format(host=host)):
                async with Door(store, wire=wire, patience=SWIFT) as door:
                    store.note("asked", ask=Ask(own, "0x" + "7" * 64).text)
                    for number in range(5):
                        asked = Request("GET", f"{url}/tx/{number}?a=1", key=own.key)
                        try:
                            words.append(repr(await door.ask(asked, own)))
                        except FlowtraceError as error:
                            words.extend(map(repr, (error, error.__cause__, error.__context__)))
                    words.extend((repr(door.tallies), repr(vars(door)), repr(vars(wire)), repr(own)))

    with EvidenceStore(tmp_path / "evidence.sqlite") as store:
        asyncio.run(run(store))
        arrived = repr([(seen.request, seen.headers) for seen in server.seen])
        assert any(form in arrived for part in parts for form in forms(part)), "it did reach the service"
        everything = [*told(store, tmp_path), caplog.text.encode(), *(word.encode() for word in words)]
    for part in parts:
        for form in forms(part):
            assert not [where[:300] for where in everything if form.encode() in where], form
    assert any(REDACTED.encode() in where for where in everything)
    assert not base or len(server.seen) > 5


def test_what_was_taken_out_is_on_record(tmp_path: Path) -> None:
    """A redacted body says the hash of what came, so that whoever has the original can prove it."""
    server = Server(lambda _: (200, {}, b"{}"), echo=True)

    async def run(store: EvidenceStore) -> None:
        async with server:
            own = replace(
                next(iter(providers())), url=server.url, key=Key(NAME, "query apikey"), private=True
            )
            with secret(KEY):
                async with Door(store, patience=SWIFT) as door:
                    await door.ask(Request("GET", f"{server.url}/", key=own.key), own)

    with EvidenceStore(tmp_path / "evidence.sqlite") as store:
        asyncio.run(run(store))
        (entry,) = store.noted("acquired")
        assert entry["before_redaction"] == hashlib.sha256(server.given[0]).hexdigest()
        assert entry["sha256"] != entry["before_redaction"]
        assert not list(store.faults())


def test_a_proxy_is_used_and_not_told(tmp_path: Path) -> None:
    """Public services are asked through the user's proxy, wherever it lies; its password is a secret, too."""
    proxy = Server(lambda _: (200, {}, b"{}"), echo=True)
    words: list[str] = []

    async def run(store: EvidenceStore) -> None:
        async with proxy:
            public = replace(next(iter(providers())), url="http://service.example", key=None)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(PROXY, proxy.url.replace("://", "://trace:pr0xy-pass@"))
                async with Door(store, patience=SWIFT) as door:
                    words.append(repr(await door.ask(Request("GET", "http://service.example/a"), public)))
                    patch.setenv(PROXY, "http://trace:pr0xy-pass@127.0.0.1:9")
                    with pytest.raises(FlowtraceError) as error:
                        await door.ask(Request("GET", "http://service.example/b"), public)
                    words.append(str(error.value))

    with EvidenceStore(tmp_path / "evidence.sqlite") as store:
        asyncio.run(run(store))
        assert "dHJhY2U6cHIweHktcGFzcw==" in repr(proxy.seen[0].headers)
        everything = [*told(store, tmp_path), *(word.encode() for word in words)]
    for form in (b"pr0xy-pass", b"dHJhY2U6cHIweHktcGFzcw"):
        assert not [where[:200] for where in everything if form in where]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9050", "127.0.0.1:8080", "http//x"])
def test_a_proxy_of_another_kind_is_named(proxy: str) -> None:
    """What cannot be used is refused, not passed by: nothing leaves around a proxy."""
    public = replace(next(iter(providers())), url="http://service.example", key=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PROXY, proxy)
        with pytest.raises(FlowtraceError, match=f"{PROXY} is not the address of an HTTP proxy"):
            asyncio.run(Wire().send(Request("GET", "http://service.example/"), public))
        patch.setenv(PROXY, "http://127.0.0.1:8080")
        with pytest.raises(FlowtraceError, match=f"cannot be asked in lines through {PROXY}"):
            asyncio.run(Wire().send(Request("POST", "tcp://service.example:50001", b"{}"), public))


def placed(place: str, value: str, url: str = "https://a.example/api?x=1") -> tuple[str, dict[str, str]]:
    """Return URL and headers of a request with its secret in its place."""
    return real(Request("GET", url, key=Key(NAME, place)), value)


def test_each_place_has_its_secret() -> None:
    """In the query, in a header, as a login, or as the server's own address."""
    assert placed("query apikey", "k&y")[0] == "https://a.example/api?x=1&apikey=k%26y"
    assert placed("query apikey", "k", "https://a.example/api")[0] == "https://a.example/api?apikey=k"
    assert placed("header X-Key", "k")[1] == {"X-Key": "k"}
    assert placed("basic", "user:pass")[1] == {"Authorization": "Basic dXNlcjpwYXNz"}
    own = "https://u:p@own.example:8545/v3/KEY/"
    assert placed("base", own)[0] == "https://u:p@own.example:8545/v3/KEY/api?x=1"
    assert placed("base", own, "https://a.example")[0] == "https://u:p@own.example:8545/v3/KEY/"
    asked = "https://own.example/rpc?key=abc"
    assert (
        placed("base", asked, "https://a.example/tx/1?x=2")[0] == "https://own.example/rpc/tx/1?x=2&key=abc"
    )


def test_a_server_of_ones_own_without_an_address_is_named() -> None:
    """A base that is not set is an error that names the variable."""
    own = replace(next(iter(providers())), key=Key(NAME, "base"), private=True)
    with pytest.raises(KeyRefusedError, match=f"set {NAME} in the environment"):
        asyncio.run(Wire().send(Request("GET", own.url, key=own.key), own))


@given(
    st.text("abcXYZ019-_+/=&%\"'<é", min_size=6, max_size=40), st.binary(max_size=60), st.binary(max_size=60)
)
def test_no_form_of_a_secret_stays(value: str, before: bytes, after: bytes) -> None:
    """Whatever a secret is made of: as it is, quoted, escaped in JSON, it does not stay in a body."""
    for form in forms(value):
        found = Eraser(value).body(before + form.encode() + after, cut=False)
        assert form.encode() not in found


@given(st.text("abcXYZ019", min_size=12, max_size=40), st.integers(6, 40))
def test_a_body_cut_within_a_secret_keeps_no_half_of_it(value: str, length: int) -> None:
    """An answer that broke off in the middle of an echoed key does not keep its beginning."""
    part = value[: min(length, len(value) - 1)]
    assert part.encode() not in Eraser(value).body(b"key=" + part.encode(), cut=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("http://127.0.0.1:8545", "Cannot connect to host 127.0.0.1:8545"),
        ("http://node.example/mainnet", "mainnet is at block 5"),
        ("http://node.example/rpc?network=bitcoin&timeout=100000", "bitcoin 100000"),
        ("abc", "abc"),
        ("", "nothing to hide"),
    ],
)
def test_what_is_no_secret_is_left(value: str, text: str) -> None:
    """A host has to be named in errors; plain words and numbers of an address would tear holes into data."""
    assert Eraser(value).text(text) == text


def test_the_provider_shows_no_secret() -> None:
    """A provider of one's own knows scheme, host and port of its address, and the name of its variable."""
    address = "https://trace:pass-w0rd@own.example:8545/v3/KEYKEYKEYKEY"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLOWTRACE_RPC_1", address)
        own = next(one for one in providers() if one.service == "own")
    assert isinstance(own, Provider)
    assert own.url == "https://own.example:8545"
    assert "pass-w0rd" not in repr(own)
    assert "KEYKEY" not in repr(own) + Ask(own, "0x" + "7" * 64).text
