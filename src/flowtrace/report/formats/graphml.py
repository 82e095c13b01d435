"""GraphML: the flow for Gephi, yEd, Cytoscape desktop and networkx; amounts are strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowtrace.model import Result
from flowtrace.report.formats.flow import flow_of
from flowtrace.report.graph import graphml

if TYPE_CHECKING:
    import networkx as nx


def files(result: Result) -> dict[str, bytes]:
    """Return the graph."""
    import networkx as nx

    flow = flow_of(result)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for place in flow.places.values():
        graph.add_node(place.id, **place.data)
    for paid in flow.paid:
        graph.add_edge(paid.source.id, paid.target.id, paid.id, **paid.data)
    return {"flow.graphml": graphml(graph)}
