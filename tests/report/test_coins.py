"""Coins in the report: a hop is one output of a transaction, told by its number, never the fee."""

from __future__ import annotations

import json
from pathlib import Path

from flowtrace.model import Kind, Rule, StopReason
from flowtrace.report import account_tables, flow_graph, write_report
from flowtrace.report.diagram.fold import fold
from flowtrace.report.freeze import freeze_requests
from flowtrace.report.summary import summary
from flowtrace.report.tables import write_tables
from report.coin_result import HEIST, LATE, MERGE, PEEL, SHOP, THIEF, UNVEIL, VEIL, coin_result
from report.drafts import write_freeze
from report.test_diagram import check_page
from report.test_tables import rows_of
from report.texts import pdf_text, report_text


def test_a_credit_is_told_by_its_output(tmp_path: Path) -> None:
    """The exchange is paid by output 1 of the peel; output 0 is change, the last one the fee."""
    result = coin_result()
    write_tables(result, tmp_path)
    (credit,) = rows_of(tmp_path / "deposits.csv")
    assert (credit["deposit_tx"], credit["position"]) == (PEEL.tx, "vout 1")
    assert (credit["amount_base_units"], credit["from_address"]) == ("100000", THIEF.display)
    hops = rows_of(tmp_path / "hops.csv")
    assert [(row["tx"][:8], row["position"], row["to"]) for row in hops if row["to"] == LATE.display] == [
        (MERGE.tx[:8], "vout 0", LATE.display),
        (MERGE.tx[:8], "vout 2", LATE.display),
    ]
    assert all(hop.transfer.kind is Kind.COIN for hop in result.trace.hops)


def test_coins_are_told_under_eight_rules(tmp_path: Path) -> None:
    """TIHO and TILO stand beside the six, in the tables and in the report."""
    result = coin_result()
    write_tables(result, tmp_path)
    (credit,) = rows_of(tmp_path / "deposits.csv")
    assert (credit["taint_tiho"], credit["taint_tilo"]) == ("0.001", "0.001")
    assert "TIHO" in report_text(result)


def test_a_request_about_coins_names_the_output(tmp_path: Path) -> None:
    """Hash and output, in the letter and in the machine form; the amount is the output's alone."""
    (request,) = freeze_requests(coin_result())
    assert [hop.target for way in request.ways for hop in way.hops] == [THIEF, SHOP]
    assert (request.caps[0].received, request.caps[0].high) == (100_000, 100_000)
    write_freeze(coin_result(), tmp_path)
    machine = json.loads((tmp_path / "acme/request.json").read_bytes())
    assert [(d["tx"], d["position"], d["amount_base_units"]) for d in machine["deposits"]] == [
        (PEEL.tx, "vout 1", "100000")
    ]
    assert "vout 1" in pdf_text(tmp_path / "acme/letter.pdf")


def test_what_the_thief_sent_is_counted_by_output_without_change_and_fee() -> None:
    """0.001 to the exchange; of the merge, in which the thief gives most, what went to others."""
    (outflow,) = summary(coin_result())["theft_addresses"]
    assert (outflow["value_transfers"], outflow["sent"]["base_units"]) == (3, "990000")
    assert f"{THIEF.display} sent 0.0099 BTC in 3 value transfers." in report_text(coin_result())


def test_coins_are_not_rounded_to_nothing() -> None:
    """A hundredth of a bitcoin may be much: four places, where other coins have two."""
    assert (
        "0.0010 BTC (11.11 %) under every conserving rule is assessed to have reached 1 wallet"
        in report_text(coin_result())
    )
    assert account_tables(coin_result())[0].rows[0][1] == "0.0010"


def test_two_outputs_to_one_address_are_two_edges_and_one_arrow() -> None:
    """Nothing is lost where one transaction pays an address twice."""
    graph = flow_graph(coin_result())
    between = graph.get_edge_data(str(THIEF), str(LATE))
    assert sorted(data["amount_base_units"] for data in between.values()) == ["290000", "600000"]
    assert {data["position"] for data in between.values()} == {"vout 0", "vout 2"}
    assert set(between) == {f"{MERGE.id}:0", f"{MERGE.id}:2"}
    picture = fold(coin_result())
    late = next(box.key for box in picture.boxes if LATE in box.members)
    arrow = next(a for a in picture.arrows if a.target == late)
    assert (arrow.units, arrow.count) == (890_000, 2)
    assert "0.001 BTC straight into 1 wallet labelled Acme Exchange" in picture.title


def test_value_paid_to_no_address_is_accounted_for(tmp_path: Path) -> None:
    """A bare key, a note with value, a confidential pool: a row of its own, and the trace ends there."""
    result = coin_result((HEIST, VEIL))
    by_rule = {account.rule: account for account in result.trace.accounts}
    assert by_rule[Rule.FIFO].unaddressed == by_rule[Rule.DIRTY_FIRST].unaddressed == 700_000
    assert all(account.balances for account in by_rule.values())
    (block,) = account_tables(result)
    assert {row[0]: row[3] for row in block.rows}["no address"] == "0.0070"
    assert summary(result)["thefts"][0]["accounts"]["fifo"]["unaddressed"]["base_units"] == "700000"
    assert "was paid to scripts that no address stands for" in report_text(result)
    write_report(result, tmp_path / "out", lambda _: None)


def test_value_spent_from_no_address_goes_on() -> None:
    """Once spent again by a transaction of the record, it rests where that one pays it."""
    result = coin_result((HEIST, VEIL, UNVEIL))
    assert [account.unaddressed for account in result.trace.accounts] == [0] * len(result.trace.rules)
    (stop,) = result.trace.stops
    assert (stop.address, stop.taint[Rule.FIFO]) == (THIEF, 880_000)
    assert "no address" not in {row[0] for row in account_tables(result)[0].rows}


def test_every_page_of_coins_can_be_made(tmp_path: Path) -> None:
    """The money adds up with coins spent together, and the figure is fit to print."""
    from flowtrace.report.diagram.drawing import sheet_of  # noqa: PLC0415

    result = coin_result()
    check_page(sheet_of(result))
    write_report(result, tmp_path / "out", lambda _: None)
    text = pdf_text(tmp_path / "out" / "report.pdf")
    assert "vout 1" in text
    assert f"{THIEF.display} and 1 more" in text
    assert {stop.reason for stop in result.trace.stops} >= {StopReason.SERVICE, StopReason.NO_DATA}
