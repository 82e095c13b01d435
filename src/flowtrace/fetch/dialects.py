"""Which module speaks which kind of service."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from flowtrace.fetch.source import Dialect, Prices

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
}


def dialect(kind: str) -> Dialect:
    """Return the module that speaks a kind of service with histories."""
    return cast("Dialect", import_module(f"flowtrace.fetch.{_MODULES[kind]}"))


def prices(kind: str) -> Prices:
    """Return the module that speaks a kind of service with prices."""
    return cast("Prices", import_module(f"flowtrace.fetch.{_MODULES[kind]}"))
