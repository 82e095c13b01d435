"""What a Solana transaction moves: told by owners, equal to its balances, whatever its instructions say."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.solana_service import (
    ANN,
    BEN,
    CLEO,
    COIN,
    FAUCET,
    FEE,
    OTHER,
    RENT,
    SOLANA,
    WSOL,
    Bank,
    Step,
    burn,
    close,
    hand,
    key,
    mint_to,
    open_account,
    pay,
    secret,
    sums,
    sync,
    turn,
)
from flowtrace.errors import InputError
from flowtrace.fetch.solana.moves import Told, told
from flowtrace.fetch.solana.transaction import read
from flowtrace.model import Asset, Kind, Transfer

PEOPLE = (ANN, BEN, CLEO)
PURSES = {(who, mint): key(f"{who} {mint}") for who in PEOPLE for mint in (COIN, OTHER, WSOL)}
RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis"


def opened() -> Bank:
    """Return a bank where three people hold SOL and two tokens and have wrapping accounts."""
    made = Bank()
    made.lamports[FAUCET] = 10**15
    for who in PEOPLE:
        made.run(1, FAUCET, pay(FAUCET, who, 10**12))
    for (who, mint), purse in PURSES.items():
        given = [] if mint == WSOL else [mint_to(purse, mint, 10**6)]
        made.run(2, who, *open_account(who, purse, mint, owner=who), *given)
    return made


def last(made: Bank) -> Told:
    """Return what the last transaction of a bank moves."""
    return told(read(SOLANA, made.told[-1]), 7)


def short(transfer: Transfer) -> tuple[object, ...]:
    """Return a transfer's facts in short."""
    names = {ANN: "ann", BEN: "ben", CLEO: "cleo", FAUCET: "faucet"}
    ends = [names.get(end.account, "?") if end else None for end in (transfer.source, transfer.target)]
    return (transfer.position, *ends, transfer.amount.asset.contract or "SOL", transfer.amount.units)


def moves(*steps: Step, payer: str = ANN, **more: Any) -> list[tuple[object, ...]]:  # noqa: ANN401  Bank.run's own
    """Return in short what a transaction moves beside its fee."""
    made = opened()
    made.run(3, payer, *steps, **more)
    return [short(one) for one in last(made).transfers[1:]]


def test_a_payment_is_a_fee_and_a_value() -> None:
    """The payer's fee comes first, to nobody; then what the instruction pays, in its place."""
    made = opened()
    made.run(3, ANN, pay(ANN, BEN, 5))
    fee, value = last(made).transfers
    assert short(fee) == ("fee", "ann", None, "SOL", FEE)
    assert short(value) == ("ix 0", "ann", "ben", "SOL", 5)
    assert (fee.kind, value.kind) == (Kind.FEE, Kind.VALUE)
    assert (value.height, value.index, value.time) == (3, 7, 1_700_000_003)
    assert fee.key < value.key


def test_a_called_instruction_is_internal() -> None:
    """What an instruction calls is told by its place in the node's list: after its caller, before others."""
    made = opened()
    ann, ben = PURSES[ANN, COIN], PURSES[BEN, COIN]
    made.run(3, ANN, pay(ANN, BEN, 1), pay(ANN, CLEO, 2), inner=[pay(BEN, CLEO, 3), hand(ann, ben, 4)])
    found = last(made).transfers[1:]
    assert [t.position for t in sorted(found, key=lambda t: t.key)] == ["ix 0", "ix 0.0", "ix 0.1", "ix 1"]
    assert {t.position: t.kind for t in found} == {
        "ix 0": Kind.VALUE, "ix 0.0": Kind.INTERNAL, "ix 0.1": Kind.TOKEN, "ix 1": Kind.VALUE,
    }  # fmt: skip


def test_a_failed_transaction_moves_its_fee_only() -> None:
    """`err` is not null: the fee was paid, nothing else moved, and the fee says that it failed."""
    made = opened()
    made.run(3, ANN, pay(ANN, BEN, 5), ok=False)
    (fee,) = last(made).transfers
    assert (short(fee), fee.ok) == (("fee", "ann", None, "SOL", FEE), False)


def test_a_failed_transaction_that_moves_more_is_refused() -> None:
    """Balances that change in a failed transaction contradict it: it is not read."""
    made = opened()
    made.run(3, ANN, pay(ANN, BEN, 5))
    made.told[-1]["meta"]["err"] = {"InstructionError": [0, "Custom"]}
    with pytest.raises(InputError, match="failed, but the balance of"):
        last(made)


