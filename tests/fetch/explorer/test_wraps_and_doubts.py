"""Explorers: wrapped coin by its logs, and answers that contradict, repeat or hold back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fetch.explorer_asking import (
    account_of,
    both,
    history,
    logs_changed,
    moves,
    rows_changed,
    run,
    true,
    wraps,
)
from fetch.explorer_service import (
    ANN,
    BEN,
    USDC,
    WETH,
    Explorer,
    Tx,
    digest,
)
from fetch.services import Reply
from flowtrace.errors import ReorgError, SourceError, UnreadableError
from flowtrace.fetch.explorer import dialect as explorer
from flowtrace.model import (
    DEPOSIT,
    NOBODY,
    WITHDRAWAL,
    Request,
    Scope,
)


@both
def test_wrapped_coin_is_told_by_its_logs(service: Explorer) -> None:
    """Named by their place as a node names them, in the right direction, whatever the list says of them."""
    found = history(service)
    told = [(NOBODY, ANN, 10**16), (NOBODY, ANN, 50), (ANN, NOBODY, 60), (ANN, NOBODY, 60)]
    places = ["log 0", "log 11", "log 10", "log 11"]
    assert wraps(found) == [(place, *move) for place, move in zip(places, told, strict=True)]
    alone = [
        transfer
        for tx in service.txs[-4:]
        for transfer in run(service, explorer.transaction(service.provider, tx.hash)).transfers
    ]
    assert {t.id: t for t in found.transfers}.items() >= {
        t.id: t
        for t in alone
        if NOBODY in (account_of(t.source), account_of(t.target)) and t.amount.units != 9
    }.items()


@both
def test_where_nothing_was_wrapped_no_log_is_asked_for(service: Explorer) -> None:
    """The lists of coin say whether there is anything to ask for."""
    assert sum("getLogs" in request.url for request in history(service).asked) == 2
    plain = replace(service, txs=service.txs[:-4])
    assert not any("getLogs" in request.url for request in history(plain).asked)


@both
def test_wraps_without_logs_are_known_to_be_missing(service: Explorer) -> None:
    """Where no log is given, the token is left unchecked, and the list is not called complete."""

    def refused(request: Request, reply: Reply) -> Reply:
        body = b'{"status":"0","message":"NOTOK","result":"upgrade your plan"}'
        return (200, {}, body) if "getLogs" in request.url else reply

    found = history(service, refused)
    token = found.coverage[Scope.TOKEN]
    assert not wraps(found)
    assert not token.complete
    assert "WETH was wrapped or unwrapped: no list tells how, and no log is given" in token.check
    assert "the sums of USDC are the balances" in token.check
    assert "balances of 2 other tokens prove nothing" in token.check
    assert all(found.coverage[scope].complete for scope in (Scope.EXTERNAL, Scope.INTERNAL))


@both
def test_a_wrap_whose_log_is_left_out_is_missed(service: Explorer) -> None:
    """The coin that was paid for it says so, and so does the balance."""
    token = history(service, logs_changed(lambda rows: rows.clear())).coverage[Scope.TOKEN]
    assert not token.complete
    assert "120 more units went from the contract of WETH than its logs tell" in token.check
    assert f"balances are off the sums: WETH by {10**16 - 70}" in token.check


def test_coin_wrapped_later_leaves_its_sum_unchecked() -> None:
    """Etherscan's list is silent on a wrap after the pin, so it is asked for by its logs."""
    later = Tx(90, 0, ANN, WETH, 5, nonce=11, wraps=((DEPOSIT, ANN, 5),))
    token = history(Explorer(later=(later,))).coverage[Scope.TOKEN]
    assert token.complete
    assert "WETH moved later, or the balance was not told: not checked" in token.check


