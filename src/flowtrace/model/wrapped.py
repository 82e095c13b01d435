"""Wrapped coins: a chain's own coin as a token, and the two logs by which a contract makes and unmakes it.

WETH9 and its copies write ``Deposit(address indexed dst, uint256 wad)`` where they take coin and
``Withdrawal(address indexed src, uint256 wad)`` where they give it back, and no ``Transfer`` with either. So
they are read as what they are: tokens from the zero address to who deposits, and from who withdraws to it.

Only the contracts named here are believed. The two logs are no standard: stakes, vaults and bridges write the
same ones, of the same form, about what is no token of theirs; and anyone can deploy a contract that writes
them about coin which never was. Here it is known that each unit told is a unit of the balance, backed by the
coin itself.

Left out are those that do otherwise. Arbitrum's WETH (0x82aF49447D8a07e3bd95BD0d56f35241523fBab1) mints and
burns as OpenZeppelin's ERC-20 does: it writes ``Transfer`` and neither of the two. Ronin's WRON
(0xe514d9DEB7966c8BE0ca922de8a064264eA6bcd4) names nobody in its topics, so that no index finds its logs by
account. Sources: https://github.com/OffchainLabs/token-bridge-contracts (aeWETH.sol),
https://github.com/roninbuilders/contracts (wrapped_ron.ts).
"""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model.address import Address
from flowtrace.model.asset import Asset
from flowtrace.model.chain import Chain

DEPOSIT = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
WITHDRAWAL = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
NOBODY = "0x" + "00" * 20
"""The zero address of EVM chains: who is told to give what is made, and to take what is unmade."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A chain's coin as a token. ``source`` is where its contract's code can be read."""

    coin: Asset
    source: str


def _wrapped(chain: str, contract: str, symbol: str, *, source: str) -> Wrapped:
    address = Address.parse(chain, contract)
    return Wrapped(Asset.token(address, symbol, address.chain.decimals), f"https://{source}")


_PREDEPLOY = "0x4200000000000000000000000000000000000006"  # the same on every chain of the OP Stack
_PREDEPLOYS = "specs.optimism.io/protocol/predeploys.html"
WRAPPED = (
    _wrapped(
        "ethereum", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "WETH",
        source="etherscan.io/address/0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2#code",
    ),
    _wrapped("optimism", _PREDEPLOY, "WETH", source=_PREDEPLOYS),
    _wrapped("base", _PREDEPLOY, "WETH", source=_PREDEPLOYS),
    _wrapped(
        "bnb", "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c", "WBNB",
        source="bscscan.com/address/0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c#code",
    ),
    _wrapped(
        "gnosis", "0xe91D153E0b41518A2Ce8Dd3D7944Fa863463a97d", "WXDAI",
        source="gnosisscan.io/address/0xe91d153e0b41518a2ce8dd3d7944fa863463a97d#code",
    ),
    _wrapped(
        "polygon", "0x0d500B1d8E8eF31E21C99d1Db9A6444d3ADf1270", "WPOL",
        source="polygonscan.com/address/0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270#code",
    ),
    _wrapped(
        "avalanche", "0xB31f66AA3C1e785363F0875A1B74E27b85FD66c7", "WAVAX",
        source="snowtrace.io/address/0xb31f66aa3c1e785363f0875a1b74e27b85fd66c7#code",
    ),
)  # fmt: skip
_BY_CONTRACT = {(one.coin.chain_id, one.coin.contract): one.coin for one in WRAPPED}


def wrapped_coin(contract: Address) -> Asset | None:
    """Return the wrapped coin that a contract keeps, if it is one of those named here."""
    return _BY_CONTRACT.get((contract.chain_id, contract.account))


def wrapped_coins(chain: Chain) -> tuple[Asset, ...]:
    """Return the wrapped coins of a chain that are named here."""
    return tuple(one.coin for one in WRAPPED if one.coin.chain_id == chain.id)


def wrap(topic: str, holder: Address) -> tuple[Address, Address]:
    """Return (giver, taker) of what a wrapped coin's log tells: DEPOSIT of its holder, or WITHDRAWAL."""
    nobody = Address.parse(holder.chain, NOBODY)
    return (nobody, holder) if topic == DEPOSIT else (holder, nobody)
