"""ethereum-etl and BigQuery: what is proved becomes the transfers of a live source; the rest is noted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.worlds import BUSY, PEOPLE, Tx, by_id, moves, worlds
from files.wrappings import (
    MADE,
    TOKENS,
    as_csv,
    as_lines,
    etl,
    imported,
    made,
    token_transfers,
    traces,
    transactions,
    whole_blocks,
)
from flowtrace.fetch.evm import transaction as evm_transaction
from flowtrace.files.gathered import Imported
from flowtrace.model import (
    ETHEREUM,
    Address,
    Asset,
    Kind,
    Transfer,
)

NODE: Mapping[str, Any] = json.loads((MADE / "evm-node.json").read_bytes())
WHO = {name: Address.parse(ETHEREUM, account) for name, account in NODE["who"].items()}
ETHER, TOY = Asset.native(ETHEREUM), Asset.token(WHO["coin"], "", 0)
ALL = tuple(
    f"ethereum-etl/{name}.csv"
    for name in (
        "blocks",
        "transactions",
        "receipts",
        "traces",
        "logs",
        "token_transfers",
        "contracts",
        "tokens",
    )
)
_, BEN, _, DAN = PEOPLE


def balance(found: Imported, address: Address, asset: Asset) -> int:
    """Return what an address has more by the transfers that took effect."""
    took = [t for t in found.transfers if t.ok or t.kind is Kind.FEE]
    came = sum(leg.units for t in took for leg in t.outputs if (leg.address, leg.asset) == (address, asset))
    went = sum(leg.units for t in took for leg in t.inputs if (leg.address, leg.asset) == (address, asset))
    return came - went


def check_balances(found: Imported) -> None:
    """Hold an import of the made world against the node's own balances, to the wei and to the unit."""
    for name, address in WHO.items():
        assert balance(found, address, ETHER) == int(NODE["after"][name]) - int(NODE["before"][name]), name
        assert balance(found, address, TOY) == int(NODE["coin"][name]), name


def from_node() -> dict[str, Transfer]:
    """Return what the live source makes of the node's own answers."""
    told = (
        evm_transaction.transfers(ETHEREUM, one["sent"], one["receipt"], time=one["time"])
        for one in NODE["transactions"]
    )
    return by_id(transfer for transfers in told for transfer in transfers)


def test_balances_are_the_nodes() -> None:
    """Every account's balance, from the tool's files alone, is the node's: what reverted does not count."""
    check_balances(imported(made(*ALL)))


def test_a_geth_like_nodes_traces_prove_the_same() -> None:
    """Without status and hash, failure is propagated here; the transfers are those of the other node's."""
    ours = [name for name in ALL if "traces" not in name]
    found = imported(made(*ours, "ethereum-etl/geth_traces.csv"))
    assert by_id(found.transfers) == by_id(imported(made(*ALL)).transfers)
    assert not found.notes


def test_an_imported_row_is_the_fetched_one() -> None:
    """Fee, value and logs are equal to what the live source reads from the same node, NFTs too."""
    found, live = by_id(imported(made(*ALL)).transfers), from_node()
    assert {name for name in found if ":trace " not in name} == set(live)
    assert all(found[name] == transfer for name, transfer in live.items())


def test_inner_transfers_are_those_that_stayed() -> None:
    """Three shares and a self-destruction moved; what was caught, or failed whole, did not."""
    found = imported(made(*ALL))
    inner = [t for t in found.transfers if t.kind is Kind.INTERNAL]
    shares = {WHO["eve"], WHO["fay"], WHO["sink"]}
    assert {t.target for t in inner if t.amount.units == 10**18} == shares
    assert [t.position for t in inner if t.amount.units == 7] == ["trace 0", "trace 0.0"]
    assert len(inner) == 5


