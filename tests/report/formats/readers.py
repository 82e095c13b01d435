"""How another program reads each format: rows of the flow, and all texts, by that format's own library.

Where the library is none that the project has (stix2, followthemoney, pymisp), the plain parser of the file
reads it here, and the library in a test of its own.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import networkx as nx
import openpyxl
import yaml

Files = Mapping[str, bytes]
Rows = dict[str, str]
"""What is told of each payment, by its row."""


def _only(files: Files) -> bytes:
    return next(iter(files.values()))


def strings(value: object) -> Iterator[str]:
    """Yield every text in plain data; a number that is no text is an error where amounts are."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from (str(key), *strings(held))
    elif isinstance(value, list | tuple):
        for held in value:
            yield from strings(held)
    else:
        assert not isinstance(value, float)
        yield str(value)


def csv_rows(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def _by_row(rows: Iterable[Mapping[str, Any]], name: str = "row") -> Rows:
    return {str(row[name]): " ".join(strings(dict(row))) for row in rows}


def _json(files: Files) -> Rows:
    return _by_row(json.loads(files["result.json"])["trace"]["hops"])


def _csv(files: Files) -> Rows:
    return _by_row(csv_rows(files["hops.csv"]))


def sheet_rows(data: bytes, name: str) -> list[dict[str, str]]:
    """Return the rows of a sheet; every cell must be text."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    columns, *rows = [list(row) for row in book[name].iter_rows()]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {"s", "inlineStr"}
    names = [str(cell.value) for cell in columns]
    return [dict(zip(names, (str(cell.value or "") for cell in row), strict=False)) for row in rows]


def _xlsx(files: Files) -> Rows:
    return _by_row(sheet_rows(_only(files), "hops"))


def parquet_rows(data: bytes) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the types of a Parquet file's columns, and its rows."""
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        path = Path(folder) / "x.parquet"
        path.write_bytes(data)
        kinds = {
            name: kind
            for name, kind, *_ in db.execute("DESCRIBE FROM read_parquet(?)", [str(path)]).fetchall()
        }
        rows = db.execute("FROM read_parquet(?)", [str(path)]).fetchall()
    return kinds, [dict(zip(kinds, row, strict=True)) for row in rows]


def _parquet(files: Files) -> Rows:
    _, rows = parquet_rows(files["hops.parquet"])
    return _by_row({name: str(value) for name, value in row.items()} for row in rows)


def _of_graph(graph: nx.Graph[str]) -> Rows:
    return _by_row(data for *_, data in graph.edges(data=True))


def _directed(graph: nx.Graph[str]) -> nx.DiGraph[str]:
    """Return a graph that must be directed; one with parallel edges is a MultiDiGraph, a kind of it."""
    assert isinstance(graph, nx.DiGraph)
    return graph


def graphml_graph(data: bytes) -> nx.DiGraph[str]:
    """Return the graph of a GraphML file."""
    return _directed(nx.read_graphml(io.BytesIO(data), force_multigraph=True))


def gexf_graph(data: bytes) -> nx.DiGraph[str]:
    """Return the graph of a GEXF file; networkx knows no times of day, so times are dates to it."""
    return _directed(nx.read_gexf(io.BytesIO(data.replace(b'"dateTime"', b'"date"'))))


def cytoscape_graph(data: bytes) -> nx.DiGraph[str]:
    """Return the graph of a Cytoscape file."""
    return _directed(nx.cytoscape_graph({**json.loads(data), "data": []}))


def gs_payload(data: bytes) -> list[Any]:
    """Return what a ``.gs`` file holds: LZW codes of base64 of JSON."""
    codes = struct.unpack(f"<{len(data) // 4}I", data)
    known = {number: bytes([number]) for number in range(256)}
    held = known[codes[0]]
    out = [held]
    for code in codes[1:]:
        entry = known[code] if code in known else held + held[:1]
        known[len(known)] = held + entry[:1]
        out.append(entry)
        held = entry
    payload = json.loads(base64.b64decode(b"".join(out)))
    assert isinstance(payload, list)
    return payload


def _gs(files: Files) -> Rows:
    notes = (note[1] for note in gs_payload(files["flow.gs"])[5] if note[1].startswith("["))
    parts = [part for note in notes for part in note.split("; [")]
    left_out = files.get("flow.gs.left-out.txt", b"").decode().splitlines()[1:]
    return {part.lstrip("[").partition("]")[0]: part for part in (*parts, *left_out)}


def _i2(files: Files) -> Rows:
    return _by_row(csv_rows(files["i2-links.csv"]), "Row")


def _neo4j(files: Files) -> Rows:
    return _by_row(csv_rows(files["neo4j-paid.csv"]), "row:long")


def _in_words(texts: Iterable[str]) -> Rows:
    return {text.partition("]")[0][1:]: text for text in texts}


def misp_event(files: Files) -> dict[str, Any]:
    """Return the event."""
    event = json.loads(_only(files))["Event"]
    assert isinstance(event, dict)
    return event


def _misp(files: Files) -> Rows:
    objects = misp_event(files)["Object"]
    return _in_words(one["comment"] for one in objects if one["name"] == "cryptocurrency-transaction")


def stix_payments(objects: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the payments of the exact-amounts extension."""
    held = (ext for one in objects for ext in one.get("extensions", {}).values())
    return [payment for ext in held for payment in ext.get("payments", [])]


def _stix(files: Files) -> Rows:
    return _by_row(stix_payments(json.loads(files["stix-bundle.json"])["objects"]))


def ftm_entities(files: Files) -> list[dict[str, Any]]:
    """Return the entities."""
    return [json.loads(line) for line in _only(files).decode().splitlines()]


def _ftm(files: Files) -> Rows:
    links = (one for one in ftm_entities(files) if one["schema"] == "UnknownLink")
    return _in_words(one["properties"]["summary"][0] for one in links)


def tags(files: Files) -> list[dict[str, Any]]:
    """Return the tags of a TagPack, with their context read."""
    found = yaml.safe_load(_only(files))["tags"]
    return [tag | {"context": json.loads(tag["context"])} for tag in found]


def _html(files: Files) -> Rows:
    text = _only(files).decode()
    data = text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    return _by_row(json.loads(data)["hops"])


FLOW: dict[str, Callable[[Files], Rows]] = {
    "json": _json,
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "graphml": lambda files: _of_graph(graphml_graph(_only(files))),
    "gexf": lambda files: _of_graph(gexf_graph(_only(files))),
    "cytoscape": lambda files: _of_graph(cytoscape_graph(_only(files))),
    "graphsense": _gs,
    "i2": _i2,
    "neo4j": _neo4j,
    "misp": _misp,
    "stix": _stix,
    "ftm": _ftm,
    "html": _html,
}
"""The formats that tell every payment, each with what reads its rows."""
