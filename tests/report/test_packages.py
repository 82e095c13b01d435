"""A whole package: every file, held to its schema and manifest; one set of numbers in all of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from flowtrace.model import Asset, Channel, Result, Vasp, Verified
from flowtrace.moves.freezes import ISSUED
from flowtrace.report.cells import grouped
from flowtrace.report.freeze import Sending, freeze_requests
from flowtrace.report.freeze.identifiers import identifiers_csv
from flowtrace.report.freeze.machine import request_schema
from flowtrace.report.freeze.mail import MOST_LINES
from flowtrace.report.freeze.workbook import workbook
from report.askers import ASKERS, MINT, claimed
from report.broken import EVIL, with_evil_text
from report.drafts import NOW, SURE, sent
from report.formats.schemas import errors
from report.texts import pdf_text
from report.toy_result import USDC, toy_result

FILES = {
    "letter.pdf", "letter.docx", "identifiers.xlsx", "identifiers.csv", "identifiers.txt", "figure.pdf",
    "figure.png", "figure.svg", "email.txt", "request.json", "manifest.json",
}  # fmt: skip
KINDS = {"acme": "exchange", "bolt": "exchange", "swirl-exposure": "mixer exposure",
         "crane": "third-party claim", "mint-issuer": "issuer"}  # fmt: skip


@pytest.fixture
def minted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the toytown's USDC have an issuer that can block it."""
    monkeypatch.setitem(ISSUED, (USDC.chain_id, USDC.contract), ("USDC", MINT.name))


def _json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_bytes())
    return read


def _docx_text(path: Path) -> str:
    document = docx.Document(str(path))
    return " ".join("".join(document.element.body.itertext()).split())


@pytest.mark.usefixtures("minted")
@pytest.mark.parametrize("mode", sorted(ASKERS))
def test_every_recipient_gets_every_file_and_each_is_what_the_manifest_says(
    mode: str, tmp_path: Path
) -> None:
    """Two exchanges, a claim, a token's issuer and a mixer; ``request.json`` is as its schema says."""
    made = sent(claimed(ASKERS[mode]), tmp_path / "requests")
    assert {name: one.request.kind.value for name, one in made.items() if one.request} == KINDS
    for name in made:
        folder = tmp_path / "requests" / name
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        notice = {one.replace("letter", "notice") for one in FILES}
        assert set(files) == (notice if name == "swirl-exposure" else FILES)
        stated = _json(folder / "manifest.json")["files"]
        assert {n: hashlib.sha256(b).hexdigest() for n, b in files.items() if n != "manifest.json"} == {
            n: one["sha256"] for n, one in stated.items()
        }
        assert errors(request_schema(), _json(folder / "request.json")) == []
        assert _json(folder / "request.json")["mode"] == mode
        lines = files["email.txt"].decode().splitlines()
        assert len(lines) <= MOST_LINES
        assert f"({mode if mode != 'le' else 'law enforcement'})" in lines[0] or f"({mode})" in lines[0]


def test_the_schema_refuses_what_no_request_may_be(tmp_path: Path) -> None:
    """A cut hash, a number for an amount, a demand of a researcher, an action of a notice."""
    sent(toy_result(ASKERS["researcher"]), tmp_path / "r")
    asked = _json(tmp_path / "r/acme/request.json")
    notice = _json(tmp_path / "r/swirl-exposure/request.json")
    schema = request_schema()
    for wrong in (
        {**asked, "deposits": [{**asked["deposits"][0], "tx": "0x12"}]},
        {**asked, "deposits": [{**asked["deposits"][0], "amount": 1.5}]},
        {**asked, "actions": [{**asked["actions"][0], "type": "restrain_under_order"}]},
        {**asked, "actions": [{**one, "invited": False} for one in asked["actions"]]},
        {**notice, "actions": asked["actions"][:1]},
        {**asked, "recipient": None},
    ):
        assert errors(schema, wrong)
    assert errors(schema, asked) == errors(schema, notice) == []


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


