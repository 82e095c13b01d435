"""cryo's Parquet: traces prove what native transfers only list; text or bytes, it says the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.test_ethereum_etl import ALL, WHO, check_balances, from_node
from files.worlds import BUSY, COIN, PAID, PEOPLE, Tx, by_id, moves, worlds
from files.wrappings import TOKENS, as_csv, as_parquet, cells, cryo, imported, made
from flowtrace.errors import InputError
from flowtrace.model import ETHEREUM, Chain, Kind, Transfer


def test_balances_are_the_nodes() -> None:
    """From the tool's own files, in bytes: every account's balance is the node's."""
    check_balances(imported(made("cryo/*.parquet")))


def test_two_tools_files_of_one_node_are_one() -> None:
    """Every transfer of cryo's files is the one of ethereum-etl's and of the live source."""
    found, other, live = (
        by_id(imported(made("cryo/*.parquet")).transfers),
        by_id(imported(made(*ALL)).transfers),
        from_node(),
    )
    assert all(other[name] == transfer for name, transfer in found.items())
    items = {name for name, t in other.items() if "erc721" in str(t.amount.asset)}
    assert set(found) == set(other) - items
    assert all(live[name] == transfer for name, transfer in found.items() if name in live)


def test_text_and_bytes_say_the_same() -> None:
    """With ``hex`` or without, the same rows come out."""
    names = ("blocks", "transactions", "erc20_transfers")
    text = imported(made(*(f"cryo-hex/*__{name}__*" for name in names), "cryo/*__traces__*"))
    raw = imported(made(*(f"cryo/*__{name}__*" for name in (*names, "traces"))))
    assert by_id(text.transfers) == by_id(raw.transfers)
    assert {name: set(rows) for name, rows in text.rows.items()} == {n: set(r) for n, r in raw.rows.items()}


def test_native_transfers_of_reverted_calls_are_noted() -> None:
    """Four rows list coin that came back; each other row is one more witness of a proven move."""
    found = imported(made("cryo/*.parquet"))
    (note,) = found.notes
    assert note.rows == (16, 17, 18, 19)
    assert "what reverted calls moved" in note.why
    files = sorted(made("cryo/*.parquet"))
    native = next(n for n, name in enumerate(files) if "native" in name)
    number = {row for places in found.rows.values() for evidence, row in places if evidence == native + 1}
    moved = {n for n, row in enumerate(cells(files_of(native)), start=1) if row["value_string"] != "0"}
    assert moved - set(note.rows) <= number
    assert not number & set(note.rows)


def files_of(place: int) -> bytes:
    """Return one of the files that cryo made."""
    return list(made("cryo/*.parquet").values())[place]


def test_native_transfers_prove_nothing_by_themselves() -> None:
    """Without traces, and with blocks to date them, not one becomes a transfer."""
    found = imported(made("cryo/*__native_transfers__*", "cryo/*__blocks__*"))
    assert not found.transfers
    (body,) = made("cryo/*__native_transfers__*").values()
    worth = [n for n, row in enumerate(cells(body), start=1) if row["value_string"] != "0"]
    assert [list(note.rows) for note in found.notes] == [worth]


def test_no_data_set_but_blocks_tells_the_time() -> None:
    """Without blocks nothing can be dated: every row is noted, with what to import."""
    found = imported(made("cryo/*__traces__*", "cryo/*__transactions__*", "cryo/*__erc20_transfers__*"))
    assert not found.transfers
    assert all("import the blocks" in note.why for note in found.notes)


@given(worlds())
@settings(max_examples=15)
def test_written_and_read_back_it_is_what_a_live_source_tells(world: list[Tx]) -> None:
    """Any world: the transfers are exactly the live ones."""
    found = imported(cryo(world))
    assert by_id(found.transfers) == by_id(moves(world))
    assert not found.lesser
    back = [s for tx in world for s in tx.steps if s.units and s.how != "delegatecall" and tx.failed(s)]
    unpaid = [tx for tx in world if tx.units and tx.error]
    assert sum(len(note.rows) for note in found.notes) == len(back) + len(unpaid)


