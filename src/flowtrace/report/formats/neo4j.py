"""Neo4j: nodes and relationships with the headers of ``neo4j-admin database import``; amounts are strings."""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.cells import cell
from flowtrace.report.formats.flow import Flow, flow_of
from flowtrace.report.tables import csv_of

Rows = list[tuple[str, ...]]
_READ_ME = """Into an empty database, with Neo4j stopped:

    neo4j-admin database import full --nodes=neo4j-addresses.csv --relationships=neo4j-paid.csv

Amounts are strings: Neo4j's integers end at 2^63, and its floating-point numbers lose digits.
"""


def files(result: Result) -> dict[str, bytes]:
    """Return both tables and how to import them."""
    flow = flow_of(result)
    return {
        "neo4j-addresses.csv": csv_of(_addresses(flow)),
        "neo4j-paid.csv": csv_of(_paid(flow)),
        "neo4j-import.txt": _READ_ME.encode(),
    }


def _addresses(flow: Flow) -> Rows:
    names = [
        name for name in dict.fromkeys(n for p in flow.places.values() for n in p.data) if name != "chain"
    ]
    rows: Rows = [("id:ID(Address)", "chain", *names, ":LABEL")]
    for place in flow.places.values():
        data = (cell(place.data.get(name, "")) for name in names)
        rows.append((place.id, place.chain.id, *data, "Address" if place.address else "NoAddress"))
    return rows


def _paid(flow: Flow) -> Rows:
    names = list(dict.fromkeys(name for paid in flow.paid for name in paid.data))
    headers = (_TYPED.get(name, name) for name in names)
    rows: Rows = [("id", ":START_ID(Address)", ":END_ID(Address)", *headers, ":TYPE")]
    for paid in flow.paid:
        data = (cell(paid.data.get(name, "")) for name in names)
        rows.append((paid.id, paid.source.id, paid.target.id, *data, "PAID"))
    return rows


_TYPED = {"time": "time:datetime", "row": "row:long", "depth": "depth:long", "block": "block:long"}
