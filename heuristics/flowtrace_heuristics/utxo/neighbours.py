"""What a transaction's neighbours tell of it: remixes of Wasabi 2, Whirlpool's descent and preparations.

Read from the ledger's columns: a history of a million transactions passes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flowtrace.ledger import Ledger
from flowtrace.model import Kind
from flowtrace_heuristics.utxo import payjoin, whirlpool
from flowtrace_heuristics.utxo.detectors import NOBODY, Collaborative, Verdict, decide
from flowtrace_heuristics.utxo.sides import NO_ADDRESS, Sides, script_kind

_COIN = tuple(Kind).index(Kind.COIN)
_NOWHERE = -1
TX0 = "whirlpool tx0"
"""The design of a transaction that only prepares coins: its verdict is NO, whatever else it looks like."""


class Columns:
    """The coins of a ledger, row by row: sides, and the transactions that the inputs come from."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.kinds = [script_kind(address) for address in ledger.addresses]
        self.accounts = [address.account for address in ledger.addresses]

    def __iter__(self) -> Iterator[int]:
        return (place for place, kind in enumerate(self.ledger.kind) if kind == _COIN)

    def middle(self, place: int) -> int:
        """Return the row of the first output."""
        start, end = self.ledger.start[place], self.ledger.start[place + 1]
        return start + self.ledger.leg_side[start:end].count(0)

    def sides(self, place: int) -> Sides:
        """Return the sides of one transaction."""
        ledger, middle, end = self.ledger, self.middle(place), self.ledger.start[place + 1]
        inputs = ledger.leg_address[ledger.start[place] : middle]
        fee = 0
        while end > middle and ledger.leg_address[end - 1] < 0 and not ledger.leg_coin[end - 1]:
            end -= 1
            fee += ledger.leg_units[end]
        outputs = ledger.leg_address[middle:end]
        return Sides(
            chain_id=ledger.chain[place],
            height=ledger.height[place],
            given=tuple(ledger.leg_units[ledger.start[place] : middle]),
            givers=tuple(["" if n < 0 else self.accounts[n] for n in inputs]),
            gives=tuple([NO_ADDRESS if n < 0 else self.kinds[n] for n in inputs]),
            paid=tuple(ledger.leg_units[middle:end]),
            payees=tuple(["" if n < 0 else self.accounts[n] for n in outputs]),
            pays=tuple([NO_ADDRESS if n < 0 else self.kinds[n] for n in outputs]),
            fee=fee,
        )

    def givers(self, place: int) -> list[int]:
        """Return the numbers of the addresses that give, each once, in the transaction's order."""
        inputs = self.ledger.leg_address[self.ledger.start[place] : self.middle(place)]
        return [number for number in dict.fromkeys(inputs) if number >= 0]

    def parents(self, place: int) -> list[tuple[str, int]]:
        """Return the transaction that each input comes from, and the input's units."""
        rows = range(self.ledger.start[place], self.middle(place))
        return [(self.ledger.leg_coin[n].rpartition(":")[0], self.ledger.leg_units[n]) for n in rows]


def of_neighbours(columns: Columns, found: dict[int, Verdict]) -> None:
    """Change the verdicts on transactions, by place, where their neighbours tell more."""
    places = {(columns.ledger.chain[place], columns.ledger.tx[place]): place for place in columns}
    _remixes(columns, found, places)
    _descent(columns, found)
    _preparations(columns, found, places)
    _clusters(columns, found)


def _remixes(columns: Columns, found: dict[int, Verdict], places: Mapping[tuple[str, str], int]) -> None:
    """Doubt a round of Wasabi 2 of which no coin comes from another round or goes to one.

    Only where the ledger holds all that its coins come from: what is not read says nothing.
    """
    rounds = [place for place, one in found.items() if "D3" in one.detectors]
    sources = {
        place: {(columns.ledger.chain[place], tx) for tx, _ in columns.parents(place)} for place in rounds
    }
    known = {(columns.ledger.chain[place], columns.ledger.tx[place]) for place in rounds}
    fed = {source for place in rounds for source in sources[place]}
    for place in rounds:
        me = (columns.ledger.chain[place], columns.ledger.tx[place])
        alone = me not in fed and not sources[place] & known
        if alone and all(source in places for source in sources[place]):
            fired = {name if name != "D3" else "D3?": "wasabi 2" for name in found[place].detectors}
            found[place] = decide(fired)


def _descent(columns: Columns, found: dict[int, Verdict]) -> None:
    """Mark the mixes that descend from the first ones of a pool."""
    accepted = set[str]()
    for place in sorted(place for place, one in found.items() if one.design == whirlpool.DESIGN):
        tx = columns.ledger.tx[place]
        if tx in whirlpool.GENESIS or any(parent in accepted for parent, _ in columns.parents(place)):
            accepted.add(tx)
            found[place] = replace(found[place], detectors=(*found[place].detectors, "D4 lineage"))


def _preparations(columns: Columns, found: dict[int, Verdict], places: Mapping[tuple[str, str], int]) -> None:
    """Find what feeds a mix with new coins and has the form of it: nobody works together there."""
    mixes = [place for place, one in found.items() if one.design == whirlpool.DESIGN and not one.merges]
    feeds = {
        places[columns.ledger.chain[place], tx]
        for place in mixes
        for tx, _ in columns.parents(place)
        if (columns.ledger.chain[place], tx) in places
    }
    for place in sorted(feeds):
        held = found.get(place, NOBODY)
        if not held.sure and whirlpool.prepares(columns.sides(place)):
            found[place] = Verdict(Collaborative.NO, TX0, held.detectors)


def _clusters(columns: Columns, found: dict[int, Verdict]) -> None:
    """Suspect a PayJoin where a needless input stands beside inputs of another cluster that co-spent before.

    In the chain's order; a cluster is two addresses or more that gave together in an earlier transaction.
    """
    parent = list(range(len(columns.ledger.addresses)))
    several = bytearray(len(parent))
    for place in columns:
        givers = columns.givers(place)
        if len(givers) < 2 or not found.get(place, NOBODY).merges:  # noqa: PLR2004
            continue
        roots = {_root(parent, number) for number in givers}
        if len(roots) > 1 and sum(several[root] for root in roots) > 1:
            held = found.get(place, NOBODY)
            if held.design != TX0 and payjoin.unnecessary_input(columns.sides(place)):
                found[place] = Verdict(Collaborative.SUSPECT, "payjoin", (*held.detectors, "D7 clusters"))
                continue
        first = min(roots)
        for root in roots:
            parent[root] = first
        several[first] = 1


def _root(parent: list[int], number: int) -> int:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number