def test_tokens_move_between_owners() -> None:
    """The value is the token accounts' owners', never the accounts': whoever they name."""
    ann, ben = PURSES[ANN, COIN], PURSES[BEN, COIN]
    assert moves(hand(ann, ben, 5)) == [("ix 0", "ann", "ben", COIN, 5)]
    (move,) = [t for t in last(_after(hand(ann, ben, 5))).transfers if t.kind is Kind.TOKEN]
    assert move.amount.asset == Asset(SOLANA.id, f"token:{COIN}")
    assert move.amount.asset.decimals == 6


def _after(*steps: Step) -> Bank:
    made = opened()
    made.run(3, ANN, *steps)
    return made


def test_opening_and_closing_ones_own_account_moves_nothing() -> None:
    """Rent stays its owner's: it is part of what the owner holds."""
    purse = key("another purse")
    assert moves(*open_account(ANN, purse, COIN, owner=ANN)) == []
    assert moves(*open_account(ANN, purse, COIN, owner=ANN), close(purse, ANN)) == []


def test_rent_for_another_is_a_payment() -> None:
    """Who opens an account for another gives them the rent; who is given a closed account's rent takes it."""
    purse = key("another purse")
    assert moves(*open_account(ANN, purse, COIN, owner=BEN)) == [("ix 0", "ann", "ben", "SOL", RENT)]
    assert moves(burn(PURSES[ANN, COIN], COIN, 10**6), close(PURSES[ANN, COIN], BEN)) == [
        ("ix 0", "ann", None, COIN, 10**6),
        ("ix 1", "ann", "ben", "SOL", RENT),
    ]


def test_wrapping_is_one_to_one() -> None:
    """Wrapped SOL is SOL: wrapping and unwrapping move nothing, paying with it moves SOL."""
    ann, ben = PURSES[ANN, WSOL], PURSES[BEN, WSOL]
    wrapped = (pay(ANN, ann, 1_000), sync(ann))
    assert moves(*wrapped) == []
    assert moves(*wrapped, close(ann, ANN)) == []
    assert moves(*wrapped, hand(ann, ben, 400)) == [("ix 2", "ann", "ben", "SOL", 400)]
    assert moves(*wrapped, close(ann, BEN)) == [("ix 2", "ann", "ben", "SOL", RENT + 1_000)]


def test_a_change_of_owner_is_a_transfer_of_all() -> None:
    """`SetAuthority` of an account's owner hands over its units and its rent."""
    assert moves(turn(PURSES[ANN, COIN], BEN)) == [
        ("ix 0", "ann", "ben", COIN, 10**6),
        ("ix 0 rent", "ann", "ben", "SOL", RENT),
    ]
    assert moves(pay(ANN, PURSES[ANN, WSOL], 9), turn(PURSES[ANN, WSOL], BEN)) == [
        ("ix 1", "ann", "ben", "SOL", RENT + 9)
    ]


def test_new_and_burnt_units_are_nobodys_before_and_after() -> None:
    """A mint comes from nobody, a burn goes to nobody, and so does a transfer's fee."""
    ann, ben = PURSES[ANN, COIN], PURSES[BEN, COIN]
    assert moves(mint_to(ann, COIN, 3), burn(ann, COIN, 4), hand(ann, ben, 10, fee=2)) == [
        ("ix 0", None, "ann", COIN, 3),
        ("ix 1", "ann", None, COIN, 4),
        ("ix 2", "ann", "ben", COIN, 8),
        ("ix 2 fee", "ann", None, COIN, 2),
    ]


def test_what_instructions_do_not_explain_is_a_net() -> None:
    """Lamports that a program moves by itself: SOL is told as one net, by balances; the token as it moved."""
    made = opened()
    ann, ben = PURSES[ANN, COIN], PURSES[BEN, COIN]
    made.run(3, ANN, pay(ANN, BEN, 5), hand(ann, ben, 6), secret(BEN, CLEO, 30))
    found = last(made)
    fee, token, net = found.transfers
    assert found.nets == 1
    assert (fee.kind, short(token)) == (Kind.FEE, ("ix 1", "ann", "ben", COIN, 6))
    assert (net.kind, net.position) == (Kind.NET, "net SOL")
    assert [(leg.address and leg.address.account, leg.units) for leg in net.inputs] == [(ANN, 5), (BEN, 25)]
    assert [(leg.address and leg.address.account, leg.units) for leg in net.outputs] == [(CLEO, 30)]
    assert fee.key < token.key < net.key


