"""The order and the depth of hops where the way goes over several ledgers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from flowtrace.model import Address, Crossed, Crossings, Hop, Likely, Link, Transfer, Uncrossed
from flowtrace.trace.swap import Place, Swap, woven


class Ways:
    """The order in which payments are told, and which payment another carries on.

    None that came by a crossing stands before the one by which it left; else each ledger keeps its own order.

    Parameters
    ----------
    links, swaps
        What is followed across ledgers, and within transactions.
    transfers
        In chain order.
    """

    def __init__(
        self, links: Iterable[Link], transfers: Sequence[Transfer], swaps: Iterable[Swap] = ()
    ) -> None:
        known = self._known = {transfer.id: transfer for transfer in transfers}
        self._left: dict[Place, Place] = {}
        for swap in swaps:
            self._left |= dict.fromkeys((place for place, _ in swap.got), swap.gave[0][0])
        after: dict[str, str] = {}
        for link in links:
            if {link.gave[0], link.got[0]} <= known.keys():
                after[link.got[0]] = link.gave[0]
                self._left[link.got] = link.gave
        self.ordered = woven(transfers, after) if after else list(transfers)

    def before(self, place: Place) -> Place | None:
        """Return the payment by which went what came by this one; None where it is its giver's own."""
        return self._left.get(place)

    def givers(self, place: Place) -> frozenset[Address]:
        """Return who paid what a payment gives, by its asset."""
        transfer = self._known[place[0]]
        asset = transfer.outputs[place[1]].asset
        return frozenset(leg.address for leg in transfer.inputs if leg.address and leg.asset == asset)


def walked(
    known: Crossings, hops: Iterable[Hop]
) -> tuple[tuple[Crossed, ...], tuple[Uncrossed, ...], tuple[Likely, ...]]:
    """Return the crossings that hops go by, what left and did not arrive, and what only may have."""
    places: Collection[Place] = {(hop.transfer.id, hop.leg) for hop in hops}
    txs = {name.rpartition(":")[0] for name, _ in places}
    made = tuple(one for one in known.made if one.gave in places)
    unmet = tuple(one for one in known.unmet if f"{one.chain_id}:{one.tx}" in txs)
    return made, unmet, tuple(one for one in known.likely if one.gave in places)
