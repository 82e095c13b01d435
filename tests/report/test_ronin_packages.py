"""The bundled Ronin case: packages for Huobi and FTX, a question to Crypto.com, a notice of the mixer."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from flowtrace import Case
from flowtrace.model import ETHEREUM, Address, Asset, read_decimal
from flowtrace.report.cells import grouped
from flowtrace.report.credit import is_full_hash
from flowtrace.report.freeze import Package, freeze_requests
from flowtrace.report.freeze.machine import request_schema
from report.drafts import SURE, sent
from report.formats.schemas import errors
from report.texts import pdf_text

ETH = Asset.native(ETHEREUM)
CREDITS = {"ftx": 23, "huobi": 128, "cryptocom": 1, "tornado-exposure": 1751}
"""Transactions into each, as the recorded answers have them."""


@pytest.fixture(scope="module")
def packages(ronin: Case, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Package]]:
    """Return the folder with the packages of the bundled case, and what was made of each."""
    folder = tmp_path_factory.mktemp("packages") / "requests"
    return folder, sent(ronin.result, folder)


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


def test_who_was_reached_gets_a_package_of_its_kind(packages: tuple[Path, dict[str, Package]]) -> None:
    """Issue 7: "packages for Huobi, FTX, Crypto.com and a notice for the mixer's exposure"."""
    folder, made = packages
    assert {name: len(_rows(folder / name / "identifiers.csv")) for name in made} == CREDITS
    assert not [one for package in made.values() for one in package.errors]
    for name in made:
        assert errors(request_schema(), json.loads((folder / name / "request.json").read_bytes())) == []


def test_every_deposit_row_is_whole(ronin: Case, packages: tuple[Path, dict[str, Package]]) -> None:
    """Full hash, position, block, exact amount, traced amount under each rule: as the trace has them."""
    folder, made = packages
    hops = {str(hop.row): hop for hop in ronin.result.trace.hops}
    for name in made:
        for row in _rows(folder / name / "identifiers.csv"):
            hop = hops[row["row"]]
            assert is_full_hash(hop.transfer)
            assert (row["deposit_tx"], row["block"]) == (hop.transfer.tx, str(hop.transfer.height))
            assert row["position"] == hop.transfer.position
            assert row["amount_base_units"] == str(hop.amount.units)
            told = {rule: row[f"taint_{rule.value}"] for rule in hop.taint}
            assert told == {rule: ETH.written(units) for rule, units in hop.taint.items()}
            assert row["deposit_address"] in {"", hop.target.display if hop.target else ""}


@pytest.mark.parametrize("name", ["ftx", "huobi", "cryptocom"])
def test_the_letters_sums_are_those_of_its_table(
    name: str, packages: tuple[Path, dict[str, Package]]
) -> None:
    """Issue 7: "the letter's numbers equal the tables' (a test reads them back out of the PDF text)"."""
    folder, _ = packages
    rows = _rows(folder / name / "identifiers.csv")
    flat = re.sub(r"\s", "", pdf_text(folder / name / "letter.pdf"))
    traced, received = (
        grouped(ETH, sum(read_decimal(row[column], 18) for row in rows))
        for column in ("traced_amount", "amount")
    )
    assert f"{traced}ETHof{received}ETHreceived" in flat


def test_crypto_com_is_asked_and_nothing_is_said_to_be_found(
    packages: tuple[Path, dict[str, Package]],
) -> None:
    """One ETH at an address that a third party names, without a record of it: class X, a question."""
    folder, made = packages
    request = made["cryptocom"].request
    assert request is not None
    assert {action.kind for action in request.actions} == {"flag", "preserve_records"}
    (row,) = _rows(folder / "cryptocom/identifiers.csv")
    assert (row["evidence_class"], row["amount"], row["traced_low"], row["traced_high"]) == (
        "X",
        "1",
        "0",
        "1",
    )
    assert Address.parse(ETHEREUM, row["deposit_address"]).account.startswith("0x82906886")
    assert "not verified" in row["recipient_basis"]
    text = pdf_text(folder / "cryptocom/letter.pdf")
    assert "Please check by your own records" in text
    assert "github.com/tayvano/lazarus-bluenoroff-research" in text.replace(" ", "")


def test_the_notice_names_no_account_and_asks_nothing(packages: tuple[Path, dict[str, Package]]) -> None:
    """1,751 payments of 100 ETH; the mixer's contract is in no list that somebody may act on."""
    folder, made = packages
    request = made["tornado-exposure"].request
    assert request is not None
    assert (request.actions, request.caps[0].received) == ((), 175_100 * 10**18)
    lines = (folder / "tornado-exposure/identifiers.txt").read_text("utf-8").splitlines()
    assert {len(line) for line in lines} == {66}


def test_every_path_begins_at_the_theft(ronin: Case) -> None:
    """And every credit has one."""
    theft = {one.transfer for one in ronin.result.incident.thefts}
    for request in freeze_requests(ronin.result):
        assert {way.hops[0].transfer.id for way in request.ways} <= theft
        assert {row for way in request.ways for row in way.deposits} == {c.hop.row for c in request.deposits}


def test_nothing_is_sent_without_the_senders_word(ronin: Case, tmp_path: Path) -> None:
    """The registered contacts are stored copies of unknown age: refused unless that is accepted."""
    made = sent(ronin.result, tmp_path / "r", replace(SURE, accept_stale=False, no_tip_off_checked=False))
    assert all(one.errors and not one.files for one in made.values())
    assert {one.rule for one in made["huobi"].errors} == {"contact", "15 tip-off"}


@pytest.mark.parametrize("name", ["ftx", "huobi", "cryptocom"])
def test_no_letter_tells_one_recipient_of_another(
    name: str, packages: tuple[Path, dict[str, Package]]
) -> None:
    """What the amounts rest on is said of the reader's own addresses."""
    folder, _ = packages
    text = pdf_text(folder / name / "letter.pdf")
    others = {"ftx": "FTX", "huobi": "Huobi", "cryptocom": "Crypto.com"}
    own = others.pop(name)
    assert own in text
    assert not [other for other in others.values() if other in text]
    assert "before the payments towards the addresses named here, so under LIFO and LIBR" in text


def test_a_letter_states_the_limits_of_the_rules_it_rests_on(
    packages: tuple[Path, dict[str, Package]],
) -> None:
    """A question on a third party's claim rests on no deposit address that was inferred."""
    folder, _ = packages
    assert "deposit_reuse/2: error rate" in pdf_text(folder / "huobi" / "letter.pdf")
    assert "deposit_reuse" not in pdf_text(folder / "cryptocom" / "letter.pdf")


def test_credits_of_one_amount_are_not_called_the_largest(
    packages: tuple[Path, dict[str, Package]],
) -> None:
    """Every payment into the mixer is of 100 ETH."""
    folder, _ = packages
    assert "12 of 1,751 credits, the largest, of equals the first:" in pdf_text(
        folder / "tornado-exposure" / "notice.pdf"
    )
