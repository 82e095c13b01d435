"""A result's flow by numbers: addresses in the order the money met them, payments, what came where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.model import Address, Asset, Hop, Result, Rule, Theft, envelope
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.viewer.shares import Shares, Worth, came_by, in_order, payer, shares_of

Taints = Mapping[Rule, int]


@dataclass(frozen=True, slots=True)
class Index:
    """What the parts of the view refer to by number.

    Attributes
    ----------
    hops, shares
        In the order of the rows: each ledger's own order, and none before what it carries on.
    worth
        What units are of a theft.
    columns
        Steps from where the flow begins, by address; the addresses are in the order of columns and of value.
    lanes
        The ids of the ledgers, in the order in which the money reached them.
    into, out
        Numbers of the hops that pay an address, and that it pays.
    """

    result: Result
    facts: Facts
    thefts: Mapping[str, int]
    hops: Sequence[Hop]
    shares: Sequence[Shares]
    worth: Worth
    columns: Mapping[Address, int]
    into: Mapping[Address, Sequence[int]]
    out: Mapping[Address, Sequence[int]]
    number: Mapping[Address, int]
    kinds: Mapping[BoxKind, int]
    assets: Mapping[Asset, int]
    lanes: Mapping[str, int]

    @classmethod
    def of(cls, result: Result) -> Index:
        """Index a result."""
        hops = in_order(result.trace.hops, frozenset(result.trace.expanded))
        facts = Facts.of(result)
        thefts = stolen(result)
        shares, worth = shares_of(hops, thefts, result.trace.rules, crossed=came_by(result.trace))
        into, out = _by_end(h.target for h in hops), _by_end(payer(h) for h in hops)
        columns = _columns(hops, [stop.address for stop in result.trace.stops])
        most = {a: max((max(shares[n].of_theft) for n in into.get(a, ())), default=0) for a in columns}
        ordered = sorted(columns, key=lambda a: (columns[a], -most[a], a))
        drawn = {facts.kind(address) for address in ordered}
        used = {h.amount.asset for h in hops} | {s.asset for s in result.trace.stops}
        return cls(
            result, facts, {theft.id: n for n, theft in enumerate(thefts)}, hops, shares, worth,
            {a: columns[a] for a in ordered}, into, out, {a: n for n, a in enumerate(ordered)},
            {kind: n for n, kind in enumerate(kind for kind in BoxKind if kind in drawn)},
            {asset: n for n, asset in enumerate(sorted(used | {theft.asset for theft in thefts}))},
            {chain: n for n, chain in enumerate(dict.fromkeys(a.chain_id for a in ordered))},
        )  # fmt: skip

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the trace, in its order."""
        return self.result.trace.rules

    def summed(self, hops: Iterable[int]) -> dict[str, object]:
        """Add up hops of one theft and asset: all that moved, what is tainted under each rule, the range."""
        chosen = [self.hops[n] for n in hops]
        taint = {rule: sum(hop.taint[rule] for hop in chosen) for rule in self.rules}
        return {"u": str(sum(hop.amount.units for hop in chosen)), **self.stated(taint)}

    def stated(self, taint: Taints) -> dict[str, object]:
        """Write tainted units by rule, once where all agree, and the range of the rules that conserve."""
        units = [str(taint[rule]) for rule in self.rules]
        low, high = envelope(taint)
        return {"taint": units[0] if len(set(units)) == 1 else units, "range": [str(low), str(high)]}


def stolen(result: Result) -> tuple[Theft, ...]:
    """Return the thefts as the record tells them: a mark has the sum of what it marked."""
    return result.trace.thefts or result.incident.thefts


def _by_end(ends: Iterable[Address | None]) -> dict[Address, list[int]]:
    found: dict[Address, list[int]] = defaultdict(list)
    for number, address in enumerate(ends):
        if address is not None:
            found[address].append(number)
    return dict(found)


def _columns(hops: Iterable[Hop], addresses: Iterable[Address]) -> dict[Address, int]:
    """Return the fewest hops that lead to an address; one that only pays stands before what it pays.

    One that pays nobody stands behind the last that pays it, so that ends are at the right of their senders.
    """
    found: dict[Address, int] = {}
    last: dict[Address, int] = {}
    for hop in hops:
        for end, column in ((payer(hop), hop.depth), (hop.target, hop.depth + 1)):
            if end is not None:
                found[end] = min(found.get(end, column), column)
    payers = {payer(hop) for hop in hops}
    for hop in hops:
        source, target = payer(hop), hop.target
        if source and target and target not in payers:
            last[target] = max(last.get(target, 0), found[source] + 1)
    found |= last
    named = {*addresses, *found}
    return {address: found.get(address, 0) for address in sorted(named)}
