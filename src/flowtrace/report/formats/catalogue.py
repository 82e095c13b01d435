"""The formats by name, and the one way to write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flowtrace.errors import InputError
from flowtrace.model import Result
from flowtrace.report.accounted import accounted
from flowtrace.report.control import check_controls
from flowtrace.report.formats import (
    comma_separated,
    cytoscape,
    followthemoney,
    gexf,
    graphml,
    graphsense,
    hypertext,
    i2,
    misp,
    neo4j,
    own,
    parquet,
    stix,
    tagpack,
    workbook,
)
from flowtrace.report.profile import published


@dataclass(frozen=True, slots=True)
class Format:
    """A machine format: its name, who reads it, and what writes its files."""

    name: str
    what: str
    files: Callable[[Result], dict[str, bytes]]


FORMATS = {
    one.name: one
    for one in (
        Format("json", "the whole result, nothing lost, with its JSON Schema", own.files),
        Format("csv", "every table, RFC 4180", comma_separated.files),
        Format("xlsx", "every table as a workbook of text cells", workbook.files),
        Format("parquet", "every table, amounts as text and as DECIMAL(38, 0)", parquet.files),
        Format("graphml", "the flow for Gephi, yEd, Cytoscape, networkx", graphml.files),
        Format("gexf", "the flow with its times, for the timeline of Gephi", gexf.files),
        Format("cytoscape", "the flow for Cytoscape.js and Cytoscape desktop", cytoscape.files),
        Format("graphsense", "a saved graph of GraphSense's Pathfinder (.gs)", graphsense.files),
        Format("i2", "links for i2 Analyst's Notebook, with a guide", i2.files),
        Format("neo4j", "nodes and relationships for neo4j-admin import", neo4j.files),
        Format("misp", "a MISP event", misp.files),
        Format("stix", "a STIX 2.1 bundle, with exact amounts as an extension", stix.files),
        Format("ftm", "FollowTheMoney entities for Aleph and OpenSanctions", followthemoney.files),
        Format("html", "the flow to look at and search, one file that works offline", hypertext.files),
        Format("tagpack", "a GraphSense TagPack of what the case finds of addresses", tagpack.files),
    )
}


def named(names: Iterable[str]) -> list[Format]:
    """Return formats by their names, each once.

    Raises
    ------
    InputError
        If there is no such format, or none is named.
    """
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        said = f"unknown format {unknown[0]!r}" if unknown else "no format named"
        raise InputError(f"{said}: give some of {', '.join(FORMATS)}, or all of them by the word all")
    return [FORMATS[name] for name in wanted]


def exported(
    result: Result, names: Iterable[str], *, say: Callable[[str], None] = lambda _: None
) -> dict[str, bytes]:
    """Return the files of some formats, each under ``FORMAT/``.

    Raises
    ------
    InputError
        If there is no such format.
    IntegrityError
        If the money does not add up.
    """
    wanted, result = named(names), published(result)
    check_controls(result)
    accounted(result)
    files: dict[str, bytes] = {}
    for one in wanted:
        say(f"{one.name}: {one.what}")
        files |= {f"{one.name}/{file}": body for file, body in one.files(result).items()}
    return files