@given(worlds(), st.booleans())
@settings(max_examples=60)
def test_written_and_read_back_it_is_what_a_live_source_tells(world: list[Tx], parity: bool) -> None:  # noqa: FBT001
    """Any world: the transfers are exactly the live ones, whichever node made the traces."""
    found = imported(etl(world, parity=parity))
    assert by_id(found.transfers) == by_id(moves(world))
    assert not found.notes
    assert not found.lesser


@given(worlds())
@settings(max_examples=30)
def test_bigquery_says_the_same(world: list[Tx]) -> None:
    """JSON lines with whole numbers as text, dates as text and what is empty left out."""
    for row in (sent := transactions(world, receipts=True)):
        row["block_timestamp"] = f"2024-01-01 00:00:{row['block_number']:02} UTC"
    files = {"transactions.json": as_lines(sent), "traces.json": as_lines(traces(world, parity=True))}
    if logs := token_transfers(world):
        files |= {"token_transfers.json": as_lines(logs), "tokens.json": as_lines([TOKENS])}
    found = imported(files)
    assert {t.id: (t.amount, t.ok, t.index) for t in found.transfers} == {
        t.id: (t.amount, t.ok, t.index) for t in moves(world)
    }
    assert {t.time - t.height for t in found.transfers} == {1_704_067_200}
    told = any(tx.steps for tx in world)  # else trace_address is empty in every row, and left out of the file
    assert [note.why.partition(":")[0] for note in found.notes] == (
        [] if told else ["no row of this file says where in the tree of calls it stands"]
    )


@given(worlds())
@settings(max_examples=30)
def test_every_transfer_names_its_rows(world: list[Tx]) -> None:
    """The kept file and the row of each transfer are told; the row is the one that states its amount."""
    files = etl(world)
    found = imported(files)
    bodies = list(files.values())
    for transfer in found.transfers:
        evidence, number = found.rows[transfer.id][0]
        row = list(csv.DictReader(io.StringIO(bodies[evidence - 1].decode())))[number - 2]
        assert (row.get("transaction_hash") or row["hash"]) == transfer.tx
        if transfer.kind is not Kind.FEE:
            assert int(row["value"]) == transfer.amount.units


def test_without_receipts_or_traces_nothing_is_made_of_a_transaction() -> None:
    """A failed transaction looks like a payment: its row is noted, with what would prove it."""
    files = made("ethereum-etl/transactions.csv")
    found = imported(files)
    assert not found.transfers
    (note,) = found.notes
    assert len(note.rows) == 17
    assert str(note).startswith(
        "transactions.csv, rows 2, 3, 4 and 14 more: no file here shows whether it succ"
    )


def test_traces_prove_success_without_receipts_but_not_the_fee() -> None:
    """The root of its calls tells how a transaction ended; what it cost stays unknown and is said."""
    found = imported(made("ethereum-etl/transactions.csv", "ethereum-etl/traces.csv"))
    live = from_node()
    values = {t.id: t for t in found.transfers if t.kind is Kind.VALUE}
    assert values == {name: t for name, t in live.items() if t.kind is Kind.VALUE}
    assert not any(t.kind is Kind.FEE for t in found.transfers)
    assert any("its fee is not known" in note.why and len(note.rows) == 17 for note in found.notes)


def test_traces_alone_prove_what_calls_moved_where_the_blocks_tell_the_time() -> None:
    """With blocks, traces tell value and inner moves, each with its rows; without, none can be dated."""
    alone = imported(made("ethereum-etl/traces.csv"))
    assert not alone.transfers
    assert "import the blocks" in alone.notes[0].why
    dated = by_id(imported(made("ethereum-etl/traces.csv", "ethereum-etl/blocks.csv")).transfers)
    whole = by_id(imported(made(*ALL)).transfers)
    assert dated == {name: t for name, t in whole.items() if t.kind in (Kind.VALUE, Kind.INTERNAL)}


def test_geth_traces_alone_belong_to_no_transaction() -> None:
    """They name none: without the transactions' table every row is refused, and said."""
    found = imported(made("ethereum-etl/geth_traces.csv", "ethereum-etl/blocks.csv"))
    assert not found.transfers
    assert [len(note.rows) for note in found.notes] == [25]
    assert "which transaction" in found.notes[0].why


