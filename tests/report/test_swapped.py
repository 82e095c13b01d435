"""A theft that was swapped, in the report: two tables that close, and a request in the asset that arrived."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from flowtrace.ledger import Ledger
from flowtrace.model import Class, Result, Rule, StopReason, Theft, Use
from flowtrace.report import account_tables, write_report
from flowtrace.report.summary import summary
from flowtrace.trace import End, Policy
from report.texts import report_text
from report.toy_result import toy_result
from toytown import (
    ACME,
    ACME_DEPOSIT,
    ACME_HOT,
    ALICE,
    CAROL,
    ETH,
    MALLORY,
    ONE,
    USDC,
    Pay,
    account,
    follow,
    label_of,
    record_of,
)
from trace_swaps import POOL, deal

CENTS = 10**6


def hash_of(name: str) -> str:
    """Return a full hash for a transaction's name: letters name nothing less."""
    return "0x" + sha256(name.encode()).hexdigest()


@pytest.fixture(scope="module")
def result() -> Result:
    """Return a case: 1,000 of 1,500 ETH are stolen, 900 are swapped, a part of the USDC goes to acme."""
    own, heist = (
        Pay(hash_of("own"), CAROL, MALLORY, 500 * ONE),
        Pay(hash_of("heist"), ALICE, MALLORY, 1000 * ONE),
    )
    way = [t for height, pay in enumerate((own, heist), start=1) for t in pay.transfers(height)]
    way += deal(hash_of("swap"), 3, (MALLORY, POOL, 900 * ONE, ETH), (POOL, MALLORY, 2_700_000 * CENTS, USDC))
    way += deal(hash_of("cash"), 4, (MALLORY, ACME_DEPOSIT, 1_000_000 * CENTS, USDC))
    sweep = (ACME_DEPOSIT, ACME_HOT, 1_000_000 * CENTS, USDC)
    way += deal(hash_of("sweep"), 5, sweep, sender=ACME_DEPOSIT)
    ledger = Ledger(way, [record_of(MALLORY), record_of(ACME_DEPOSIT)])
    theft = Theft("eth", ETH, 1000 * ONE, heist.id, ALICE, MALLORY)
    ends = {ACME_DEPOSIT: End(StopReason.DEPOSIT, ACME, Class.P, "swept into a labelled wallet")}
    trace = account(follow(ledger, [theft], ends=ends.get, policy=Policy()), ledger)
    toy = toy_result()
    incident = replace(toy.incident, thefts=trace.thefts, seeds=(MALLORY,))
    named = replace(label_of(ACME_HOT, ACME), use=Use.HOT_WALLET)
    return replace(
        toy, trace=trace, transfers=tuple(ledger), incident=incident, coverage=ledger.coverage,
        labels={ACME_HOT: (named,)}, parameters=(),
    )  # fmt: skip


def test_there_are_two_tables(result: Result) -> None:
    """What was stolen, with what of it was exchanged; then what came by the exchange."""
    eth, usdc = account_tables(result)
    assert "exchanged for another asset" in {row[0] for row in eth.rows}
    assert "up to 2,700,000 USDC" in usdc.title
    rules = list(result.trace.rules)
    last = dict(zip(rules, usdc.rows[-1][1:], strict=False))
    assert (usdc.rows[-1][0], last[Rule.PRO_RATA], last[Rule.FIFO]) == (
        "came by exchange", "1,800,000.00", "1,200,000.00",
    )  # fmt: skip


def test_the_report_says_what_became_of_it(result: Result) -> None:
    """The words name both assets and never call what came by exchange stolen of its own."""
    text = report_text(result)
    assert "was exchanged for another asset, which is followed from there on" in text
    assert "Of the up to 2,700,000 USDC that it was exchanged for," in text
    became = summary(result)["thefts"][0]["became"]
    assert [one["asset"] for one in became] == [str(USDC)]
    assert became[0]["accounts"]["fifo"]["bought"]["base_units"] == str(1_200_000 * CENTS)


def test_the_request_is_about_what_arrived(result: Result, tmp_path: Path) -> None:
    """Everything is written, and the request asks for USDC, with its way from the theft of ETH."""
    write_report(result, tmp_path, lambda _: None)
    body = json.loads((tmp_path / "requests/acme/request.json").read_text(encoding="utf-8"))
    caps = [cap for action in body["actions"] for cap in action.get("cap", ())]
    assert {(cap["symbol"], cap["amount"]) for cap in caps} == {("USDC", "666666.666667")}
    assert [len(path["rows"]) for path in body["paths"]] == [4]
