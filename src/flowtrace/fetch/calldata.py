"""Value moves that a transaction's calldata states: token ``transfer`` calls, and bridge withdrawals.

Calldata says what was asked of a contract, not what its logs recorded, so these legs are marked *decoded*.
Only contracts named here are believed: anyone can deploy a contract that answers ``transfer``.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.errors import InputError
from flowtrace.model import ETHEREUM, Address, Amount, Asset, wrapped_coin

_TRANSFER = "a9059cbb"  # transfer(address,uint256), ERC-20
_WITHDRAW = "993e1c42"  # withdrawERC20For(uint256,address,address,uint256,bytes), Ronin Bridge gateway


def _token(contract: str, symbol: str, decimals: int) -> Asset:
    return Asset.token(Address.parse(ETHEREUM, contract), symbol, decimals)


# Contract addresses as their issuers publish them; symbol and decimals as their contracts answer.
_WETH = _token("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "WETH", 18)
_TOKENS = {
    token.contract: token
    for token in (
        _WETH,
        _token("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "USDC", 6),
        _token("0xdAC17F958D2ee523a2206206994597C13D831ec7", "USDT", 6),
        _token("0x6B175474E89094C44Da98b954EedeAC495271d0F", "DAI", 18),
        _token("0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599", "WBTC", 8),
    )
}
_RONIN_BRIDGE = Address.parse(ETHEREUM, "0x1A2a1c938CE3eC39b6D47113c7955bAa9DD454F2")


def known_token(contract: Address) -> Asset | None:
    """Return the token that a contract keeps, if it is one of those named here or a chain's wrapped coin."""
    found = _TOKENS.get(contract.account) if contract.chain_id == ETHEREUM.id else None
    return found or wrapped_coin(contract)


@dataclass(frozen=True, slots=True)
class Moved:
    """A move stated by calldata."""

    source: Address
    target: Address
    amount: Amount


def decoded(contract: Address, sender: Address, calldata: str) -> Moved | None:
    """Return the move a call states, or None where it states none we believe.

    Raises
    ------
    InputError
        If a call we know is malformed.
    """
    if contract.chain_id != ETHEREUM.id:
        return None
    selector, arguments = calldata[2:10], calldata[10:]
    if selector == _TRANSFER and contract.account in _TOKENS:
        target, units = _arguments(("address", "uint256"), arguments, contract)
        return Moved(sender, Address.parse(ETHEREUM, target), Amount(_TOKENS[contract.account], units))
    if selector == _WITHDRAW and contract == _RONIN_BRIDGE:
        kinds = ("uint256", "address", "address", "uint256", "bytes")
        _, user, token, units, _ = _arguments(kinds, arguments, contract)
        return Moved(contract, Address.parse(ETHEREUM, user), Amount(_paid_out(token), units))
    return None


def _paid_out(token: str) -> Asset:
    """Return what the bridge hands out: it unwraps WETH and pays ether, other tokens as they are."""
    asset = _TOKENS.get(token)
    if asset == _WETH:
        return Asset.native(ETHEREUM)
    return asset or Asset.token(Address.parse(ETHEREUM, token), "", 0)


def _arguments(kinds: tuple[str, ...], text: str, contract: Address) -> tuple:  # type: ignore[type-arg]
    from eth_abi import abi  # noqa: PLC0415  half a second of import; only calls that decode pay it
    from eth_abi.exceptions import DecodingError  # noqa: PLC0415  the same

    try:
        return abi.decode(kinds, bytes.fromhex(text))
    except (DecodingError, ValueError) as error:
        msg = f"call to {contract}: its arguments cannot be decoded: {error}"
        raise InputError(msg) from None
