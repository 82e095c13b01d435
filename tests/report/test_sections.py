"""The report's sections stand in their order, every claim names what shows it, and its twin says the same."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from flowtrace import Case
from flowtrace.model import Change, Outcome, Reply, Result, Statement
from flowtrace.report import write_report
from flowtrace.report.document.code import code_png, code_svg
from flowtrace.report.document.likelihood import WORDS, likelihood
from flowtrace.report.document.report import blocks
from flowtrace.report.document.typeset import figure_names
from flowtrace.report.freeze import write_drafts
from flowtrace.report.freeze.recipients import freeze_requests
from flowtrace.report.tables import csv_of, tables
from report.broken import with_trace
from report.coin_result import coin_result
from report.test_editable import converted, soffice, squeezed, texts, words
from report.texts import pdf_text, report_text
from report.toy_result import toy_result
from report.variants import marked, straight

SECTIONS = (
    "Key findings", "Scope and what was not examined", "Sources and custody", "Method", "Findings",
    "Where the money went", "Money accounted for", "Confidence, error and alternatives",
    "Alternative explanations considered", "Deposits per exchange", "Official attribution",
    "Legal and sanctions status", "Right of reply", "Requests made and their outcome", "Limits",
    "Corrections and versions", "Annex A", "Annex B", "Annex C", "Annex D", "Annex E", "Annex F", "Annex G",
    "Annex H", "Annex I",
)  # fmt: skip
_ROW = re.compile(r"\[(\d+)\]")
_FILE = re.compile(r"\b[a-z_]+\.(?:csv|json|toml)\b")


def every(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield blocks however deep they stand."""
    for block in found:
        yield block
        yield from every(block.get("blocks", []))


def headings(result: Result) -> list[str]:
    """Return the report's headings in order."""
    return [block["text"] for block in every(blocks(result)) if block["kind"] == "heading"]


def test_every_section_stands_in_its_order() -> None:
    """From the key findings to the last annex."""
    found = iter(headings(toy_result()))
    for name in SECTIONS:
        assert any(text.startswith(name) for text in found), name


@pytest.mark.parametrize("case", [toy_result, coin_result, straight, marked])
def test_no_claim_is_without_what_shows_it(case: Any) -> None:  # noqa: ANN401  four ways to make a result
    """Rows, marks, transactions or files, and each of them is there."""
    result = case()
    held = list(every(blocks(result)))
    claims = [block for block in held if block["kind"] == "numbered"]
    assert len(claims) > 4
    rows = {hop.row for hop in result.trace.hops}
    marks = {row[0][0] for b in held if b["kind"] == "table" and b["head"][0] == "mark" for row in b["rows"]}
    files = {"summary.json", "case.toml", "transfers.csv", "hops.csv", "coverage.csv", "set_aside.csv"}
    for block in claims:
        ids = block["ids"]
        assert ids, block["text"]
        assert {int(n) for n in _ROW.findall(ids)} <= rows
        assert set(re.findall(r"\bF\d+", ids)) <= marks
        assert set(_FILE.findall(ids)) <= files
        assert _ROW.search(ids) or _FILE.search(ids) or "F" in ids or "transfer" in ids, ids


def test_files_that_claims_name_are_written(tmp_path: Path) -> None:
    """A reader can open each."""
    write_report(toy_result(), tmp_path / "out", lambda _: None)
    for block in every(blocks(toy_result())):
        for name in _FILE.findall(block.get("ids", "")):
            assert (tmp_path / "out" / name).is_file()


def test_the_twin_says_what_the_pdf_says(tmp_path: Path) -> None:
    """Every text of the report stands in both, with every number."""
    write_report(toy_result(), tmp_path / "out", lambda _: None)
    editable = words((tmp_path / "out" / "report.docx").read_bytes())
    reader = PdfReader(tmp_path / "out" / "report.pdf")
    printed = squeezed("".join(page.extract_text() for page in reader.pages))
    for text in map(squeezed, texts(blocks(toy_result()))):
        assert text in editable, text
        # Of a cell that breaks over two pages the footer stands between its lines; its numbers stand there.
        assert text in printed or all(part in printed for part in re.findall(r"[\d.,]{3,}", text)), text


@soffice
def test_an_office_suite_prints_the_twin(tmp_path: Path) -> None:
    """With its tables, its figure and its code; pages of tables are turned on their side."""
    write_report(toy_result(), tmp_path / "out", lambda _: None)
    reader = converted((tmp_path / "out" / "report.docx").read_bytes(), tmp_path)
    shown = squeezed("".join(page.extract_text() for page in reader.pages))
    printed = pdf_text(tmp_path / "out" / "report.pdf")
    hashes = [hop.transfer.tx for hop in toy_result().trace.hops if hop.transfer.tx in printed]
    assert len(hashes) > 8
    assert all(one in shown for one in hashes)
    pictures = {image.data for page in reader.pages for image in page.images}
    assert len(pictures) == 1 + len(
        figure_names(blocks(toy_result()))
    )  # the code on the cover, and the figures
    assert any(page.mediabox.width > page.mediabox.height for page in reader.pages)


