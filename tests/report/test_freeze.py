"""A freeze request asks for what its sender may ask, of whom it may be asked, up to what is traced."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader

from flowtrace.errors import InputError, IntegrityError
from flowtrace.model import Category, Channel, Hop, Label, Requester, Result, Rule, Trace, Use, Vasp, Verified
from flowtrace.report.document.words import exact
from flowtrace.report.freeze import freeze_requests
from flowtrace.report.freeze.asking import asked
from flowtrace.report.freeze.lint import lint_facts
from flowtrace.report.freeze.mail import MOST_LINES, subject
from flowtrace.report.freeze.wording import FORBIDDEN, WORDING
from report.broken import EVIL, relabelled, with_evil_text, with_hop, with_stop, with_trace
from report.drafts import write_freeze
from report.toy_result import ACME, ACME_DEPOSIT, ACME_HOT, BOLT_DEPOSIT, toy_result


def _text(path: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def _sheet(path: Path, name: str) -> list[dict[str, object]]:
    head, *rows = openpyxl.load_workbook(path)[name].values
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_one_package_per_exchange_the_same_bytes_twice(tmp_path: Path) -> None:
    """Letter, spreadsheet and machine form for each recipient, and for nobody else."""
    first = write_freeze(toy_result(), tmp_path / "a")
    again = write_freeze(toy_result(), tmp_path / "b")
    names = [path.relative_to(tmp_path / "a").as_posix() for path in first]
    files = ("identifiers.xlsx", "identifiers.csv", "identifiers.txt", "request.json", "email.txt")
    letters = [("acme", "letter.pdf"), ("bolt", "letter.pdf"), ("swirl-exposure", "notice.pdf")]
    assert names == [f"{folder}/{name}" for folder, letter in letters for name in (letter, *files)]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_the_cap_is_what_the_stated_rule_traces(tmp_path: Path) -> None:
    """Urgency C: all swept long before the record ends."""
    acme, bolt, _ = freeze_requests(toy_result())
    assert (acme.urgency[0], acme.rule, acme.caps[0].received) == ("C", Rule.PRO_RATA, 150 * 10**18)
    assert (acme.caps[0].low, acme.caps[0].high) == (99999916 * 10**12, 150 * 10**18)
    assert [way.deposits for way in bolt.ways] == [(9, 10)]
    assert [hop.row for hop in acme.ways[0].hops] == [1, 2, 8]
    write_freeze(toy_result(), tmp_path)
    asked = json.loads((tmp_path / "bolt/request.json").read_bytes())
    hold = next(action for action in asked["actions"] if action["type"] == "hold_withdrawals")
    assert hold["cap"][0]["base_units"] == str(bolt.caps[0].traced)


def test_eighteen_digits_survive_in_sheet_and_json_as_text(tmp_path: Path) -> None:
    """Every cell is a string; none is a number, a date or a formula."""
    write_freeze(toy_result(), tmp_path)
    rows = _sheet(tmp_path / "bolt/identifiers.xlsx", "Deposits")
    assert rows[0]["amount_base_units"] == "120123456789012345678"
    book = openpyxl.load_workbook(tmp_path / "bolt/identifiers.xlsx")
    assert book.sheetnames == ["Deposits", "Paths", "Hops", "Addresses", "Method", "ReadMe"]
    values = (value for sheet in book for row in sheet.values for value in row)
    assert all(value is None or isinstance(value, str) for value in values)
    asked = json.loads((tmp_path / "bolt/request.json").read_bytes())
    assert asked["deposits"][0]["amount"] == "120.123456789012345678"
    assert len(asked["deposits"][0]["tx"]) == 66


def test_a_researcher_claims_no_authority(tmp_path: Path) -> None:
    """No forbidden phrase, only flag and preserve, the hold an invitation."""
    write_freeze(toy_result(), tmp_path)
    text = _text(tmp_path / "acme/letter.pdf")
    assert "Notification of suspected proceeds of theft" in text
    assert "you are invited to hold" in text
    assert not [phrase for phrase in FORBIDDEN["researcher"] if phrase in text.casefold()]
    actions = json.loads((tmp_path / "acme/request.json").read_bytes())["actions"]
    assert {a["type"] for a in actions if not a["invited"]} == {"flag", "preserve_records"}


@pytest.mark.parametrize("phrase", ["You are REQUIRED to freeze", "must\n freeze", "on behalf of the victim"])
def test_a_researcher_cannot_write_authority_into_a_field(phrase: str, tmp_path: Path) -> None:
    """A sender's own field is no way around the locked words, nor is a name."""
    write_freeze(toy_result(Requester(organisation=f"We say: {phrase} this.")), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["NOT_WRITTEN.txt"]
    assert "researcher's letter cannot say" in (tmp_path / "NOT_WRITTEN.txt").read_text("utf-8")


def test_law_enforcement_has_its_title_its_basis_and_blanks(tmp_path: Path) -> None:
    """Fields that are empty are blanks to fill, never invented."""
    officer = Requester(mode="le", organisation="Toytown Police", legal_basis="Toytown Code s. 1, order 7")
    write_freeze(toy_result(officer), tmp_path)
    text = _text(tmp_path / "acme/letter.pdf")
    for said in (
        "Request for temporary restraint and preservation", "Toytown Code s. 1, order 7", "Second officer _",
        "reply within 14 days of receipt", "do not restrict the rest", "to be verified by the sender",
    ):  # fmt: skip
        assert said in text, said


def _held(verified: Verified) -> Result:
    """Return the toy result with a contact of its exchange in the registry, for law enforcement alone."""
    way = Channel("email", "police@acme.example", "le")
    held = Vasp(
        "acme", ("acme",), ("Acme",), (), (way,), ("le",), (), (), (), "", None, None, None, "", "",
        "https://acme.example/police", date(2025, 1, 1), verified,
    )  # fmt: skip
    return replace(toy_result(Requester(mode="le", legal_basis="order 7")), recipients={"acme": held})


@pytest.mark.parametrize(
    ("verified", "caution"),
    [
        (Verified.COPY, "STALE: read on 2025-01-01 in a stored copy"),
        (Verified.LIVE, "STALE after 2025-04-01"),
    ],
)
def test_a_contact_is_never_printed_without_its_age(verified: Verified, caution: str, tmp_path: Path) -> None:
    """Issue 6: "stale after 90 days"; the letter and the machine form say it beside the address."""
    write_freeze(_held(verified), tmp_path)
    told = json.loads((tmp_path / "acme/request.json").read_bytes())["recipient"]
    text = " ".join(_text(tmp_path / "acme/letter.pdf").split())
    for words in (text, told["channel"]):
        assert "police@acme.example" in words
        assert caution in words
    assert told["contact"]["holds_until"] == "2025-04-01"
    assert told["contact"]["source_url"] == "https://acme.example/police"


def test_a_channel_is_for_those_whom_its_page_names(tmp_path: Path) -> None:
    """A researcher is not sent to the mailbox for law enforcement; without a record nothing is held."""
    result = replace(_held(Verified.LIVE), requester=Requester())
    write_freeze(result, tmp_path / "held")
    told = json.loads((tmp_path / "held/acme/request.json").read_bytes())["recipient"]
    assert "police@" not in told["channel"]
    assert "no contact is held for this mode (its page tells of: le)" in told["channel"]
    write_freeze(replace(result, recipients={}), tmp_path / "none")
    told = json.loads((tmp_path / "none/acme/request.json").read_bytes())["recipient"]
    assert told["contact"] is None
    assert told["channel"].endswith("no contact is held")


def test_the_letter_names_whole_identifiers_and_its_annexes(tmp_path: Path) -> None:
    """Full hashes, the theft, the claim of a third party in its own box, the SHA-256 of the annexes."""
    result = toy_result()
    write_freeze(result, tmp_path)
    text = _text(tmp_path / "acme/letter.pdf").replace(" ", "")
    acme = freeze_requests(result)[0]
    assert acme.deposits[0].hop.transfer.tx in text
    assert ACME_DEPOSIT.display in text
    assert "Claimsbythirdparties" in text
    assert json.loads((tmp_path / "acme/request.json").read_bytes())["unverified_claims"][0]["class"] == "X"
    assert "identifiers.xlsx" in text


@pytest.mark.parametrize("mode", ["police", ""])
def test_a_mode_without_locked_wording_is_refused(mode: str, tmp_path: Path) -> None:
    """Only the modes whose words are written may speak."""
    with pytest.raises(InputError, match="no locked wording"):
        write_freeze(toy_result(Requester(mode=mode)), tmp_path)


@pytest.mark.parametrize(
    ("use", "category"),
    [(Use.HOT_WALLET, Category.EXCHANGE), (Use.UNSPECIFIED, Category.MIXER), (Use.CONTRACT, Category.BRIDGE)],
)
def test_a_pooled_address_is_refused(use: Use, category: Category, tmp_path: Path) -> None:
    """A hot wallet, a mixer and a bridge hold the funds of others."""
    pooled = Label(ACME_DEPOSIT, "Acme: pool", category, use, ACME, "s", "web_crawl", "2022-04-01")
    write_freeze(relabelled(toy_result(), pooled), tmp_path)
    assert not (tmp_path / "acme").exists()
    assert "is pooled (Acme: pool)" in (tmp_path / "NOT_WRITTEN.txt").read_text("utf-8")
    assert (tmp_path / "bolt/letter.pdf").is_file()


def test_a_hot_wallet_without_a_label_is_refused_too(tmp_path: Path) -> None:
    """What deposits are swept to is pooled, whatever it is called."""

    def swept_to_itself(trace: Trace) -> Trace:
        return replace(trace, deposits=tuple(replace(d, hot_wallet=ACME_DEPOSIT) for d in trace.deposits))

    write_freeze(with_trace(toy_result(), swept_to_itself), tmp_path)
    assert "hot wallet that deposits are swept to" in (tmp_path / "NOT_WRITTEN.txt").read_text("utf-8")
    assert not (tmp_path / "acme").exists()


def _lost(result: Result) -> Result:
    return with_trace(result, lambda t: replace(t, deposits=t.deposits[:-1]))


def _off(result: Result) -> Result:
    return with_stop(result, 4, lambda s: replace(s, taint={**s.taint, Rule.FIFO: s.taint[Rule.FIFO] + 1}))


def _torn(result: Result) -> Result:
    return with_trace(result, lambda t: replace(t, hops=tuple(h for h in t.hops if h.row not in {2, 3})))


@pytest.mark.parametrize(("wrong", "named"), [(_lost, "the deposits sum to"), (_torn, "does not begin at")])
def test_what_gets_a_request_rejected_stops_it_here(wrong, named: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Sums that differ, and a path that breaks: the reason stands where the package would."""
    write_freeze(wrong(toy_result()), tmp_path)
    assert named in (tmp_path / "NOT_WRITTEN.txt").read_text("utf-8")
    assert not (tmp_path / "bolt").exists()


def test_money_that_does_not_add_up_stops_all_of_them(tmp_path: Path) -> None:
    """The case itself is wrong then, and no package of it can be right."""
    with pytest.raises(IntegrityError, match="theft eth, rule FIFO"):
        write_freeze(_off(toy_result()), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("row", [8, 2])
def test_a_cut_hash_costs_its_own_request_and_no_other(row: int, tmp_path: Path) -> None:
    """Intake refuses it: that request is not written, of a credit (8) or on the way to it (2)."""

    def cut_off(hop: Hop) -> Hop:
        return replace(hop, transfer=replace(hop.transfer, tx=hop.transfer.tx[:20]))

    wrong = with_hop(toy_result(), row, cut_off)
    assert "acme" not in {request.entity.id for request in freeze_requests(wrong)}
    assert "bolt" in {path.parent.name for path in write_freeze(wrong, tmp_path)}
    assert "not a full hash" in (tmp_path / "NOT_WRITTEN.txt").read_text("utf-8")
    told = lint_facts(wrong, replace(freeze_requests(toy_result())[0], hops=wrong.trace.hops))
    assert any("not a full hash" in remark.text for remark in told)


def test_every_hop_that_can_have_fed_a_credit_is_in_the_package(tmp_path: Path) -> None:
    """The letter cites the sheet Hops, not files that the recipient does not get."""
    write_freeze(toy_result(), tmp_path)
    rows = [row["row"] for row in _sheet(tmp_path / "bolt/identifiers.xlsx", "Hops")]
    assert rows == ["1", "3", "9", "10"]
    text = _text(tmp_path / "bolt/letter.pdf")
    assert "sheet Hops" in text
    assert "hops.csv" not in text
    assert "Annex B" not in text


def test_hops_are_counted_one_way_in_the_whole_package(tmp_path: Path) -> None:
    """The theft is hop 0 everywhere: in the letter, in three sheets and in the machine form."""
    write_freeze(toy_result(), tmp_path)
    (deposit,) = _sheet(tmp_path / "acme/identifiers.xlsx", "Deposits")
    path = _sheet(tmp_path / "acme/identifiers.xlsx", "Paths")
    hops = _sheet(tmp_path / "acme/identifiers.xlsx", "Hops")
    asked = json.loads((tmp_path / "acme/request.json").read_bytes())
    assert [row["hop_no"] for row in path] == ["0", "1", "2"]
    assert [row["depth"] for row in hops] == ["0", "1", "2"]
    assert (deposit["hops"], asked["deposits"][0]["hops"]) == ("2", 2)
    assert "the theft (hop 0) and 2 hops after it" in _text(tmp_path / "acme/letter.pdf")


def test_rows_decoded_from_calls_are_told_from_recorded_ones(tmp_path: Path) -> None:
    """The theft is read out of a call: no letter says that it is recorded, and its row is marked."""
    write_freeze(toy_result(), tmp_path)
    text = _text(tmp_path / "acme/letter.pdf")
    assert "Every hop is class D" not in text
    assert "[1] is decoded from the arguments of a call" in text
    assert "[1] decoded 2022-" in text
    path = _sheet(tmp_path / "acme/identifiers.xlsx", "Paths")
    assert [row["method_note"] for row in path] == ["decoded", "recorded", "recorded"]


def test_who_names_the_hot_wallet_stands_in_the_letter(tmp_path: Path) -> None:
    """That an address is a deposit address rests on the name of the wallet that it was swept into."""
    write_freeze(toy_result(), tmp_path)
    text = _text(tmp_path / "acme/letter.pdf")
    for said in (ACME_HOT.display, "Acme: Hot Wallet", "https://register.example/toytown", "web_crawl"):
        assert said.replace(" ", "") in text.replace(" ", ""), said


def test_identifiers_are_plain_files_too(tmp_path: Path) -> None:
    """The CSV is the sheet; the text file has whole hashes, then addresses, one a line."""
    write_freeze(toy_result(), tmp_path)
    table = list(csv.DictReader(io.StringIO((tmp_path / "bolt/identifiers.csv").read_text("utf-8"))))
    sheet = _sheet(tmp_path / "bolt/identifiers.xlsx", "Deposits")
    assert table == [{name: value or "" for name, value in row.items()} for row in sheet]
    (bolt,) = (request for request in freeze_requests(toy_result()) if request.entity.id == "bolt")
    lines = (tmp_path / "bolt/identifiers.txt").read_text().splitlines()
    assert lines == [*(c.hop.transfer.tx for c in bolt.deposits), BOLT_DEPOSIT.display]


@pytest.mark.parametrize("mode", sorted(WORDING))
def test_the_mail_is_short_and_its_subject_can_be_sorted(mode: str, tmp_path: Path) -> None:
    """Case number, sender, amount and number of transactions in the subject; at most 25 lines below it."""
    write_freeze(toy_result(Requester(mode=mode, organisation="Toy Bureau", reference="T-7")), tmp_path)
    first, _, *body = (tmp_path / "bolt/email.txt").read_text("utf-8").splitlines()
    assert first.startswith(f"Subject: [DRAFT] {WORDING[mode].subject} - T-7 - Toy Bureau - ETH ")
    assert first.endswith(" - 2 TXIDs")
    assert 2 + len(body) <= MOST_LINES
    assert not any("http" in line for line in body)


def test_only_what_may_still_be_reached_is_urgent() -> None:
    """A historic case marked urgent would cost the next one its hearing."""
    result = toy_result()
    historic, recent = (freeze_requests(r)[0] for r in (result, replace(result, as_of="2022-03-23")))
    assert not subject(result, historic).startswith("[URGENT]")
    assert subject(result, recent).startswith("[URGENT] Preservation request (researcher) - ")


def test_a_letter_is_never_shared_wider_than_its_report(tmp_path: Path) -> None:
    """TLP:AMBER, or what the case says where that is stricter."""
    for sharing, letter in (("TLP:CLEAR", "TLP:AMBER,"), ("TLP:RED", "TLP:RED,")):
        write_freeze(replace(toy_result(), sharing=sharing), tmp_path / sharing[4:])
        assert letter in _text(tmp_path / sharing[4:] / "acme/letter.pdf")


def test_hostile_text_is_neutral_in_every_file(tmp_path: Path) -> None:
    """Formula, Typst code, override and line break, in sheet, letter and JSON."""
    paths = write_freeze(with_evil_text(toy_result()), tmp_path)
    for path in paths:
        if path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path):
                for row in sheet.iter_rows():
                    assert all(cell.data_type != "f" and "\u202e" not in str(cell.value) for cell in row)
        elif path.suffix == ".pdf":
            assert '#read("x")' in _text(path)
        elif path.suffix == ".csv":
            for cells in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")):
                assert not [text for text in cells if text.startswith(("=", "+", "-", "@"))]
        else:
            assert "\u202e" not in path.read_text("utf-8")
    assert not [
        path for path in paths if path.suffix in (".json", ".txt", ".csv") and EVIL in path.read_text("utf-8")
    ]


def test_urgency_follows_the_last_sweep(tmp_path: Path) -> None:
    """B within a day of the record's end, A where value was not yet swept."""
    result = toy_result()
    assert freeze_requests(replace(result, as_of="2022-03-23"))[0].urgency.startswith("B")
    unswept = with_trace(
        result, lambda t: replace(t, deposits=tuple(replace(d, sweep=None) for d in t.deposits))
    )
    assert freeze_requests(unswept)[0].urgency.startswith("A")
    write_freeze(unswept, tmp_path)


@pytest.mark.parametrize("mode", sorted(WORDING))
def test_every_mode_has_a_deadline_a_period_and_an_action(mode: str) -> None:
    """What is asked says all three, and the amount it stops at."""
    asked_of = freeze_requests(toy_result(Requester(mode=mode)))[0]
    said = asked(asked_of)
    assert "within 14 days of receipt" in said
    assert "for 90 days from receipt" in said
    assert "for 30 days" in said
    assert exact(asked_of.caps[0].asset, asked_of.caps[0].traced) in said
    assert asked_of.actions
    assert ACME_HOT.display != ACME_DEPOSIT.display
