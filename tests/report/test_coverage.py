"""How whole the record is stands on the first page, in the sources section, and beside each transfer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flowtrace.model import Coverage, Gap, GapKind, Price, Result, Scope
from flowtrace.report.document.coverage import scopes_of
from flowtrace.report.tables import write_tables
from report.broken import with_trace
from report.coin_result import coin_result
from report.flows import wallet
from report.test_tables import rows_of
from report.texts import report_text
from report.toy_result import ACME, ACME_DEPOSIT, ETH, IDA, JON, MALLORY, USDC, toy_result


def covered(*spans: Coverage) -> Result:
    """Return toytown's case with more coverage."""
    return replace(toy_result(), coverage=(*toy_result().coverage, *spans))


def span(who: object, scope: Scope, why: str, *, complete: bool) -> Coverage:
    """Return coverage of an address in a scope."""
    return Coverage(who, scope, 0, 14_000_100, complete, why, "2022-05-01T00:00:00Z", "explorer")  # type: ignore[arg-type]


WHOLE = tuple(span(who, Scope.INTERNAL, "counted", complete=True) for who in (MALLORY, IDA, JON))


def test_the_first_page_says_for_whom_the_record_may_lack_payments() -> None:
    """Coins come by internal transfers too, tokens by their logs: nobody asked for either here."""
    text = report_text(toy_result())
    first = text[: text.index("Scope and what was not examined")]
    assert (
        "The record may lack payments: of ETH, internal transfers (coins sent by contracts) of the 3 "
        "followed addresses are not held, or not shown to be complete; of USDC, token transfer logs of the "
        "1 followed address are not held"
    ) in first


def test_a_complete_record_is_not_doubted_and_a_doubtful_one_is() -> None:
    """One of three addresses with a record that is not shown to be whole is enough."""
    tokens = span(MALLORY, Scope.TOKEN, "counted", complete=True)
    assert "The record may lack payments" not in report_text(covered(*WHOLE, tokens))
    doubtful = (*WHOLE[:2], span(JON, Scope.INTERNAL, "the balance differs by 3 wei", complete=False), tokens)
    text = report_text(covered(*doubtful))
    assert "internal transfers (coins sent by contracts) of 1 of the 3 followed addresses" in text
    assert "the balance differs by 3 wei" in text


def test_a_record_that_begins_late_is_not_whole() -> None:
    """Complete by its check, but not from the chain's first block on: what came before it is not shown."""
    tokens = span(MALLORY, Scope.TOKEN, "counted", complete=True)
    late = replace(WHOLE[2], first=12_000_000)
    text = report_text(covered(*WHOLE[:2], late, tokens))
    first = text[: text.index("Scope and what was not examined")]
    assert "internal transfers (coins sent by contracts) of 1 of the 3 followed addresses" in first
    assert "1 address, complete by its check, but only from a later block on" in text
    assert "from block 12,000,000 on only; counted" in text
    earlier = replace(late, first=0, source="another")
    assert "The record may lack payments" not in report_text(covered(*WHOLE[:2], late, earlier, tokens))


def test_each_asset_has_the_scopes_that_show_it() -> None:
    """Logs for tokens; transactions and internal transfers for an EVM chain's coin; one list for coins."""
    assert scopes_of(ETH) == (Scope.EXTERNAL, Scope.INTERNAL)
    assert scopes_of(USDC) == (Scope.TOKEN,)
    assert scopes_of(coin_result().incident.thefts[0].asset) == (Scope.EXTERNAL,)
    assert "The record may lack payments" not in report_text(coin_result())


def test_the_sources_section_counts_outcomes_and_lists_what_is_not_complete() -> None:
    """Followed addresses first, at most twenty; the table holds the rest."""
    many = [span(wallet(n), Scope.EXTERNAL, f"asked {n}", complete=False) for n in range(1, 31)]
    late = span(JON, Scope.TOKEN, "the list ended early", complete=False)
    text = report_text(covered(*many, late))
    assert "transactions sent and received: 3 addresses, complete by its check" in text
    assert "transactions sent and received: 31 addresses, not complete" in text
    assert "The first 20 of 32; the rest is in coverage.csv." in text
    assert text.index("the list ended early") < text.index("asked 1\n")
    assert "asked 29" not in text


def test_what_could_not_be_read_is_a_gap_in_its_source_s_words() -> None:
    """Listed with the other gaps, and not reworded; a long list is cut, and says so."""
    gaps = tuple(
        Gap(GapKind.UNREAD, wallet(n), f"no source could tell: stolen page {n}") for n in range(1, 51)
    )
    text = report_text(with_trace(toy_result(), lambda trace: replace(trace, gaps=gaps)))
    assert f"{wallet(1).display}: no source could tell: stolen page 1" in text
    assert "10 further gaps like these: summary.json lists every one." in text
    assert "stolen page 41" not in text


def test_transfers_told_by_two_services_are_marked(tmp_path: Path) -> None:
    """One column of the table, one sentence of the report."""
    sure = frozenset(hop.transfer.id for hop in toy_result().trace.hops[:2])
    result = replace(toy_result(), confirmed=sure)
    write_tables(result, tmp_path)
    rows = rows_of(tmp_path / "transfers.csv")
    told = {f"{r['chain']}:{r['tx']}:{r['position']}" for r in rows if r["confirmed"] == "true"}
    assert told == sure
    assert {row["confirmed"] for row in rows} == {"true", "false"}
    moved = len({hop.transfer.id for hop in result.trace.hops})
    assert f"2 of {moved} transfers of the way are told alike by two independent services" in report_text(
        result
    )
    assert "None of the" in report_text(toy_result())


def test_a_price_that_is_held_stands_in_the_row_with_its_source(tmp_path: Path) -> None:
    """And where none is held, the row and the report say that."""
    credit = next(d.hop for d in toy_result().trace.deposits if d.hop.target == ACME_DEPOSIT)
    theft = toy_result().trace.hops[0]
    quotes = [
        Price(ETH, hop.transfer.time, "3000.5", hop.transfer.time + 12, "=quotes.example", "0.99")
        for hop in (credit, theft)
    ]
    result = replace(toy_result(), prices={(quote.asset, quote.time): quote for quote in quotes})
    write_tables(result, tmp_path)
    acme, *others = rows_of(tmp_path / "deposits.csv")
    assert acme["recipient"] == ACME.name
    assert acme["usd_at_block"] == "450075.00"
    assert acme["price_source"] == "'=quotes.example, quoted 12 s from the block's time, confidence 0.99"
    assert {(row["usd_at_block"], row["price_source"]) for row in others} == {("", "no price source held")}
    text = report_text(result)
    assert "Prices are not held" not in text
    assert "Prices are quotes of: =quotes.example." in text
    assert "1,000 ETH (worth USD 3,000,500.00 then: =quotes.example, quoted 12 s" in text
    assert "Prices are not held, so no amount is stated in a currency." in report_text(toy_result())
