"""Cytoscape JSON: the flow for Cytoscape.js and Cytoscape desktop; every value is text."""

from __future__ import annotations

import json

from flowtrace.model import Result
from flowtrace.report.formats.flow import flow_of
from flowtrace.report.formats.identity import day_of


def files(result: Result) -> dict[str, bytes]:
    """Return the graph."""
    flow = flow_of(result)
    nodes = [
        {"data": {"id": place.id, "value": place.id, "name": place.name, **place.data}}
        for place in flow.places.values()
    ]
    edges = [
        {
            "data": {
                "id": paid.id,
                "source": paid.source.id,
                "target": paid.target.id,
                "key": paid.id,
                **paid.data,
            }
        }
        for paid in flow.paid
    ]
    case = {"name": result.incident.id, "digest": result.digest, "as_of": day_of(result)}
    body = {
        "format_version": "1.0",
        "generated_by": f"flowtrace-{result.version}",
        "target_cytoscapejs_version": "~3.0",
        "directed": True,
        "multigraph": True,
        "data": case,
        "elements": {"nodes": nodes, "edges": edges},
    }
    return {"flow.cyjs": f"{json.dumps(body, ensure_ascii=True, indent=1)}\n".encode()}