def test_more_logs_than_are_given_at_once() -> None:
    """Logs are given without a word that there are more: a round number of them is asked for by halves."""
    many = [Tx(n, 0, ANN, WETH, n, nonce=n - 1, wraps=((DEPOSIT, ANN, n),)) for n in range(1, 75)]
    twice = [replace(tx, wraps=tx.wraps * 2, value=2 * tx.value) for tx in many]
    service = Explorer(txs=[Tx(0, 0, BEN, ANN, 10**9), *twice], window=10_000, page=1_000, logs=100)
    found = history(service)
    assert moves(found.transfers) == true(service.txs)
    assert len(wraps(found)) == 148
    assert all(one.complete for one in found.result)
    assert len({t.id for t in found.transfers}) == len(found.transfers)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row.update(address=USDC), "one of block 72 was not asked for"),
        (lambda row: row.update(blockNumber=hex(90)), "one of block 90 was not asked for"),
        (
            lambda row: row.update(topics=[WITHDRAWAL, *row["topics"][1:]]),
            "one of block 72 was not asked for",
        ),
        (lambda row: row.update(topics=row["topics"][:1]), "one of block 72 was not asked for"),
        (lambda row: row.update(topics=None), "nothing stands where at most 4 topics"),
        (lambda row: row.update(logIndex="0xb", blockNumber=hex(72)), "log 11 of block 72 stands twice"),
        (lambda row: row.update(data="0x5"), "data is '0x5', not of its form"),
        (lambda row: row.update(timeStamp=hex(1 << 70)), "its place in the chain and its time are numbers"),
        (lambda row: row.pop("transactionHash"), "transactionHash is nothing"),
        (lambda row: row.update(transactionIndex=[]), "transactionIndex is a list"),
    ],
)
def test_a_log_that_is_none_is_asked_for_again(change: Callable[[Any], Any], words: str) -> None:
    """Foreign, misplaced, doubled or malformed: no answer to the question."""

    def first(rows: list[dict[str, Any]]) -> None:
        if rows[0]["topics"][0] == DEPOSIT:
            change(rows[0])

    with pytest.raises(UnreadableError, match=words):
        history(Explorer(), logs_changed(first))


def test_a_move_made_up_twice_is_found_by_its_receipt() -> None:
    """Rows without a log's index may be alike; the logs of the transaction say how many there were."""

    def twice(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for one in rows for row in ([one, one] if one["value"] == str(10**30) else [one])]

    with pytest.raises(UnreadableError, match=r"2 moves where the logs of 0x[0-9a-f]{64} tell 1"):
        history(Explorer(page=100, window=1_000), rows_changed("tokentx", twice))


def test_moves_told_more_than_once_without_receipts_are_said() -> None:
    """Where no receipt can be had, the coverage says that they are not checked."""

    def no_receipts(request: Request, reply: Reply) -> Reply:
        return (403, {}, b"") if "Receipt" in request.url else reply

    found = history(Explorer(), no_receipts).coverage[Scope.TOKEN]
    assert "1 moves told more than once are not checked" in found.check


@pytest.mark.parametrize("body", [b'{"status":"0","message":"NOTOK","result":"upgrade your plan"}', b"busy"])
def test_a_balance_that_is_not_told_is_said(body: bytes) -> None:
    """No balance, no check: the lists stand by themselves, and the coverage says so."""

    def silent(request: Request, reply: Reply) -> Reply:
        return (500 if body == b"busy" else 200, {}, body) if "balance" in request.url else reply

    found = history(Explorer(), silent).coverage
    assert "the balance was not told, so the sum is not checked" in found[Scope.EXTERNAL].check
    assert "USDC, WETH moved later, or the balance was not told: not checked" in found[Scope.TOKEN].check


@pytest.mark.parametrize("result", ["x", None, 5, "-5", [], "9" * 400])
def test_a_balance_that_is_none_is_asked_for_again(result: object) -> None:
    """Success without a number is no answer."""

    def odd(request: Request, reply: Reply) -> Reply:
        body = json.dumps({"status": "1", "message": "OK", "result": result}).encode()
        return (200, {}, body) if "action=balance" in request.url else reply

    with pytest.raises(UnreadableError, match="no balance"):
        history(Explorer(), odd)


