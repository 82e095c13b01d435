"""Explorers: three lists of an address, walked to a proved end, and held against what else they say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.explorer_asking import (
    both,
    history,
    moves,
    true,
)
from fetch.explorer_service import (
    ANN,
    BEN,
    CLEO,
    MAKER,
    SPAM,
    USDC,
    WETH,
    Explorer,
    Tx,
    digest,
    services,
)
from flowtrace.fetch.explorer.rows import told
from flowtrace.model import (
    DEPOSIT,
    WITHDRAWAL,
    Address,
    Scope,
)


@both
def test_a_history_is_what_moved(service: Explorer) -> None:
    """Every move of the world once, none that only looked like one; checked to the wei and the nonce."""
    found = history(service)
    assert moves(found.transfers) == true(service.txs)
    assert {scope: one.complete for scope, one in found.coverage.items()} == dict.fromkeys(Scope, True)
    external, internal, token = (found.coverage[scope].check for scope in Scope)
    summed = "the sum of all moves is the balance, to the wei"
    assert external == f"24 rows; 11 outgoing transactions, nonces 0 to 10 all present; {summed}"
    assert internal == f"17 rows; {summed}"
    assert token.split("; ") == [
        "14 rows" if service.modern else "18 rows",
        "paged to its proved end",
        "of ERC-20 tokens alone, not of numbered items",
        "wraps and unwraps by the logs of WETH: 4, for all coin moved so",
        "the sums of USDC, WETH are the balances, to the unit",
        "balances of 1 other tokens prove nothing",
        "1 moves told more than once agree with their receipts",
    ]
    assert all((one.first, one.last) == (0, 80) for one in found.result)


def test_both_dialects_tell_the_same_transfers() -> None:
    """Etherscan and Blockscout write the same moves differently: they are the same transfers."""
    one, other = (history(service).transfers for service in services())
    assert Counter(one) == Counter(other)


@st.composite
def worlds(draw: st.DrawFn) -> list[Tx]:
    """Draw transactions in chain order, Ann's with their nonces, who is rich to begin with."""
    blocks = sorted(draw(st.lists(st.integers(1, 12) | st.just(5), max_size=25)))
    people = st.sampled_from((ANN, BEN, CLEO, MAKER))
    logs = st.tuples(st.sampled_from((USDC, SPAM)), people, people, st.integers(0, 3))
    paid = st.tuples(people, people, st.integers(0, 3), st.sampled_from(("call", "call", "delegatecall")))
    wrap = st.tuples(st.sampled_from((DEPOSIT, WITHDRAWAL)), people, st.integers(0, 3))
    txs = [Tx(0, 0, BEN, ANN, 10**9, logs=((USDC, BEN, ANN, 10**9), (WETH, BEN, ANN, 10**9)))]
    for place, block in enumerate(blocks):
        sender, to = draw(people), draw(people)
        wraps = tuple(draw(st.lists(wrap, max_size=2)))
        coin = [(who, WETH) if topic == DEPOSIT else (WETH, who) for topic, who, _ in wraps]
        txs.append(
            Tx(
                block, place, sender, to, draw(st.integers(0, 9)),
                nonce=sum(tx.sender == sender for tx in txs),
                ok=draw(st.booleans()),
                paid=(
                    *draw(st.lists(paid, max_size=3)),
                    *((*ends, wei, "call") for ends, (_, _, wei) in zip(coin, wraps, strict=True)),
                ),
                logs=tuple(draw(st.lists(logs, max_size=3))),
                wraps=wraps,
            )
        )  # fmt: skip
    return txs


@settings(max_examples=60)
@given(worlds(), st.booleans(), st.integers(1, 7))
def test_any_world_is_told_whole(txs: list[Tx], modern: bool, page: int) -> None:  # noqa: FBT001  drawn
    """Whatever happened, in pages of whatever length: every move once, and every check agrees."""
    service = Explorer(modern=modern, txs=txs, page=page, window=1_000)
    found = history(service)
    assert moves(found.transfers) == true(txs)
    assert all(one.complete for one in found.result)


def test_a_delegated_call_moves_nothing() -> None:
    """Blockscout lists calls that run another's code with the coin of the call above: it moved once."""
    rows = [
        {"blockNumber": "5", "timeStamp": "1000000000", "transactionHash": digest("x"), "isError": "0"}
        | {"from": ANN, "to": to, "value": "70", "contractAddress": "", "callType": call, "type": "call"}
        for to, call in ((MAKER, "delegatecall"), (BEN, "call"), (CLEO, "staticcall"), (CLEO, "callcode"))
    ]
    found = told("txlistinternal", Address.parse("ethereum", ANN), rows).transfers
    assert [(one.target and one.target.account, one.amount.units) for one in found] == [(BEN, 70)]