def test_what_is_lacking_in_a_net_is_nobodys() -> None:
    """A fee a program keeps back unsaid: the net's difference goes to no address, so it conserves."""
    made = opened()
    made.run(3, ANN, hand(PURSES[ANN, COIN], PURSES[BEN, COIN], 10, fee=2))
    info = made.told[-1]["transaction"]["message"]["instructions"][0]["parsed"]["info"]
    del info["feeAmount"]
    (_, net) = last(made).transfers
    legs = [(leg.address and leg.address.account, leg.units) for leg in (*net.inputs, *net.outputs)]
    assert legs == [(ANN, 10), (BEN, 8), (None, 2)]


def test_an_account_without_a_told_owner_stands_for_itself() -> None:
    """Old answers lack the owner of a token account: what is on it is told as its own."""
    made = _after(hand(PURSES[ANN, COIN], PURSES[BEN, COIN], 5))
    for name in ("preTokenBalances", "postTokenBalances"):
        for row in made.told[-1]["meta"][name]:
            del row["owner"]
    move = last(made).transfers[1]
    assert [end and end.account for end in (move.source, move.target)] == [
        PURSES[ANN, COIN], PURSES[BEN, COIN],
    ]  # fmt: skip


def _step(draw: st.DrawFn, made: Bank, fresh: list[str], *, hidden: bool) -> list[Step]:
    """Return a step that the bank can run now; ``hidden`` ones are told to nobody."""
    who, other = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PEOPLE))
    units = draw(st.integers(0, 50))
    purses = sorted(made.tokens)
    one = draw(st.sampled_from(purses))
    mint, held = made.tokens[one].mint, made.tokens[one].units
    two = draw(st.sampled_from([p for p in purses if made.tokens[p].mint == mint]))
    can: dict[str, list[Step]] = {"pay": [pay(who, other, units)], "turn": [turn(one, other)]}
    if hidden:
        can["secret"] = [secret(who, other, units)]
    if held >= 2 * units:
        fee = draw(st.sampled_from((None, min(units, 3)))) if mint != WSOL else None
        can["hand"] = [hand(one, two, units, fee=fee)]
    if mint != WSOL:
        can["mint"] = [mint_to(one, mint, units)]
    if mint != WSOL and held >= 2 * units:
        can["burn"] = [burn(one, mint, units)]
    if mint == WSOL or not held:
        can["close"] = [close(one, other)]
    if fresh:
        can["open"] = open_account(who, fresh[-1], draw(st.sampled_from((COIN, WSOL))), owner=other)
    name = draw(st.sampled_from(sorted(can)))
    if name == "open":
        fresh.pop()
    return can[name]


@st.composite
def programs(draw: st.DrawFn, *, hidden: bool = False) -> tuple[Bank, dict[tuple[str, str], int]]:
    """Return a bank after a random transaction, and what each owner holds more or less by it."""
    made, fresh = opened(), [key(f"fresh {n}") for n in range(4)]
    trial = copy.deepcopy(made)
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 8))):
        new = _step(draw, trial, fresh, hidden=hidden)
        trial.run(3, FAUCET, *new)
        steps += new
    before = made.holds()
    made.run(3, FAUCET, *steps)
    after = made.holds()
    changes = {what: after.get(what, 0) - before.get(what, 0) for what in {*before, *after}}
    return made, {what: units for what, units in changes.items() if units}


@given(programs())
@settings(max_examples=300, deadline=None)
def test_instructions_that_are_told_add_up(drawn: tuple[Bank, dict[tuple[str, str], int]]) -> None:
    """Payments, tokens, owners and accounts in any order: each told by itself, equal to what owners hold."""
    made, changes = drawn
    found = last(made)
    assert found.nets == 0
    assert sums(found.transfers) == changes
    assert len({one.id for one in found.transfers}) == len(found.transfers)


@given(programs(hidden=True), st.data())
@settings(max_examples=300, deadline=None)
def test_balances_decide_whatever_is_told(
    drawn: tuple[Bank, dict[tuple[str, str], int]], data: st.DataObject
) -> None:
    """With hidden moves, and instructions left out at random, transfers still equal what owners hold."""
    made, changes = drawn
    told_of = made.told[-1]["transaction"]["message"]["instructions"]
    kept = data.draw(st.lists(st.booleans(), min_size=len(told_of), max_size=len(told_of)))
    # Of an account opened and closed again within the transaction only its opening tells the owner.
    opens = [one["parsed"]["type"] == "initializeAccount3" for one in told_of]
    made.told[-1]["transaction"]["message"]["instructions"] = [
        one for one, keep, opening in zip(told_of, kept, opens, strict=True) if keep or opening
    ]
    assert sums(last(made).transfers) == changes