def test_what_the_authors_state_is_printed_where_it_belongs() -> None:
    """And what they do not state is said to be not stated."""
    said = Statement(
        version="3", authors=("A. Author", "B. Author"), funding="the town", conflicts="none",
        corrections="desk@toytown.example", replies=(Reply("Acme", "2022-05-01", "2022-05-03", "“we look”"),),
        changes=(Change("3", "2022-06-01", "one label corrected", "c" * 64),),
    )  # fmt: skip
    text = report_text(replace(toy_result(), statement=said))
    for part in (
        "A. Author",
        "the town",
        "desk@toytown.example",
        "“we look”",
        "one label corrected",
        "c" * 64,
    ):
        assert part in text, part
    bare = report_text(toy_result())
    assert "Funding of this work: not stated. Conflicts of interest of its authors: not stated." in bare
    assert "This is version 1; no former version is stated." in bare
    assert "No request for a reply is on record in this case." in bare


def test_outcomes_are_printed_where_they_are_recorded() -> None:
    """Each beside the request to its recipient; none is made up."""
    came = Outcome("acme", "held", "2022-05-04", "150 ETH", "until 2022-08-04")
    text = report_text(replace(toy_result(), outcomes=(came,)))
    assert "2022-05-04: held. Held: 150 ETH. until 2022-08-04" in text
    written = len(freeze_requests(toy_result()))
    assert text.count("none recorded") == written - 1
    assert report_text(toy_result()).count("none recorded") == written


def test_every_folder_of_requests_is_a_row(tmp_path: Path) -> None:
    """The question on a third party's claim and the notice of a mixer too, in words of what they are."""
    folders = {one.folder for one in write_drafts(toy_result(), tmp_path)}
    (asked,) = [b for b in every(blocks(toy_result())) if b.get("head", [""])[0] == "recipient"]
    assert len(asked["rows"]) == len(folders) > 2
    assert any("a notice of exposure, which asks nothing" in row[0] for row in asked["rows"])


def test_a_likelihood_is_said_only_where_a_rate_is_measured() -> None:
    """Its word is that of the lower end of the interval; without a rate it is said that none is stated."""
    result = toy_result()
    stops = [stop for stop in result.trace.stops if stop.reason.value == "exchange deposit"]
    assert "unmeasured" in likelihood(result, stops)
    rate = "precision 5/5 = 100.00 % (95 % interval 56.55 to 100.00 %), in addresses, on a sample"
    worse = "precision 1/5 = 20.00 % (95 % interval 3.62 to 62.45 %), in addresses, on another"
    card = replace(result.rule_cards[0], measured=(rate,))
    measured = replace(result, rule_cards=(card,))
    acme = [stop for stop in stops if stop.entity and stop.entity.id == "acme"]
    said = likelihood(measured, acme)
    assert "likely, the lower end" in said
    assert "measured on a sample)" in said
    two = replace(result, rule_cards=(replace(card, measured=(rate, worse)),))
    assert "almost no chance, the lower end" in likelihood(two, acme)
    assert [word for _, word, _ in WORDS][4] == "likely"
    assert not likelihood(result, [stop for stop in result.trace.stops if stop.cls.value == "D"])


def test_the_code_on_the_cover_is_the_digest_and_the_same_each_time() -> None:
    """SVG in the PDF, PNG in its twin."""
    assert code_svg("d" * 64) == code_svg("d" * 64) != code_svg("e" * 64)
    assert code_png("d" * 64) == code_png("d" * 64)
    (cover,) = [block for block in blocks(toy_result()) if block["kind"] == "qr"]
    assert cover["text"] == toy_result().digest


def test_each_rival_reading_is_counted_in_the_result_itself(ronin: Case) -> None:
    """Four readings, with what was found for and against each, and what would settle it."""
    (rivals,) = [b for b in every(blocks(ronin.result)) if b.get("head", [""])[0] == "explanation"]
    assert len(rivals["rows"]) == 4
    assert all(all(cell != [""] for cell in row) for row in rivals["rows"])
    (coincidence,) = rivals["rows"][3][2]
    swept = sum(one.sweep is not None for one in ronin.result.trace.deposits)
    assert f"followed {swept} of {len(ronin.result.trace.deposits)} credits" in coincidence
    (rules,) = [
        b for b in every(blocks(ronin.result)) if b.get("head", [""])[0].startswith("deposit address or")
    ]
    assert len(rules["rows"]) == len({one.hop.target for one in ronin.result.trace.deposits})


def test_a_pdf_of_every_profile_is_archival(tmp_path: Path) -> None:
    """Typst refuses what is no PDF/A-2b; the file says that it is one."""
    write_report(toy_result(), tmp_path / "out", lambda _: None)
    body = (tmp_path / "out" / "report.pdf").read_bytes()
    assert b"<pdfaid:part>2</pdfaid:part>" in body
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in body
    assert PdfReader(io.BytesIO(body)).metadata is not None


def test_a_long_annex_is_a_table_with_its_hash() -> None:
    """More rows than anybody prints: those of named recipients stand, and the table that has all is named."""
    hop = toy_result().trace.hops[0]
    more = tuple(replace(hop, row=n, depth=5) for n in range(1000, 3000))
    many = with_trace(toy_result(), lambda t: replace(t, hops=(*t.hops, *more)))
    found = [b for b in every(blocks(many)) if b["kind"] == "table" and b["head"][0] == "row"]
    assert [len(block["rows"]) for block in found] == [1500]
    text = report_text(many)
    digest = hashlib.sha256(csv_of(tables(many)["hops"])).hexdigest()
    assert f"1,500 of {len(many.trace.hops) - 4:,} rows are printed" in text
    assert f"hops.csv lists every one (SHA-256 {digest})" in text