def test_a_failed_creation_without_an_address_is_read() -> None:
    """Where a service leaves out what a failed creation would have made, sender and nonce tell it."""
    sender = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"
    row = {
        "blockNumber": "5", "transactionIndex": "0", "hash": digest("x"), "timeStamp": "1000000000",
        "from": sender, "to": "", "value": "9", "gasUsed": "2", "gasPrice": "3", "isError": "1", "nonce": "1",
        "input": "0x", "contractAddress": "",
    }  # fmt: skip
    fee, value = told("txlist", Address.parse("ethereum", sender), [row]).transfers
    assert value.target is not None
    assert value.target.account == "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"
    assert (fee.amount.units, value.ok) == (6, False)


def test_what_the_service_has_not_traced_is_not_claimed() -> None:
    """Blockscout says when blocks are not traced yet; only a sum to the wei outweighs that."""
    service = Explorer(modern=False, untraced=True)
    whole = history(service).coverage[Scope.INTERNAL]
    assert (whole.complete, "not yet been processed" in whole.check) == (True, True)
    service.later = (Tx(90, 0, BEN, ANN, 5),)
    unsure = history(service).coverage[Scope.INTERNAL]
    assert (unsure.complete, "not yet been processed" in unsure.check) == (False, True)


def test_coin_that_moved_later_leaves_the_sum_unchecked() -> None:
    """The balance is told as it is now: where coin moved since, it proves nothing, and that is said."""
    found = history(Explorer(later=(Tx(90, 0, BEN, ANN, 5),))).coverage
    assert found[Scope.EXTERNAL].complete
    assert (
        "coin moved after the last block read, so the balance is not checked" in found[Scope.EXTERNAL].check
    )
    assert all(one.last == 80 for one in found.values())


@pytest.mark.parametrize("lost", range(24))
def test_a_transaction_that_is_not_listed_is_missed(lost: int) -> None:
    """Whichever transaction no list shows: nonce or balance gives it away."""
    hashes = [tx.hash for tx in Explorer().txs if ANN in (tx.sender, tx.to)]
    coverage = history(Explorer(hidden=frozenset({hashes[lost]}))).coverage[Scope.EXTERNAL]
    assert not coverage.complete
    assert "wei off the sum of all moves" in coverage.check


def test_a_missing_nonce_is_named() -> None:
    """What the address sent is counted by the chain itself."""
    hidden = frozenset(tx.hash for tx in Explorer().txs if tx.sender == ANN and tx.nonce in (3, 5))
    check = history(Explorer(hidden=hidden)).coverage[Scope.EXTERNAL]
    assert not check.complete
    assert "outgoing transactions are missing: nonce 3 and 1 more" in check.check


@both
def test_a_nonce_of_an_authorisation_is_no_loss(service: Explorer) -> None:
    """Under EIP-7702 an account signs for what another sends: no list has that nonce, no coin is missing."""
    late = [replace(tx, nonce=tx.nonce + 2) if tx.nonce > 4 else tx for tx in service.txs]
    found = history(replace(service, txs=late)).coverage[Scope.EXTERNAL]
    assert found.complete
    assert (
        "11 outgoing transactions and 2 nonces that moved no coin: authorisations (EIP-7702)" in found.check
    )
    moved = (Tx(90, 0, BEN, ANN, 5),)  # now the balance proves nothing, and a gap may be a loss
    unsure = history(replace(service, txs=late, later=moved)).coverage[Scope.EXTERNAL]
    assert not unsure.complete
    assert "outgoing transactions are missing: nonce 5 and 1 more" in unsure.check


def test_a_token_move_that_is_not_listed_is_missed() -> None:
    """Of tokens whose logs tell all that they do, the balance is asked and held against the sum."""
    hidden = frozenset(tx.hash for tx in Explorer().txs if tx.block == 50)
    found = history(Explorer(hidden=hidden)).coverage[Scope.TOKEN]
    assert not found.complete
    assert "balances are off the sums: USDC by 500 units" in found.check


def test_a_token_that_moved_later_is_not_checked() -> None:
    """As for coin: the balance of now says nothing of then."""
    service = Explorer(later=(Tx(90, 0, BEN, MAKER, logs=((USDC, BEN, ANN, 9),)),))
    found = history(service).coverage[Scope.TOKEN]
    assert found.complete
    assert "USDC moved later, or the balance was not told: not checked" in found.check
