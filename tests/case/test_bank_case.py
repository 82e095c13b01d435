"""A case of bank statements from the files to the report, offline; all parties are invented."""

from __future__ import annotations

import asyncio
import csv
import json
from pathlib import Path

import pytest

from case.small import INCIDENT as SMALL
from case.small import write_table
from commands import Command
from files.bank_world import (
    BANK,
    EUR,
    EXCHANGE,
    MULE,
    STATEMENTS,
    THEFT,
    THIEF,
    THIEFS,
    VICTIM,
    at,
    camt,
    iban,
)
from flowtrace.case import Case, Reach, resembles, target_of, verify
from flowtrace.errors import IncompleteError
from flowtrace.model import ETHEREUM, Category, Rule

INCIDENT = f"""id = "toy-bank"
title = "Invented theft from a bank account"
date = "2024-05-02"
victim = "an invented person"
seeds = ["{at(THIEF)}"]
[[thefts]]
id = "eur"
asset = "{EUR}"
units = "400000"
transfer = "{THEFT}"
victim = "{at(VICTIM)}"
thief = "{at(THIEF)}"
"""
LABELS = f"""title: Invented labels
creator: a test
source: https://example.org/invented
confidence: authority_data
lastmod: 2024-06-01
tags:
- address: {EXCHANGE}
  network: {BANK.id}
  label: Toy Giro Bank
  actor: toy-giro-bank
  category: bank
"""


def _statements(folder: Path) -> Path:
    folder.mkdir()
    for name, body in STATEMENTS.items():
        (folder / name).write_bytes(body)
    return folder


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A case with both statements imported, an incident and a label."""
    made = Case.start(tmp_path / "toy", "")
    made.import_files([_statements(tmp_path / "statements")], ETHEREUM)
    (made.folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    (made.folder / "labels").mkdir()
    (made.folder / "labels" / "own.yaml").write_text(LABELS, encoding="utf-8")
    return Case.open(made.folder)


def test_it_is_reported_and_verified(case: Case) -> None:
    """Every output is written, says banks and money in their own words, and is rebuilt to the byte."""
    written = {path.name for path in case.report()}
    assert {"flow.png", "report.pdf", "hops.csv", "summary.json"} <= written
    assert [check for check in verify(case) if not check.passed] == []
    rows = list(csv.DictReader((case.out / "hops.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["to"], row["amount"], row["taint_fifo"]) for row in rows if row["to"] == EXCHANGE] == [
        (EXCHANGE, "3000.00", "2500.00")
    ]
    assert "4000.00" in json.dumps(json.loads((case.out / "summary.json").read_bytes()))
    (table,) = case.account()
    assert any(row[0] == "toy-giro-bank (bank)" for row in table.rows)
    assert any(row[0] == "bank charges" for row in table.rows)
    assert not list((case.out / "requests").glob("*"))


def test_it_ends_at_the_labelled_bank(case: Case) -> None:
    """Whose account it is comes from the label, with its source."""
    stop = next(one for one in case.result.trace.stops if one.address == at(EXCHANGE))
    assert stop.entity is not None
    assert stop.entity.category is Category.BANK
    assert "Toy Giro Bank" in stop.basis
    assert stop.taint[Rule.FIFO] == 2500_00


def test_ways_are_explained_and_origins_told(case: Case) -> None:
    """Forward by lots, backward to the opening balance that the statement states."""
    (way,) = case.explain(at(EXCHANGE), Rule.FIFO)
    assert [step.transfer.where for step in way.steps] == [
        "book day 2024-05-02",
        "book day 2024-05-07",
        "book day 2024-05-08",
    ]
    (origin,) = case.origin(at(EXCHANGE), Rule.FIFO)
    assert {(one.kind.value, one.units) for one in origin.sources} == {
        ("theft", 2500_00),
        ("opening balance of", 500_00),
    }


def test_what_a_person_states_of_an_opening_balance_stands(case: Case) -> None:
    """It takes the place of what the statement says of the same account, and is not added to it."""
    stated = f'\n[[openings]]\naddress = "{at(MULE)}"\nasset = "{EUR}"\nunits = "100"\nsource = "a person"\n'
    path = case.folder / "case.toml"
    path.write_text(path.read_text(encoding="utf-8") + stated, encoding="utf-8")
    gaps = [gap for gap in Case.open(case.folder).result.trace.gaps if gap.address == at(MULE)]
    assert [gap.amount.units for gap in gaps if gap.amount] == [100]


def test_a_case_that_begins_at_an_account_asks_nobody(tmp_path: Path) -> None:
    """Without statements it says what to import; with them it comes to its end without a question."""
    target = target_of(str(at(THIEF)))
    assert target is not None
    case = Case.of_target(target, tmp_path / "live")
    with pytest.raises(IncompleteError, match="import its statements"):
        asyncio.run(case.follow(Reach()))
    case.import_files([_statements(tmp_path / "statements")], ETHEREUM)
    asyncio.run(case.follow(Reach()))
    assert not case.unfinished
    assert [theft.units for theft in case.result.trace.thefts] == [7_000_00]


def test_a_case_may_begin_at_an_entry(tmp_path: Path) -> None:
    """Named as its transfer is."""
    target = target_of(THEFT.removeprefix(f"{BANK.id}:").removesuffix(":entry"), BANK.id)
    assert target is not None
    assert target.text == THEFT.replace(f"{BANK.id}:", f"{BANK.id}:tx:").removesuffix(":entry")
    case = Case.of_target(target, tmp_path / "live")
    case.import_files([_statements(tmp_path / "statements")], ETHEREUM)
    asyncio.run(case.follow(Reach()))
    assert [theft.units for theft in case.result.trace.thefts] == [4_000_00]


def test_an_iban_alone_names_no_bank() -> None:
    """Which bank's statements are meant is asked for."""
    assert target_of(THIEF) is None
    assert f"iso20022:BIC:{THIEF}" in resembles(THIEF)
    assert resembles(iban(1)[:-1] + "0") == ""


