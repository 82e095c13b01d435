"""What strangers wrote is inert in every format: no formula, no markup, nothing that hides or reorders."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Iterator
from functools import cache

import pytest

from flowtrace.report.formats import FORMATS, exported
from report.broken import with_evil_text
from report.formats import readers
from report.formats.enlarged import renamed
from report.toy_result import toy_result

SYMBOL = "=cmd|' /C calc'!A0\u202e\x00\x1b<b>&\"'\u200b]]>"
FORMULA = ("=", "+", "-", "@")


@cache
def files(name: str) -> dict[str, bytes]:
    """Return the files of a format, with hostile text wherever a stranger can write."""
    return exported(with_evil_text(renamed(toy_result(), SYMBOL)), [name])


def texts(name: str) -> Iterator[str]:
    """Yield every text that a format's files hold, as its reader gives it."""
    for path, body in files(name).items():
        if path.endswith(".xlsx"):
            yield from (
                text
                for sheet in ("hops", "stops", "labels")
                for row in readers.sheet_rows(body, sheet)
                for text in row.values()
            )
        elif path.endswith(".parquet"):
            yield from (str(value) for row in readers.parquet_rows(body)[1] for value in row.values())
        elif path.endswith(".gs"):
            yield from readers.strings(readers.gs_payload(body))
        elif path.endswith((".cyjs", "event.json", "bundle.json")):
            yield from readers.strings(json.loads(body))
        elif path.endswith(".ftm.json"):
            yield from readers.strings(readers.ftm_entities({path: body}))
        elif path.endswith(".yaml"):
            yield from readers.strings(readers.tags({path: body}))
        else:
            yield body.decode()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_character_hides_or_reorders(name: str) -> None:
    """Neither control nor formatting characters are there; the own JSON, which keeps all, writes codes."""
    for text in texts(name):
        odd = {c for c in text if unicodedata.category(c)[0] == "C"} - set("\r\n\t")
        assert not odd, (name, text[:200])


@pytest.mark.parametrize("name", ["csv", "i2", "neo4j"])
def test_no_cell_is_a_formula(name: str) -> None:
    """Whatever a stranger wrote begins with an apostrophe where it would begin a formula."""
    cells = [
        cell
        for path, body in files(name).items()
        if path.endswith(".csv")
        for row in readers.csv_rows(body)
        for cell in row.values()
    ]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert [cell for cell in cells if cell.startswith(FORMULA)] == []


def test_the_workbook_holds_no_formula_link_or_number() -> None:
    """Every cell is a text in place; nothing is looked up, run or opened."""
    book = zipfile.ZipFile(io.BytesIO(files("xlsx")["xlsx/flowtrace.xlsx"]))
    sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert len(sheets) > 10
    for sheet in sheets:
        assert "<f>" not in sheet
        assert 'numberStoredAsText="1"' in sheet
        assert "hyperlink" not in sheet.lower().replace("'=hyperlink(", "")
        assert sheet.count("<c ") == sheet.count('t="inlineStr"')
    assert not any("hyperlink" in name or "external" in name.lower() for name in book.namelist())


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_markup_is_text(name: str) -> None:
    """The symbol comes back as text of one attribute, and no element is added."""
    read = {"graphml": readers.graphml_graph, "gexf": readers.gexf_graph}[name]
    graph = read(next(iter(files(name).values())))
    symbols = {data["symbol"] for *_, data in graph.edges(data=True)}
    assert symbols == {"=cmd|' /C calc'!A0<b>&\"']]>"}
    assert len(graph.edges) == len(toy_result().trace.hops)


def test_a_tag_stays_one_tag() -> None:
    """YAML quotes what would be YAML."""
    assert len(readers.tags(files("tagpack"))) == len(readers.tags(exported(toy_result(), ["tagpack"])))
