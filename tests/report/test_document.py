"""The report is one PDF/A, the same bytes everywhere, and shows every number it keys."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from flowtrace.errors import InputError, IntegrityError
from flowtrace.model import Category, Entity, Result, Rule, StopReason, Trace
from flowtrace.report import write_report
from flowtrace.report.cells import count
from flowtrace.report.document.key import key_findings
from flowtrace.report.document.report import blocks, report_pdf
from flowtrace.report.document.typeset import para, typeset
from flowtrace.report.document.words import RULES, keys
from report.broken import with_evil_text, with_stop, with_trace
from report.drawings import drawings
from report.flows import wallet
from report.texts import report_text
from report.toy_result import ACME_DEPOSIT, SWIRL, toy_result


def _pdf(result: Result) -> bytes:
    return report_pdf(result, drawings(result))


def _text(body: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return " ".join(" ".join(pages).split())


def _keyed(text: str) -> set[int]:
    rows = {int(n) for n in re.findall(r"\[(\d+)\]", text)}
    for first, last in re.findall(r"\[(\d+)\]–\[(\d+)\]", text):
        rows |= set(range(int(first), int(last) + 1))
    return rows


def test_two_runs_give_the_same_bytes() -> None:
    """The only date is the record's."""
    body = _pdf(toy_result())
    assert body == _pdf(toy_result())
    assert PdfReader(io.BytesIO(body)).metadata.creation_date.isoformat().startswith("2022-05-01")  # type: ignore[union-attr]
    assert b"pdfaid" in body


def test_every_row_can_be_found_in_the_annex() -> None:
    """Rows are printed singly or as runs; none is missing."""
    result = toy_result()
    annex = _text(_pdf(result)).split("Annex B", 2)[-1]
    assert {hop.row for hop in result.trace.hops} <= _keyed(annex)


def test_the_report_says_what_it_must() -> None:
    """Every section stands, with full identifiers and the error rate as it is."""
    result = toy_result()
    text = _text(_pdf(result))
    for said in (
        "TLP:AMBER", "Key findings", "Scope and what was not examined", "Sources and custody", "Method",
        "error rate unmeasured", "Money accounted for", "Sensitivity to the rule", "Deposits per exchange",
        "Third-party claims (class X)", "Official attribution", "Limits: what a finding is not",
        "flowtrace verify toytown-2022", "Annex A", result.digest,
    ):  # fmt: skip
        assert said in text, said
    compact = text.replace(" ", "")
    assert all(stop.address.display in compact for stop in result.trace.stops)
    assert all(RULES[rule][0].split(":")[0][:30].replace(" ", "") in compact for rule in result.trace.rules)


def test_attribution_is_only_the_officials_words() -> None:
    """A result without official statements names nobody."""
    bare = replace(toy_result(), incident=replace(toy_result().incident, attribution=()))
    text = _text(_pdf(bare))
    assert "No official statement is held." in text
    assert "DPRK" not in text


def test_a_broken_amount_blocks_the_report() -> None:
    """No PDF is made of money that does not add up."""
    wrong = with_stop(toy_result(), 2, lambda s: replace(s, taint={**s.taint, Rule.LIFO: 1}))
    with pytest.raises(IntegrityError, match="rule LIFO"):
        _pdf(wrong)


def test_hostile_text_is_shown_and_not_run() -> None:
    """Typst markup and code in a label are letters on the page; an override is gone."""
    text = _text(_pdf(with_evil_text(toy_result())))
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
    """Two runs agree byte for byte, whatever was put into the folder between them."""
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


