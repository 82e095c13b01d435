"""What protocols call chains: each has numbers of its own for the same ledgers.

Sources: chain ids of EIP-155; Wormhole's chain ids (wormhole.com/docs/products/reference/chain-ids, and the
recorded answers of its scanner); LayerZero's endpoint ids (docs.layerzero.network/v2/deployments); Circle's
domains (developers.circle.com/cctp). A number that is not here stays ``PROTOCOL:NUMBER``.
"""

from __future__ import annotations

from flowtrace.crossing.ends import UndecodableError
from flowtrace.model import Chain

_SOLANA, _BITCOIN = Chain.of("solana").id, Chain.of("bitcoin").id
_NUMBERS: dict[str, dict[int, str]] = {
    "wormhole": {
        1: _SOLANA, 2: "eip155:1", 4: "eip155:56", 5: "eip155:137", 6: "eip155:43114", 16: "eip155:1284",
        23: "eip155:42161", 24: "eip155:10", 30: "eip155:8453",
    },
    "layerzero": {
        30101: "eip155:1", 30102: "eip155:56", 30106: "eip155:43114", 30109: "eip155:137",
        30110: "eip155:42161", 30111: "eip155:10", 30184: "eip155:8453",
    },
    "cctp": {
        0: "eip155:1", 1: "eip155:43114", 2: "eip155:10", 3: "eip155:42161", 5: _SOLANA, 6: "eip155:8453",
        7: "eip155:137",
    },
    "debridge": {7565164: _SOLANA},
}  # fmt: skip
_THORCHAIN = {
    name: Chain.of(chain).id
    for name, chain in {
        "BTC": "bitcoin", "LTC": "litecoin", "DOGE": "dogecoin", "ETH": "ethereum", "AVAX": "avalanche",
        "BSC": "bnb", "BASE": "base", "ARB": "arbitrum", "TRON": "tron", "SOL": "solana",
        "RLTC": "litecoin-regtest",
    }.items()
}  # fmt: skip
_BACK = {scheme: {chain: number for number, chain in table.items()} for scheme, table in _NUMBERS.items()}
_LARGEST = 1 << 64


def chain_of(scheme: str, number: int) -> str:
    """Return the chain that a protocol calls by this number.

    Examples
    --------
    >>> chain_of("wormhole", 16), chain_of("wormhole", 73)
    ('eip155:1284', 'wormhole:73')
    """
    return _NUMBERS[scheme].get(number) or f"{scheme}:{number}"


def number_of(scheme: str, chain: str) -> int:
    """Return the number by which a protocol calls a chain.

    Raises
    ------
    UndecodableError
        If it is not known: a key made with a wrong one would join what does not belong together.
    """
    number = _BACK[scheme].get(chain)
    if number is None:
        prefix, _, rest = chain.partition(":")
        if prefix != scheme or not rest.isdecimal() or not rest.isascii():
            raise UndecodableError(f"{scheme} has no number for {chain}: its keys cannot be told there")
        return int(rest[:9])
    return number


def thorchain_chain(asset: str) -> str:
    """Return the ledger that THORChain or Maya pays an asset on, by the asset's name in a memo.

    Synthetic and trade assets are paid within the protocol's own ledger, ``thorchain:pool``.

    Examples
    --------
    >>> thorchain_chain("ETH.USDC-0XA0B8"), thorchain_chain("GAIA.ATOM"), thorchain_chain("BTC/BTC")
    ('eip155:1', 'thorchain:GAIA', 'thorchain:pool')
    """
    name, dot, _ = asset.partition(".")
    if not dot or {"/", "~"} & set(asset):
        return "thorchain:pool"
    return _THORCHAIN.get(name) or f"thorchain:{name[:20]}"


def evm(number: int) -> str:
    """Return the EVM chain with this chain id."""
    if not 0 < number < _LARGEST:
        raise UndecodableError("a chain id is out of range")
    return f"eip155:{number}"


def evm_number(chain: str) -> int:
    """Return the chain id of an EVM chain."""
    prefix, _, rest = chain.partition(":")
    if prefix != "eip155" or not rest.isascii() or not rest.isdecimal():
        raise UndecodableError(f"{chain} has no chain id of EIP-155")
    return int(rest)
