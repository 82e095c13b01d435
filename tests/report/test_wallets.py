"""Value paid straight to an exchange's own wallet: told from a deposit address, asked about, never frozen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from flowtrace.errors import IntegrityError
from flowtrace.model import Requester, Result, Rule, Stop, StopReason
from flowtrace.report.accounted import accounted
from flowtrace.report.credit import credits_of
from flowtrace.report.diagram.fold import fold
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.freeze import FreezeRequest, freeze_requests
from flowtrace.report.freeze.lint import lint_facts
from flowtrace.report.freeze.texts import wallets_named
from flowtrace.report.freeze.wording import WORDING
from flowtrace.report.summary import summary
from flowtrace.report.tables import write_tables
from report.broken import with_stop
from report.drafts import write_freeze
from report.test_tables import rows_of
from report.texts import pdf_text, report_text
from report.toy_result import BOLT_DEPOSIT, BOLT_HOT, toy_result
from report.variants import NAMED, straight


def bolt(result: Result, number: int = 0) -> Stop:
    """Return the stop at bolt's address."""
    return [stop for stop in result.trace.stops if stop.address == BOLT_DEPOSIT][number]


def test_the_title_tells_a_wallet_from_a_deposit_address() -> None:
    """Both are reached, and neither is called the other; an address is only assessed to be a deposit's."""
    title = fold(straight()).title
    assert "150 ETH into 1 address assessed to be a deposit address of Acme Exchange" in title
    assert "≈ 200.12 ETH straight into 1 wallet labelled Bolt Exchange" in title
    assert "no mixer" not in title
    assert "wallet labelled" not in fold(toy_result()).title
    box = next(b for b in fold(straight()).boxes if b.title == "Bolt Exchange wallet")
    assert box.kind is BoxKind.EXCHANGE
    assert "by label (P)" in box.lines


def test_the_report_says_whose_wallet_it_is_and_which_request_is_written() -> None:
    """The label and its source are named, no deposit address is claimed, nothing is asked of the wallet."""
    text = report_text(straight())
    for said in (
        "is assessed to have reached 1 wallet that labels name as Bolt Exchange's own",
        "Bolt Exchange's own, where the funds of many customers mix",
        "It is assessed to be a wallet of Bolt Exchange by its label",
        "2 credits of in all 200.123456789012345678 ETH to 1 wallet: named by labels as the exchange's own",
        "labelled 'Bolt 7' (web_crawl, 2022-04-01) by https://register.example/toytown",
        "nothing is asked about the wallet itself",
        "A draft of the request to Bolt Exchange is in requests/bolt/",
        "A draft of the request to Acme Exchange is in requests/acme/",
    ):
        assert said in text, said
    assert "deposit address of Bolt" not in text
    assert "assessed to be that of Bolt" not in text


def test_a_credit_into_a_wallet_has_no_deposit_address_in_any_table(tmp_path: Path) -> None:
    """A program that reads the column must not take the wallet for something to freeze."""
    write_tables(straight(), tmp_path)
    rows = rows_of(tmp_path / "deposits.csv")
    pooled = [row for row in rows if row["recipient"] == "Bolt Exchange"]
    assert [row["credited_to"] for row in pooled] == ["pooled wallet of the exchange"] * 2
    assert {(r["deposit_address"], r["deposit_address_lower_case"], r["swept"]) for r in pooled} == {
        ("", "", "")
    }
    assert pooled[0]["recipient_basis"].startswith("labelled 'Bolt 7' (web_crawl, 2022-04-01) by https://")
    assert [row["credited_to"] for row in rows if row not in pooled] == ["deposit address"]
    assert [w["credits"] for w in summary(straight())["exchange_wallets"]] == [2]


@pytest.mark.parametrize("mode", sorted(WORDING))
def test_the_request_asks_about_the_account_and_never_names_the_wallet_to_act_on(
    mode: str, tmp_path: Path
) -> None:
    """The wallet stands only where a transaction paid to: not in what is asked, the mail, the identifiers."""
    write_freeze(straight_of(mode), tmp_path)
    letter = pdf_text(tmp_path / "bolt/letter.pdf")
    assert "3. Transactions straight into wallets that public labels name as yours (P)" in letter
    assert "the account that matters is the one that the exchange credited" in letter
    assert "accounts credited by the transactions in section 3" in letter
    asked = letter[letter.index("1. Request") : letter.index("2. Facts")].replace(" ", "")
    assert BOLT_DEPOSIT.display not in asked
    for name in ("email.txt", "identifiers.txt"):
        assert BOLT_DEPOSIT.account not in (tmp_path / "bolt" / name).read_text("utf-8").casefold()
    machine = json.loads((tmp_path / "bolt/request.json").read_bytes())
    assert [d["address"] for d in machine["deposits"]] == ["", ""]
    assert BOLT_DEPOSIT.account not in json.dumps(machine["actions"]).casefold()
    parts = {
        row[0]: row[3]
        for row in openpyxl.load_workbook(tmp_path / "bolt/identifiers.xlsx")["Addresses"].values
    }
    assert parts[BOLT_DEPOSIT.display] == "hot wallet (never ask to freeze it)"


