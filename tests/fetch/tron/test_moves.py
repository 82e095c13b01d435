"""What a TRON transaction moves, by its contract, its internal transactions and its logs."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.fetch.tron.moves import (
    STAKING,
    Moved,
    TronTransaction,
    address_of,
    contract_moves,
    hex_of,
    info_moves,
    internal_moves,
    log_moves,
    succeeded,
)
from flowtrace.model import Address, Chain, Kind, Transfer

TRON = Chain.of("tron")
ANN, BEN, SHOP = ("41" + pair * 20 for pair in ("a1", "b2", "c3"))
USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
AT = TronTransaction(TRON, "7" * 64, height=9, index=2, time=1_600_000_000)
FAILED = TronTransaction(TRON, "7" * 64, height=9, index=2, time=1_600_000_000, ok=False)
NAMES = {address_of(TRON, one).account: name for one, name in ((ANN, "ann"), (BEN, "ben"), (SHOP, "shop"))}
Short = tuple[object, ...]


def short(transfer: Transfer) -> Short:
    """Return a transfer's facts in short."""
    ends = [end and NAMES.get(end.account, "?") for end in (transfer.source, transfer.target)]
    return (transfer.position, *ends, transfer.amount.asset.reference, transfer.amount.units)


TRX = "slip44:195"
ENDS = {"owner_address": ANN, "to_address": BEN}
CALLED = {"owner_address": ANN, "contract_address": SHOP}


@pytest.mark.parametrize(
    ("name", "value", "came"),
    [
        ("TransferContract", {**ENDS, "amount": 5}, ({}, [("value", "ann", "ben", TRX, 5)])),
        ("TransferContract", {**ENDS, "amount": "5"}, ({}, [("value", "ann", "ben", TRX, 5)])),
        ("TransferAssetContract", {**ENDS, "amount": 5, "asset_name": b"1002000".hex()},
         ({}, [("value", "ann", "ben", "trc10:1002000", 5)])),
        ("TransferAssetContract", {**ENDS, "amount": 5, "asset_name": "1002000"},
         ({}, [("value", "ann", "ben", "trc10:1002000", 5)])),
        ("TriggerSmartContract", {**CALLED, "call_value": 7}, ({}, [("value", "ann", "shop", TRX, 7)])),
        ("TriggerSmartContract", CALLED, ({}, [("value", "ann", "shop", TRX, 0)])),
        ("TriggerSmartContract", {**CALLED, "call_token_value": 3, "token_id": 1002000},
         ({}, [("value", "ann", "shop", TRX, 0), ("value token", "ann", "shop", "trc10:1002000", 3)])),
        ("CreateSmartContract", {"owner_address": ANN, "new_contract": {"call_value": 4}},
         ({"contract_address": SHOP}, [("value", "ann", "shop", TRX, 4)])),
        ("CreateSmartContract", {"owner_address": ANN, "new_contract": {}}, ({}, [])),
        ("WithdrawBalanceContract", {"owner_address": ANN},
         ({"withdraw_amount": 9}, [("reward", None, "ann", TRX, 9)])),
        ("DelegateResourceContract", {"owner_address": ANN, "receiver_address": BEN, "balance": 9}, ({}, [])),
        ("AccountPermissionUpdateContract", {"owner_address": ANN}, ({}, [])),
        *((name, {"owner_address": ANN, "frozen_balance": 9}, ({}, [])) for name in sorted(STAKING)),
    ],
)  # fmt: skip
def test_each_contract_moves_what_it_says(
    name: str, value: dict[str, Any], came: tuple[dict[str, Any], list[Short]]
) -> None:
    """Coin, TRC-10 tokens, what a call carries; staking and lending move nothing to anyone."""
    results, expected = came
    found = contract_moves(AT, name, value, results=results)
    assert [short(one) for one in found.transfers] == expected
    assert found.unread == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MarketSellAssetContract", {"owner_address": ANN}),
        ("ExchangeTransactionContract", {"owner_address": ANN}),
        ("SomethingNewContract", {}),
        ("TransferAssetContract", {**ENDS, "amount": 5, "asset_name": b"SomeName".hex()}),
        ("WithdrawBalanceContract", {"owner_address": ANN}),
        ("CreateSmartContract", {"owner_address": ANN, "new_contract": {"call_value": 4}}),
    ],
)
def test_what_is_not_read_is_named(name: str, value: dict[str, Any]) -> None:
    """A contract that moves value in a way that is not read says so, and is never taken for nothing."""
    found = contract_moves(AT, name, value)
    assert found.transfers == ()
    assert len(found.unread) == 1


