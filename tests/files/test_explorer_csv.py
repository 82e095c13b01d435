"""Explorers' CSV exports: exact decimals, failed rows, any year's header, tokens by stated decimals."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from files.worlds import BUSY, COIN, PAID, PEOPLE, Tx, by_id, moves, unplaced, worlds
from files.wrappings import TOKENS, as_csv, explorer, imported, thousands
from flowtrace.errors import InputError
from flowtrace.fetch.explorer.rows import told
from flowtrace.files.explorer_csv import plain
from flowtrace.files.gathered import settled
from flowtrace.model import Address, Chain, Kind, Scope, Transfer, read_decimal

STATED = (f"{COIN.contract}=6",)
KINDS = (Kind.FEE, Kind.VALUE)


def outer(world: Sequence[Tx]) -> dict[str, Transfer]:
    """Return the fees and payments of a world as an export tells them."""
    return {t.id: unplaced(t) for t in moves(world) if t.kind is Kind.FEE or (t.kind is Kind.VALUE and t.ok)}


@given(worlds(), st.booleans())
@settings(max_examples=60)
def test_written_and_read_back_it_is_what_a_live_source_tells(world: list[Tx], newer: bool) -> None:  # noqa: FBT001
    """Fees of all, payments of those that succeeded: the same transfers, but for the index in the block."""
    found = imported(explorer(world, newer=newer), decimals=STATED)
    assert {t.id: t for t in found.transfers if t.kind in KINDS} == outer(world)
    assert found.lesser == {t.id for t in found.transfers}
    assert not settled(
        replace(found, transfers=tuple(t for t in found.transfers if t.kind in KINDS)), moves(world)
    )


@given(worlds())
@settings(max_examples=40)
def test_inner_and_token_rows_are_named_as_the_same_explorers_answers_are(world: list[Tx]) -> None:
    """An export and an answer of its API about one account give transfers of equal ids and amounts."""
    found = by_id(t for t in imported(explorer(world), decimals=STATED).transfers if t.kind not in KINDS)
    live: dict[str, Transfer] = {}
    for about in PEOPLE:
        inner, tokens = answer(world, about)
        transfers = (
            *told("txlistinternal", about, inner).transfers,
            *told("tokentx", about, tokens).transfers,
        )
        live |= {t.id: t for t in transfers}
    assert {name: unplaced(t) for name, t in live.items()} == found


def answer(world: Sequence[Tx], about: Address) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the rows of the explorer's API about one account."""
    inner, tokens = [], []
    for tx in world:
        place = {"blockNumber": str(tx.height), "timeStamp": str(tx.time), "hash": tx.hash}
        inner += [
            place | {"from": s.source.account, "to": s.target.account, "value": str(s.units),
                     "contractAddress": "", "isError": str(int(tx.failed(s)))}
            for s in tx.steps if s.how != "delegatecall" and about in (s.source, s.target)
        ]  # fmt: skip
        tokens += [
            place | {"from": a.account, "to": b.account, "value": str(units), "tokenSymbol": "COIN",
                     "contractAddress": COIN.contract, "tokenDecimal": "6", "transactionIndex": str(tx.index)}
            for _, a, b, units in tx.logs if about in (a, b)
        ]  # fmt: skip
    return inner, tokens


def test_two_exports_of_one_account_are_not_two_payments() -> None:
    """Exports overlap: a token row in both is one transfer with two witnesses."""
    body = explorer([BUSY])["export-erc20.csv"]
    found = imported({"a.csv": body, "b.csv": body}, decimals=STATED)
    assert [len(rows) for rows in found.rows.values()] == [2]


def test_two_equal_rows_of_one_export_are_two_payments() -> None:
    """A contract may pay the same twice in one transaction: each row is a transfer of its own."""
    twice = replace(BUSY, logs=(*BUSY.logs, (1, *BUSY.logs[0][1:])))
    found = imported({"a.csv": explorer([twice])["export-erc20.csv"]}, decimals=STATED)
    assert [t.amount.units for t in found.transfers] == [4, 4]


def test_a_failed_row_moves_its_fee_and_nothing_else() -> None:
    """Whatever value stands there."""
    found = imported({"a.csv": explorer([replace(PAID, error=True)])["export-normal.csv"]})
    assert [(t.kind, t.ok) for t in found.transfers] == [(Kind.FEE, False)]


def rows(name: str, world: Sequence[Tx] = (PAID, BUSY)) -> list[dict[str, str]]:
    """Return the rows of an export of a world."""
    return list(csv.DictReader(io.StringIO(explorer(world)[f"export-{name}.csv"].decode())))