def straight_of(mode: str) -> Result:
    """Return the case with a requester's mode."""
    return replace(straight(), requester=Requester(mode=mode))


def test_the_cap_and_the_urgency_count_credits_into_wallets() -> None:
    """A wallet is never swept, so such a credit is historic, or recent by its own time."""
    request = next(r for r in freeze_requests(straight()) if r.entity.id == "bolt")
    sure = next(r for r in freeze_requests(toy_result()) if r.entity.id == "bolt")
    assert (request.caps, request.urgency[0]) == (sure.caps, "C")
    recent = replace(straight(), as_of="2022-03-23")
    assert [r.urgency[0] for r in freeze_requests(recent) if r.entity.id == "bolt"] == ["B"]


def _told(result: Result, request: FreezeRequest) -> str:
    return " ".join(remark.text for remark in lint_facts(result, request))


def test_a_wallet_that_no_label_gives_the_recipient_is_refused() -> None:
    """Only in that one form may a pooled address stand in a request."""
    result = straight()
    request = next(r for r in freeze_requests(result) if r.entity.id == "bolt")
    assert not lint_facts(result, request)
    bare = tuple(replace(credit, basis="") for credit in request.deposits)
    as_deposit = tuple(replace(credit, pooled=False) for credit in request.deposits)
    assert "no label names as a wallet of the recipient" in _told(result, replace(request, deposits=bare))
    assert "is pooled (Bolt 7)" in _told(result, replace(request, deposits=as_deposit))
    assert "no label names as a wallet of the recipient" in _told(toy_result(), request)


@pytest.mark.parametrize("wallet", [BOLT_HOT.account, BOLT_HOT.display])
def test_a_wallet_in_what_is_asked_is_refused(wallet: str) -> None:
    """However it is written, and of deposits' hot wallets too."""
    request = next(r for r in freeze_requests(toy_result()) if r.entity.id == "bolt")
    assert not list(wallets_named(request, ["please hold the account"]))
    (said,) = wallets_named(request, [f"please freeze {wallet} now"])
    assert said.startswith("what is asked names the pooled wallet")


def test_no_field_of_the_sender_smuggles_a_wallet_into_what_is_asked(tmp_path: Path) -> None:
    """Who writes can be any text; it stands on the first page and in the mail."""
    asker = Requester(organisation=f"Bureau for the freezing of {BOLT_HOT.display}")
    write_freeze(toy_result(asker), tmp_path)
    assert "what is asked names the pooled wallet" in (tmp_path / "NOT_WRITTEN.txt").read_text("utf-8")
    assert not (tmp_path / "bolt").exists()


def test_what_rests_at_a_wallet_is_what_the_hops_bring() -> None:
    """The reconciliation holds such a wallet to the unit, as it does a deposit address."""
    place = straight().trace.stops.index(bolt(straight()))
    other = straight().trace.stops.index(
        next(s for s in straight().trace.stops if s.reason is StopReason.NO_DATA)
    )
    wrong = with_stop(
        straight(), place, lambda s: replace(s, taint={**s.taint, Rule.FIFO: s.taint[Rule.FIFO] - 1})
    )
    wrong = with_stop(
        wrong, other, lambda s: replace(s, taint={**s.taint, Rule.FIFO: s.taint[Rule.FIFO] + 1})
    )
    with pytest.raises(IntegrityError, match="rests, the hops bring"):
        accounted(wrong)


def test_credits_are_in_order_of_rows_and_carry_their_basis() -> None:
    """Deposits and credits into wallets together."""
    found = credits_of(straight())
    assert [credit.hop.row for credit in found] == sorted(credit.hop.row for credit in found)
    assert {credit.pooled for credit in found} == {True, False}
    assert all(NAMED.source in credit.basis for credit in found if credit.pooled)
