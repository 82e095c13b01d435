"""The guard: no request goes into the user's own network, unless the user named the server."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.server import HOME, Server, at_home
from flowtrace.errors import SourceError
from flowtrace.fetch.door.guard import Guard
from flowtrace.fetch.door.received import Received
from flowtrace.fetch.door.wire import Wire
from flowtrace.fetch.provider import Provider, providers
from flowtrace.model import Key, Request

PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
    *("224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1", "::", "::1", "fe80::1"),
    *("fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:7f00:1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1"),
    *("2001:0:7f00:1::1", "fe80::1%eth0"),
)  # fmt: skip
PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
_NETWORKS = [
    ipaddress.ip_network(net) for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    """Private, local, reserved, and in whatever dress: refused, and the address is named."""
    with pytest.raises(SourceError, match="not a public address: not asked"):
        Guard().check("name.example", address)
    with pytest.raises(SourceError, match="not a public address"):
        Guard().check_host(address)
    Guard(frozenset({address})).check_host(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str) -> None:
    """Addresses of the public network are asked, also where one version carries the other."""
    Guard().check("name.example", address)
    Guard().check_host(address)


@given(st.sampled_from(_NETWORKS), st.integers(0, 1 << 24))
def test_no_dress_hides_a_private_address(network: ipaddress.IPv4Network, place: int) -> None:
    """An IPv4 address of one's own network is refused within every form of IPv6 that carries it."""
    inner = network[place % network.num_addresses]
    number = int(inner)
    dressed = (
        inner,
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
    )
    for address in dressed:
        with pytest.raises(SourceError):
            Guard().check("name.example", str(address))


@pytest.mark.parametrize("host", ["127.1", "0", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.1"])
def test_other_spellings_of_an_address_are_addresses(host: str) -> None:
    """What a system takes for an address without looking it up is checked as one."""
    with pytest.raises(SourceError, match=r"leads to (127|0)"):
        Guard().check_host(host)


@pytest.mark.parametrize("address", ["not an address", "", "name.example"])
def test_a_name_is_checked_when_it_is_looked_up(address: str) -> None:
    """A name alone says nothing yet."""
    Guard().check_host(address)


def asked(url: str, provider: Provider, key: Key | None = None) -> tuple[Received, int]:
    """Return what a request to a server of one's own gave, and how many requests the server saw."""
    server = Server(lambda _: (200, {}, b"{}"))

    async def run() -> Received:
        async with server:
            wire = Wire()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(HOME, server.url)
                port = server.url.rpartition(":")[2]
                try:
                    return await wire.send(Request("GET", url.format(port=port), key=key), provider)
                finally:
                    await wire.close()

    return asyncio.run(run()), len(server.seen)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "0"]
)
@pytest.mark.parametrize("scheme", ["http", "tcp"])
def test_nothing_leaves_for_ones_own_network(host: str, scheme: str) -> None:
    """By address or by name, in whatever spelling, over HTTP or in lines: refused before it is connected."""
    public = replace(next(iter(providers())), private=False, key=None)
    with pytest.raises(SourceError, match="not a public address: not asked"):
        asked(f"{scheme}://{host}:{{port}}/", public)


def test_a_server_the_user_named_is_asked() -> None:
    """What the user set as a server of their own may lie anywhere."""
    own = at_home(next(iter(providers())))
    received, seen = asked("https://portal.sqd.dev/", own, Key(HOME, "base"))
    assert (received.status, seen) == (200, 1)


def test_naming_one_server_opens_no_other() -> None:
    """After the user's own server was asked, another name for the same place is still refused."""
    guard = Guard()
    guard.allow("my-node")
    guard.check("my-node", "127.0.0.1")
    with pytest.raises(SourceError):
        guard.check("evil.example", "127.0.0.1")
