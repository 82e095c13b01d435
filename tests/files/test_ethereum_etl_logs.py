"""ethereum-etl: wrapped coin, tokens' names, and what logs tell beside moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.worlds import BUSY, COIN, PAID, PEOPLE, Tx, by_id, moves, unplaced, worlds
from files.wrappings import (
    MADE,
    TOKENS,
    as_csv,
    etl,
    imported,
    made,
    receipt,
    token_transfers,
    traces,
    transactions,
    whole_blocks,
)
from flowtrace.errors import InputError
from flowtrace.fetch.evm.logs import moved
from flowtrace.model import (
    DEPOSIT,
    ETHEREUM,
    WITHDRAWAL,
    Address,
    Asset,
    Chain,
    FactKind,
    Kind,
    Scope,
)
from flowtrace.moves import facts
from flowtrace.moves.evm import short

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

WETH = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"


def wrap_row(contract: str, topic: str, holder: Address, *, log: int, units: int) -> dict[str, object]:
    """Return the row of ``logs`` that tells of wrapped coin."""
    return {
        "log_index": log, "transaction_hash": BUSY.hash, "transaction_index": BUSY.index,
        "block_number": BUSY.height, "address": contract.lower(), "data": f"0x{units:064x}",
        "topics": f"{topic},0x{holder.account[2:]:0>64}",
    }  # fmt: skip


def test_wrapped_coin_is_told_by_the_logs() -> None:
    """Coin wrapped and unwrapped stands in ``logs`` alone: read from there as a live source reads it."""
    logs = [
        wrap_row(WETH, DEPOSIT, BEN, log=4, units=9),
        wrap_row(WETH, WITHDRAWAL, BEN, log=5, units=2),
        wrap_row(WETH, DEPOSIT, BEN, log=6, units=0),
        wrap_row("0x" + "fa" * 20, DEPOSIT, BEN, log=7, units=8),  # anyone can write such a log
    ]
    plain = imported(etl([PAID, BUSY]))
    found = imported(etl([PAID, BUSY]) | {"logs.csv": as_csv(logs)})
    wrapped = {t.id: t for t in found.transfers} | {t.id: t for t in plain.transfers}
    assert len(wrapped) == len(found.transfers) == len(plain.transfers) + 2
    raw = [{**log, "topics": str(log["topics"]).split(","), "logIndex": log["log_index"]} for log in logs]
    live = [transfer for log in raw for transfer in moved(BUSY.at, log)]
    assert [wrapped[t.id] for t in live] == live
    assert [(t.position, t.source == BEN, t.target == BEN, t.amount.units) for t in live] == [
        ("log 4", False, True, 9), ("log 5", True, False, 2)
    ]  # fmt: skip


def test_a_log_that_wrapped_coin_cannot_have_written_is_refused() -> None:
    """Of a contract that is known, a log of another form is a damaged row."""
    row = wrap_row(WETH, DEPOSIT, BEN, log=4, units=9) | {"data": "0x"}
    with pytest.raises(InputError, match=r"logs\.csv, row 2, the row: is no log that the contract of WETH"):
        imported(etl([PAID, BUSY]) | {"logs.csv": as_csv([row])})


def test_logs_tell_facts_as_a_live_source_does() -> None:
    """An approval in ``logs`` is a fact of its transaction; of one that no file here proves it is none."""
    spender, token = "0x" + 24 * "0" + "be" * 20, "0x" + "fa" * 20
    topics = ",".join((facts.APPROVAL, "0x" + 24 * "0" + BEN.account[2:], spender))
    row = wrap_row(token, DEPOSIT, BEN, log=4, units=9) | {"topics": topics}
    found = imported(etl([PAID, BUSY]) | {"logs.csv": as_csv([row])})
    live = facts.of_log(BUSY.at, BUSY.source, {**row, "topics": topics.split(","), "logIndex": 4})
    assert live is not None
    assert (live.kind, live.party("owner"), live.figure("units")) == (FactKind.APPROVAL, BEN, "9")
    assert found.facts == (live,)
    for damaged in ({"data": "0x"}, {"data": "no number"}, {"topics": facts.APPROVAL}):
        assert not imported(etl([PAID, BUSY]) | {"logs.csv": as_csv([row | damaged])}).facts
    assert not imported({"logs.csv": as_csv([row])}).facts


def test_a_token_row_without_its_transaction_gives_way() -> None:
    """BigQuery's token transfers tell no index: the row is a transfer, marked as the lesser telling."""
    rows = token_transfers([BUSY])
    rows[0]["block_timestamp"] = BUSY.time
    found = imported({"t.csv": as_csv(rows)}, decimals=[f"{COIN.contract}=6"])
    (live,) = [t for t in moves([BUSY]) if t.kind is Kind.TOKEN]
    assert found.transfers == (unplaced(live),)
    assert found.lesser == {live.id}


