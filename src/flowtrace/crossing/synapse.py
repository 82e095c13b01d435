"""Synapse: what its bridge mints or releases, under a key it calls kappa. One side only.

The log that pays carries kappa; the one that sends does not. Kappa is made of the source transaction by the
bridge's nodes, off the chain, and how exactly could not be confirmed from a source at hand. So payments are
told with their key, and nothing joins them until the bridge's own index says which transaction a kappa
belongs to.

Source: synapsecns/synapse-contracts, SynapseBridge.sol.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.seen import Event, Seen

MINTED = Event("TokenMint(address,address,uint256,uint256,bytes32)", 2)
WITHDRAWN = Event("TokenWithdraw(address,address,uint256,uint256,bytes32)", 2)
EVENTS = (MINTED, WITHDRAWN)


def ends(seen: Seen) -> Iterator[End]:
    """Yield the payments that one transaction tells."""
    for event in EVENTS:
        for log, indexed, data in event.among(seen.own):
            units, fee = data.number(1), data.number(2)
            if fee > units:
                raise UndecodableError("a payment of Synapse takes a larger fee than it moves")
            yield seen.end(
                "synapse", indexed.hex(1), side=Side.PAID, at=log.index, units=units - fee, fee=fee,
                asset=f"{seen.chain}/{data.address(0)}", recipient=indexed.address(0),
            )  # fmt: skip
