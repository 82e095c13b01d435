"""Celer's cBridge: pool transfers. The key is the transfer's id; the payment names it as its source.

The sender and the receiver stand in both logs and must agree. Tokens differ by chain and so do their units:
nothing is held against the amounts. Its other ways, the vaults and pegged tokens, are not read.

Source: celer-network/sgn-v2-contracts, Bridge.sol (Send and Relay).
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.numbers import evm
from flowtrace.crossing.seen import Event, Seen
from flowtrace.crossing.words import Words

SENT = Event("Send(bytes32,address,address,address,uint256,uint64,uint64,uint32)", 0)
RELAYED = Event("Relay(bytes32,address,address,address,uint256,uint64,bytes32)", 0)
EVENTS = (SENT, RELAYED)


def ends(seen: Seen) -> Iterator[End]:
    """Yield the ends that one transaction tells."""
    for log, _, data in SENT.among(seen.own):
        yield _end(seen, data, data.hex(0), side=Side.SENT, at=log.index)
    for log, _, data in RELAYED.among(seen.own):
        yield _end(seen, data, data.hex(6), side=Side.PAID, at=log.index)


def _end(seen: Seen, data: Words, key: str, *, side: Side, at: int) -> End:
    """Return an end: from the second word to the sixth the two logs are alike."""
    who = data.address(2)
    return seen.end(
        "cbridge", key, side=side, at=at, asset=f"{seen.chain}/{data.address(3)}", units=data.number(4),
        recipient=who, other_chain=evm(data.number(5, 64)),
        terms=(("sender", data.address(1)), ("receiver", who)),
    )  # fmt: skip
