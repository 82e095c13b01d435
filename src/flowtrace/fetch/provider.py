"""Who can be asked: the services and their limits, as data with the day they were last checked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from flowtrace.errors import InputError
from flowtrace.fetch.own_options import SUFFIX, read_options
from flowtrace.model import Chain, Family, Key

_FILE = "providers.toml"
NO_CHAIN = Chain("none", "prices", Family.EVM, "", 0, 0)
"""What a provider of prices stands for: it is of no chain."""
PAGES = "page"
"""The kind of a provider whose answers are pages for people, and meant to be."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One service for one chain.

    Attributes
    ----------
    id
        ``SERVICE@CHAIN``, unique.
    kind
        Which dialect it speaks: ``portal``, ``explorer``, ``rpc``, ``esplora``, ``electrum``, ``bitcoind``,
        ``tron``, ``solana``.
    url
        Where it is, without a key.
    key
        The key it takes; None where it takes none. ``needs_key`` says whether it answers without one.
    requests, seconds
        The pace it allows: at most so many requests in any so many seconds. ``keyed`` is the pace with a key.
    concurrent
        How many requests may be under way at once.
    page
        Most rows it gives in one answer; ``window`` the most it gives by paging one question.
    depth
        How many blocks below its head a block is taken to be final, where it does not say itself.
    options
        What else its dialect has to know, as text.
    silence
        Seconds that it may think before an answer begins, where that is longer than usual.
    """

    id: str
    service: str
    kind: str
    chain: Chain
    url: str
    key: Key | None
    needs_key: bool
    requests: int
    seconds: float
    concurrent: int
    page: int
    window: int
    depth: int
    verified_on: str
    source: str
    options: Mapping[str, str]
    private: bool = False
    silence: float = 0.0

    @property
    def host(self) -> str:
        """The host, with the port where one is named: what a pace is kept for."""
        return urlsplit(self.url).netloc

    @property
    def ready(self) -> bool:
        """Whether it can be asked: it needs no key, or its key is set."""
        return not self.needs_key or (self.key is not None and key_value(self.key.name) is not None)


def key_value(name: str) -> str | None:
    """Return the value of a key from the environment, else from the keyring where one is installed."""
    return os.environ.get(name) or _keyring()(name) or None


@lru_cache(maxsize=1)
def _keyring() -> Callable[[str], str | None]:
    """Return the look-up in the keyring; one that finds nothing where none is installed or it is locked."""
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415  not part of the installation
        from keyring.errors import KeyringError  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415  as above
    except ImportError:
        return lambda _name: None

    def found(name: str) -> str | None:
        try:
            value: str | None = keyring.get_password("flowtrace", name)
        except KeyringError:
            return None
        return value

    return found


def providers() -> tuple[Provider, ...]:
    """Return every provider: the user's own first, then the shipped ones in order of trust and cost.

    A user's own server is set by its address in the environment: ``FLOWTRACE_RPC_1`` is a JSON-RPC server for
    ``eip155:1``, ``FLOWTRACE_ESPLORA_BITCOIN`` an Esplora server for Bitcoin, and so on (``KIND_CHAIN``, the
    chain by its number or name). What else is to be known of it stands in a variable of the same name with
    ``_OPTIONS`` behind it: see :mod:`flowtrace.fetch.own_options`.
    """
    return (*_own(), *_shipped())


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("flowtrace.fetch") / _FILE).read_text(encoding="utf-8"))


def _shipped() -> tuple[Provider, ...]:
    data = _data()
    return tuple(
        _provider(service, fields, chain) for service, fields in data.items() for chain in fields["chains"]
    )


_DEFAULTS: Mapping[str, Any] = {
    "needs_key": False, "concurrent": 4, "page": 0, "window": 0, "depth": 0, "options": {},
}  # fmt: skip


def _provider(service: str, fields: Mapping[str, Any], chain_name: str) -> Provider:
    chain = NO_CHAIN if chain_name == NO_CHAIN.name else Chain.of(chain_name)
    given = {**_DEFAULTS, **fields}
    names = {**given["options"], **given["chains"][chain_name]}
    pace = given["keyed"] if "keyed" in given and key_value(given["key"]["name"]) else given["pace"]
    return Provider(
        id=f"{service}@{chain.name}",
        service=service,
        kind=given["kind"],
        chain=chain,
        url=given["url"].format(**names, chainid=chain.id.partition(":")[2]),
        key=Key(**given["key"]) if "key" in given else None,
        needs_key=given["needs_key"],
        requests=pace[0],
        seconds=pace[1],
        concurrent=given["concurrent"],
        page=given["page"],
        window=given["window"],
        depth=int(names.get("depth", given["depth"])),
        verified_on=str(given["verified_on"]),
        source=given["source"],
        options={key: str(value) for key, value in names.items()},
    )


_OWN_PREFIX = "FLOWTRACE_"
_OWN_KINDS = ("RPC", "ESPLORA", "ELECTRUM", "BITCOIND", "EXPLORER", "PORTAL", "TRON", "SOLANA")
_OWN_PACE, _OWN_AT_ONCE = (50, 1.0), 8
_SCAN = 3_600.0  # seconds: a node that is asked for coins reads all of its set, and says nothing meanwhile


def _own() -> tuple[Provider, ...]:
    found = []
    for name in sorted(os.environ):
        kind, _, chain = name.removeprefix(_OWN_PREFIX).partition("_")
        if not (name.startswith(_OWN_PREFIX) and kind in _OWN_KINDS and chain and os.environ[name]):
            continue
        if not name.endswith(SUFFIX):
            found.append(own_provider(name, kind.lower(), chain))
        elif not os.environ.get(name.removesuffix(SUFFIX)):
            raise InputError(f"{name} is set, but no address of a server: set {name.removesuffix(SUFFIX)}")
    return tuple(found)


def own_provider(name: str, kind: str, chain_name: str) -> Provider:
    """Return the user's own server whose address stands in the environment under ``name``.

    Raises
    ------
    InputError
        If the chain is unknown or the address is no URL of a kind that can be asked. The message does not
        repeat the address: there may be a key in it.
    """
    try:
        named = chain_name.lower().replace("_", "-")  # no shell takes a variable with a hyphen in its name
        chain = Chain.of(f"eip155:{chain_name}" if chain_name.isdigit() else named)
    except InputError as error:
        raise InputError(f"{name} names an {error}") from None
    schemes = ("tcp", "ssl") if kind == "electrum" else ("http", "https")
    url = _place(key_value(name) or "", schemes)
    if not url:
        raise InputError(f"{name} is not a URL that begins with {' or '.join(schemes)}://: correct it")
    model = next((p for p in _shipped() if p.kind == kind and p.chain == chain), None)
    said = read_options(name + SUFFIX, kind, os.environ.get(name + SUFFIX, ""))
    requests, seconds = said.pace or _OWN_PACE
    return Provider(
        id=f"{name.lower().removeprefix(_OWN_PREFIX.lower())}@{chain.name}",
        service="own",
        kind=kind,
        chain=chain,
        url=url,
        key=Key(name, "base"),
        needs_key=True,
        requests=requests,
        seconds=seconds,
        concurrent=said.concurrent or _OWN_AT_ONCE,
        page=said.page or (model.page if model else 0),
        window=said.window or (model.window if model else 0),
        depth=_depth(chain) if said.depth is None else said.depth,
        verified_on="",
        source=f"the user's own, set in {name}",
        options={**(model.options if model else {}), **said.dialect},
        private=True,
        silence=_SCAN if kind == "bitcoind" else 0.0,
    )


def _place(address: str, schemes: tuple[str, ...]) -> str:
    """Return scheme, host and port of an address, without all that may be secret; empty where it is none."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme not in schemes or not host:
        return ""
    return f"{parts.scheme}://[{host}]{port}" if ":" in host else f"{parts.scheme}://{host}{port}"


def _depth(chain: Chain) -> int:
    """Return how deep the shipped providers take a block of this chain to be final."""
    usual = 6 if chain.family is Family.UTXO else 0
    return next((p.depth for p in _shipped() if p.chain == chain and p.depth), usual)
