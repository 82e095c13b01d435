"""Tokens that are known by name, so that a record without symbol and decimals can still be read."""

from __future__ import annotations

from flowtrace.model import ETHEREUM, Address, Asset, wrapped_coin


def _token(contract: str, symbol: str, decimals: int) -> Asset:
    return Asset.token(Address.parse(ETHEREUM, contract), symbol, decimals)


# Contract addresses as their issuers publish them; symbol and decimals as their contracts answer.
WETH = _token("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "WETH", 18)
TOKENS = {
    token.contract: token
    for token in (
        WETH,
        _token("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "USDC", 6),
        _token("0xdAC17F958D2ee523a2206206994597C13D831ec7", "USDT", 6),
        _token("0x6B175474E89094C44Da98b954EedeAC495271d0F", "DAI", 18),
        _token("0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599", "WBTC", 8),
    )
}


def known_token(contract: Address) -> Asset | None:
    """Return the token that a contract keeps, if it is one of those named here or a chain's wrapped coin."""
    found = TOKENS.get(contract.account) if contract.chain_id == ETHEREUM.id else None
    return found or wrapped_coin(contract)
