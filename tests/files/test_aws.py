"""AWS's public data set: doubles, read as exactly what they are, marked, and giving way to exact tellings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from files.coin_worlds import BITCOIN, CoinTx, Out, aws_coins, coin_worlds
from files.worlds import COIN, PAID, Tx, by_id, moves, unplaced, worlds
from files.wrappings import as_parquet, aws, cells, imported, transactions
from flowtrace.errors import InputError
from flowtrace.files.gathered import settled
from flowtrace.model import Basis, Kind, Leg, Transfer


def lossy(transfer: Transfer) -> Transfer:
    """Return a transfer as a file tells it that keeps amounts as doubles; a fee is whole there."""
    if transfer.kind is Kind.FEE:
        return transfer
    sides = (
        [Leg(leg.address, leg.asset, int(float(leg.units))) for leg in side]
        for side in (transfer.inputs, transfer.outputs)
    )
    gives, takes = map(tuple, sides)
    return replace(transfer, basis=Basis.LOSSY, inputs=gives, outputs=takes)


@given(worlds())
@settings(max_examples=20)
def test_amounts_are_what_the_doubles_are(world: list[Tx]) -> None:
    """Each amount is the exact value of the double nearest to it; all but fees are marked as lossy."""
    found = by_id(imported(aws(world)).transfers)
    assert found == {name: lossy(t) for name, t in by_id(moves(world)).items()}


@given(worlds())
@settings(max_examples=15)
def test_an_exact_telling_replaces_it(world: list[Tx]) -> None:
    """What a live source tells stands, and the file's row goes on to show it; nothing contradicts."""
    found = imported(aws(world))
    live = moves(world)
    assert all(t.basis is not Basis.LOSSY for t in settled(found, live))
    assert found.lesser == {t.id for t in live if t.kind is not Kind.FEE}


def test_a_double_that_is_of_another_amount_is_no_lesser_telling() -> None:
    """It stays beside the exact one, so that the ledger says where two sources differ."""
    found = imported(aws([PAID]))
    other = [replace(t, inputs=t.inputs) for t in moves([replace(PAID, units=PAID.units + 10**6)])]
    kept = settled(found, other)
    assert [t.kind for t in kept if t.basis is Basis.LOSSY] == [Kind.VALUE]


def test_coverage_says_that_digits_are_lost() -> None:
    """The check names the file, its rows and its span, and what floating point does to amounts."""
    (check,) = imported({"t.parquet": aws([PAID])["transactions.parquet"]}).checks
    assert check.endswith("; its amounts are floating point and have lost their last digits")
    assert "t.parquet (evidence 1, 1 rows), blocks 5 to 5" in check


@given(coin_worlds())
@settings(max_examples=20)
def test_bitcoin_is_right_to_the_satoshi(world: list[CoinTx]) -> None:
    """A double holds 21 million coins to the satoshi; the transfers are marked all the same."""
    found = by_id(imported({"t.parquet": aws_coins(world)}, BITCOIN).transfers)
    for name, live in by_id(tx.transfer() for tx in world).items():
        told = found[name]
        assert told.basis is Basis.LOSSY
        assert replace(told, basis=live.basis, time=live.time) == live


def test_bitcoin_gives_way_too() -> None:
    """A live telling of the same transaction replaces it."""
    world = [CoinTx(1, 7, 0, (), (Out(2, 50),))]
    found = imported({"t.parquet": aws_coins(world)}, BITCOIN)
    assert settled(found, [replace(world[0].transfer(), time=found.transfers[0].time)]) == ()


def test_doubles_of_other_data_sets_are_refused() -> None:
    """Without ``last_modified`` it is not AWS's: an amount that has lost digits is not read as exact."""
    rows = transactions([PAID], receipts=True)
    with pytest.raises(InputError, match=r"t\.parquet holds floating-point columns \(value\)"):
        imported({"t.parquet": as_parquet(rows, {"value": "DOUBLE"})})


def test_an_item_whose_number_is_a_double_is_noted() -> None:
    """The number of an item names it: with digits lost it is another item."""
    files = aws([replace(PAID, logs=((0, PAID.source, PAID.target, 2**60 + 1),))])
    del files["tokens.parquet"]
    files["contracts.parquet"] = as_parquet(
        [{"address": COIN.contract, "is_erc20": "0", "is_erc721": "1"}], {}
    )
    found = imported(files)
    assert not any(t.kind is Kind.TOKEN for t in found.transfers)
    assert ["numbered item" in note.why for note in found.notes] == [True]


@pytest.mark.parametrize("cell", ["nan", "inf", "-1.0", "1e400"])
def test_a_number_that_is_no_amount_is_named(cell: str) -> None:
    """Not a number, infinite, negative or beyond any ledger."""
    rows = cells(aws([PAID])["transactions.parquet"])
    rows[0]["value"] = cell
    body = as_parquet(rows, {"value": "DOUBLE"} if cell != "1e400" else {})
    with pytest.raises(InputError, match=r"t\.parquet, row 1, value: is .*, where a number belongs"):
        imported({"t.parquet": body})


def test_an_unplaced_telling_and_a_lossy_one_of_one_transfer_are_one() -> None:
    """BigQuery's exact row without an index stands before AWS's double with one."""
    (live,) = [t for t in moves([PAID]) if t.kind is Kind.VALUE]
    found = imported(aws([PAID]))
    assert settled(replace(found, transfers=(lossy(live),)), [unplaced(live)]) == ()
