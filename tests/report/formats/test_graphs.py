"""The graph formats: one edge per payment, with its time; GraphSense's file by GraphSense's own reader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from flowtrace.model import Result
from flowtrace.report.formats import exported, graphsense
from flowtrace.report.graph import flow_graph
from report.coin_result import HEIST, UNVEIL, VEIL, coin_result
from report.formats import readers
from report.toy_result import ACME_DEPOSIT, IDA, SWIRL, toy_result

RESULTS: dict[str, Callable[[], Result]] = {
    "accounts": toy_result,
    "coins": coin_result,
    "no address": lambda: coin_result((HEIST, VEIL, UNVEIL)),
}
READ = {"graphml": readers.graphml_graph, "gexf": readers.gexf_graph, "cytoscape": readers.cytoscape_graph}


def only(result: Result, name: str) -> bytes:
    """Return the one file of a format."""
    (body,) = exported(result, [name]).values()
    return body


@pytest.mark.parametrize("name", sorted(READ))
@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_networkx_reads_the_whole_flow(name: str, kind: str) -> None:
    """One edge per hop, parallel ones apart; every address of a hop or stop is a node; nothing dangles."""
    result = RESULTS[kind]()
    graph = READ[name](only(result, name))
    assert graph.number_of_edges() == len(result.trace.hops)
    assert {str(data["row"]) for *_, data in graph.edges(data=True)} == {
        str(h.row) for h in result.trace.hops
    }
    ends = {str(end) for hop in result.trace.hops for end in (hop.source, hop.target) if end}
    assert ends | {str(stop.address) for stop in result.trace.stops} <= set(graph)
    assert all(data.get("chain") for _, data in graph.nodes(data=True))


@pytest.mark.parametrize("name", sorted(READ))
def test_all_of_the_plain_graph_is_in_it(name: str) -> None:
    """An export says of each edge and node what `Case.graph` says, and more."""
    plain, graph = flow_graph(toy_result()), READ[name](only(toy_result(), name))
    told = {str(data["row"]): data for *_, data in graph.edges(data=True)}
    for *_, data in plain.edges(data=True):
        there = told[str(data["row"])]
        assert {key: str(value) for key, value in data.items() if value != ""}.items() <= {
            key: str(value) for key, value in there.items()
        }.items()
    assert graph.number_of_edges(str(IDA), str(SWIRL)) == 4
    assert graph.nodes[str(ACME_DEPOSIT)]["cls"] == "P"
    assert "exchange deposit" in graph.nodes[str(ACME_DEPOSIT)]["rests"]


def test_gexf_has_the_time_of_every_payment() -> None:
    """Start and end of an edge are its block's time, which is when it is on the timeline."""
    root = ET.fromstring(only(toy_result(), "gexf"))  # noqa: S314  our own file
    space = {"g": "http://gexf.net/1.3"}
    graph = root.find("g:graph", space)
    assert graph is not None
    assert (graph.get("mode"), graph.get("timeformat")) == ("dynamic", "dateTime")
    edges = root.findall(".//g:edge", space)
    ids = {edge.get("id") for edge in edges}
    assert len(ids) == len(edges) == len(toy_result().trace.hops)
    for edge in edges:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", edge.get("start") or "")
        assert edge.get("start") == edge.get("end")


@pytest.fixture(scope="module")
def gs_files() -> Any:  # noqa: ANN401  a module that the project does not install
    """GraphSense's own reader of its files."""
    reason = "graphsense-python is a test dependency: decodes .gs files"
    return pytest.importorskip("graphsense.gs_files", reason=reason)


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_graphsense_reads_the_saved_graph(kind: str, gs_files: Any) -> None:  # noqa: ANN401
    """Addresses, transactions and edges of every payment it can hold; its own writer gives the same bytes."""
    result = RESULTS[kind]()
    body = exported(result, ["graphsense"])["graphsense/flow.gs"]
    raw = gs_files.decode_gs_bytes(body)
    assert raw == readers.gs_payload(body)
    assert gs_files.encode_gs_payload(raw) == body
    read = gs_files.structure(raw)
    kept = [hop for hop in result.trace.hops if hop.source and hop.target]
    code = {"eip155": "eth", "bip122": "btc"}[result.trace.hops[0].transfer.chain_id.partition(":")[0]]
    accounts = {(code, end.account) for hop in kept for end in (hop.source, hop.target) if end}
    assert {(one.id.currency, one.id.id) for one in read.addresses} == accounts
    assert {(one.id.currency, one.id.id) for one in read.txs} == {(code, hop.transfer.tx) for hop in kept}
    ends = {(hop.source.account, hop.target.account) for hop in kept if hop.source and hop.target}
    assert {(edge.a.id, edge.b.id) for edge in read.agg_edges} == ends
    starts = {one.id.id for one in read.addresses if one.is_starting_point}
    assert starts == {theft.thief.account for theft in result.incident.thefts}


