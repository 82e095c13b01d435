"""Who paid whom: each move once, in chain order, found again by whoever paid or got."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given

from flowtrace.ledger import Ledger
from flowtrace.model import Asset, Kind
from flowtrace_heuristics.pattern.moves import amount_of, moves_of
from strategies import ledgers
from towns.rounds import JOINMARKET, PREPARED, WAGES
from towns.shaped import BTC, coin_address, flow, spent
from toytown import NOBODY


@given(ledger=ledgers())
def test_a_move_is_a_payment_that_succeeded(ledger: Ledger) -> None:
    """The module's words: "fees, payments of nothing and to oneself are none"."""
    moves = moves_of(ledger)
    told = [
        (t.id, t.source, t.target, t.amount.units)
        for t in ledger
        if t.ok and t.kind is not Kind.FEE and t.amount.units and t.source != t.target
    ]
    assert told == [
        (ledger[place].id, ledger.addresses[source], ledger.addresses[target], units)
        for place, source, target, units in zip(
            moves.place, moves.source, moves.target, moves.units, strict=True
        )
    ]


@given(ledger=ledgers())
def test_runs_hold_every_move_once_in_chain_order(ledger: Ledger) -> None:
    """What an address paid before and after a move is the run cut in two there."""
    moves = moves_of(ledger)
    assert Counter(n for *_, run in moves.sent for n in run) == Counter(range(len(moves)))
    for address, asset, run in moves.got:
        assert run == sorted(run)
        assert all((moves.target[n], moves.asset[n]) == (address, asset) for n in run)
        for place, move in enumerate(run):
            assert list(moves.got.before(address, asset, move)) == run[:place][::-1]
            assert list(moves.got.after(address, asset, move)) == run[place + 1 :]


def test_of_coins_the_largest_giver_pays_and_change_is_no_move() -> None:
    """Two put coins in; what comes back to one of them is his change, the rest a payment of who gave most."""
    ledger = flow(
        [spent("tx", [("a:0", "ann", 60), ("b:0", "ben", 40)], [("cleo", 30), ("ann", 50), ("dan", 15)])]
    )
    moves = moves_of(ledger)
    ends = [
        (ledger.addresses[s], ledger.addresses[t]) for s, t in zip(moves.source, moves.target, strict=True)
    ]
    assert ends == [(coin_address("ann"), coin_address("cleo")), (coin_address("ann"), coin_address("dan"))]
    assert moves.units == [30, 15]
    assert {ledger.assets[n] for n in moves.asset} == {BTC}


def test_a_token_is_named_by_its_contract_beside_its_symbol() -> None:
    """Anybody may call his token ETH: a reader sees which one it is, and the coin needs no more words."""
    fake = Asset("eip155:1", "erc20:0x" + 20 * "ab", "ETH", 18)
    assert amount_of(fake, 10**18) == "1 ETH (token 0xabab…abab)"
    assert amount_of(replace(fake, symbol=""), 10**18) == "1 units of token 0xabab…abab"
    assert amount_of(BTC, 10**8) == "1 BTC"


def test_what_several_made_together_is_nobodys_payment() -> None:
    """A round of three pays nobody, whoever put most in; wages and preparations are payments as before."""
    ledger = Ledger([JOINMARKET, WAGES, PREPARED])
    paid = {ledger.tx[place] for place in moves_of(ledger, NOBODY).place}
    assert paid == {"wages", "prepared"}
    assert "round" in {ledger.tx[place] for place in moves_of(ledger).place}