@pytest.mark.parametrize("name", ["acme", "bolt"])
def test_the_numbers_of_the_letter_are_those_of_the_table(name: str, tmp_path: Path) -> None:
    """Read back out of the PDF and out of the DOCX: amount, traced, low, high, hash and block of each row."""
    result = toy_result(ASKERS["le"])
    sent(result, tmp_path / "r")
    asset = next(r for r in freeze_requests(result) if r.folder == name).caps[0].asset
    for text in (
        pdf_text(tmp_path / "r" / name / "letter.pdf"),
        _docx_text(tmp_path / "r" / name / "letter.docx"),
    ):
        flat = re.sub(r"\s", "", text)
        for row in _rows(tmp_path / "r" / name / "identifiers.csv"):
            for said, column in (("received", "amount"), ("traced", "traced_amount"), ("low", "traced_low"),
                                 ("high", "traced_high")):  # fmt: skip
                words = grouped(asset, _units(asset, row[column]))
                assert f"{said}{words}{asset.symbol}" in flat, (said, words)
            assert row["deposit_tx"] in flat
            assert row["block"] in flat


def _units(asset: Asset, text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(asset.decimals, "0"))


def test_the_sums_of_letter_table_and_machine_form_are_one(tmp_path: Path) -> None:
    """What is asked for is the sum of the rows, by the stated rule and at both ends of the range."""
    result = toy_result(ASKERS["le"])
    sent(result, tmp_path / "r")
    for request in freeze_requests(result)[:2]:
        rows = _rows(tmp_path / "r" / request.folder / "identifiers.csv")
        (cap,) = request.caps
        assert sum(_units(cap.asset, row["traced_amount"]) for row in rows) == cap.traced
        (total,) = _json(tmp_path / "r" / request.folder / "request.json")["totals"]
        assert total["traced"]["base_units"] == str(cap.traced)
        text = re.sub(r"\s", "", pdf_text(tmp_path / "r" / request.folder / "letter.pdf"))
        assert f"upto{grouped(cap.asset, cap.traced)}ETH" in text
        for rule in result.trace.rules:
            stated = sum(_units(cap.asset, row[f"taint_{rule.value}"]) for row in rows)
            assert stated == sum(credit.hop.taint[rule] for credit in request.deposits)


def test_every_deposit_is_told_under_every_rule(tmp_path: Path) -> None:
    """Issue 7: "traced amount under each rule, low and high", in table and machine form alike."""
    result = toy_result(ASKERS["researcher"])
    sent(result, tmp_path / "r")
    machine = _json(tmp_path / "r/bolt/request.json")["deposits"]
    for told, row in zip(machine, _rows(tmp_path / "r/bolt/identifiers.csv"), strict=True):
        assert told["traced"]["rules"] == {r.value: row[f"taint_{r.value}"] for r in result.trace.rules}
        assert (told["traced"]["low"], told["traced"]["high"]) == (row["traced_low"], row["traced_high"])
        assert (told["tx"], str(told["block"]), told["position"]) == (
            row["deposit_tx"],
            row["block"],
            row["position"],
        )


def test_the_docx_says_what_the_pdf_says(tmp_path: Path) -> None:
    """Every text of the one stands in the other; both are made of the same blocks."""
    sent(toy_result(ASKERS["victim"]), tmp_path / "r")
    pdf, word = (re.sub(r"[\s•]", "", text) for text in (
        pdf_text(tmp_path / "r/acme/letter.pdf"), _docx_text(tmp_path / "r/acme/letter.docx")))  # fmt: skip
    for said in ("Notificationofstolenassets", "deedsofthevault", "youareinvitedtohold", "DateofsendingX"):
        assert (said in pdf) == (said in word) == (said != "DateofsendingX")


def test_the_same_bytes_on_every_run(tmp_path: Path) -> None:
    """All files of all packages, and those beside them."""
    result = claimed(ASKERS["le"])
    for name in ("a", "b"):
        sent(result, tmp_path / name)
    first = {
        p.relative_to(tmp_path / "a"): p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()
    }
    again = {
        p.relative_to(tmp_path / "b"): p.read_bytes() for p in (tmp_path / "b").rglob("*") if p.is_file()
    }
    assert len(first) == 4 * 11 + 2
    assert first == again


