"""The tables say what happened, exactly, and nothing a spreadsheet could run or round."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from flowtrace import Case
from flowtrace.errors import IntegrityError
from flowtrace.model import Rule
from flowtrace.report.accounted import FEES
from flowtrace.report.cells import cell, digits, plain, printable, rounded, share, utc
from flowtrace.report.tables import accounted, stated_rule, write_tables
from report.broken import EVIL, with_evil_text, with_hop, with_stop, with_trace
from report.toy_result import THEFTS, toy_result


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return a table's rows by the names of its columns."""
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


def test_every_table_is_written_with_crlf_and_the_same_bytes_twice(tmp_path: Path) -> None:
    """RFC 4180 lines, UTF-8, and no difference between two runs."""
    first = write_tables(toy_result(), tmp_path)
    bytes_ = {path.name: path.read_bytes() for path in first}
    assert set(bytes_) == {
        f"{n}.csv"
        for n in (
            *("transfers", "hops", "deposits", "set_aside", "coverage", "roles"),
            *("clusters", "cluster_findings", "patterns", "crossings", "uncrossed"),
            *("crossing_candidates", "coinjoins"),
        )
    }
    assert all(body.endswith(b"\r\n") and b"\n" not in body.replace(b"\r\n", b"") for body in bytes_.values())
    assert {path.name: path.read_bytes() for path in write_tables(toy_result(), tmp_path)} == bytes_


def test_every_hop_stands_in_its_table_with_every_rule_and_its_range(tmp_path: Path) -> None:
    """One row per hop, the row number its key."""
    result = toy_result()
    write_tables(result, tmp_path)
    rows = rows_of(tmp_path / "hops.csv")
    assert [int(row["row"]) for row in rows] == [hop.row for hop in result.trace.hops]
    assert rows[7]["taint_fifo"] == rows[7]["taint_low"] == "99.999916"
    assert rows[7]["taint_high"] == rows[7]["amount"] == "150"
    assert rows[0]["basis"] == "decoded"


def test_amounts_of_twenty_one_digits_stay_whole(tmp_path: Path) -> None:
    """120.123456789012345678 ETH would lose its last digits as a float."""
    write_tables(toy_result(), tmp_path)
    bolt = rows_of(tmp_path / "deposits.csv")[1]
    assert bolt["amount_base_units"] == "120123456789012345678"
    assert bolt["amount"] == "120.123456789012345678"
    assert bolt["deposit_tag_memo"] == "none on chain"
    assert bolt["usd_at_block"] == ""
    assert (bolt["swept"], bolt["recipient_confidence"], bolt["evidence_class"]) == ("true", "web_crawl", "P")


def test_the_table_sums_to_the_stolen_amount_under_every_rule() -> None:
    """Money accounted for: rows less other people's value equal what was stolen."""
    for book, theft in zip(accounted(toy_result()), THEFTS, strict=True):
        for rule in toy_result().trace.rules:
            assert sum(line.taint[rule] for line in book.lines) - book.clean[rule] == theft.units
            assert rule is Rule.POISON or book.clean[rule] == 0


def test_a_hop_that_carries_more_than_it_moves_is_named() -> None:
    """One unit too many in row 9 blocks every export."""
    wrong = with_hop(
        toy_result(), 9, lambda h: replace(h, taint={**h.taint, Rule.FIFO: h.transfer.amount.units + 1})
    )
    with pytest.raises(IntegrityError, match=r"theft eth, rule FIFO.*row \[9\]"):
        accounted(wrong)


