"""The payments of a flow as the viewer takes them: each by itself, and the lines that draw several as one."""

from __future__ import annotations

from collections import defaultdict
from math import isqrt
from typing import Any

from flowtrace.model import Address, Asset, Class
from flowtrace.report.cells import plain
from flowtrace.report.diagram.captions import amount_text
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.tables import position
from flowtrace.report.viewer.index import Index
from flowtrace.report.viewer.shares import Shares, once, payer

Json = dict[str, Any]
_WIDEST = 100
_CLASSES = list(Class)
Line = tuple[Address, Address, Asset, str]


def lines(index: Index) -> dict[Line, list[int]]:
    """Return the hops by line: same two addresses, asset and theft; those to no address have none."""
    found: dict[Line, list[int]] = defaultdict(list)
    for number, hop in enumerate(index.hops):
        source = payer(hop)
        if source and hop.target:
            found[source, hop.target, hop.amount.asset, hop.theft].append(number)
    return dict(found)


def edges(index: Index, drawn: dict[Line, list[int]]) -> list[Json]:
    """Return the lines; the sum of one hop is the hop's own; ``w`` is the root of its part of the largest."""
    totals = {line: sum(index.hops[n].amount.units for n in some) for line, some in drawn.items()}
    most: dict[Asset, int] = {}
    for (_, _, asset, _), units in totals.items():
        most[asset] = max(most.get(asset, 1), units)
    return [
        {
            "s": index.number[source],
            "t": index.number[target],
            "a": index.assets[asset],
            "th": index.thefts[theft],
            "cls": max((cls_of(index.hops[n]) for n in some), key=_CLASSES.index).value,
            "w": isqrt(_WIDEST**2 * totals[source, target, asset, theft] // most[asset]),
            "words": amount_text(asset, totals[source, target, asset, theft]),
            "h": some,
            **(index.summed(some) if len(some) > 1 else {}),
        }
        for (source, target, asset, theft), some in drawn.items()
    ]


def hops(index: Index, drawn: dict[Line, list[int]]) -> list[Json]:
    """Return every hop in the order of the rows; ``e`` is the number of its line, -1 where it has none."""
    edge_of = {n: e for e, some in enumerate(drawn.values()) for n in some}
    return [_hop(index, n, edge_of.get(n, -1), share=index.shares[n]) for n in range(len(index.hops))]


def _hop(index: Index, number: int, edge: int, *, share: Shares) -> Json:
    hop = index.hops[number]
    source = payer(hop)
    transfer = hop.transfer
    sold = {"sold": [[n, once(parts)] for n, parts in share.sold]} if share.sold else {}
    return {
        "row": hop.row,
        "th": index.thefts[hop.theft],
        "e": edge,
        "s": index.number[source] if source else -1,
        "t": index.number[hop.target] if hop.target else -1,
        "tx": transfer.tx,
        "pos": plain(position(hop)),
        "block": transfer.height,
        "time": transfer.time,
        "a": index.assets[hop.amount.asset],
        "u": str(hop.amount.units),
        **index.stated(hop.taint),
        "part": once(share.brought),
        **sold,
        "cls": cls_of(hop).value,
        "kind": transfer.kind.value,
        "basis": transfer.basis.value,
    }
