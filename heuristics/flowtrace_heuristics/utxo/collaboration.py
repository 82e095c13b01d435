"""The collaborative verdict: whether several parties made a transaction of coins together.

YES and SUSPECT both keep its inputs apart: one missed round costs more precision than hundreds of merges
that are not made cost recall.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Fact, FactKind, Kind, Transfer
from flowtrace_heuristics.utxo.detectors import NOBODY, Collaborative, Verdict, judge
from flowtrace_heuristics.utxo.neighbours import Columns, of_neighbours
from flowtrace_heuristics.utxo.sides import sides_of

__all__ = ["NOBODY", "Collaborative", "Verdict", "verdict", "verdicts"]

_JUDGED: WeakKeyDictionary[Ledger, tuple[Attribution, dict[int, Verdict]]] = WeakKeyDictionary()


def verdict(transfer: Transfer, *, listed: tuple[str, ...] = (), shape: Fact | None = None) -> Verdict:
    """Judge one transaction by itself; ``listed`` are the lists of rounds that hold it, ``shape`` its record.

    What needs its neighbours as well is said by ``verdicts``.
    """
    if transfer.kind is not Kind.COIN:
        return NOBODY
    return judge(sides_of(transfer), listed=listed, shape=shape)


def verdicts(ledger: Ledger, attribution: Attribution) -> dict[str, Verdict]:
    """Judge every transaction of coins on a ledger, with what its neighbours tell; by the transfer's id."""
    judged = by_place(ledger, attribution)
    return {
        f"{ledger.chain[place]}:{ledger.tx[place]}:{ledger.position[place]}": judged.get(place, NOBODY)
        for place in Columns(ledger)
    }


def by_place(ledger: Ledger, attribution: Attribution) -> dict[int, Verdict]:
    """Return the verdicts by place on the ledger; a place that is missing is nobody's but its owner's.

    Kept for as long as the ledger lives, for every heuristic of coins asks for it.
    """
    held = _JUDGED.get(ledger)
    if held is not None and held[0] is attribution:
        return held[1]
    found = _judged(ledger, attribution)
    _JUDGED[ledger] = (attribution, found)
    return found


def _judged(ledger: Ledger, attribution: Attribution) -> dict[int, Verdict]:
    columns = Columns(ledger)
    shapes = {(fact.chain_id, fact.tx): fact for fact in ledger.told(FactKind.SHAPE)}
    found: dict[int, Verdict] = {}
    for place in columns:
        key = (ledger.chain[place], ledger.tx[place])
        listed = attribution.listed(*key)
        if listed or columns.middle(place) - ledger.start[place] > 1:
            one = judge(columns.sides(place), listed=listed, shape=shapes.get(key))
            if one is not NOBODY:
                found[place] = one
    of_neighbours(columns, found)
    return found