@pytest.mark.parametrize(
    ("name", "ended", "moved"),
    [
        ("normal", ("", ""), 4), ("normal", ("Error(0)", "Reverted"), 3), ("normal", ("Error(1)", ""), 3),
        ("normal", ("Fail", ""), 3), ("normal", ("", "out of gas"), 2), ("internal", ("0", ""), 2),
        ("internal", ("", ""), 2), ("internal", ("1", ""), 1), ("internal", ("Error(0)", "x"), 1),
        ("internal", ("0", "Reverted"), 1),
    ],
)  # fmt: skip
def test_how_a_row_ended_is_read_from_two_columns(name: str, ended: tuple[str, str], moved: int) -> None:
    """Where they do not say it together, the row is noted and not made into a transfer."""
    status, why = ended
    three = replace(BUSY, steps=tuple(replace(s, error=False) for s in BUSY.steps[:2]))
    told = rows(name, (PAID, three))
    told[0] |= {"Status": status, "ErrCode": why}
    found = imported({"a.csv": as_csv(told)})
    assert len(found.transfers) == moved
    assert bool(found.notes) == (bool(why) and status in ("", "0"))


def test_a_tokens_decimals_must_be_known() -> None:
    """The export has applied them and does not tell them: the note names the token and how to state it."""
    files = {"a.csv": explorer([BUSY])["export-erc20.csv"]}
    found = imported(files)
    assert not found.transfers
    contract = Address(COIN.chain_id, COIN.contract).display
    assert f"state it as {contract}=DECIMALS, or import a table of tokens" in str(found.notes[0])
    by_word, by_table = imported(files, decimals=STATED), imported(files | {"tokens.csv": as_csv([TOKENS])})
    assert by_word.transfers == by_table.transfers
    assert by_word.transfers[0].amount.asset.symbol == "COIN"


@given(st.integers(0, 2**256 - 1), st.integers(0, 30))
def test_a_decimal_is_exact_with_and_without_separators(units: int, decimals: int) -> None:
    """To the last unit of 256 bits, whatever the decimals."""
    told = rows("erc20")[0]
    expected = [units] if units else []
    for text in {thousands(units, decimals), thousands(units, decimals).replace(",", "")}:
        body = as_csv([told | {"TokenValue": text}])
        found = imported({"a.csv": body}, decimals=[f"{COIN.contract}={decimals}"])
        assert [t.amount.units for t in found.transfers] == expected
        assert read_decimal(text.replace(",", ""), decimals) == units


@pytest.mark.parametrize(
    "cell",
    [
        "1.5E-05", "1e18", "1,23", "1,2345", ",1", "1.", ".5", "-1", "+1", "=1+1", "@SUM(A1)", "1 000",
        "1'000", "$1", "1.1234567890123456789", "NaN", "", " 1", "٣", "9" * 100, "0x1", "1,000,00",
    ],
)  # fmt: skip
def test_what_is_no_exact_decimal_is_named(cell: str) -> None:
    """Exponents, other separators, too many places, formulas: never rounded, never guessed."""
    told = rows("normal")
    told[1]["Value_IN(ETH)"] = cell
    with pytest.raises(InputError, match=r"^a\.csv, row 3, Value_IN: is ") as error:
        imported({"a.csv": as_csv(told)})
    assert "\n" not in str(error.value)
    assert ("formula" in str(error.value)) == (cell[:1] in "=+-@" and bool(cell))
    assert ("spreadsheet program" in str(error.value)) == (cell in ("1.5E-05", "1e18"))


def test_value_in_and_value_out_are_one_or_the_other() -> None:
    """Both stand there only where an account pays itself; else which one moved cannot be known."""
    (told, _) = rows("normal")
    both = told | {"Value_IN(ETH)": "2", "Value_OUT(ETH)": "2"}
    with pytest.raises(InputError, match="row 2, Value_OUT: is not 0, and neither is Value_IN"):
        imported({"a.csv": as_csv([both])})
    found = imported({"a.csv": as_csv([both | {"To": told["From"]}])})
    assert [t.amount.units for t in found.transfers if t.kind is Kind.VALUE] == [2 * 10**18]
    went = told | {"Value_IN(ETH)": "0", "Value_OUT(ETH)": "7"}
    assert imported({"a.csv": as_csv([went])}).transfers == imported({"a.csv": as_csv([told])}).transfers


def test_a_contracts_creation_pays_the_contract() -> None:
    """``To`` is empty then, and ``ContractAddress`` is not."""
    (told, _) = rows("normal")
    made = told | {"To": "", "ContractAddress": PEOPLE[3].account}
    assert imported({"a.csv": as_csv([made])}).transfers[1].target == PEOPLE[3]


