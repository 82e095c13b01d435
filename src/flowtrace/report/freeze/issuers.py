"""Tokens that their issuer can keep from moving, and who that is."""

from __future__ import annotations

from flowtrace.model import Address, Asset, Category, Entity

_TETHER = Entity("tether", "Tether", Category.OTHER)
_CIRCLE = Entity("circle", "Circle", Category.OTHER)
# Contracts as their issuers publish them; their code has a list of addresses that cannot move the token
# (TetherToken: addBlackList; FiatToken: blacklist).
ISSUED = {
    Address.parse("ethereum", "0xdAC17F958D2ee523a2206206994597C13D831ec7"): _TETHER,
    Address.parse("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"): _TETHER,
    Address.parse("ethereum", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"): _CIRCLE,
    Address.parse("base", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"): _CIRCLE,
    Address.parse("arbitrum", "0xaf88d065e77c8cC2239327C5EDb3A432268e5831"): _CIRCLE,
    Address.parse("avalanche", "0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e"): _CIRCLE,
    Address.parse("optimism", "0x0b2c639c533813f4aa9d7837caf62653d097ff85"): _CIRCLE,
    Address.parse("polygon", "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359"): _CIRCLE,
}
"""Who can block a token, by its contract."""


def issuer_of(asset: Asset) -> Entity | None:
    """Return who can block a token at an address; None where nobody is known to."""
    return ISSUED.get(Address(asset.chain_id, asset.contract)) if asset.contract else None
