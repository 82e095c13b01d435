"""The trace as a graph for other programs: a networkx MultiDiGraph, and GraphML that is always the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from flowtrace.model import RoleName, envelope
from flowtrace.report.diagram.captions import visible
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.subject import stated
from flowtrace.report.tables import position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import networkx as nx

    from flowtrace.model import Address, Hop, Result

    Graph: TypeAlias = nx.MultiDiGraph[str]

_INTEGERS = frozenset({"row"})
_XMLNS = "http://graphml.graphdrawing.org/xmlns"


_OWN = (RoleName.DEPOSIT, RoleName.SERVICE)
_PAYERS = (RoleName.MIXER_DEPOSITOR, RoleName.SWAPPER)


def flow_graph(result: Result) -> Graph:
    """Return the trace as a graph: addresses of hops and stops, and one edge per hop.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are CAIP-10 texts; edges have the transfer's id as key, with the output's number behind it where
        there are several. Amounts are text: no graph format carries integers of this size exactly. Hops to no
        address (fees) have no edge.
    """
    import networkx as nx

    facts = Facts.of(result)
    graph: Graph = nx.MultiDiGraph()
    for address in addresses_of(result):
        graph.add_node(str(address), **node_data(address, facts))
    for hop in result.trace.hops:
        source, target = hop.source, hop.target
        if source is not None and target is not None:
            key = edge_key(hop)
            if graph.has_edge(str(source), str(target), key):
                key = f"{key}#{hop.theft}"  # one transfer may carry taint of two thefts
            graph.add_edge(str(source), str(target), key, **edge_data(hop))
    return graph


def edge_key(hop: Hop) -> str:
    """Return what names a hop's edge: its transfer, and which output it is where there are several."""
    return f"{hop.transfer.id}:{hop.leg}" if len(hop.transfer.outputs) > 1 else hop.transfer.id


def write_graphml(graph: Graph, path: Path) -> None:
    """Write a graph as GraphML: sorted, escaped, without control and bidirectional characters."""
    path.write_bytes(graphml(graph))


def graphml(graph: Graph) -> bytes:
    """Return a graph as GraphML, as `write_graphml` writes it."""
    return ("\n".join(_graphml(graph)) + "\n").encode()


def addresses_of(result: Result) -> list[Address]:
    """Return the addresses of the hops and stops of a trace."""
    trace = result.trace
    ends = {end for hop in trace.hops for end in (hop.source, hop.target) if end is not None}
    return sorted(ends | {stop.address for stop in trace.stops})


def node_data(address: Address, facts: Facts) -> dict[str, str]:
    """Describe an address by what is its own: a payer of a mixer is no mixer, a listed wallet no person."""
    role = facts.role(address)
    own = (
        facts.entity(address) if role in _OWN or any(s.entity for s in facts.stops.get(address, ())) else None
    )
    label = next((x for x in facts.labels.get(address, ()) if not x.asserted), None)
    party = facts.entity(address) if role in _PAYERS else None
    reasons = dict.fromkeys(stop.reason.value for stop in facts.stops.get(address, ()))
    return {
        "chain": address.chain_id,
        "address": address.display,
        "label": label.text if label else "",
        "label_source": label.source if label else "",
        "label_cls": "X" if label else "",
        "category": own.category.value if own else "",
        "entity": own.name if own else "",
        "counterparty": party.name if party else "",
        "role": stated(facts.incident, role.value) if role else facts.words(facts.kind(address)),
        "cls": facts.cls(address).value,
        "stop": "; ".join(reasons),
    }


def edge_data(hop: Hop) -> dict[str, str | int]:
    """Describe a hop: what moved, its taint under each rule, and how it is known."""
    transfer, amount = hop.transfer, hop.amount
    when = datetime.fromtimestamp(transfer.time, UTC)
    taint = {f"taint_{rule.value}_base_units": str(units) for rule, units in hop.taint.items()}
    low, high = envelope(hop.taint)
    return {
        "row": hop.row,
        "theft": hop.theft,
        "tx": transfer.tx,
        "position": position(hop),
        "asset": str(amount.asset),
        "symbol": amount.asset.symbol,
        "amount": amount.decimal,
        "amount_base_units": str(amount.units),
        **taint,
        "low_base_units": str(low),
        "high_base_units": str(high),
        "time": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cls": cls_of(hop).value,
        "kind": transfer.kind.value,
        "basis": transfer.basis.value,
    }


def _graphml(graph: Graph) -> Iterator[str]:
    nodes = sorted(graph.nodes)
    edges = sorted(graph.edges(keys=True))
    keys = [("node", name) for name in _names(graph.nodes[node] for node in nodes)]
    keys += [("edge", name) for name in _names(graph.edges[edge] for edge in edges)]
    ids = {key: f"d{i}" for i, key in enumerate(keys)}
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<graphml xmlns="{_XMLNS}">'
    for scope, name in keys:
        kind = "int" if name in _INTEGERS else "string"
        called = f'attr.name={_attribute(name)} attr.type="{kind}"'
        yield f'  <key id="{ids[scope, name]}" for="{scope}" {called}/>'
    yield '  <graph edgedefault="directed">'
    for node in nodes:
        yield f"    <node id={_attribute(node)}>"
        yield from _data(graph.nodes[node], "node", ids)
        yield "    </node>"
    for source, target, key in edges:
        yield f"    <edge id={_attribute(key)} source={_attribute(source)} target={_attribute(target)}>"
        yield from _data(graph.edges[source, target, key], "edge", ids)
        yield "    </edge>"
    yield "  </graph>"
    yield "</graphml>"


def _names(data: Iterable[Mapping[str, object]]) -> list[str]:
    return list(dict.fromkeys(name for attributes in data for name in attributes))


def _data(attributes: Mapping[str, object], scope: str, ids: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for name, value in attributes.items():
        if value != "":
            yield f'      <data key="{ids[scope, name]}">{escape(visible(str(value)))}</data>'


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
