"""bitcoin-etl and BigQuery: one transaction, one transfer, the one that a live source tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.coin_worlds import BITCOIN, CoinTx, Out, coin_blocks, coin_worlds, lines
from files.worlds import by_id
from files.wrappings import MADE, imported, made
from flowtrace.errors import InputError
from flowtrace.model import Chain, Transfer
from flowtrace.moves.coin import CoinTransaction, Output

REGTEST = Chain.of("litecoin-regtest")
NODE: Mapping[str, Any] = json.loads((MADE / "litecoin-node.json").read_bytes())
NEW = CoinTx(1, 7, 0, (), (Out(2, 50), Out(4, 30)))
PAYS = CoinTx(
    2, 7, 1, ((f"{NEW.hash}:0", Out(2, 50)), (f"{NEW.hash}:1", Out(4, 30))), (Out(0, 60), Out(3, 15))
)


def from_node() -> dict[str, Transfer]:
    """Return what a live source makes of the node's own blocks."""
    spent = {coin: _output(out) for coin, out in NODE["spent"].items()}
    told = (
        CoinTransaction(tx["txid"], tuple(tx["vin"]), tuple(map(_output, tx["vout"]))).told(
            REGTEST,
            [spent[coin] for coin in tx["vin"]],
            height=block["height"],
            index=index,
            time=block["time"],
        )
        for block in NODE["blocks"]
        for index, tx in enumerate(block["tx"])
    )
    return by_id(one for one in told if one is not None)


def _output(out: tuple[int, str]) -> Output:
    return Output(out[0], bytes.fromhex(out[1]))


def test_every_transfer_is_the_nodes() -> None:
    """Blocks with many inputs, a bare key, bare multisignature, data and MWEB: each equal to the live one."""
    files = made("bitcoin-etl/transactions.json", "bitcoin-etl/blocks.json")
    found, live = imported(files, REGTEST), from_node()
    assert by_id(found.transfers) == live
    assert len(live) == 21
    assert not found.notes


def test_the_pool_is_carried_on_unseen_only_where_the_files_show_it() -> None:
    """Two transactions carry Litecoin's pool on: without the block before, the second is noted."""
    files = made("bitcoin-etl/transactions.json")
    last = b"".join(
        ln for ln in files["transactions.json"].splitlines(keepends=True) if b'"block_number": 433' in ln
    )
    found = imported({"t.json": last}, REGTEST)
    assert [note.why[:37] for note in found.notes] == ["it pays a confidential pool first, an"]
    whole = from_node()
    assert all(whole[t.id] == t for t in found.transfers)


def test_what_is_unspent_is_what_the_node_says() -> None:
    """Outputs without the coins spent, and without data: the node's own set."""
    found = imported(made("bitcoin-etl/transactions.json"), REGTEST)
    coins = {leg.coin for t in found.transfers for leg in t.outputs if leg.coin and leg.units}
    gone = {leg.coin for t in found.transfers for leg in t.inputs}
    pool = {coin for tx in NODE["blocks"][-1]["tx"][-1:] for coin in (f"{tx['txid']}:0",)}
    entered = {coin for tx in NODE["blocks"][-2]["tx"][-1:] for coin in tx["vin"]}
    assert coins - gone == set(NODE["unspent"]) - pool | entered


def test_blocks_prove_that_nothing_is_missing() -> None:
    """Every block from the first to the last, with as many transactions as it states."""
    files = made("bitcoin-etl/transactions.json", "bitcoin-etl/blocks.json")
    coverage = imported(files, REGTEST).coverage
    assert {(c.first, c.last, c.complete) for c in coverage} == {(425, 433, True)}
    rows = files["blocks.json"].splitlines(keepends=True)
    for gone in range(len(rows)):
        files["blocks.json"] = b"".join(rows[:gone] + rows[gone + 1 :])
        assert not any(c.complete for c in imported(files, REGTEST).coverage)


def test_without_enrichment_an_input_is_known_by_the_output_it_spends() -> None:
    """Where that is in no file, the row is noted, with what to do; new coin needs none."""
    found = imported(made("bitcoin-etl/raw.json"), REGTEST)
    live = from_node()
    assert all(live[t.id] == t for t in found.transfers)
    (note,) = found.notes
    assert "run enrich_transactions" in note.why
    assert len(note.rows) + len(found.transfers) == 21
    assert any(t.inputs[0].address for t in found.transfers)


@given(coin_worlds(), st.booleans())
@settings(max_examples=60)
def test_written_and_read_back_it_is_what_a_live_source_tells(
    world: list[CoinTx],
    enriched: bool,  # noqa: FBT001
) -> None:
    """Any world, enriched or not: the very transfers, and complete with its blocks."""
    files = {"t.json": lines(tx.row(enriched=enriched) for tx in world), "b.json": coin_blocks(world)}
    found = imported(files, BITCOIN)
    assert by_id(found.transfers) == by_id(tx.transfer() for tx in world)
    assert not found.lesser
    assert all(one.complete for one in found.coverage)


