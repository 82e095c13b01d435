"""What rests is told from what was not followed, and a trace that was cut short says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.model import Result, StopReason, envelope
from flowtrace.report import account_tables
from flowtrace.report.accounted import accounted
from flowtrace.report.diagram.captions import amount_text
from flowtrace.report.diagram.fold import fold
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.document.resting import resting
from flowtrace.report.document.typeset import Block
from report.broken import with_trace
from report.texts import report_text
from report.toy_result import DOT, JON, MALLORY, NELL, toy_result
from report.variants import CROWD, ended, only

RESTS, LEFT = "Where value rests, address by address", "Not followed further, address by address"


def tables(result: Result) -> dict[str, list[list[str]]]:
    """Return the rows under each heading, a row as its cells' texts."""
    found: dict[str, list[list[str]]] = {}
    head = ""
    for block in resting(result):
        head = str(block["text"]) if block["kind"] == "heading" else head
        if block["kind"] == "table":
            found[head] = [[" ".join(cell) for cell in row] for row in block["rows"]]
    return found


def words(blocks: list[Block]) -> str:
    """Return the paragraphs of blocks."""
    return " ".join(str(block["text"]) for block in blocks if block["kind"] == "para")


def test_only_addresses_that_were_followed_are_said_to_keep_what_came() -> None:
    """What came to dot is below the minimum: nobody looked whether it left her address."""
    found = tables(toy_result())
    assert DOT.display not in {row[0] for row in found[RESTS]}
    assert {row[0] for row in found[RESTS]} >= {MALLORY.display, JON.display}
    assert [(row[0], row[1]) for row in found[LEFT]] == [
        (DOT.display, "the stolen part that came is below the minimum to follow")
    ]
    assert "it may have left them since" in words(resting(toy_result()))


@pytest.mark.parametrize(
    ("reason", "basis", "why"),
    [
        (StopReason.BUDGET, "the budget of addresses is spent", "the budget of addresses was spent"),
        (
            StopReason.CROWDED,
            CROWD,
            "left: it has more than 20,000 transfers; a service nobody has labelled?",
        ),
    ],
)
def test_each_address_not_followed_has_its_reason(reason: StopReason, basis: str, why: str) -> None:
    """Budget and crowd are no rest either."""
    found = tables(ended(reason, basis))
    assert NELL.display not in {row[0] for row in found[RESTS]}
    assert dict(row[:2] for row in found[LEFT])[NELL.display] == why


def test_a_crowded_address_is_a_group_a_box_and_a_finding_of_its_own() -> None:
    """In the table of money, in the figure with its legend, on the first page."""
    result = ended(StopReason.CROWDED, CROWD)
    assert "crowded address" in {line.group for line in accounted(result)[0].lines}
    assert "crowded address" in {row[0] for row in account_tables(result)[0].rows}
    picture = fold(result)
    box = next(b for b in picture.boxes if NELL in b.members)
    assert (box.kind, box.title) == (BoxKind.CROWDED, "Too many transfers")
    assert picture.words[BoxKind.CROWDED] == "too many transfers"
    assert "came to addresses left for their many transfers" in report_text(result)
    assert "not followed to the end (1 address left)" in picture.title


def test_a_trace_that_was_cut_says_so_in_title_and_section() -> None:
    """That no service was reached would else read as if the money had been followed to its end."""
    result = only(StopReason.BUDGET, StopReason.MINIMUM)
    cut = {s.address for s in result.trace.stops if s.reason is StopReason.BUDGET}
    assert fold(result).title.endswith(
        f"no mixer or service reached; not followed to the end ({len(cut)} addresses left)"
    )
    text = report_text(result)
    assert f"as far as the trace went: {len(cut)} addresses with traced value were not followed" in text
    assert "So no request to an exchange is written." in text


def test_a_trace_that_was_not_cut_claims_no_more_than_it_did() -> None:
    """Nothing was left, so nothing is said to be."""
    result = only(StopReason.NO_DATA)
    assert fold(result).title.endswith("no mixer or service reached")
    assert "as far as the trace went" not in report_text(result)


def test_the_figure_s_notes_tell_rest_from_what_was_left_and_sum_what_is_there() -> None:
    """Traced value by rule, not all that ever came; and one address is no addresses."""

    def turned(reason: StopReason) -> tuple[str, ...]:
        stops = (
            replace(s, reason=reason) if s.address == JON and s.theft == "eth" else s
            for s in toy_result().trace.stops
        )
        held = tuple(stops)
        return fold(with_trace(toy_result(), lambda trace: replace(trace, stops=held))).notes

    stop = next(s for s in toy_result().trace.stops if s.address == JON)
    low, high = (amount_text(stop.asset, units) for units in envelope(stop.taint))
    assert f"Record ends at 1 address drawn: {low} to {high}, by rule" in turned(StopReason.INCOMPLETE)
    assert f"Not followed further at 1 address drawn (budget spent): {low} to {high}, by rule" in turned(
        StopReason.BUDGET
    )
    (rests,) = (note for note in turned(StopReason.BUDGET) if note.startswith("Left at rest"))
    others = {s.address for s in toy_result().trace.stops if s.reason is StopReason.AT_REST} - {JON}
    assert rests.startswith(f"Left at rest in {len(others)} addresses drawn: ")