def test_a_stop_off_by_one_unit_blocks_the_tables_and_is_named(tmp_path: Path) -> None:
    """Nothing is written when the sums differ by one wei."""
    wrong = with_stop(
        toy_result(), 0, lambda s: replace(s, taint={**s.taint, Rule.LIBR: s.taint[Rule.LIBR] - 1})
    )
    with pytest.raises(IntegrityError, match=r"theft eth, rule LIBR.*row resting"):
        write_tables(wrong, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("field", "named"), [("stolen", "row stolen"), ("fees", "row total"), ("clean", "row clean")]
)
def test_an_account_that_does_not_balance_is_named(field: str, named: str) -> None:
    """Each column of the reconciliation is checked."""

    def changed(result_trace):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        accounts = tuple(
            replace(a, **{field: getattr(a, field) + 1}) if a.rule is Rule.LIFO else a
            for a in result_trace.accounts
        )
        return replace(result_trace, accounts=accounts)

    with pytest.raises(IntegrityError, match=named):
        accounted(with_trace(toy_result(), changed))


def test_a_missing_account_is_an_error() -> None:
    """A rule without its reconciliation is not exported."""
    with pytest.raises(IntegrityError, match="no reconciliation row"):
        accounted(with_trace(toy_result(), lambda t: replace(t, accounts=t.accounts[1:])))


def test_a_deposit_whose_hops_do_not_bring_what_rests_is_named() -> None:
    """The deposit's hops and its stop are two records of one sum."""
    wrong = with_hop(toy_result(), 10, lambda h: replace(h, taint={**h.taint, Rule.LIFO: 0}))
    with pytest.raises(IntegrityError, match=r"rule LIFO.*rests, the hops bring"):
        accounted(wrong)


def test_hostile_text_cannot_start_a_formula_or_hide(tmp_path: Path) -> None:
    """No cell of any table starts a formula, breaks a line or reverses its reading."""
    for path in write_tables(with_evil_text(toy_result()), tmp_path):
        for row in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")):
            for text in row:
                assert not text.startswith(("=", "+", "-", "@", "\t", "\r"))
                assert not set(text) & set("\u202e\n\r\t")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t=", "\r=", "\u200b="])  # noqa: RUF001
def test_a_formula_start_is_quoted(start: str) -> None:
    """Also behind characters that a program would skip."""
    assert cell(f"{start}1+1").startswith("'")


def test_text_loses_what_an_eye_or_a_program_could_be_tricked_by() -> None:
    """Control, bidirectional and zero-width characters go; what fonts lack is named by its code."""
    assert plain("a\u202e\u200bb\nc\x00") == "ab c"
    assert printable("a\U0001f600→") == "a[U+1F600][U+2192]"
    assert cell(EVIL).startswith("'=HYPERLINK")


@pytest.mark.parametrize("wrong", [True, 1.0, "1", -1, None])
def test_only_whole_numbers_are_digits(wrong: object) -> None:
    """A float or a bool never reaches a file as an amount."""
    with pytest.raises(IntegrityError):
        digits(wrong)


def test_rounding_and_shares_are_worked_out_in_integers() -> None:
    """Half up, with thousands, and a share that is not nothing is never shown as nothing."""
    asset = THEFTS[0].asset
    assert rounded(asset, 1234565 * 10**15) == "1,234.57"
    assert (share(1, 3), share(1, 10**9), share(0, 5), share(1, 0)) == ("33.33 %", "<0.01 %", "0.00 %", "")
    assert utc(0) == "1970-01-01T00:00:00Z"


def test_the_stated_rule_is_a_parameter_of_the_case() -> None:
    """Pro rata where the case names none."""
    result = toy_result()
    assert stated_rule(result) is Rule.PRO_RATA
    assert stated_rule(replace(result, parameters=(("rule", "fifo"),))) is Rule.FIFO


def test_a_row_that_is_nothing_under_every_rule_is_no_row(ronin: Case) -> None:
    """Stolen USDC pays no network, and none is burnt; of the coin the fees are always told."""
    books = accounted(ronin.result)
    assert [[line.group for line in book.lines] for book in books if book.theft.asset.contract] == [
        ["incomplete record"]
    ]
    for book in books:
        assert all(any(line.taint.values()) or line.group == FEES for line in book.lines)
    assert any(line.group == FEES for book in books for line in book.lines)
