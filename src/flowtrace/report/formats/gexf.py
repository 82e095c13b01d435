"""GEXF 1.3: the flow with the time of every payment, for the timeline of Gephi; amounts are strings.

Reference: the GEXF 1.3 schema, https://gexf.net.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from flowtrace.model import Result
from flowtrace.report.formats.flow import Flow, Texts, flow_of
from flowtrace.report.formats.identity import day_of


def files(result: Result) -> dict[str, bytes]:
    """Return the graph."""
    return {"flow.gexf": ("\n".join(_lines(result, flow_of(result))) + "\n").encode()}


def _lines(result: Result, flow: Flow) -> Iterator[str]:
    nodes = _names(place.data for place in flow.places.values())
    edges = _names(paid.data for paid in flow.paid)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gexf xmlns="http://gexf.net/1.3" version="1.3">'
    yield f'  <meta lastmodifieddate="{day_of(result)}">'
    yield f"    <creator>flowtrace</creator><description>case digest {result.digest}</description>"
    yield "  </meta>"
    yield '  <graph defaultedgetype="directed" mode="dynamic" timeformat="dateTime">'
    yield from _declared("node", nodes)
    yield from _declared("edge", edges)
    yield "    <nodes>"
    for place in flow.places.values():
        label = f"{place.name} {place.address.short if place.address else ''}".strip()
        yield f"      <node id={quoteattr(place.id)} label={quoteattr(label)}>"
        yield from _values(place.data, nodes)
        yield "      </node>"
    yield "    </nodes>"
    yield "    <edges>"
    for paid in flow.paid:
        ends = f"source={quoteattr(paid.source.id)} target={quoteattr(paid.target.id)}"
        time = f"start={quoteattr(paid.data['time'])} end={quoteattr(paid.data['time'])}"
        label = quoteattr(f"[{paid.data['row']}] {paid.data['amount']} {paid.data['symbol']}".strip())
        yield f"      <edge id={quoteattr(paid.id)} {ends} label={label} {time}>"
        yield from _values(paid.data, edges)
        yield "      </edge>"
    yield "    </edges>"
    yield "  </graph>"
    yield "</gexf>"


def _names(data: Iterable[Texts]) -> dict[str, str]:
    """Return the names of all attributes, each with its id."""
    names = dict.fromkeys(name for texts in data for name in texts)
    return {name: str(number) for number, name in enumerate(names)}


def _declared(scope: str, names: dict[str, str]) -> Iterator[str]:
    yield f'    <attributes class="{scope}" mode="static">'
    for name, number in names.items():
        yield f'      <attribute id="{number}" title={quoteattr(name)} type="string"/>'
    yield "    </attributes>"


def _values(data: Texts, names: dict[str, str]) -> Iterator[str]:
    yield "        <attvalues>"
    for name, text in data.items():
        if text:
            yield f'          <attvalue for="{names[name]}" value={quoteattr(text)}/>'
    yield "        </attvalues>"
