"""Chains: ledger ids as CAIP-2 writes them, with the few facts an address or an amount needs.

A bank's ledger is ``iso20022:BIC``. There are thousands of banks, so they are made when named, not listed.

Sources: CAIP-2 (chain agnostic), SLIP-44 (coin types), BIP-173 (human-readable parts), each chain's own
address version bytes (chainparams); ISO 9362 (BIC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from flowtrace.errors import InputError
from flowtrace.model.bank import NAMESPACE, read_bic

_DAY = 8  # digits of a day, the height of a bank's ledger: 20240531


class Family(StrEnum):
    """How a chain writes addresses and moves value."""

    EVM = "evm"
    UTXO = "utxo"
    TRON = "tron"
    SOLANA = "solana"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Chain:
    """One ledger.

    Attributes
    ----------
    id
        CAIP-2 id, such as ``eip155:1``.
    symbol, decimals, coin_type
        The native asset: its ticker, its decimal places, its SLIP-44 number. A bank has none: it keeps
        accounts in several currencies.
    versions, hrp
        Base58check version bytes and bech32 human-readable part of its addresses, where it has any.
    older_versions
        Version bytes that were replaced, each with the one that means the same today.
    """

    id: str
    name: str = field(compare=False)
    family: Family = field(compare=False)
    symbol: str = field(compare=False)
    decimals: int = field(compare=False)
    coin_type: int = field(compare=False)
    versions: frozenset[int] = field(default=frozenset(), compare=False)
    hrp: str = field(default="", compare=False)
    older_versions: Mapping[int, int] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return self.id

    @property
    def title(self) -> str:
        """Its name as a heading writes it: ``Ethereum``, ``Bank COBADEFF``."""
        return f"Bank {self.name}" if self.family is Family.BANK else self.name.title()

    def at(self, height: int) -> str:
        """Return a height in words: a block's number; at a bank, the day of its books.

        >>> Chain.of("ethereum").at(14442835), Chain.of("iso20022:COBADEFF").at(20240531)
        ('block 14442835', 'book day 2024-05-31')
        """
        day = str(height)
        if self.family is not Family.BANK or len(day) != _DAY:
            return f"block {height}"
        return f"book day {day[:4]}-{day[4:6]}-{day[6:]}"

    @classmethod
    def of(cls, text: str) -> Chain:
        """Return the chain with this CAIP-2 id or plain name; a bank's by its BIC.

        Raises
        ------
        InputError
            If flowtrace does not know the chain.

        Examples
        --------
        >>> Chain.of("iso20022:cobadeffxxx").id
        'iso20022:COBADEFF'
        """
        if text.startswith(f"{NAMESPACE}:"):
            return _bank(text.removeprefix(f"{NAMESPACE}:"))
        chain = _BY_NAME.get(text) or _BY_NAME.get(text.lower())
        if chain is None:
            known = ", ".join(sorted(c.name for c in CHAINS))
            msg = f"unknown chain {text!r}: use a CAIP-2 id, iso20022:BIC for a bank, or one of {known}"
            raise InputError(msg)
        return chain


@lru_cache(maxsize=1 << 10)
def _bank(text: str) -> Chain:
    bic = read_bic(text)
    return Chain(f"{NAMESPACE}:{bic}", bic, Family.BANK, "", 0, -1)


def _evm(number: int, name: str, symbol: str = "ETH", *, coin_type: int = 60) -> Chain:
    return Chain(f"eip155:{number}", name, Family.EVM, symbol, 18, coin_type)


CHAINS = (
    _evm(1, "ethereum"),
    _evm(10, "optimism"),
    _evm(56, "bnb", "BNB", coin_type=714),
    _evm(100, "gnosis", "XDAI", coin_type=700),
    _evm(137, "polygon", "POL", coin_type=966),
    _evm(2020, "ronin", "RON"),
    _evm(8453, "base"),
    _evm(42161, "arbitrum"),
    _evm(43114, "avalanche", "AVAX", coin_type=9000),
    Chain(
        "bip122:000000000019d6689c085ae165831e93",
        "bitcoin",
        Family.UTXO,
        "BTC",
        8,
        0,
        frozenset({0, 5}),
        "bc",
    ),
    Chain(
        "bip122:12a765e31ffd4059bada1e25190f6e98",
        "litecoin",
        Family.UTXO,
        "LTC",
        8,
        2,
        frozenset({48, 50, 5}),
        "ltc",
        {5: 50},
    ),
    Chain(
        "bip122:1a91e3dace36e2be3bf030a65679fe82", "dogecoin", Family.UTXO, "DOGE", 8, 3, frozenset({30, 22})
    ),
    # What a litecoind makes for itself, to be tried against: its coins are worth nothing.
    Chain(
        "bip122:530827f38f93b43ed12af0b3ad25a288",
        "litecoin-regtest",
        Family.UTXO,
        "RLTC",
        8,
        1,
        frozenset({111, 196, 58}),
        "rltc",
        {196: 58},
    ),
    Chain("tron:0x2b6653dc", "tron", Family.TRON, "TRX", 6, 195, frozenset({0x41})),
    Chain("solana:5eykt4UsFv8P8NJdTREpY1vzqKqKZvdp", "solana", Family.SOLANA, "SOL", 9, 501),
)
_BY_NAME = {key: chain for chain in CHAINS for key in (chain.id, chain.name)}
ETHEREUM = _BY_NAME["ethereum"]