@given(coin_worlds())
@settings(max_examples=30)
def test_rows_may_stand_in_any_order(world: list[CoinTx]) -> None:
    """The tool writes transactions in no order of blocks: what is told does not depend on it."""
    backwards = imported({"t.json": lines(tx.row(enriched=False) for tx in reversed(world))}, BITCOIN)
    assert by_id(backwards.transfers) == by_id(tx.transfer() for tx in world)


def test_bigquery_tells_no_index() -> None:
    """Its rows are transfers all the same, marked as the lesser telling; numbers come as text."""
    cells: dict[str, Any] = PAYS.row()
    row: dict[str, Any] = {
        key: str(value) if isinstance(value, int) else value for key, value in cells.items()
    }
    row |= {"is_coinbase": False, "block_timestamp": "2020-09-13 13:36:40 UTC"}
    row["inputs"] = [
        {k: str(v) if isinstance(v, int) else v for k, v in one.items()} for one in row["inputs"]
    ]
    del row["index"]
    (one,) = imported({"t.json": lines([NEW.row(), row])}, BITCOIN).transfers[1:]
    assert one == replace(PAYS.transfer(), index=0)
    assert imported({"t.json": lines([NEW.row(), row])}, BITCOIN).lesser == {one.id}


def test_a_spent_bare_key_is_unsure_where_its_output_is_not_here() -> None:
    """The input's own cells call it nonstandard: no address is made up, and the telling is the lesser."""
    found = imported({"t.json": lines([PAYS.row()])}, BITCOIN)
    (one,) = found.transfers
    assert [leg.address is None for leg in one.inputs] == [False, True]
    assert found.lesser == {one.id}


def test_an_input_from_a_confidential_pool_is_noted() -> None:
    """It names no coin that it spends."""
    row = PAYS.row()
    row["inputs"][1]["spent_transaction_hash"] = None
    found = imported({"t.json": lines([row])}, BITCOIN)
    assert not found.transfers
    assert "confidential pool" in found.notes[0].why


def _changed(path: str, value: object) -> dict[str, Any]:
    """Return the row of PAYS with one cell changed: ``fee`` or ``outputs 0 value``."""
    row: dict[str, Any] = PAYS.row()
    at: Any = row
    *steps, last = path.split()
    for step in steps:
        at = at[int(step) if step.isdigit() else step]
    at[last] = value
    return row


OTHER = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
DAMAGE = [
    ("hash", "xyz"), ("block_number", -1), ("block_number", "seven"), ("block_timestamp", "soon"),
    ("block_timestamp", 5), ("is_coinbase", 2), ("index", 1.5), ("fee", 6), ("input_value", 81),
    ("output_value", 76), ("input_count", 3), ("output_count", 1), ("inputs", []), ("inputs", "none"),
    ("inputs", [5]), ("outputs", []), ("outputs 0 index", 1), ("outputs 0 value", 61),
    ("outputs 0 value", -1), ("outputs 0 value", None), ("outputs 0 value", 1.5),
    ("outputs 0 addresses", [OTHER]), ("outputs 0 addresses", ["1111"]), ("outputs 0 addresses", OTHER),
    ("outputs 0 script_hex", "zz"), ("outputs 0 type", ["a"]), ("inputs 0 value", 51),
    ("inputs 0 addresses", [OTHER]), ("inputs 0 spent_output_index", -1), ("inputs 0 spent_output_index", 1),
    ("inputs 0 spent_transaction_hash", "x"), ("inputs 0 index", 7), ("inputs 1 spent_output_index", 0),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), DAMAGE)
def test_a_damaged_cell_is_named_with_its_row(path: str, value: object) -> None:
    """Sums, counts, checksums, scripts and the outputs spent hold each cell: none changes unseen."""
    with pytest.raises(InputError, match=r"^t\.json, row 2, [\w ]+: ") as error:
        imported({"t.json": lines([NEW.row(), _changed(path, value)])}, BITCOIN)
    assert "\n" not in str(error.value)


def test_two_rows_of_one_transaction_must_agree() -> None:
    """The same row twice is one transfer with two witnesses; another of its hash is an error."""
    twice = imported({"t.json": lines([NEW.row(), NEW.row()])}, BITCOIN)
    assert list(twice.rows.values()) == [((1, 1), (1, 2))]
    other = replace(NEW, outs=(Out(2, 49), Out(4, 30)))
    with pytest.raises(InputError, match="something else than another row says of"):
        imported({"t.json": lines([NEW.row(), other.row()])}, BITCOIN)
    moved = replace(NEW, height=8)
    with pytest.raises(InputError, match=r"tells of .*:coin something else than evidence 1, row 1"):
        imported({"t.json": lines([NEW.row(), moved.row()])}, BITCOIN)


def test_it_is_no_table_of_an_account_chain() -> None:
    """A chain that has no such transactions is refused by name."""
    with pytest.raises(InputError, match=r"bitcoin-etl transactions, which ethereum has not: name its chain"):
        imported({"t.json": lines([NEW.row()])})
