"""Which contracts are bridges, and how each protocol pays: data, in ``registry.toml``.

A log is what a contract chose to say, and anyone can deploy one that says anything. So only the contracts
named here are believed. A user's own registry may be read beside it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from flowtrace.crossing.join import Manner
from flowtrace.errors import InputError

_FILE, _ADDRESS, _CHAIN = (
    "registry.toml",
    re.compile(r"0x[0-9a-f]{40}"),
    re.compile(r"[a-z0-9]{3,8}:[\w-]{1,32}"),
)
_ACCOUNT = re.compile(r"[0-9A-Za-z]{20,100}")
VAULT = "vault"
"""The role of an address that a protocol pays from and is paid at: of any chain, and no contract."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A bridge's protocol: its key in words, how it pays, the topics it is read by, and its source."""

    name: str
    key: str
    manner: Manner
    topics: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract whose logs are believed.

    Attributes
    ----------
    role
        What it is where a protocol has several kinds; empty where it has one.
    of
        The chain at the other end, where the contract serves a single one.
    since
        The block of its first log; 0 where that was not checked.
    """

    protocol: str
    chain: str
    address: str
    role: str
    of: str
    since: int
    source: str


@dataclass(frozen=True, slots=True)
class Registry:
    """All protocols and contracts that are known."""

    protocols: tuple[Protocol, ...]
    contracts: tuple[Contract, ...]
    _at: dict[tuple[str, str], list[Contract]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for contract in self.contracts:
            self._at.setdefault((contract.chain, contract.address), []).append(contract)

    @property
    def manners(self) -> dict[str, Manner]:
        """How each protocol pays, for :func:`~flowtrace.crossing.join.join`."""
        return {protocol.name: protocol.manner for protocol in self.protocols}

    def at(self, chain: str, address: str) -> tuple[Contract, ...]:
        """Return what a contract of a chain is known as."""
        return tuple(self._at.get((chain, address), ()))

    def of(self, protocol: str, chain: str) -> tuple[Contract, ...]:
        """Return a protocol's contracts on a chain."""
        return tuple(c for c in self.contracts if c.protocol == protocol and c.chain == chain)

    def vaults(self, chain: str) -> dict[str, str]:
        """Return the protocol of each address of a chain that is known for a vault."""
        return {c.address: c.protocol for c in self.contracts if c.role == VAULT and c.chain == chain}

    def beside(self, other: Registry) -> Registry:
        """Return this registry with what another adds; how a protocol pays stays as it is here."""
        known = {protocol.name for protocol in self.protocols}
        added = tuple(one for one in other.protocols if one.name not in known)
        contracts = dict.fromkeys((*self.contracts, *other.contracts))
        return Registry((*self.protocols, *added), tuple(contracts))

    @classmethod
    def read(cls, text: str) -> Registry:
        """Read a registry.

        Raises
        ------
        InputError
            If it is not of the form of ``registry.toml``; the message names the entry.
        """
        try:
            data = tomllib.loads(text)
            protocols = tuple(_protocol(name, told) for name, told in data.get("protocol", {}).items())
            contracts = tuple(_contract(told) for told in data.get("contract", []))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"this is no registry of bridges: {error!r:.200}") from error
        return cls(protocols, contracts)


@lru_cache(maxsize=1)
def shipped() -> Registry:
    """Return the registry that flowtrace ships."""
    return Registry.read((resources.files("flowtrace.crossing") / _FILE).read_text(encoding="utf-8"))


def _protocol(name: str, told: dict[str, Any]) -> Protocol:
    manner = Manner(parts=bool(told.get("parts")), equals=bool(told.get("equals")), keeps=told.get("keeps"))
    return Protocol(name, told["key"], manner, tuple(told["topics"]), told["source"])


def _contract(told: dict[str, Any]) -> Contract:
    chain, address = told["chain"], told["address"]
    role, of, since = told.get("role", ""), told.get("of", ""), told.get("since", 0)
    form = _ACCOUNT if role == VAULT and not chain.startswith("eip155:") else _ADDRESS
    if not form.fullmatch(address) or not _CHAIN.fullmatch(chain):
        raise InputError(
            f"contract {address!r:.60} on {chain!r:.40}: write a CAIP-2 id and lower-case hexadecimal"
        )
    return Contract(told["protocol"], chain, address, role, of, since, told["source"])
