"""The trace as a graph, and as GraphML."""

from dataclasses import replace
from pathlib import Path

import networkx as nx

from flowtrace.report.graph import flow_graph, write_graphml
from report.toy_result import ACME_DEPOSIT, IDA, MALLORY, SWIRL, toy_result


def test_the_graph_has_one_edge_per_hop_and_one_node_per_address() -> None:
    """Keys are transfer ids; nothing is merged and nothing lost."""
    result = toy_result()
    graph = flow_graph(result)
    assert {key for *_, key in graph.edges(keys=True)} == {h.transfer.id for h in result.trace.hops}
    assert graph.number_of_edges() == len(result.trace.hops)
    assert graph.number_of_edges(str(IDA), str(SWIRL)) == 4
    assert set(map(str, (s.address for s in result.trace.stops))) <= set(graph)


def test_amounts_are_text_to_the_last_unit() -> None:
    """An edge carries the exact decimal and the base units as text."""
    result = toy_result()
    edges = {data["row"]: data for *_, data in flow_graph(result).edges(data=True)}
    for hop in result.trace.hops:
        data = edges[hop.row]
        assert data["amount_base_units"] == str(hop.transfer.amount.units)
        assert data["amount"] == hop.transfer.amount.decimal
        assert data["taint_fifo_base_units"] == str(
            hop.taint[next(r for r in hop.taint if r.value == "fifo")]
        )
        assert data["time"].endswith("Z")
    assert edges[1]["cls"] == "D"


def test_nodes_say_what_is_known_of_an_address() -> None:
    """Role, owner, class and the reason to stop are attributes."""
    nodes = flow_graph(toy_result()).nodes
    assert nodes[str(ACME_DEPOSIT)]["entity"] == "Acme Exchange"
    assert nodes[str(ACME_DEPOSIT)]["cls"] == "P"
    assert nodes[str(ACME_DEPOSIT)]["stop"] == "exchange deposit"
    assert nodes[str(MALLORY)]["role"] == "theft address"
    assert nodes[str(SWIRL)]["category"] == "mixing_service"


def test_graphml_reads_back_the_same(tmp_path: Path) -> None:
    """Another program gets the graph that was written, and writing it again gives the same bytes."""
    graph = flow_graph(toy_result())
    write_graphml(graph, tmp_path / "a.graphml")
    write_graphml(flow_graph(toy_result()), tmp_path / "b.graphml")
    assert (tmp_path / "a.graphml").read_bytes() == (tmp_path / "b.graphml").read_bytes()
    back = nx.read_graphml(tmp_path / "a.graphml", force_multigraph=True)
    assert isinstance(back, nx.MultiDiGraph)
    assert set(back) == set(graph)
    there = {key: data for *_, key, data in back.edges(keys=True, data=True)}
    for *_, key, data in graph.edges(keys=True, data=True):
        read = {name: value for name, value in there[key].items() if name != "id"}
        assert read == {name: value for name, value in data.items() if value != ""}


def test_a_hostile_label_cannot_break_the_file(tmp_path: Path) -> None:
    """Markup is escaped; control and bidirectional characters are gone."""
    result = toy_result()
    name = '<evil attr="1">&\x00\x1b\u202e]]>'
    hostile = {a: tuple(replace(x, text=name) for x in labels) for a, labels in result.labels.items()}
    write_graphml(flow_graph(replace(result, labels=hostile)), tmp_path / "x.graphml")
    back = nx.read_graphml(tmp_path / "x.graphml")
    assert back.nodes[str(SWIRL)]["label"] == '<evil attr="1">&]]>'