def test_a_statement_that_cannot_be_read_leaves_the_case_as_it_was(tmp_path: Path, command: Command) -> None:
    """It is kept, rejected and named; what was held before counts as before."""
    case = Case.start(tmp_path / "toy", "")
    case.import_files([_statements(tmp_path / "statements")], ETHEREUM)
    before = case.ledger.digest
    bad = tmp_path / "bad.xml"
    bad.write_bytes(camt([THIEFS]).replace(b">5<", b">5.001<"))
    code, _, words = command("import", "files", bad, "--case", case.folder)
    assert code == 2
    assert "bad.xml, entry 4" in words
    assert Case.open(case.folder).ledger.digest == before


def test_the_commands_take_statements_to_a_report(tmp_path: Path, command: Command) -> None:
    """Import, trace offline, verify: a folder of files is all it takes, and the files name the bank."""
    folder = tmp_path / "toy"
    code, _, words = command("import", "files", _statements(tmp_path / "statements"), "--case", folder)
    assert code == 0
    assert "thief.xml: bank camt.053" in words
    (folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    code, told, _ = command("trace", folder, "--offline", "--json")
    assert code == 0
    assert json.loads(told)["snapshot"]
    code, told, _ = command("verify", folder)
    assert code == 0
    assert "FAIL" not in told


def test_files_alone_date_a_report(tmp_path: Path) -> None:
    """No answer says when it came: the statements' last day, or the last transfer's, stands."""
    case = Case.start(tmp_path / "toy", "")
    case.import_files([_statements(tmp_path / "statements")], ETHEREUM)
    (case.folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    assert case.result.as_of == "2024-05-31T00:00:00+00:00"
    table = write_table(tmp_path / "small")
    (table.parent / "small.coverage.csv").unlink()
    other = Case.start(tmp_path / "other", "")
    other.import_transfers(table)
    (other.folder / "incident.toml").write_text(SMALL, encoding="utf-8")
    assert other.result.as_of == "2023-11-14T22:13:44+00:00"
    assert other.figure().axes