def test_a_tokens_symbol_is_data() -> None:
    """A symbol is what a contract chose to answer: a formula there is kept as text."""
    found = imported(made(*ALL))
    assert {t.amount.asset.symbol for t in found.transfers if t.amount.asset == TOY} == {"=COIN()"}


def test_blocks_prove_that_nothing_is_missing() -> None:
    """Every block there, linked, with as many transactions as it states: complete, and by what is said."""
    found = imported(made(*ALL))
    scopes = {scope: [c for c in found.coverage if c.scope is scope] for scope in Scope}
    assert {c.complete for c in scopes[Scope.EXTERNAL]} == {True}
    assert {(c.first, c.last) for c in scopes[Scope.INTERNAL]} == {(0, 9)}
    assert scopes[Scope.EXTERNAL][0].check == (
        "transactions.csv (evidence 2, 17 rows), blocks 0 to 9: each of these blocks is in blocks.csv with "
        "as many transactions as it states"
    )
    assert not scopes[Scope.TOKEN]
    assert "token transfer logs: token_transfers.csv (evidence 6, 5 rows), blocks 5 to 9: a file says" in str(
        found.checks
    )


def test_staked_coin_paid_out_is_noted() -> None:
    """Blocks that pay it are no longer all there is: the rows are noted, and nothing counts as complete."""
    files = etl([PAID])
    assert all(one.complete for one in imported(files).coverage if one.scope is Scope.EXTERNAL)
    paid = whole_blocks([PAID])[0] | {"withdrawals": "[{'index': 1}]"}
    found = imported(files | {"blocks.csv": as_csv([paid])})
    assert [note.why for note in found.notes] == ["it pays out staked coin, which is not read from files"]
    assert not any(one.complete for one in found.coverage)


@given(worlds(), st.data())
@settings(max_examples=60)
def test_a_lost_row_is_never_complete(world: list[Tx], data: st.DataObject) -> None:
    """Any row of blocks between others, of transactions or of receipts gone: nothing counts as complete."""
    tables = {
        "blocks.csv": whole_blocks(world),
        "transactions.csv": transactions(world),
        "receipts.csv": [receipt(tx) for tx in world],
    }
    name = data.draw(st.sampled_from(sorted(tables)))
    gone = data.draw(st.integers(0, len(tables[name]) - 1))
    tables[name] = tables[name][:gone] + tables[name][gone + 1 :]
    found = imported({file: as_csv(rows) for file, rows in tables.items() if rows})
    assert not any(one.complete for one in found.coverage)


def test_a_span_of_an_account_is_incomplete() -> None:
    """Rows that are all about one account give it coverage, and no other; complete it is not."""
    files = {"t.csv": as_csv(transactions([PAID, BUSY], receipts=True))}
    (one,) = imported(files).coverage
    assert (one.address, one.scope, one.first, one.last, one.complete) == (BEN, Scope.EXTERNAL, 5, 5, False)
    assert one.check.endswith(
        "t.csv (evidence 1, 2 rows), blocks 5 to 5: a file says nothing of what is not in it"
    )