@pytest.mark.parametrize(
    "name", ["TransferContract", "TransferAssetContract", "TriggerSmartContract", "MarketSellAssetContract"]
)
def test_a_failed_transaction_moves_nothing(name: str) -> None:
    """`contractRet` other than SUCCESS: its contract, calls and logs moved nothing; the fee is told apart."""
    value = {**ENDS, **CALLED, "amount": 5, "call_value": 5}
    assert contract_moves(FAILED, name, value) == Moved()
    assert info_moves(FAILED, {"internal_transactions": [internal()], "log": [log()]}) == Moved()
    fee = FAILED.fee(Address(TRON.id, USDT), 8)
    assert (fee.kind, fee.position, fee.amount.units, fee.target, fee.ok) == (Kind.FEE, "fee", 8, None, False)


def internal(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  the node's own values
    """Return an internal transaction by which the shop pays Ann 6 sun, changed as told."""
    plain: dict[str, Any] = {
        "hash": "0" * 64, "caller_address": SHOP, "transferTo_address": ANN, "note": b"call".hex(),
        "callValueInfo": [{"callValue": 6}],
    }  # fmt: skip
    return plain | changes


def log(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  the node's own values
    """Return a log by which Ann gives Ben 5 units of USDT, changed as told."""
    plain = {
        "address": "a614f803b6fd780986a42c78ec9c7f77e6ded13c", "data": f"{5:064x}",
        "topics": [TRANSFER, ANN[2:].rjust(64, "0"), BEN[2:].rjust(64, "0")],
    }  # fmt: skip
    return plain | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("internal 4", "shop", "ann", TRX, 6)]),
        ({"note": "call"}, [("internal 4", "shop", "ann", TRX, 6)]),
        ({"note": b"suicide".hex()}, [("internal 4", "shop", "ann", TRX, 6)]),
        ({"note": b"create".hex()}, [("internal 4", "shop", "ann", TRX, 6)]),
        ({"note": b"withdrawReward".hex()}, [("internal 4", None, "ann", TRX, 6)]),
        ({"rejected": True}, []),
        ({"callValueInfo": [{}]}, []),
        ({"transferTo_address": SHOP}, []),
        ({"note": b"delegateResourceOfEnergy".hex()}, []),
        ({"note": b"freezeBalanceV2ForEnergy".hex()}, []),
        ({"note": b"withdrawExpireUnfreeze".hex()}, []),
        ({"callValueInfo": [{"callValue": 6}, {"callValue": 2, "tokenId": "1002000"}]},
         [("internal 4", "shop", "ann", TRX, 6), ("internal 4.1", "shop", "ann", "trc10:1002000", 2)]),
    ],
)  # fmt: skip
def test_internal_transactions_pay_or_do_not(changes: dict[str, Any], expected: list[Short]) -> None:
    """Calls, creations and self-destructs carry; staking, lending and what was rejected move nothing."""
    assert [short(one) for one in internal_moves(AT, 4, internal(**changes)).transfers] == expected


def test_a_log_moves_a_token_or_an_item() -> None:
    """TRC-20 by amount, TRC-721 by item; an asset is its contract."""
    (one,) = log_moves(AT, 3, log())
    assert short(one) == ("log 3", "ann", "ben", f"trc20:{USDT}", 5)
    assert (one.amount.asset.symbol, one.amount.asset.decimals) == ("USDT", 6)
    item = log(data="", topics=[*log()["topics"], f"{77:064x}"])
    assert [short(one)[3:] for one in log_moves(AT, 3, item)] == [(f"trc721:{USDT}/77", 1)]