def test_what_somebody_changed_in_a_package_is_kept(tmp_path: Path) -> None:
    """The letter is there to be edited; the next run writes it again and moves the edited one aside."""
    result = toy_result(ASKERS["le"])
    sent(result, tmp_path / "requests")
    letter = tmp_path / "requests/acme/letter.docx"
    made = letter.read_bytes()
    letter.write_bytes(b"edited")
    sent(result, tmp_path / "requests")
    assert letter.read_bytes() == made
    assert (tmp_path / "requests-kept/acme/letter.docx").read_bytes() == b"edited"


def test_hostile_text_is_inert_in_a_whole_package(tmp_path: Path) -> None:
    """Formula, markup, override and line break in names, labels and bases."""
    sent(with_evil_text(toy_result()), tmp_path / "r")
    paths = [path for path in (tmp_path / "r").rglob("*") if path.is_file()]
    assert len(paths) > 30
    for path in paths:
        if path.suffix in {".json", ".txt", ".csv", ".svg"}:
            text = path.read_text("utf-8")
            assert EVIL not in text
            assert "\u202e" not in text
        elif path.suffix == ".docx":
            assert "\u202e" not in _docx_text(path)
            assert "instrText" not in docx.Document(str(path)).element.xml.partition("w:sectPr")[0]


def test_a_stale_contact_is_written_only_if_that_is_accepted_and_then_said(tmp_path: Path) -> None:
    """The package tells from where the contact is, of which day, and how old it is."""
    result = _with_contact(toy_result(ASKERS["le"]))
    refused = sent(result, tmp_path / "r", replace(SURE, accept_stale=False))["acme"]
    assert [one.rule for one in refused.errors] == ["contact"]
    assert "--accept-stale" in (tmp_path / "r/NOT_WRITTEN.txt").read_text("utf-8")
    sent(result, tmp_path / "r")
    assert not (tmp_path / "r/NOT_WRITTEN.txt").exists()
    how = "verified (the day the page itself was read) on 2022-01-01"
    age = f"{how} from https://acme.example/police, 120 days old"
    told = _json(tmp_path / "r/acme/request.json")["recipient"]
    assert age in told["channel"]
    assert (told["contact"]["age_days"], told["contact"]["stale"]) == ("120", "true")
    assert age.replace(" ", "") in pdf_text(tmp_path / "r/acme/letter.pdf").replace(" ", "")
    fresh = sent(result, tmp_path / "f", Sending(NOW.replace(month=3), no_tip_off_checked=True))["acme"]
    assert not fresh.errors


def _with_contact(result: Result) -> Result:
    held = Vasp(
        "acme", ("acme",), ("Acme",), (), (Channel("email", "police@acme.example", "le"),), ("le",), (), (),
        (), "", None, None, None, "", "", "https://acme.example/police", date(2022, 1, 1), Verified.LIVE,
    )  # fmt: skip
    return replace(result, recipients={"acme": held})


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n@x", "\u200b=1+1"]
)
def test_no_label_begins_a_formula(text: str) -> None:
    """In no cell of any sheet, and in no field of the CSV: the text is there, and is only text."""
    result = toy_result(ASKERS["le"])
    labels = {a: tuple(replace(one, text=text) for one in held) for a, held in result.labels.items()}
    trace = replace(result.trace, deposits=tuple(replace(d, basis=text) for d in result.trace.deposits))
    hostile = replace(result, labels=labels, trace=trace)
    request = next(one for one in freeze_requests(hostile) if one.folder == "bolt")
    book = openpyxl.load_workbook(io.BytesIO(workbook(hostile, request)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    fields = [
        field
        for row in csv.reader(io.StringIO(identifiers_csv(hostile, request).decode(), newline=""))
        for field in row
    ]
    held = [*(str(cell.value) for cell in cells), *fields]
    assert {cell.data_type for cell in cells} == {"s"}
    shown = text.strip("\t\r\n\u200b")
    assert any(one == f"'{shown}" for one in held)
    assert not [one for one in held if one.lstrip().startswith(("=", "+", "-", "@"))]
