"""Explorers: three lists of an address, walked to a proved end, and held against what else they say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from fetch.services import Reply
from flowtrace.errors import ReorgError, SourceError, UnreadableError
from flowtrace.fetch.explorer import dialect as explorer
from flowtrace.fetch.explorer.rows import told
from flowtrace.fetch.source import Asking, Rows, drive
from flowtrace.model import (
    DEPOSIT,
    NOBODY,
    WITHDRAWAL,
    Address,
    Answer,
    Coverage,
    Kind,
    Request,
    Scope,
    Transfer,
)

both = pytest.mark.parametrize("service", services(), ids=["etherscan", "blockscout"])


@dataclass
class Found:
    """What an asking told and returned."""

    result: Any
    transfers: list[Transfer]
    asked: list[Request] = field(default_factory=list)

    @property
    def coverage(self) -> dict[Scope, Coverage]:
        """The coverage by its scope."""
        return {one.scope: one for one in self.result}


def run(
    service: Explorer, asking: Asking[Any], meddle: Callable[[Request, Reply], Reply] | None = None
) -> Found:
    """Drive an asking over a stand-in, whose answers may be meddled with."""
    rows, asked = Rows(), []

    def answer_of(request: Request) -> Answer:
        asked.append(request)
        reply = service.answer(request)
        status, _, body = meddle(request, reply) if meddle else reply
        return Answer(
            request, body, "2026-01-01T00:00", service.provider.id, status=status, number=len(asked)
        )

    result = drive(asking, answer_of, lambda batch: rows.take(batch, service.provider.chain.id))  # type: ignore[arg-type]
    return Found(result, rows.transfers, asked)


def history(service: Explorer, meddle: Callable[[Request, Reply], Reply] | None = None) -> Found:
    """Return the history of a stand-in's address."""
    return run(service, explorer.history(service.provider, service.address, service.pin), meddle)


def rows_changed(
    action: str, change: Callable[[list[dict[str, str]]], None]
) -> Callable[[Request, Reply], Reply]:
    """Return the meddling that changes the rows of one list."""

    def meddle(request: Request, reply: Reply) -> Reply:
        if f"action={action}&" not in request.url:
            return reply
        found = json.loads(reply[2])
        if isinstance(found["result"], list):
            change(found["result"])
        return reply[0], reply[1], json.dumps(found).encode()

    return meddle


Move = tuple[str, str, str | None, str | None, int]


def moves(transfers: list[Transfer]) -> Counter[Move]:
    """Return transfers in short: transaction, kind, giver, taker, units of those that moved."""
    return Counter(
        (t.tx, t.kind.value, _account(t.source), _account(t.target), t.amount.units)
        for t in transfers
        if t.ok or t.kind is Kind.FEE
    )


def _account(address: Address | None) -> str | None:
    return None if address is None else address.account


def true(txs: list[Tx]) -> Counter[Move]:
    """Return what transactions moved for Ann, told by nobody but themselves."""
    found: Counter[Move] = Counter()
    for tx in txs:
        if ANN in (tx.sender, tx.to):
            found[tx.hash, "fee", tx.sender, None, 3 * 21_000] += 1
            if tx.ok:
                found[tx.hash, "value", tx.sender, tx.to, tx.value] += 1
        for payer, payee, wei, kind in tx.paid:
            if ANN in (payer, payee) and kind == "call" and wei:
                found[tx.hash, "internal", payer, payee, wei] += 1
        for _, payer, payee, units in (*tx.logs, *tx.wrapped):
            if ANN in (payer, payee) and units:
                found[tx.hash, "token", payer, payee, units] += 1
    return found


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


def wraps(found: Found) -> list[tuple[str, str | None, str | None, int]]:
    """Return what was told of wrapped coin that was made or unmade."""
    return [
        (t.position, _account(t.source), _account(t.target), t.amount.units)
        for t in sorted(found.transfers, key=lambda t: t.key)
        if t.amount.asset.contract == WETH and NOBODY in (_account(t.source), _account(t.target))
    ]


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
        t.id: t for t in alone if NOBODY in (_account(t.source), _account(t.target)) and t.amount.units != 9
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


def logs_changed(change: Callable[[list[dict[str, Any]]], None]) -> Callable[[Request, Reply], Reply]:
    """Return the meddling that changes the logs told."""
    return rows_changed("getLogs", change)


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
