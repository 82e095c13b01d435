"""Arbitrum's own bridge, from its chains to the first layer. The key is the message's position.

The position of ``L2ToL1Tx`` is the index that the outbox tells as it carries the message out. A first layer
has several outboxes, each of one chain, so the key begins with the chain, which the registry tells of an
outbox. The way in is by retryable tickets, whose ids are hashes of a whole transaction: no recorded one was
at hand to check such a hash by, and they are left out. So are messages from before Nitro (2022).

Source: OffchainLabs/nitro-contracts, ArbSys.sol (L2ToL1Tx) and IOutbox.sol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.numbers import evm_number
from flowtrace.crossing.seen import Event, Seen

SENT = Event("L2ToL1Tx(address,address,uint256,uint256,uint256,uint256,uint256,uint256,bytes)", 3)
EXECUTED = Event("OutBoxTransactionExecuted(address,address,uint256,uint256)", 3)
EVENTS = (SENT, EXECUTED)


def ends(seen: Seen, origins: Mapping[str, str]) -> Iterator[End]:
    """Yield the ends that one transaction tells.

    Parameters
    ----------
    origins
        The chain that each outbox belongs to, by its address.
    """
    for log, indexed, data in SENT.among(seen.own):
        key, value = f"{evm_number(seen.chain)}/{indexed.number(2)}", data.number(4)
        moved = {"asset": "arbitrum:coin", "units": value} if value else {}
        whom = indexed.address(0)
        yield seen.end(
            "arbitrum", key, side=Side.SENT, at=log.index, recipient=whom,
            terms=(("recipient", whom), ("sender", data.address(0))), **moved,
        )  # fmt: skip
    for log, indexed, data in EXECUTED.among(seen.own):
        origin = origins.get(log.address)
        if origin:
            whom = indexed.address(0)
            yield seen.end(
                "arbitrum", f"{evm_number(origin)}/{data.number(0)}", side=Side.PAID, at=log.index,
                recipient=whom, other_chain=origin,
                terms=(("recipient", whom), ("sender", indexed.address(1))),
            )  # fmt: skip
