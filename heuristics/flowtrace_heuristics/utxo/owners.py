"""Who spends together, over the whole ledger: what multi_input joins, for other rules to ask."""

from __future__ import annotations

from array import array

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Address
from flowtrace_heuristics.utxo.collaboration import NOBODY, by_place
from flowtrace_heuristics.utxo.neighbours import Columns


class Owners:
    """The addresses of a ledger, joined where one party spends their coins together."""

    def __init__(self, ledger: Ledger, attribution: Attribution) -> None:
        self._numbers = {address: number for number, address in enumerate(ledger.addresses)}
        self._parent = array("q", range(len(ledger.addresses)))
        judged, columns = by_place(ledger, attribution), Columns(ledger)
        for place in columns:
            givers = columns.givers(place) if judged.get(place, NOBODY).merges else []
            for number in givers[1:]:
                self._parent[self._root(number)] = self._root(givers[0])

    def same(self, one: Address, other: Address) -> bool:
        """Tell whether two addresses of the ledger are joined."""
        return self._root(self._numbers[one]) == self._root(self._numbers[other])

    def _root(self, number: int) -> int:
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number
