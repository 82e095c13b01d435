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
        if not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise SourceError(f"{host} leads to {address}, which is not a public address: not asked")

    def check_host(self, host: str) -> None:
        """Check a host that is written as an address; a name is checked when it has been looked up."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return
        self.check(host, host)

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
