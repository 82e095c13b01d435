"""Ren, shut down in 2022: what its gateways minted and burnt. One side each, as the chains have it.

A mint carries RenVM's nonce hash, which is made of the deposit's outpoint and a nonce that only RenVM knew;
a burn carries a number and the address to pay. Neither is written on Bitcoin: mints and burns are told with
their keys, and the other side is the outpoint that RenVM's records name.

Source: renproject/gateway-sol, MintGatewayV3.sol and IMintGateway.sol.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.seen import Event, Seen

MINTED = Event("LogMint(address,uint256,uint256,bytes32)", 3)
BURNT = Event("LogBurn(bytes,uint256,uint256,bytes)", 2)
EVENTS = (MINTED, BURNT)
_MOST = 128


def ends(seen: Seen) -> Iterator[End]:
    """Yield the ends that one transaction tells. A number of a burn is one gateway's own."""
    for log, indexed, data in MINTED.among(seen.own):
        yield seen.end(
            "ren", indexed.hex(2), side=Side.PAID, at=log.index, asset=f"{seen.chain}/{log.address}",
            units=data.number(0), recipient=indexed.address(0),
        )  # fmt: skip
    for log, indexed, data in BURNT.among(seen.own):
        who = data.bytes(0)[:_MOST]
        yield seen.end(
            "ren", f"{seen.chain}/{log.address}/{indexed.number(0)}", side=Side.SENT, at=log.index,
            asset=f"{seen.chain}/{log.address}", units=data.number(1),
            recipient=who.decode() if who.isascii() else f"0x{who.hex()}",
        )  # fmt: skip
