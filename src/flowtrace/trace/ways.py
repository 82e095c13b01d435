"""The order and the depth of hops where the way goes over several ledgers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from flowtrace.model import Address, Crossed, Crossings, Hop, Link, Transfer, Uncrossed
from flowtrace.trace.swap import Place, woven


class Ways:
    """What links say of the order of payments: none that came stands before the one by which it left."""

    def __init__(self, links: Iterable[Link], transfers: Sequence[Transfer]) -> None:
        known = {transfer.id: transfer for transfer in transfers}
        self._left: dict[Place, Address | None] = {}
        after: dict[str, str] = {}
        for link in links:
            (name, number), (came, _) = link.gave, link.got
            if name in known and came in known:
                after[came] = name
                self._left[link.got] = known[name].outputs[number].address
        self.ordered = woven(transfers, after) if after else list(transfers)

    def came_by(self, place: Place) -> Address | None:
        """Return who took what came by a payment, on the ledger it left; None where it crossed none."""
        return self._left.get(place)


def walked(known: Crossings, hops: Iterable[Hop]) -> tuple[tuple[Crossed, ...], tuple[Uncrossed, ...]]:
    """Return the crossings that hops go by, and what left by their transactions and did not arrive."""
    places: Collection[Place] = {(hop.transfer.id, hop.leg) for hop in hops}
    txs = {name.rpartition(":")[0] for name, _ in places}
    made = tuple(one for one in known.made if one.gave in places)
    unmet = tuple(one for one in known.unmet if f"{one.chain_id}:{one.tx}" in txs)
    return made, unmet