def test_graphsense_places_no_two_things_in_one_spot() -> None:
    """Each address and transaction has a place of its own."""
    payload = readers.gs_payload(exported(toy_result(), ["graphsense"])["graphsense/flow.gs"])
    spots = [tuple(one[1:3]) for one in (*payload[3], *payload[4])]
    assert len(set(spots)) == len(spots)


def test_what_graphsense_cannot_hold_is_listed() -> None:
    """A payment to no address is not dropped silently."""
    result = coin_result((HEIST, VEIL, UNVEIL))
    files = exported(result, ["graphsense"])
    lines = files["graphsense/flow.gs.left-out.txt"].decode().splitlines()
    lost = [hop for hop in result.trace.hops if not (hop.source and hop.target)]
    assert lost
    assert [line.partition("]")[0] for line in lines[1:]] == [f"[{hop.row}" for hop in lost]
    assert "graphsense/flow.gs.left-out.txt" not in exported(toy_result(), ["graphsense"])


def test_a_ledger_that_graphsense_lacks_is_left_out_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every payment on it is in the list, and the saved graph still opens."""
    monkeypatch.setattr(graphsense, "NETWORKS", {})
    files = exported(toy_result(), ["graphsense"])
    assert readers.gs_payload(files["graphsense/flow.gs"])[3:] == [[], [], [], []]
    lines = files["graphsense/flow.gs.left-out.txt"].decode().splitlines()
    assert len(lines) == 1 + len(toy_result().trace.hops)


def test_neo4j_headers_and_ends() -> None:
    """The headers are those of the bulk import; every end is a node, once."""
    files = exported(coin_result((HEIST, VEIL, UNVEIL)), ["neo4j"])
    nodes = readers.csv_rows(files["neo4j/neo4j-addresses.csv"])
    edges = readers.csv_rows(files["neo4j/neo4j-paid.csv"])
    assert {"id:ID(Address)", ":LABEL"} <= set(nodes[0])
    assert {":START_ID(Address)", ":END_ID(Address)", ":TYPE", "time:datetime", "row:long"} <= set(edges[0])
    ids = [node["id:ID(Address)"] for node in nodes]
    assert len(set(ids)) == len(ids)
    assert {edge[side] for edge in edges for side in (":START_ID(Address)", ":END_ID(Address)")} <= set(ids)
    assert {node[":LABEL"] for node in nodes} == {"Address", "NoAddress"}


def test_i2_tells_ends_times_and_class() -> None:
    """One row per payment; identities are full addresses with their ledger."""
    rows = readers.csv_rows(exported(toy_result(), ["i2"])["i2/i2-links.csv"])
    assert len({row["Link_ID"] for row in rows}) == len(rows) == len(toy_result().trace.hops)
    for row in rows:
        assert row["From_ID"].startswith("eip155:1:0x")
        assert row["Class"] == "D"
        assert row["DateTime_UTC"].endswith("Z")
    guide = exported(toy_result(), ["i2"])["i2/i2-guide.txt"].decode()
    assert set(re.findall(r"\b[A-Z][A-Za-z]+_[A-Za-z_]+\b", guide)) <= set(rows[0])
    assert any("Acme Exchange" in row["To_Label"] and "cls: P" in row["To_Known"] for row in rows)


def test_cytoscape_is_its_json() -> None:
    """Nodes and edges in ``elements``, each with its ``data``."""
    held = json.loads(only(toy_result(), "cytoscape"))
    assert {"id", "chain", "role", "cls"} <= set(held["elements"]["nodes"][0]["data"])
    assert {"id", "source", "target", "amount_base_units"} <= set(held["elements"]["edges"][0]["data"])
    assert held["data"]["digest"] == toy_result().digest
