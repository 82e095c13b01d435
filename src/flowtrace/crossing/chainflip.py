"""Chainflip: what a vault's log says of a swap. The chain that sends does not tell which payment answers it.

A vault swap names the chain, the address and the asset it goes to. A swap by deposit channel is a plain
payment to an address used once. What joins either with its payment, the swap request's number, stands in
Chainflip's own chain and nowhere else; the payment on the other chain carries nothing. So an end has its
own transaction as key, which Chainflip's index answers by, and waits until that index is read. Chains are
by Chainflip's numbers.

Source: chainflip-io/chainflip-eth-contracts, IVault.sol, with ``cfParameters`` and before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.seen import Event, Seen

NATIVE = Event("SwapNative(uint32,bytes,uint32,uint256,address,bytes)", 1)
NATIVE_1 = Event("SwapNative(uint32,bytes,uint32,uint256,address)", 1)
TOKEN = Event("SwapToken(uint32,bytes,uint32,address,uint256,address,bytes)", 1)
TOKEN_1 = Event("SwapToken(uint32,bytes,uint32,address,uint256,address)", 1)
EVENTS = (NATIVE, NATIVE_1, TOKEN, TOKEN_1)
_ADDRESS = 20


def ends(seen: Seen) -> Iterator[End]:
    """Yield the swaps that one transaction asks for."""
    for event in EVENTS:
        token = event in (TOKEN, TOKEN_1)
        for log, _, data in event.among(seen.own):
            whom = data.bytes(1)
            yield seen.end(
                "chainflip", f"{seen.chain}/{seen.tx.lower()}/{log.index}", side=Side.SENT, at=log.index,
                asset=f"{seen.chain}/{data.address(3)}" if token else f"{seen.chain}/coin",
                units=data.number(4 if token else 3),
                other_chain=f"chainflip:{data.number(0, 32)}",
                recipient=_account(whom),
            )  # fmt: skip


def _account(raw: bytes) -> str:
    """Return an address of another chain: as text where it is written as text, else its bytes."""
    text = raw.isascii() and len(raw) > _ADDRESS and raw.decode().isalnum()
    return raw.decode()[:100] if text else f"0x{raw[:64].hex()}"
