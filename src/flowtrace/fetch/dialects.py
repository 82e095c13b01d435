"""Which module speaks which kind of service."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Dialect, Freezes, Index, Prices

_MODULES = {
    "portal": "portal.dialect",
    "explorer": "explorer.dialect",
    "rpc": "evm.dialect",
    "esplora": "utxo.esplora",
    "electrum": "utxo.electrum",
    "bitcoind": "utxo.bitcoind",
    "tron": "tron.dialect",
    "solana": "solana.dialect",
    "llama": "prices.llama",
    "ecb": "prices.ecb",
    "index": "bridges.index",
}


_FREEZES = {"rpc": "evm.freezes", "explorer": "explorer.freezes", "tron": "tron.freezes"}


def freezes(kind: str) -> Freezes | None:
    """Return what asks a kind of service for issuers' freezes; None where there is nothing to ask."""
    name = _FREEZES.get(kind)
    return None if name is None else cast("Freezes", import_module(f"flowtrace.fetch.{name}"))


def dialect(kind: str) -> Dialect:
    """Return the module that speaks a kind of service with histories."""
    return cast("Dialect", import_module(f"flowtrace.fetch.{_MODULES[kind]}"))


def block_of(kind: str) -> Callable[[Provider, int], Asking[str]] | None:
    """Return what asks a kind of service for the hash of the block at a height.

    None where a head is asked for that cannot be rewritten any more, whatever its depth.
    """
    return getattr(dialect(kind), "block", None)


def prices(kind: str) -> Prices:
    """Return the module that speaks a kind of service with prices."""
    return cast("Prices", import_module(f"flowtrace.fetch.{_MODULES[kind]}"))


def index(kind: str) -> Index:
    """Return the module that speaks a kind of service with what became of transactions."""
    return cast("Index", import_module(f"flowtrace.fetch.{_MODULES[kind]}"))
