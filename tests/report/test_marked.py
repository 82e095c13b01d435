"""A case without a theft: every text speaks of marked value, no request is written, and it is said why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flowtrace.model import Incident, Result, Role, RoleName, Theft
from flowtrace.report import account_tables, write_report
from flowtrace.report.diagram.fold import fold
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.freeze import freeze_requests
from flowtrace.report.graph import flow_graph
from flowtrace.report.subject import NO_REQUEST, is_theft, stated
from flowtrace.report.summary import summary_json
from flowtrace.report.tables import write_tables
from report.broken import with_trace
from report.test_tables import rows_of
from report.texts import figure_texts, report_text
from report.toy_result import MALLORY, VAULT, toy_result
from report.variants import marked, paid

CRIME = re.compile(r"stolen|theft|victim|thief", re.IGNORECASE)
EITHER = pytest.mark.parametrize("case", [marked, paid], ids=["an address", "a transaction"])


def with_role(result: Result) -> Result:
    """Return the result with the role that a trace gives the address it begins at."""
    role = Role(
        MALLORY, RoleName.THEFT, "", "trace/1", (), result.trace.roles[0].cls, "received the stolen amount"
    )
    return with_trace(result, lambda trace: replace(trace, roles=(*trace.roles, role)))


@EITHER
def test_no_text_speaks_of_a_crime(case: Callable[[], Result], tmp_path: Path) -> None:
    """Report, figure, terminal and tables; only the word on how to state a theft names one."""
    result = with_role(case())
    said = report_text(result).replace(NO_REQUEST, "")
    said += "\n".join(figure_texts(result))
    said += "\n".join(
        text for t in account_tables(result) for text in (t.title, t.note, *t.columns, *sum(t.rows, ()))
    )
    assert not CRIME.findall(said)
    assert "marked" in said
    write_tables(result, tmp_path)
    roles = {row["address"]: row for row in rows_of(tmp_path / "roles.csv")}
    assert (roles[MALLORY.display]["role"], roles[MALLORY.display]["detail"]) == (
        "marked address",
        "received the marked amount",
    )
    assert flow_graph(result).nodes[str(MALLORY)]["role"] == "marked address"


@EITHER
def test_no_request_is_written_and_the_report_says_why(case: Callable[[], Result], tmp_path: Path) -> None:
    """A letter about proceeds of a theft needs a theft; the deposits themselves are still shown."""
    result = case()
    assert freeze_requests(result) == []
    write_report(result, tmp_path / "out", lambda _: None)
    assert not (tmp_path / "out" / "requests").exists()
    text = report_text(result)
    assert NO_REQUEST in text
    assert "write incident.toml first" in text
    assert "requests/" not in text
    assert "2 credits of in all 200.123456789012345678 ETH to 1 deposit address" in text


def test_the_first_page_says_what_was_marked_and_that_nothing_more_is_known() -> None:
    """All that came from elsewhere, from whom and when."""
    text = report_text(marked())
    assert f"1,000 ETH came to {MALLORY.display} on 2022-03-23" in text
    assert (
        "in 1 payment from 1 address that this trace had not met before. This is marked and followed." in text
    )
    assert "No word is held on where this value came from" in text
    assert "Of the 1,000 ETH marked," in text
    assert "Where the money went: 1,000 ETH marked" in text


def test_a_transaction_s_payment_is_told_with_its_payer() -> None:
    """The payer is nobody's victim: neither in the text, nor as a box of the figure."""
    text = report_text(paid())
    assert f"1,000 ETH left {VAULT.display} for {MALLORY.display} in transaction" in text
    assert "It is marked and followed." in text
    picture = fold(paid())
    assert picture.words[BoxKind.VICTIM] == "payer"
    assert "Payer" in {box.title for box in picture.boxes}
    assert picture.words[BoxKind.THEFT] == "marked address"


def test_a_theft_is_still_called_one() -> None:
    """The words of a stated theft do not change."""
    result = toy_result()
    text = report_text(result)
    assert "Of the 1,000 ETH stolen," in text
    assert "Victim" in text
    assert NO_REQUEST not in text
    assert account_tables(result)[0].rows[-1][0] == "stolen"
    assert account_tables(marked())[0].rows[-1][0] == "marked"


def test_what_a_case_is_about_is_told_from_its_incident() -> None:
    """A party that lost something, and a transfer by which it did; either alone is no theft."""
    result = toy_result()
    assert is_theft(result.incident)
    assert not is_theft(marked().incident)
    assert not is_theft(paid().incident)
    mark = Theft("eth", result.incident.thefts[0].asset, 1, "", None, MALLORY)
    assert not is_theft(replace(result.incident, thefts=(mark,)))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("taken for not stolen", "taken for not marked"),
        ("Stolen value is paid out last", "Marked value is paid out last"),
        ("went back to the theft address", "went back to the marked address"),
        ("that its holder knew of the theft", "that its holder knew where it came from"),
    ],
)
def test_our_own_words_fit_the_case(said: str, instead: str) -> None:
    """The same sentence, of marked value."""
    nothing: Incident = marked().incident
    assert stated(nothing, said) == instead
    assert stated(toy_result().incident, said) == said


def test_the_machine_form_keeps_its_keys() -> None:
    """A program that reads summaries finds them all where it found them."""
    assert b'"stolen"' in summary_json(marked())
    assert b'"victim": ""' in summary_json(marked())