@both
def test_a_block_beyond_the_window_cannot_be_complete(service: Explorer) -> None:
    """More rows in one block than can be paged to: an error that names the block."""
    crowded = replace(service, window=8)
    with pytest.raises(
        SourceError, match="block 40 holds more than the service gives: it cannot be complete"
    ):
        history(crowded)


def test_rows_beside_the_words_that_there_are_none_are_no_answer() -> None:
    """An answer that contradicts itself is not believed either way."""

    def both_ways(request: Request, reply: Reply) -> Reply:
        if "action=txlist&" not in request.url:
            return reply
        return 200, {}, reply[2].replace(b'"1", "message": "OK"', b'"0", "message": "No transactions found"')

    with pytest.raises(UnreadableError, match="rows, and the words that there are none"):
        history(Explorer(), both_ways)


@both
def test_the_head_is_so_far_below_the_newest(service: Explorer) -> None:
    """The block that counts as final, with its hash and time; another one in its place is not believed."""
    pin = run(service, explorer.head(service.provider)).result
    assert pin == service.pin

    def other(request: Request, reply: Reply) -> Reply:
        asked = request.url + request.body.decode()
        return (200, {}, reply[2].replace(b'"0x50"', b'"0x51"')) if "ByNumber" in asked else reply

    with pytest.raises(UnreadableError, match="block 81 stands for 80"):
        run(service, explorer.head(service.provider), other)


@both
def test_a_transaction_is_told_with_its_logs(service: Explorer) -> None:
    """Fee, value and token moves, as a node tells them: with the index of each log."""
    swap = next(tx for tx in service.txs if tx.block == 50)
    found = run(service, explorer.transaction(service.provider, swap.hash.upper().replace("0X", "0x")))
    assert [(t.position, t.amount.units) for t in found.transfers] == [
        ("fee", 63_000), ("value", 10**17), ("log 30", 500)
    ]  # fmt: skip
    for tx in service.txs:
        transfers = run(service, explorer.transaction(service.provider, tx.hash)).transfers
        assert all(one.ok is tx.ok for one in transfers)
    with pytest.raises(SourceError, match="is not known to"):
        run(service, explorer.transaction(service.provider, digest("nothing")))


@both
def test_a_transaction_in_two_blocks_is_a_rewritten_chain(service: Explorer) -> None:
    """Transaction, receipt and block have to agree on where it stands."""
    swap = next(tx for tx in service.txs if tx.block == 50)

    def forked(request: Request, reply: Reply) -> Reply:
        service.forked = 50 if "Receipt" in request.url + request.body.decode() else 101
        return reply

    with pytest.raises(ReorgError, match="told to be in two blocks"):
        run(service, explorer.transaction(service.provider, swap.hash), forked)
    service.forked = 101


def test_two_hashes_for_a_block_on_one_page_are_a_rewritten_chain() -> None:
    """A page that was made while the chain changed contradicts itself."""

    def mixed(rows: list[dict[str, str]]) -> None:
        for row in rows[1:2]:
            row["blockHash"] = digest("other")

    with pytest.raises(ReorgError, match="name different blocks of eip155:1 at 40"):
        history(
            Explorer(page=30, txs=[Tx(40, n, BEN, ANN, 7) for n in range(5)]), rows_changed("txlist", mixed)
        )


def test_ones_own_explorer_needs_no_limits() -> None:
    """A server of one's own, of which no limits are known, is asked for pages of the usual length."""
    service = Explorer(window=10_000)
    service.provider = replace(service.provider, page=0, window=0)
    found = history(service)
    assert moves(found.transfers) == true(service.txs)
    assert any("offset=1000" in request.url for request in found.asked)