def test_a_missing_column_is_not_an_empty_cell() -> None:
    """An empty receipt_status is of before Byzantium and proves nothing; so does none, and 1 does."""
    rows = transactions([PAID], receipts=True)
    for status, count in (("1", 2), ("0", 2), ("", 0)):
        rows[0]["receipt_status"] = status
        assert len(imported({"t.csv": as_csv(rows)}).transfers) == count
    del rows[0]["receipt_status"]
    assert not imported({"t.csv": as_csv(rows)}).transfers


@pytest.mark.parametrize(
    ("chain", "change", "fee"),
    [
        ("ethereum", {}, 21_000 * 10**9),
        ("ethereum", {"receipt_effective_gas_price": ""}, 21_000 * 10**9),
        ("ethereum", {"transaction_type": 3}, None),
        ("ethereum", {"transaction_type": 3, "receipt_blob_gas_used": 10, "receipt_blob_gas_price": 7},
         21_000 * 10**9 + 70),
        ("ethereum", {"receipt_gas_used": ""}, None),
        ("base", {}, None),
        ("base", {"receipt_l1_fee": 5}, 21_000 * 10**9 + 5),
    ],
)  # fmt: skip
def test_a_fee_is_told_whole_or_not_at_all(chain: str, change: dict[str, object], fee: int | None) -> None:
    """Blobs and a rollup's data are part of it: where they are in no file, the fee is not half told."""
    row = transactions([PAID], receipts=True)[0] | change
    found = imported({"t.csv": as_csv([row])}, Chain.of(chain))
    fees = [t.amount.units for t in found.transfers if t.kind is Kind.FEE]
    assert fees == ([] if fee is None else [fee])
    assert [("fee is not known" in note.why) for note in found.notes] == ([True] if fee is None else [])


@pytest.mark.parametrize("kind", ["reward", "genesis", "daofork"])
def test_coin_that_no_transaction_moves_is_passed_over(kind: str) -> None:
    """Rewards stand among the traces without a transaction; they are no calls."""
    reward = dict.fromkeys(traces([PAID], parity=True)[0], "") | {
        "trace_type": kind,
        "block_number": 5,
        "value": 9,
    }
    files = etl([PAID]) | {"traces.csv": as_csv([*traces([PAID], parity=True), reward])}
    assert by_id(imported(files).transfers) == by_id(moves([PAID]))


def test_a_very_deep_call_is_named_as_a_live_source_names_it() -> None:
    """A path longer than a transfer's position can name is a number there, made of all of it."""
    path = (0,) * 60
    deep = traces([PAID], parity=True)[0] | {"trace_address": ",".join(map(str, path))}
    files = etl([PAID]) | {"traces.csv": as_csv([*traces([PAID], parity=True), deep])}
    found, told = imported(files), by_id(moves([PAID]))
    (inner,) = (t for t in found.transfers if t.id not in told)
    assert inner.position == f"trace {short(path)[0]}"
    assert by_id(t for t in found.transfers if t is not inner) == told
    assert not found.notes


@pytest.mark.parametrize("decimals", ["", "256", "9" * 300, "eighteen", "-1"])
def test_nonsense_that_a_contract_answers_is_unknown(decimals: str) -> None:
    """Anyone can deploy a contract that answers nonsense for its decimals; no import fails of that."""
    odd = {"address": DAN.account, "symbol": "X", "decimals": decimals}
    files = etl([BUSY]) | {"tokens.csv": as_csv([TOKENS, odd])}
    assert by_id(imported(files).transfers) == by_id(moves([BUSY]))


def test_two_words_on_a_tokens_decimals_are_named() -> None:
    """A person states 8 where the table says 6: neither is taken."""
    with pytest.raises(InputError, match=r"tokens\.csv, row 2, decimals: is '?6'?, where another row says 8"):
        imported(etl([BUSY]), decimals=[f"{COIN.contract}=8"])