def test_symbols_are_for_display_only() -> None:
    """What a list says of a token is kept for display; a known token is not renamed by it."""
    other = log(address=SHOP[2:])
    (one,) = log_moves(AT, 0, other, tokens={address_of(TRON, SHOP).account: ("SHOP", 9)})
    assert (one.amount.asset.symbol, one.amount.asset.decimals) == ("SHOP", 9)
    (known,) = log_moves(AT, 0, log(), tokens={USDT: ("FAKE", 0)})
    assert known.amount.asset.symbol == "USDT"


@pytest.mark.parametrize(
    "changes",
    [
        {"topics": []}, {"topics": None}, {"topics": "x"}, {"topics": [TRANSFER]}, {"data": ""},
        {"data": f"{0:064x}"}, {"data": f"{5:065x}"}, {"topics": ["0" * 64, *log()["topics"][1:]]},
        {"topics": [*log()["topics"][:2], "zz"]}, {"data": "zz" * 32},
    ],
)  # fmt: skip
def test_another_log_moves_nothing(changes: dict[str, Any]) -> None:
    """Another event, another form, or nothing moved: no transfer."""
    assert log_moves(AT, 3, log(**changes)) == ()


def test_a_transactions_parts_have_their_own_places() -> None:
    """Fee, value, internal payments and logs of one transaction differ in position and stand in order."""
    info = {"internal_transactions": [internal(), internal()], "log": [log(), log()]}
    paid = contract_moves(AT, "TriggerSmartContract", {**CALLED, "call_value": 1}).transfers
    found = [AT.fee(Address(TRON.id, USDT), 1), *paid, *info_moves(AT, info).transfers]
    expected = ["fee", "value", "internal 0", "internal 1", "log 0", "log 1"]
    assert [one.position for one in sorted(found, key=lambda one: one.key)] == expected


@pytest.mark.parametrize(
    ("info", "fine"),
    [
        ({}, True), ({"receipt": {"result": "SUCCESS"}}, True), ({"receipt": {"net_usage": 1}}, True),
        ({"result": "FAILED"}, False), ({"receipt": {"result": "OUT_OF_ENERGY"}}, False),
        ({"receipt": 5}, True),
    ],
)  # fmt: skip
def test_the_node_says_whether_it_succeeded(info: dict[str, Any], fine: bool) -> None:  # noqa: FBT001  a table
    """What is plain is left out: no result means success."""
    assert succeeded(info) is fine


@given(st.binary(min_size=20, max_size=20))
def test_every_spelling_is_one_address(payload: bytes) -> None:
    """With `41`, without it, with `0x`, in base58: one address, and back."""
    text = payload.hex()
    found = address_of(TRON, "41" + text)
    assert {address_of(TRON, one) for one in (text, "0x" + text, "41" + text.upper(), found.account)} == {
        found
    }
    assert hex_of(found) == "41" + text
    assert found.account.startswith("T")


KEYS = st.sampled_from((
    *("owner_address", "to_address", "contract_address", "amount", "asset_name", "call_value"),
    *("call_token_value", "token_id", "caller_address", "transferTo_address", "callValueInfo", "callValue"),
    *("tokenId", "note", "rejected", "address", "topics", "data", "withdraw_amount", "new_contract"),
))  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=70) | st.sampled_from((ANN, TRANSFER, "5")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ROWS = st.dictionaries(KEYS, ANYTHING, max_size=6)
KINDS = st.sampled_from((
    *("TransferContract", "TransferAssetContract", "TriggerSmartContract", "CreateSmartContract"),
    *("WithdrawBalanceContract", "x"),
))  # fmt: skip


@given(KINDS, ROWS, ROWS)
@settings(max_examples=600, deadline=None)
def test_nothing_from_the_wire_is_a_traceback(name: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Any object where the node's should be: transfers, or an error that says what is wrong."""
    for reader in (
        lambda: contract_moves(AT, name, one, results=other),
        lambda: internal_moves(AT, 0, one),
        lambda: log_moves(AT, 0, one),
        lambda: info_moves(AT, {"internal_transactions": [one], "log": [other]}),
    ):
        with contextlib.suppress(InputError):
            reader()
