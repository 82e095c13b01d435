"""The report is one PDF/A, the same bytes everywhere, and shows every number it keys."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from flowtrace.errors import InputError, IntegrityError
from flowtrace.model import Result, Rule
from flowtrace.report import write_report
from flowtrace.report.document.report import report_pdf
from flowtrace.report.document.typeset import para, typeset
from flowtrace.report.document.words import RULES, count, keys
from report.broken import with_evil_text, with_stop
from report.toy_result import toy_result

FIGURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><path d="M0 0h40v20H0z" fill="#ddd"/></svg>'
)


@pytest.fixture
def figure(tmp_path: Path) -> Path:
    """A small drawing in place of the flow diagram."""
    path = tmp_path / "flow.svg"
    path.write_bytes(FIGURE)
    return path


def _text(body: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return " ".join(" ".join(pages).split())


def _keyed(text: str) -> set[int]:
    rows = {int(n) for n in re.findall(r"\[(\d+)\]", text)}
    for first, last in re.findall(r"\[(\d+)\]–\[(\d+)\]", text):
        rows |= set(range(int(first), int(last) + 1))
    return rows


def test_two_runs_give_the_same_bytes(figure: Path) -> None:
    """The only date is the record's."""
    body = report_pdf(toy_result(), figure)
    assert body == report_pdf(toy_result(), figure)
    assert PdfReader(io.BytesIO(body)).metadata.creation_date.isoformat().startswith("2022-05-01")  # type: ignore[union-attr]
    assert b"pdfaid" in body


def test_every_row_can_be_found_in_the_annex(figure: Path) -> None:
    """Rows are printed singly or as runs; none is missing."""
    result = toy_result()
    annex = _text(report_pdf(result, figure)).split("Annex B", 2)[-1]
    assert {hop.row for hop in result.trace.hops} <= _keyed(annex)


def test_the_report_says_what_it_must(figure: Path) -> None:
    """Every section stands, with full identifiers and the error rate as it is."""
    result = toy_result()
    text = _text(report_pdf(result, figure))
    for said in (
        "TLP:CLEAR", "Key findings", "Scope and what was not examined", "Sources and custody", "Method",
        "error rate unmeasured", "Money accounted for", "Sensitivity to the rule", "Deposits per exchange",
        "Third-party claims (class X)", "Official attribution", "Limits: what a finding is not",
        "flowtrace verify toytown-2022", "Annex A", result.digest,
    ):  # fmt: skip
        assert said in text, said
    compact = text.replace(" ", "")
    assert all(stop.address.display in compact for stop in result.trace.stops)
    assert all(RULES[rule][0].split(":")[0][:30].replace(" ", "") in compact for rule in result.trace.rules)


def test_attribution_is_only_the_officials_words(figure: Path) -> None:
    """A result without official statements names nobody."""
    bare = replace(toy_result(), incident=replace(toy_result().incident, attribution=()))
    text = _text(report_pdf(bare, figure))
    assert "No official statement is held." in text
    assert "DPRK" not in text


def test_a_broken_amount_blocks_the_report(figure: Path) -> None:
    """No PDF is made of money that does not add up."""
    wrong = with_stop(toy_result(), 2, lambda s: replace(s, taint={**s.taint, Rule.LIFO: 1}))
    with pytest.raises(IntegrityError, match="rule LIFO"):
        report_pdf(wrong, figure)


def test_hostile_text_is_shown_and_not_run(figure: Path) -> None:
    """Typst markup and code in a label are letters on the page; an override is gone."""
    text = _text(report_pdf(with_evil_text(toy_result()), figure))
    assert '#read("x")' in text
    assert "*b*" in text
    assert "\u202e" not in text


def test_a_character_without_a_glyph_does_not_stop_the_export() -> None:
    """A PDF/A cannot hold a missing glyph; `printable` is applied before text comes here."""
    with pytest.raises(InputError, match="is not a date"):
        typeset({"title": "t", "date": "yesterday", "footer": ""}, [para("x")])


def test_keys_are_runs_and_counts_have_their_plural() -> None:
    """[n] as a figure writes it."""
    assert keys([5, 1, 2, 3, 9]) == "[1]–[3], [5], [9]"
    assert [count(1, "address"), count(1751, "deposit")] == ["1 address", "1,751 deposits"]


@pytest.fixture
def written(tmp_path: Path) -> tuple[Result, Path]:
    """Toytown's whole report."""
    result = toy_result()
    said: list[str] = []
    write_report(result, tmp_path / "out", said.append)
    assert said
    return result, tmp_path / "out"


def test_the_manifest_names_every_file_and_no_machine(written: tuple[Result, Path], tmp_path: Path) -> None:
    """Two runs agree byte for byte; a stale file of an earlier run is gone."""
    result, out = written
    manifest = json.loads((out / "manifest.json").read_bytes())
    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert set(manifest["files"]) == files - {"manifest.json"}
    assert manifest["digest"] == result.digest
    assert str(tmp_path) not in (out / "manifest.json").read_text()
    (out / "stale.txt").write_text("left over")
    before = {name: (out / name).read_bytes() for name in files}
    write_report(result, out, lambda _: None)
    assert {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


def test_a_refused_report_leaves_the_old_one(written: tuple[Result, Path]) -> None:
    """Nothing half-written, nothing beside it."""
    result, out = written
    before = (out / "manifest.json").read_bytes()
    wrong = with_stop(result, 0, lambda s: replace(s, taint={**s.taint, Rule.FIFO: 0}))
    with pytest.raises(IntegrityError):
        write_report(wrong, out, lambda _: None)
    assert (out / "manifest.json").read_bytes() == before
    assert [p.name for p in out.parent.iterdir()] == ["out"]
