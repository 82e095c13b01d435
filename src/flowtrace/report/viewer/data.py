"""What the viewer is handed: one plain object, every amount as text of base units, every place worked out."""

from __future__ import annotations

from typing import Any

from flowtrace.model import Asset, Chain, Result
from flowtrace.report.cells import plain
from flowtrace.report.diagram import statement
from flowtrace.report.diagram.captions import symbol
from flowtrace.report.subject import is_theft, stated
from flowtrace.report.tables import stated_rule
from flowtrace.report.viewer import looks
from flowtrace.report.viewer.index import Index, stolen
from flowtrace.report.viewer.nodes import nodes
from flowtrace.report.viewer.payments import edges, hops, lines
from flowtrace.report.viewer.spread import spread

Json = dict[str, Any]
SCHEMA = "flowtrace/flow-view/1"


def view_data(result: Result) -> Json:
    """Return a result's flow as the viewer takes it: texts harmless, amounts as text, places as numbers."""
    index = Index.of(result)
    drawn = lines(index)
    place = spread(
        {str(a): (a.chain_id, column) for a, column in index.columns.items()},
        [(str(source), str(target)) for source, target, _, _ in drawn],
        list(index.lanes),
    )
    return {
        "schema": SCHEMA,
        "case": _case(result),
        "rules": [{"id": rule.value, "words": rule.words} for rule in index.rules],
        "rule": index.rules.index(stated_rule(result)),
        "looks": looks.looks(),
        "card": [looks.WIDTH, looks.HEIGHT],
        "kinds": looks.kinds(index.facts, index.kinds),
        "classes": looks.classes(),
        "assets": [_asset(asset) for asset in index.assets],
        "thefts": [_theft(index, number) for number in range(len(index.thefts))],
        "lanes": [{"title": Chain.of(chain).title, "span": place.lanes[chain]} for chain in index.lanes],
        "columns": [{"words": _words(n), "span": span} for n, span in place.columns.items()],
        "nodes": nodes(index, place.cards),
        "edges": edges(index, drawn),
        "hops": hops(index, drawn),
    }


def _case(result: Result) -> Json:
    incident = result.incident
    return {
        "id": plain(incident.id),
        "title": plain(incident.title) or plain(incident.id),
        "finding": statement.title(result),
        "footer": statement.footer(result),
        "sharing": plain(result.sharing),
        "digest": result.digest,
        "version": result.version,
        "traced": stated(incident, "stolen"),
        "origin": "theft" if is_theft(incident) else "marked value",
    }


def _asset(asset: Asset) -> Json:
    return {"id": str(asset), "symbol": symbol(asset), "decimals": asset.decimals}


def _theft(index: Index, number: int) -> Json:
    theft = stolen(index.result)[number]
    thief = index.number.get(theft.thief, -1)
    return {"id": plain(theft.id), "a": index.assets[theft.asset], "u": str(theft.units), "thief": thief}


def _words(column: int) -> str:
    return f"Hop {column - 1}" if column else "Origin"