@given(worlds(), st.data())
@settings(max_examples=60)
def test_a_call_is_believed_only_with_all_above_it(world: list[Tx], data: st.DataObject) -> None:
    """One row of a Geth-like trace is lost: what stood below it is noted, never made into a transfer."""
    rows = traces(world, parity=False)
    lost = data.draw(st.sampled_from(rows))
    rest = [row for row in rows if row is not lost]
    files = etl(world, parity=False) | ({"traces.csv": as_csv(rest)} if rest else {})
    if not rest:
        del files["traces.csv"]
    found = imported(files)
    whole = by_id(moves(world))
    assert all(whole[t.id] == t for t in found.transfers)
    below = [r for r in rest if _tx(world, r) is _tx(world, lost) and _below(lost, r) and r["value"]]
    moving = [r for r in below if r["trace_type"] != "call" or r["call_type"] == "call"]
    tx = _tx(world, lost)
    told = {row for note in found.notes for row in note.rows}
    for row in moving:
        path = tuple(int(step) for step in str(row["trace_address"]).split(","))
        step = next(one for one in tx.steps if one.path == path)
        if not any(one.error for one in tx.steps if one.path == path[: len(one.path)]) and not tx.error:
            assert step.units
            assert rest.index(row) + 2 in told


def _tx(world: list[Tx], row: Mapping[str, object]) -> Tx:
    place = (row["block_number"], row["transaction_index"])
    return next(tx for tx in world if (tx.height, tx.index) == place)


def _below(upper: Mapping[str, object], lower: Mapping[str, object]) -> bool:
    above = str(upper["trace_address"])
    return lower is not upper and str(lower["trace_address"]).startswith(f"{above}," if above else "")


def test_rows_that_say_they_took_effect_need_no_tree() -> None:
    """A part of the traces, as a query by address gives: status 1 counts the calls above it, 0 says no."""
    rows = [r for r in traces([BUSY], parity=True) if r["trace_address"] in ("0", "1,0")]
    found = imported({"b.csv": as_csv(whole_blocks([BUSY])), "t.csv": as_csv(rows)})
    assert [(t.position, t.amount.units) for t in found.transfers] == [("trace 0", 3)]
    assert not any(one.complete for one in found.coverage)


def test_token_rows_may_be_items() -> None:
    """ERC-721 stands among ERC-20 with the item's number as amount: without a word for it, it is noted."""
    files = made(
        "ethereum-etl/transactions.csv", "ethereum-etl/receipts.csv", "ethereum-etl/token_transfers.csv"
    )
    found = imported(files, decimals=[f"{WHO['coin'].account}=6"])
    check_balances(imported(made(*ALL)))
    tokens = [t for t in found.transfers if t.kind is Kind.TOKEN]
    assert {t.amount.asset for t in tokens} == {TOY}
    (note,) = found.notes
    assert f"state it as {WHO['picture'].display}=DECIMALS" in str(note)
    assert note.rows == (3, 5)


@pytest.mark.parametrize("proof", ["logs", "contracts"])
def test_logs_or_contracts_tell_items_from_amounts(proof: str) -> None:
    """Four topics, or the table of contracts: an item moves once, its number is part of the asset."""
    names = ("transactions", "receipts", "token_transfers", "tokens", *(["logs"] if proof == "logs" else []))
    files = made(*(f"ethereum-etl/{name}.csv" for name in names))
    if proof == "contracts":
        row = {"address": WHO["picture"].account, "is_erc20": "false", "is_erc721": "true"}
        files["contracts.csv"] = as_csv([row])
    items = [t for t in imported(files).transfers if "erc721:" in str(t.amount.asset)]
    assert [t.amount.asset.reference for t in items] == [f"erc721:{WHO['picture'].account}/77"] * 2
    assert [t.amount.units for t in items] == [1, 1]
