"""Bitcoin datasets: whole transactions, to the satoshi, and every coin spent is one that was received."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.portal_bitcoin_service import ANN, BEN, BITCOIN, CLEO, COIN, DAN, KEY, SCRIPTS, dataset, ledger
from fetch.portal_dataset import Row, history, run, told
from fetch.services import Reply
from flowtrace.errors import UnreadableError
from flowtrace.fetch.portal import dialect as portal
from flowtrace.model import Kind, Leg, Request, Scope, Transfer

TOY = ledger()
PEOPLE = (ANN, BEN, CLEO, DAN)
LAST = TOY.blocks[-3].number


def legs(transfer: Transfer) -> tuple[list[object], list[object]]:
    """Return the legs of a transfer in short, inputs and outputs."""
    short = [[(leg.address and leg.address.account, leg.units, leg.coin) for leg in side] for side in (
        transfer.inputs, transfer.outputs,
    )]  # fmt: skip
    return list(short[0]), list(short[1])


def balance(transfers: list[Transfer], account: str) -> int:
    """Return what an account has by its transfers."""

    def of(side: tuple[Leg, ...]) -> int:
        return sum(leg.units for leg in side if leg.address and leg.address.account == account)

    return sum(of(t.outputs) - of(t.inputs) for t in transfers)


@pytest.mark.parametrize("account", PEOPLE)
def test_every_history_is_what_happened_to_the_satoshi(account: str) -> None:
    """Each transaction that touches the address, no other, all of it; they sum to its unspent coins."""
    transfers, coverage = told(dataset(TOY, account))
    heights = {name: block.number for block in TOY.blocks for name in _names(block.tables["transactions"])}
    assert {t.tx for t in transfers} == {name for name in TOY.of(account) if heights[name] <= LAST}
    held = sum(
        units for coin, (to, units) in TOY.unspent.items() if to == account and heights[coin[:64]] <= LAST
    )
    assert balance(transfers, account) == held
    assert list(coverage) == [Scope.EXTERNAL]
    check = coverage[Scope.EXTERNAL]
    assert (check.complete, check.first, check.last) == (True, 0, LAST)
    assert check.check.startswith(f"{len(transfers)} transactions, each hashed to its name; ")
    assert f"{held} satoshi are left" in check.check


def _names(rows: list[Row]) -> list[str]:
    return [row["txid"] for row in rows]


def test_a_transaction_is_one_transfer_with_all_its_coins_and_its_fee() -> None:
    """Inputs and outputs in order, each by its outpoint; what no address gets has none; the fee is last."""
    transfers, _ = told(dataset(TOY))
    two = next(t for t in transfers if len(t.outputs) == 5)
    assert (two.kind, two.position, two.height, two.index, two.ok) == (Kind.COIN, "coin", 3, 2, True)
    inputs, outputs = legs(two)
    reward = TOY.told[1][0]
    assert inputs == [(BEN, 50 * COIN, f"{reward}:0")]
    hashed = "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"  # the address of the bare key's hash
    assert outputs == [
        (ANN, 1, f"{two.tx}:0"),
        (ANN, 10 * COIN + 7, f"{two.tx}:1"),
        (hashed, 39 * COIN, f"{two.tx}:2"),
        (None, 0, f"{two.tx}:3"),
        (None, COIN - 8, ""),
    ]


def test_new_coin_comes_from_nobody() -> None:
    """A block's reward has one input without address and coin, of all that it pays."""
    transfers, _ = told(dataset(TOY, BEN))
    reward = transfers[0]
    assert legs(reward) == (
        [(None, 50 * COIN, "")],
        [(BEN, 50 * COIN, f"{reward.tx}:0"), (None, 0, f"{reward.tx}:1")],
    )


@given(st.sets(st.integers(0, LAST)), st.booleans(), st.sampled_from(PEOPLE))
def test_breaks_anywhere_change_nothing(ends: set[int], tail: bool, account: str) -> None:  # noqa: FBT001  drawn
    """For every way the portal may split its stream, the history and its check are the same."""
    toy = dataset(TOY, account)
    toy.ends = lambda first, last: min((end for end in ends if end >= first), default=last)
    toy.tail = tail
    transfers, coverage = told(toy)
    whole, checked = told(dataset(TOY, account))
    assert transfers == whole
    assert coverage[Scope.EXTERNAL].check == checked[Scope.EXTERNAL].check


def test_the_head_is_a_block_that_is_deep_enough() -> None:
    """Bitcoin has no finality: the head lies below the newest block, as deep as the provider says."""
    toy = dataset(TOY)
    assert run(portal.head(toy.provider), toy.answer, toy.provider)[1] == toy.pin


def test_a_coin_that_was_never_received_is_a_lost_transaction() -> None:
    """A transaction is missing: the coin it made is spent later, and the history is not complete."""

    def lose(line: Row) -> None:
        if line["header"]["number"] == 3:
            for table in ("transactions", "inputs", "outputs"):
                line[table] = [row for row in line[table] if row["transactionIndex"] != 1]

    _, coverage = told(dataset(TOY), lose)
    lost = TOY.blocks[3].tables["transactions"][1]["txid"]
    assert not coverage[Scope.EXTERNAL].complete
    assert (
        f"1 coins are spent but not seen to be received: the first, {lost}:0"
        in coverage[Scope.EXTERNAL].check
    )


