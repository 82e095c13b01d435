"""Which addresses a request may go to: public ones, and those of servers the user named.

A provider's name could be made to lead into the user's own network, now or between two look-ups, so the
address that is connected to is checked, not the name.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from flowtrace.errors import SourceError

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver, ResolveResult

# Addresses that carry an IPv4 address within: a gateway hands the packet on to that one.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")


class Guard:
    """Checks where a host name leads before a connection is made.

    Parameters
    ----------
    allowed
        Host names or addresses that may lie in private ranges: those the user named.
    """

    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        self._allowed = set(allowed)

    def allow(self, host: str) -> None:
        """Let a host that the user named lie in a private range."""
        self._allowed.add(host)

    def check(self, host: str, address: str) -> None:
        """Let an address pass, or refuse it.

        Raises
        ------
        SourceError
            If it is not a public one, and the user has not named the host.
        """
        if host in self._allowed:
            return
        if not _public(ipaddress.ip_address(address.partition("%")[0])):
            raise SourceError(f"{host} leads to {address}, which is not a public address: not asked")

    def check_host(self, host: str) -> None:
        """Check a host that is written as an address; a name is checked when it has been looked up.

        Systems also take "127.1", "0" and "2130706433" for addresses, without looking them up.
        """
        try:
            address = str(ipaddress.ip_address(host.partition("%")[0]))
        except ValueError:
            try:
                address = socket.inet_ntoa(socket.inet_aton(host))
            except (OSError, ValueError):
                return
        self.check(host, address)

    def resolver(self) -> AbstractResolver:
        """Return a resolver that checks every address it finds."""
        from aiohttp import ThreadedResolver

        guard = self

        class Checked(ThreadedResolver):
            async def resolve(
                self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
            ) -> list[ResolveResult]:
                found = await super().resolve(host, port, family)
                for result in found:
                    guard.check(host, result["host"])
                return found

        return Checked()


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is of the public network, and of one host there."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _public(inner)
        if address in _LOCAL_NAT64 or address.is_site_local or address.teredo is not None:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
