"""The ledger: chain order, one telling of each transfer, a digest of what is said and not of how it came."""

from __future__ import annotations

import dataclasses
import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.errors import IntegrityError
from flowtrace.ledger import Ledger
from flowtrace.model import Asset, Basis, Coverage, Kind, Leg, Scope, Transfer
from model.nouns import ETHER, PEOPLE, TOKEN, UINT256_MAX, coverages, histories

ANN, BEN, CLEO, *_ = PEOPLE


def transfer(tx: str, place: tuple[int, int, int], time: int = 0, *, units: int = 5) -> Transfer:
    """Return a payment from Ann to Ben at a place in the chain."""
    return Transfer(
        chain_id="eip155:1",
        tx=tx,
        position="value",
        height=place[0],
        index=place[1],
        order=place[2],
        time=time,
        kind=Kind.VALUE,
        basis=Basis.RECORDED,
        ok=True,
        inputs=(Leg(ANN, ETHER, units),),
        outputs=(Leg(BEN, ETHER, units),),
    )


def test_order_is_the_chains_never_the_clocks() -> None:
    """Height, then index, then order; timestamps that run backwards change nothing."""
    first = transfer("c", (1, 9, 1), time=300)
    second = transfer("b", (2, 0, 1), time=200)
    third = transfer("a", (2, 1, 0), time=100)
    last = transfer("a2", (2, 1, 1), time=0)
    assert list(Ledger([last, second, third, first])) == [first, second, third, last]


def test_a_transfer_told_twice_is_held_once() -> None:
    """Two sources that agree make one transfer."""
    one = transfer("a", (1, 0, 1))
    assert len(Ledger([one, dataclasses.replace(one)])) == 1


@pytest.mark.parametrize("change", [{"height": 2}, {"time": 1}, {"ok": False}, {"basis": Basis.DECODED}])
def test_sources_that_differ_are_named(change: dict[str, object]) -> None:
    """Two tellings of one transfer that differ in anything stop the work, with the transfer's id."""
    one = transfer("a", (1, 0, 1))
    other = dataclasses.replace(one, **change)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError, match="two sources differ on transfer eip155:1:a:value"):
        Ledger([one, other])


def test_sources_that_differ_on_an_asset_are_named() -> None:
    """One token with 6 and with 18 decimals would print two amounts for one number: refused, both named."""
    six, eighteen = TOKEN, dataclasses.replace(TOKEN, decimals=18)
    rows = [
        dataclasses.replace(transfer(tx, (1, 0, n)), inputs=(Leg(ANN, a, 5),), outputs=(Leg(BEN, a, 5),))
        for n, (tx, a) in enumerate([("a", six), ("b", eighteen)])
    ]
    with pytest.raises(
        IntegrityError, match=r"two sources differ on the asset .* 6 decimals, and 'TKN' with 18"
    ):
        Ledger(rows)


@pytest.mark.parametrize("turn", [1, -1])
def test_an_unnamed_asset_takes_its_name_from_whoever_states_it(turn: int) -> None:
    """Of one transfer told with and without the token's symbol, the symbol is kept, whichever came first."""
    bare = Asset.of(str(TOKEN))
    rows = [
        dataclasses.replace(transfer("a", (1, 0, 1)), inputs=(Leg(ANN, a, 5),), outputs=(Leg(BEN, a, 5),))
        for a in (bare, TOKEN)
    ][::turn]
    (held,) = Ledger(rows)
    assert (held.amount.asset.symbol, held.amount.asset.decimals) == ("TKN", 6)


