"""DefiLlama: dollar prices of coins and tokens near a time. A coin it does not know is simply absent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flowtrace.errors import SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, unreadable
from flowtrace.model import Answer, Asset, Price, Request

_WIDTH = "4h"  # how far from the time wanted a quote may be
_CHAINS = {
    "eip155:1": "ethereum", "eip155:10": "optimism", "eip155:56": "bsc", "eip155:100": "xdai",
    "eip155:137": "polygon", "eip155:8453": "base", "eip155:42161": "arbitrum", "eip155:43114": "avax",
    "tron:0x2b6653dc": "tron", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqKZvdp": "solana",
}  # fmt: skip
_COINS = {
    "ETH": "ethereum", "BNB": "binancecoin", "XDAI": "xdai", "POL": "matic-network", "RON": "ronin",
    "AVAX": "avalanche-2", "BTC": "bitcoin", "LTC": "litecoin", "DOGE": "dogecoin", "TRX": "tron",
    "SOL": "solana",
}  # fmt: skip


def price(provider: Provider, asset: Asset, time: int) -> Asking[Price]:
    """Ask for the price of an asset near a time.

    Raises
    ------
    SourceError
        If it has none near enough.
    """
    coin = _coin(asset)
    url = f"{provider.url}/prices/historical/{time}/{coin}?searchWidth={_WIDTH}"
    answer: Answer = yield Request("GET", url)
    if fault_of(answer) is not Fault.NONE:
        raise SourceError(f"{provider.id}: {complaint(answer)[1]}")
    found = _coins(answer)
    if not found:
        raise SourceError(f"{provider.id} has no price of {asset} within {_WIDTH} of {time}")
    quote = {name.lower(): one for name, one in found.items()}.get(coin.lower())
    if quote is None:
        raise unreadable(answer, "the price of another coin")
    try:
        usd, at = quote["price"], quote["timestamp"]
        if not isinstance(usd, Decimal | int) or type(at) is not int or usd < 0:
            raise TypeError  # noqa: TRY301  told with the other faults below
    except (KeyError, TypeError):
        raise unreadable(answer, "a price in another form") from None
    return Price(asset, time, f"{usd:f}", at, "DefiLlama", _text(quote.get("confidence")))


def _coin(asset: Asset) -> str:
    if not asset.contract:
        name = _COINS.get(asset.symbol)
        if name is None:
            raise SourceError(f"no price source knows {asset}")
        return f"coingecko:{name}"
    chain = _CHAINS.get(asset.chain_id)
    if chain is None:
        raise SourceError(f"no price source knows {asset}")
    return f"{chain}:{asset.contract}"


def _coins(answer: Answer) -> Mapping[str, Mapping[str, Any]]:
    try:
        found = json.loads(answer.body, parse_float=Decimal)["coins"]
        if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
            raise TypeError  # noqa: TRY301  told with the other faults below
    except (ValueError, RecursionError, KeyError, TypeError):
        raise unreadable(answer, "no coins") from None
    return found


def _text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal | int) else ""
