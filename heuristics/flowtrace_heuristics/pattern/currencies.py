"""What a payment was worth in dollars or euros, by tokens redeemed at par and quotes on the ledger alone.

The contracts are the issuers' own, or the chain's official bridge's; each address carries its checksum. A
token is one of these by its contract, never by its symbol.
"""

from __future__ import annotations

from fractions import Fraction

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Asset

_USDT, _USDC, _DAI = "USDT", "USDC", "DAI"
_AT_PAR = (
    ("ethereum", "0xdAC17F958D2ee523a2206206994597C13D831ec7", _USDT, 6),
    ("ethereum", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", _USDC, 6),
    ("ethereum", "0x6B175474E89094C44Da98b954EedeAC495271d0F", _DAI, 18),
    ("ethereum", "0x4Fabb145d64652a948d72533023f6E7A623C7C53", "BUSD", 18),
    ("ethereum", "0x0000000000085d4780B73119b644AE5ecd22b376", "TUSD", 18),
    ("ethereum", "0x1aBaEA1f7C830bD89Acc67eC4af516284b1bC33c", "EURC", 6),
    ("ethereum", "0xC581b735A1688071A1746c968e0798D642EDE491", "EURT", 6),
    ("bnb", "0x55d398326f99059fF775485246999027B3197955", _USDT, 18),
    ("bnb", "0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d", _USDC, 18),
    ("bnb", "0xe9e7CEA3DedcA5984780Bafc599bD69ADd087D56", "BUSD", 18),
    ("polygon", "0xc2132D05D31c914a87C6611C10748AEb04B58e8F", _USDT, 6),
    ("polygon", "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174", _USDC, 6),
    ("polygon", "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359", _USDC, 6),
    ("arbitrum", "0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9", _USDT, 6),
    ("arbitrum", "0xaf88d065e77c8cC2239327C5EDb3A432268e5831", _USDC, 6),
    ("arbitrum", "0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8", _USDC, 6),
    ("optimism", "0x94b008aA00579c1307B0EF2c499aD98a8ce58e58", _USDT, 6),
    ("optimism", "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85", _USDC, 6),
    ("optimism", "0x7F5c764cBc14f9669B88837ca1490cCa17c31607", _USDC, 6),
    ("base", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", _USDC, 6),
    ("avalanche", "0x9702230A8Ea53601f5cD2dc00fDBc13d4dF4A8c7", _USDT, 6),
    ("avalanche", "0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E", _USDC, 6),
    ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", _USDT, 6),
    ("solana", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", _USDC, 6),
    ("solana", "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", _USDT, 6),
)
KNOWN = {
    (address.chain_id, address.account): (symbol, decimals)
    for address, symbol, decimals in ((Address.parse(c, a), s, d) for c, a, s, d in _AT_PAR)
}
"""(chain, contract) of each token at par: its symbol and decimals."""
FREEZABLE = frozenset(key for key, (symbol, _) in KNOWN.items() if symbol != _DAI)
"""Those whose issuer can freeze them: all but DAI."""


def currency_of(asset: Asset) -> str:
    """Return ``USD`` or ``EUR`` for a token redeemed at par, or the currency itself at a bank; else nothing.

    >>> currency_of(Asset("iso20022:COBADEFF", "iso4217:EUR", "EUR", 2))
    'EUR'
    """
    kind, _, code = asset.reference.partition(":")
    if kind == "iso4217":
        return code if code in ("USD", "EUR") else ""
    held = KNOWN.get((asset.chain_id, asset.contract))
    return "" if held is None else "EUR" if held[0].startswith("EUR") else "USD"


class Worth:
    """What units of the ledger's assets were worth: in whole dollars or euros, exactly."""

    def __init__(self, ledger: Ledger) -> None:
        self._prices = ledger.prices
        self._assets = ledger.assets
        self._par = {n: c for n, asset in enumerate(ledger.assets) if (c := currency_of(asset))}
        self._quoted = {asset for asset, _ in ledger.prices}

    def told(self, asset: int) -> str:
        """Return the currency in which payments of an asset can be told, or nothing."""
        at_par = self._par.get(asset, "")
        return at_par or ("USD" if self._assets[asset] in self._quoted else "")

    def __call__(self, asset: int, units: int, time: int) -> Fraction | None:
        """Return the worth of units paid at a time; None where nothing tells it."""
        held = self._assets[asset]
        if asset in self._par:
            _, decimals = KNOWN.get((held.chain_id, held.contract), ("", held.decimals))
            return Fraction(units, 10**decimals)
        price = self._prices.get((held, time))
        return None if price is None else Fraction(price.usd) * units / 10**held.decimals