@given(histories(), st.lists(coverages(), max_size=6), st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_arrival(
    history: list[Transfer], coverage: list[Coverage], order: random.Random
) -> None:
    """The same transfers and coverage in any order, or told twice, give the same ledger and digest."""
    one = Ledger(history, coverage)
    history, coverage = [*history, *history], [*coverage, *coverage]
    order.shuffle(history)
    order.shuffle(coverage)
    other = Ledger(history, coverage)
    assert (list(one), one.coverage, one.digest) == (list(other), other.coverage, other.digest)
    assert all(one.coverage_of(p) == other.coverage_of(p) for p in PEOPLE)


@given(histories().filter(bool), st.data())
def test_the_digest_is_of_every_fact(history: list[Transfer], data: st.DataObject) -> None:
    """One unit, block, second, kind or status changed anywhere changes the digest."""
    place = data.draw(st.integers(0, len(history) - 1))
    old = history[place]
    (gives,), (takes,) = old.inputs, old.outputs
    changes: list[dict[str, object]] = [
        {"time": old.time + 1},
        {"height": old.height + 4, "tx": old.tx + "0"},
        {"ok": not old.ok},
        {"basis": Basis.DECODED if old.basis is Basis.RECORDED else Basis.RECORDED},
        {
            "inputs": (dataclasses.replace(gives, units=gives.units + 1),),
            "outputs": (dataclasses.replace(takes, units=takes.units + 1),),
        },
        {"inputs": (dataclasses.replace(gives, address=CLEO if gives.address != CLEO else ANN),)},
    ]
    new = dataclasses.replace(old, **data.draw(st.sampled_from(changes)))  # type: ignore[arg-type]
    assert Ledger(history).digest != Ledger([*history[:place], new, *history[place + 1 :]]).digest


def test_the_digest_is_of_symbols_and_decimals_too() -> None:
    """What an amount is printed with is part of what the ledger says."""
    rows = [
        dataclasses.replace(transfer("a", (1, 0, 1)), inputs=(Leg(ANN, a, 5),), outputs=(Leg(BEN, a, 5),))
        for a in (TOKEN, dataclasses.replace(TOKEN, decimals=18))
    ]
    assert Ledger(rows[:1]).digest != Ledger(rows[1:]).digest


@given(histories())
@settings(max_examples=50)
def test_by_address_and_by_transaction(history: list[Transfer]) -> None:
    """What an address gave or got, and what a transaction did, is what a search of the whole finds."""
    ledger = Ledger(history)
    ordered = list(ledger)
    for person in PEOPLE:
        gave = [t for t in ordered if t.source == person]
        got = [t for t in ordered if t.target == person]
        assert (ledger.outgoing(person), ledger.incoming(person)) == (gave, got)
        assert ledger.of(person) == [t for t in ordered if t in gave or t in got]
        assert ledger.knows(person) == bool(gave or got)
    for one in ordered:
        assert one in ledger.transaction(one.chain_id, one.tx)
        assert ledger.holds(one.id)
    assert not ledger.holds("eip155:1:none:value")
    assert ledger.transaction("eip155:1", "none") == []


def test_the_widest_complete_answer_speaks_for_an_address() -> None:
    """Of several answers in one scope a complete one wins, then the wider, then the later."""

    def answer(last: int, fetched_at: str, *, complete: bool) -> Coverage:
        return Coverage(ANN, Scope.EXTERNAL, 0, last, complete, "a check", fetched_at, "a test")

    part, narrow = answer(99, "2024", complete=False), answer(10, "2023", complete=True)
    wide, later = answer(20, "2022", complete=True), answer(20, "2025", complete=True)
    assert Ledger([], [part, narrow]).coverage_of(ANN) == {Scope.EXTERNAL: narrow}
    assert Ledger([], [part, narrow, wide]).coverage_of(ANN) == {Scope.EXTERNAL: wide}
    assert Ledger([], [later, part, wide]).coverage_of(ANN) == {Scope.EXTERNAL: later}
    assert Ledger([], [part]).coverage_of(BEN) == {}


FRAME_TYPES = {
    "chain": "str", "tx": "str", "position": "str", "block": "int64", "index": "int64",
    "time": "datetime64[us, UTC]", "kind": "str", "basis": "str", "ok": "bool", "from": "str", "to": "str",
    "asset": "str", "amount": "object",
}  # fmt: skip


def test_the_frame_has_exact_types() -> None:
    """Columns and types are these, and an amount of 256 bits is the same Python integer there."""
    frame = Ledger([transfer("a", (1, 0, 1), 1648000000, units=UINT256_MAX)]).frame()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == FRAME_TYPES
    assert type(frame["amount"][0]) is int
    assert frame["amount"][0] == UINT256_MAX
    assert frame["amount"].sum() == UINT256_MAX
    assert frame["time"][0] == pd.Timestamp("2022-03-23T01:46:40Z")


def test_the_frame_of_an_empty_ledger_has_its_columns() -> None:
    """No transfer is a table without rows, not an error."""
    frame = Ledger([]).frame()
    assert (list(frame.columns), len(frame)) == (list(FRAME_TYPES), 0)
    assert str(frame["amount"].dtype) == "object"