def test_bytes_that_are_not_told_are_said_so() -> None:
    """A dataset may lack the bytes of a transaction: then its rows stand alone."""

    def lose(line: Row) -> None:
        for row in line.get("transactions", ()):
            row["hex"] = None

    transfers, coverage = told(dataset(TOY), lose)
    assert transfers == told(dataset(TOY))[0]
    assert "0 of them hashed to its name" in coverage[Scope.EXTERNAL].check


def test_coin_of_a_bare_key_is_said_to_be_out_of_sight() -> None:
    """A dataset filtered by addresses finds no output to a bare public key."""
    _, coverage = told(dataset(TOY, BEN))
    assert "coin paid to its bare public key is another script's" in coverage[Scope.EXTERNAL].check
    _, coverage = told(dataset(TOY))
    assert "bare public key" not in coverage[Scope.EXTERNAL].check


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("outputs", {"value": 20.00000001}, "is another by its bytes"),
        ("outputs", {"value": 20.000000001}, "more than 8 places"),
        ("outputs", {"value": -1.0}, "no amount"),
        ("outputs", {"value": 1e300}, "no amount"),
        ("outputs", {"value": math.nan}, "no JSON"),
        ("outputs", {"value": "20.0"}, "no amount"),
        ("outputs", {"value": None}, "no amount"),
        ("outputs", {"scriptPubKeyHex": SCRIPTS[CLEO]}, "is another by its bytes"),
        ("outputs", {"scriptPubKeyHex": None}, "is no script"),
        ("outputs", {"scriptPubKeyHex": "zz"}, "hexadecimal"),
        ("outputs", {"outputIndex": 1}, "outputIndex has gaps"),
        ("outputs", {"outputIndex": "first"}, "no whole number"),
        ("outputs", {"transactionIndex": 7}, "outputIndex has gaps"),
        ("inputs", {"txid": None}, "is another by its bytes"),
        ("inputs", {"vout": 3}, "is another by its bytes"),
        ("inputs", {"vout": None}, "vout is None"),
        ("inputs", {"prevoutValue": 1.0}, "more than it spends"),
        ("inputs", {"prevoutValue": None}, "no amount"),
        ("inputs", {"prevoutScriptPubKeyHex": 7}, "is no script"),
        ("inputs", {"inputIndex": 4}, "inputIndex has gaps"),
        ("inputs", {"transactionIndex": 9}, "inputIndex has gaps"),
        ("transactions", {"txid": "aa" * 32}, "is another by its bytes"),
        ("transactions", {"txid": None}, "txid is None"),
        ("transactions", {"txid": "aa"}, "no transaction's name"),
        ("transactions", {"hex": "00"}, "cut off"),
        ("transactions", {"hex": 7}, "is another by its bytes"),
        ("transactions", {"transactionIndex": 2}, "one index"),
    ],
)
def test_a_row_that_is_not_what_it_must_be_is_named(table: str, change: Row, words: str) -> None:
    """The block and what is wrong in it are named; no amount is rounded, no input left out."""

    def spoil(line: Row) -> None:
        if line["header"]["number"] == 3:
            line[table][0].update(change)

    with pytest.raises(UnreadableError) as error:
        told(dataset(TOY), spoil)
    assert words in str(error.value)


def test_a_last_output_that_is_left_out_is_noticed() -> None:
    """Nothing in the rows themselves shows it; the bytes do."""

    def lose(line: Row) -> None:
        if line["header"]["number"] == 3:
            del line["outputs"][-1]

    with pytest.raises(UnreadableError, match="is another by its bytes"):
        told(dataset(TOY), lose)


def test_a_coin_is_spent_as_what_it_was_and_once() -> None:
    """The bytes do not say what a spent coin was worth; the output that made it does."""

    def dearer(line: Row) -> None:
        if line["header"]["number"] == 5:
            line["inputs"][0]["prevoutValue"] = 21.0

    with pytest.raises(UnreadableError, match="is spent as 2100000000 satoshi, which is not what it was"):
        told(dataset(TOY), dearer)

    def again(line: Row) -> None:
        if line["header"]["number"] == 5:
            for table in ("transactions", "inputs", "outputs"):
                line[table] += [row | {"transactionIndex": 8} for row in line[table]]

    with pytest.raises(UnreadableError, match="is spent a second time"):
        told(dataset(TOY), again)


def test_a_transaction_of_others_is_no_answer() -> None:
    """A dataset that gives what was not asked for is not believed."""
    toy = dataset(TOY, CLEO)

    def answer(request: Request) -> Reply:
        return toy.answer(replace(request, body=request.body.replace(CLEO.encode(), ANN.encode())))

    with pytest.raises(UnreadableError, match="does not touch the address"):
        history(toy, answer)


def test_the_scripts_of_the_toy_are_those_of_its_addresses() -> None:
    """The toy's scripts are written by hand; that they are right is what its histories rest on."""
    from flowtrace.moves.scripts import address_of  # noqa: PLC0415  only this test looks so far down

    for account, script in SCRIPTS.items():
        found = address_of(BITCOIN, bytes.fromhex(script))
        assert found is not None
        assert found.account == account
    assert KEY.startswith("21")