@given(worlds(most=2), st.data())
@settings(max_examples=25)
def test_a_damaged_cell_is_named_or_harmless(world: list[Tx], data: st.DataObject) -> None:
    """Any cell of any file: refused with file and row, or no amount changes but the one it states."""
    files = cryo(world)
    name = data.draw(st.sampled_from(sorted(files)))
    rows = cells(files[name])
    row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(sorted(rows[0])))
    now = data.draw(st.sampled_from(("", "7", "0", "1", "-1", "x", "=1", "9" * 90, PEOPLE[0].account)))
    rows[row][column] = now
    files[name] = as_parquet(rows, {})
    whole = by_id(moves(world))
    try:
        found = imported(files)
    except InputError as error:
        assert_named(str(error))
        return
    amounts = {t.id: t.amount for t in found.transfers}
    changed = [n for n, amount in amounts.items() if n in whole and whole[n].amount != amount]
    assert len(changed) <= 1
    if changed:
        assert column in ("action_value", "gas_used", "gas_price", "value_string", "erc20")


def assert_named(told: str) -> None:
    """Hold an error to its form."""
    assert ".parquet, row " in told
    assert "\n" not in told


def test_amounts_stand_twice_and_must_agree() -> None:
    """The number as text and as bytes: where they differ, neither is taken."""
    files = cryo([PAID])
    rows = cells(files["ethereum__transactions.parquet"])
    rows[0]["value_string"] = "8"
    files["ethereum__transactions.parquet"] = as_parquet(rows, {})
    with pytest.raises(
        InputError, match=r"transactions\.parquet, row 1, value_string: is 8, where value_binary"
    ):
        imported(files)


def test_another_chains_files_are_refused() -> None:
    """The rows say which chain they are of."""
    with pytest.raises(InputError, match="chain_id: is 1, which is not polygon: name its chain"):
        imported(cryo([PAID]), Chain.of("polygon"))


def test_a_failed_creation_pays_its_fee() -> None:
    """A contract that was never made has no address: its value row is noted, its fee is known."""
    files = cryo([PAID])
    rows = cells(files["ethereum__transactions.parquet"])
    rows[0] |= {"to_address": "", "success": "0"}
    calls = cells(files["ethereum__traces.parquet"])
    calls[0] |= {"action_type": "create", "action_call_type": "", "action_to": "", "error": "Reverted"}
    files |= {
        "ethereum__transactions.parquet": as_parquet(rows, {}),
        "ethereum__traces.parquet": as_parquet(calls, {}),
    }
    found = imported(files)
    assert [(t.kind, t.ok) for t in found.transfers] == [(Kind.FEE, False)]
    assert any("no file here names it" in note.why for note in found.notes)


def test_blobs_and_rollups_cost_more_than_cryo_tells() -> None:
    """The fee is not told there, and so it is not made up."""
    files = cryo([PAID])
    rows = cells(files["ethereum__transactions.parquet"])
    rows[0]["transaction_type"] = "3"
    files["ethereum__transactions.parquet"] = as_parquet(rows, {})
    found = imported(files)
    assert [t.kind for t in found.transfers] == [Kind.VALUE]
    assert any("it carries blobs" in note.why for note in found.notes)


def test_a_table_of_tokens_tells_decimals() -> None:
    """The files tell none: with a table of tokens the same asset has its symbol and decimals."""
    facts = _facts(imported(cryo([BUSY])).transfers), _facts(imported(cryo([BUSY]) | _tokens()).transfers)
    assert facts == ({COIN: ("", 0)}, {COIN: ("COIN", 6)})
    assert WHO["coin"].chain_id == ETHEREUM.id


def _tokens() -> dict[str, bytes]:
    return {"tokens.csv": as_csv([TOKENS])}


def _facts(transfers: tuple[Transfer, ...]) -> dict[object, tuple[str, int]]:
    assets = (t.amount.asset for t in transfers if t.kind is Kind.TOKEN)
    return {asset: (asset.symbol, asset.decimals) for asset in assets}