@pytest.mark.parametrize(
    ("coin", "chain", "right"),
    [
        ("BNB", "bnb", True), ("POL", "polygon", True), ("MATIC", "polygon", True), ("xDAI", "gnosis", True),
        ("AVAX", "avalanche", True), ("ETH", "base", True), ("ETH", "arbitrum", True),
        ("ETH", "polygon", False), ("BNB", "ethereum", False),
    ],
)  # fmt: skip
def test_the_header_tells_the_chains_coin(coin: str, chain: str, right: bool) -> None:  # noqa: FBT001
    """Headers vary by chain; one of another chain's coin is refused by name."""
    files = {"a.csv": explorer([PAID], coin=coin)["export-normal.csv"]}
    if right:
        found = imported(files, Chain.of(chain))
        assert {t.amount.asset.symbol for t in found.transfers} == {Chain.of(chain).symbol}
        return
    with pytest.raises(
        InputError, match=rf"a\.csv, row 1, Value_IN\({coin}\): counts {coin}, and the coin of {chain}"
    ):
        imported(files, Chain.of(chain))


def test_a_header_that_names_one_thing_twice_is_refused() -> None:
    """Two columns of what came in: which one counts cannot be known."""
    told = [row | {"Value_IN(BNB)": "1"} for row in rows("normal")]
    with pytest.raises(InputError, match=r"a\.csv, row 1, .*(counts BNB|names one thing in two columns)"):
        imported({"a.csv": as_csv(told)})


@pytest.mark.parametrize("column", ["CurrentValue @ $3139.34/Eth", "TxnFee(USD)", "Method", "PrivateNote"])
def test_what_is_not_read_keeps_its_name(column: str) -> None:
    """Prices in dollars and notes are nobody's amounts."""
    assert plain(column) == column


def test_the_account_is_the_one_in_every_row() -> None:
    """It has coverage of what the file spans, as incomplete; its counterparties have none."""
    (one,) = imported({"a.csv": explorer([PAID, BUSY])["export-normal.csv"]}).coverage
    assert (one.address, one.scope, one.complete) == (PEOPLE[1], Scope.EXTERNAL, False)


def test_of_two_accounts_in_every_row_the_files_name_tells() -> None:
    """A single row is about two accounts; exports are named after theirs."""
    body = explorer([PAID])["export-normal.csv"]
    assert not imported({"a.csv": body}).coverage
    (one,) = imported({f"export-{PEOPLE[0].display}.csv": body}).coverage
    assert one.address == PEOPLE[0]


def test_date_and_unix_time_must_agree() -> None:
    """They are two words on one thing; a date that a spreadsheet program rewrote is passed over."""
    told = rows("normal")
    told[1]["UnixTimestamp"] = "5"
    with pytest.raises(
        InputError, match="row 3, UnixTimestamp: is 1970-01-01 00:00:05 UTC, where DateTime says"
    ):
        imported({"a.csv": as_csv(told)})
    told[1]["DateTime (UTC)"] = "11/14/2023 22:14"
    with pytest.raises(InputError, match="UnixTimestamp"):
        imported({"a.csv": as_csv([*rows("normal"), told[1] | {"UnixTimestamp": "x"}])})


WORDS = (
    *(
        "",
        "-1",
        "1.5",
        "1e18",
        "=1+1",
        "NaN",
        "0x12",
        "9" * 90,
        "7",
        "0",
        "1",
        "Error(0)",
        "a\x00b",
        "\x1b[2J",
    ),
    *(PEOPLE[0].account, PEOPLE[3].account, "0x" + "9" * 64, "1,000", "1,00"),
)


@given(st.data())
@settings(max_examples=250)
def test_a_damaged_cell_is_named_or_changes_only_what_it_states(data: st.DataObject) -> None:
    """Any one cell: refused with file, row and column; or only that row's own transfers differ."""
    name = data.draw(st.sampled_from(("normal", "internal", "erc20")))
    whole = imported({"a.csv": as_csv(rows(name))}, decimals=STATED)
    told = rows(name)
    number, column = data.draw(st.integers(0, len(told) - 1)), data.draw(st.sampled_from(sorted(told[0])))
    told[number][column] = data.draw(st.sampled_from(WORDS))
    try:
        found = imported({"a.csv": as_csv(told)}, decimals=STATED)
    except InputError as error:
        event("refused")
        check_named(str(error), number + 2)
        return
    place = (2, number + 2)
    same = {t.id: t for t in whole.transfers if place not in whole.rows[t.id]}
    assert {t.id: t for t in found.transfers if place not in found.rows[t.id]} == same
    if column.startswith(("Value", "TxnFee(ETH)", "TokenValue")):
        assert {(t.tx, t.kind, t.source, t.target, t.time) for t in found.transfers} <= {
            (t.tx, t.kind, t.source, t.target, t.time) for t in whole.transfers
        }


def check_named(said: str, row: int) -> None:
    """Hold an error to its form."""
    assert re.match(rf"a\.csv, row {row}, [\w ()]+: ", said)
    assert "\n" not in said
    assert len(said) < 400