def _many_services(number: int) -> Result:
    """Return toytown's case with the mixer's share at this many named services."""

    def parted(trace: Trace) -> Trace:
        (whole,) = (stop for stop in trace.stops if stop.address == SWIRL)
        parts = []
        for n in range(number):
            last = int(n == number - 1)  # it takes what the division leaves
            taint = {rule: units // number + last * (units % number) for rule, units in whole.taint.items()}
            entity = Entity(f"service-{n}", f"Service {n}", Category.OTHER_SERVICE)
            parts.append(
                replace(whole, address=wallet(n + 1), reason=StopReason.SERVICE, taint=taint, entity=entity)
            )
        return replace(trace, stops=(*(s for s in trace.stops if s is not whole), *parts))

    return with_trace(toy_result(), parted)


@pytest.mark.parametrize("number", [1, 12])
def test_there_are_ten_key_findings_at_most(number: int) -> None:
    """The theft, the largest and what the amounts rest on stay; where the others stand is said."""
    found = [block["text"] for block in key_findings(_many_services(number)) if block["kind"] == "numbered"]
    assert len(found) <= 10
    assert found[0].startswith("On 2022-03-23 (block 14000002) 1,000")
    assert any("The record may lack payments" in text for text in found)
    assert any("smaller amounts stand in the tables" in text for text in found) == (number > 1)


def test_the_cover_has_the_case_s_own_label() -> None:
    """Who may see a report is the case's word, never fixed."""
    for sharing in ("TLP:CLEAR", "TLP:RED"):
        text = _text(_pdf(replace(toy_result(), sharing=sharing)))
        assert f"TRACE REPORT · {sharing}" in text
        assert "TLP:AMBER" not in text


def test_nothing_is_said_of_the_record_that_a_table_does_not_bear_out() -> None:
    """A case may rest on a table; then nobody answered, and something may be rounded."""
    text = report_text(toy_result())
    assert "Each item of evidence (a recorded answer or a table) was stored and hashed" in text
    assert "nothing is estimated" not in text
    assert "recorded answers whose" not in text


def test_findings_say_what_is_decoded_and_where_their_rows_are() -> None:
    """A payment read out of a call is not in the record; many rows are pointed to, not dropped."""
    text = report_text(toy_result())
    assert "It is decoded from the arguments of the call; the payment itself is not in this record." in text
    hops = toy_result().trace.hops
    run = [replace(hops[3], row=n) for n in range(101, 401, 2)]
    many = with_trace(toy_result(), lambda trace: replace(trace, hops=(*hops, *run)))
    assert re.search(r"^marks? (F\d+, )*F\d+(;|$)", report_text(many), re.MULTILINE)


def test_the_row_that_has_no_traced_origin_is_explained_to_the_unit() -> None:
    """Poison counts what others sent to followed addresses; the sum is named beside the table."""
    text = report_text(toy_result())
    clean = toy_result().trace.accounts[0].clean
    amount = f"{clean // 10**18}"
    assert (
        f"No stolen origin traced: {amount} ETH that addresses outside the trace are recorded to have sent"
        in text
    )


def test_a_deposit_address_that_swept_more_than_it_got_from_the_trace_says_why() -> None:
    """Others paid it too."""
    other = replace(
        next(t for t in toy_result().transfers if t.target == ACME_DEPOSIT), tx=f"0x{77:064x}",
    )  # fmt: skip
    paid = replace(toy_result(), transfers=(*toy_result().transfers, other))
    said = "thers sent it 150 ETH more in 1 transfer, which its sweeps may hold too"
    assert report_text(paid).count(said) == 2
    assert said not in report_text(toy_result())


def test_a_long_list_behind_a_mark_may_break_over_pages() -> None:
    """Else one mark of many addresses leaves most of a page blank before it."""

    def tables(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for block in found:
            yield from [block] if block["kind"] == "table" else tables(block.get("blocks", []))

    hops = [replace(toy_result().trace.hops[3], row=n) for n in range(101, 401, 2)]
    marks = [
        block
        for block in tables(blocks(with_trace(toy_result(), lambda t: replace(t, hops=(*t.hops, *hops)))))
        if block["head"][0] == "mark"
    ]
    assert [block["whole"] for block in marks] == [4]
