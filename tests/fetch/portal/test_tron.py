"""TRON datasets: payments, calls, internal transactions and logs, each with its place in its transaction."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.portal_dataset import Row, run, told
from fetch.portal_tron_service import ANN, BEN, CLEO, SWAP, base58, dataset, world
from flowtrace.errors import UnreadableError
from flowtrace.fetch.portal import dialect as portal
from flowtrace.model import Address, Scope, Transfer

TOY = world()
LAST = len(TOY) - 1
NAMES = {
    base58(account): name for account, name in ((ANN, "ann"), (BEN, "ben"), (CLEO, "cleo"), (SWAP, "swap"))
}
USDT = "trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


def short(transfer: Transfer) -> tuple[object, ...]:
    """Return a transfer in short."""
    ends = [_name(one) for one in (transfer.source, transfer.target)]
    return (transfer.position, *ends, transfer.amount.units, transfer.ok)


def _name(address: Address | None) -> str:
    return NAMES[address.account] if address else ""


def of(account: str, height: int) -> list[tuple[object, ...]]:
    """Return what the history of an account tells of a block."""
    return [short(t) for t in told(dataset(TOY, account))[0] if t.height == height]


def test_payments_of_coin() -> None:
    """Fee and value; a failed payment costs its fee; the payer's fee is told to the payee, too."""
    assert of(ANN, 1) == [("fee", "ben", "", 1_100_000, True), ("value", "ben", "ann", 10_000_000, True)]
    assert of(ANN, 2) == [
        ("fee", "ann", "", 268_000, True),
        ("value", "ann", "cleo", 3, True),
        ("fee", "ann", "", 0, False),
        ("fee", "ann", "", 0, True),
        ("value", "ann", "ann", 1, True),
    ]


def test_calls_and_what_they_pay() -> None:
    """The call's own coin, what contracts paid in its course and was not undone, and what logs say."""
    assert of(ANN, 4) == [
        ("fee", "ann", "", 9, True),
        ("value", "ann", "swap", 8, True),
        ("internal 0", "swap", "ann", 4_000_000, True),
        ("log 0", "swap", "ann", 6, True),
        ("fee", "ann", "", 99, False),
    ]
    assert of(BEN, 4) == [("internal 3", "swap", "ben", 1, True), ("log 1", "swap", "ben", 7, True)]


def test_tokens_of_both_kinds() -> None:
    """TRC-20 by its log, TRC-10 by its transaction; nothing moved is noise."""
    transfers = [t for t in told(dataset(TOY))[0] if t.height == 5]
    assert [(short(t), t.amount.asset.reference) for t in transfers] == [
        (("log 0", "ben", "ann", 1_500_000, True), USDT),
        (("log 2", "ann", "cleo", 2, True), USDT),
        (("fee", "ann", "", 0, True), "slip44:195"),
        (("value", "ann", "ben", 12, True), "trc10:1002000"),
        (("fee", "ann", "", 0, True), "slip44:195"),
    ]


def test_a_reward_is_new_coin_and_a_stake_stays_its_owners() -> None:
    """An internal note says what it is."""
    assert of(ANN, 7) == [("internal 0", "", "ann", 2, True)]


def test_the_times_are_seconds() -> None:
    """The dataset counts milliseconds; so does its head."""
    transfers, _ = told(dataset(TOY))
    assert {t.time for t in transfers if t.height == 1} == {1_700_000_003}
    toy = dataset(TOY)
    assert run(portal.head(toy.provider), toy.answer, toy.provider)[1] == toy.pin


def test_what_cannot_be_asked_for_is_said() -> None:
    """Votes and creations are not found by address: the list of transactions is never complete here."""
    transfers, coverage = told(dataset(TOY))
    assert not [t for t in transfers if t.height == 6]
    assert [coverage[scope].complete for scope in Scope] == [False, True, True]
    check = coverage[Scope.EXTERNAL].check
    assert check == (
        "8 transactions, 1 more of a form that is not read; "
        "transactions of other kinds than payments and calls cannot be asked for by address"
    )
    assert coverage[Scope.INTERNAL].check.startswith("2 internal payments, streamed to the end")


@given(st.sets(st.integers(0, LAST)), st.booleans())
def test_breaks_anywhere_change_nothing(ends: set[int], tail: bool) -> None:  # noqa: FBT001  drawn
    """For every way the portal may split its stream, the history is the same."""
    toy = dataset(TOY)
    toy.ends = lambda first, last: min((end for end in ends if end >= first), default=last)
    toy.tail = tail
    assert told(toy)[0] == told(dataset(TOY))[0]


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("transactions", {"hash": None}, "hash is None"),
        ("transactions", {"type": 7}, "type is a int"),
        ("transactions", {"parameter": None}, "is not an address"),
        ("transactions", {"parameter": [1]}, "parameter is a list"),
        ("transactions", {"ret": "SUCCESS"}, "ret is 'SUCCESS'"),
        ("transactions", {"fee": "1.5"}, "fee is '1.5'"),
        ("transactions", {"transactionIndex": 1}, "two transactions have one index"),
        ("internalTransactions", {"internalTransactionIndex": 2}, "one internalTransactionIndex"),
        ("internalTransactions", {"internalTransactionIndex": 10**9}, "at place 1000000000"),
        ("internalTransactions", {"transferToAddress": "41zz"}, "is not an address"),
        ("internalTransactions", {"callValueInfo": "much"}, "not a list"),
        ("internalTransactions", {"callValueInfo": [{"callValue": -1}]}, "callValue is -1"),
        ("internalTransactions", {"transactionIndex": 5}, "is not told, though something of it is"),
        ("logs", {"logIndex": None}, "logIndex is None"),
        ("logs", {"address": "0x12"}, "is not an address"),
    ],
)
def test_a_row_that_is_not_what_it_must_be_is_named(table: str, change: dict[str, Any], words: str) -> None:
    """The block is named, and what is wrong in it."""

    def spoil(line: Row) -> None:
        if line["header"]["number"] == 4:
            line[table][0].update(change)

    with pytest.raises(UnreadableError, match="block 4, in which") as error:
        told(dataset(TOY), spoil)
    assert words in str(error.value)
