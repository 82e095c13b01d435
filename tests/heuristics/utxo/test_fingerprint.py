"""How a wallet builds: what must agree to follow it, and what cannot be chance to rule it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import Fact, FactKind
from flowtrace_heuristics.utxo.fingerprint import (
    SURE_SIGNATURES,
    Finality,
    Fingerprint,
    Lock,
    alike,
    differ,
    ordered,
    read_shape,
)
from towns.purse import BITCOIN


def told(**figures: str) -> Fact:
    """Return a recorded shape, plain where nothing else is said."""
    plain = {"version": "2", "locktime": "0", "sequences": "4294967295"} | figures
    return Fact(BITCOIN.id, "t", 1, 0, 0, 0, FactKind.SHAPE, (), tuple(plain.items()))


def mark(
    figures: Mapping[str, str] | None = None, *, outputs: int = 2, in_order: bool = False
) -> Fingerprint:
    """Return a fingerprint of one input."""
    return Fingerprint(1, outputs, (3,), in_order, read_shape(told(**(figures or {})), 1000))


@pytest.mark.parametrize(
    ("locktime", "lock"),
    [("0", Lock.NONE), ("1", Lock.HEIGHT), ("499999999", Lock.HEIGHT), ("500000000", Lock.TIME)],
)
def test_a_lock_is_none_a_height_or_a_time(locktime: str, lock: Lock) -> None:
    """BIP-65: from 500,000,000 on a lock time is a time."""
    shape = read_shape(told(locktime=locktime), 0)
    assert shape is not None
    assert shape.lock is lock


def test_sequences_are_read_as_classes() -> None:
    """BIP-125: below 0xfffffffe a transaction may be replaced; its relative lock is not compared."""
    shape = read_shape(told(sequences="4294967293,0,4294967294,4294967295"), 0)
    assert shape is not None
    assert {*shape.sequences} == {*Finality}


def test_the_rate_is_of_a_thousand_virtual_bytes() -> None:
    """C10: "sat/kvB, floor": 561 weight units are 140.25 virtual bytes; without the weight there is none."""
    shapes = [read_shape(told(weight=weight), 1403) for weight in ("561", "0", "", "many")]
    assert [shape and shape.rate for shape in shapes] == [10_003, -1, -1, -1]


@pytest.mark.parametrize(
    "figures",
    [{"locktime": "x"}, {"sequences": ""}, {"sequences": "1,"}, {"sequences": "9" * 99}, {"version": ""}],
)
def test_a_shape_that_is_no_plain_numbers_is_none(figures: dict[str, str]) -> None:
    """A record of another form tells nothing, and agrees with nothing."""
    assert read_shape(told(**figures), 0) is None
    assert not alike(mark(figures), mark(figures))
    assert not differ(mark(figures), mark())


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=6), st.lists(st.integers(0, 9))
)
def test_bip69_orders_by_coin_and_by_value(coins: list[tuple[str, int]], values: list[int]) -> None:
    """BIP-69: inputs by transaction and then by number, as numbers; outputs by value."""
    names = [f"{tx}:{number}" for tx, number in coins]
    assert ordered(names, values) is (coins == sorted(coins) and values == sorted(values))
    assert ordered([f"{tx}:{number}" for tx, number in sorted(coins)], sorted(values))


def test_two_outputs_in_order_prove_no_order() -> None:
    """Half of all pairs stand in order by chance: that stops a chain, and rules no output out."""
    assert not alike(mark(in_order=True), mark())
    assert not differ(mark(in_order=True), mark())
    assert differ(mark(in_order=True, outputs=5), mark())


@given(st.integers(1, 20))
def test_short_signatures_prove_grinding_only_in_number(many: int) -> None:
    """Half of all signatures are short by chance; one long one shows a wallet that does not grind."""
    short = replace(mark(), shape=read_shape(told(low_r=",".join("1" * many)), 0))
    long = replace(mark(), shape=read_shape(told(low_r="1,0"), 0))
    assert differ(short, long) is (many >= SURE_SIGNATURES)
    assert not differ(short, short)


@given(st.sampled_from(["version", "locktime", "sequences"]))
def test_what_differs_is_not_alike(name: str) -> None:
    """Never both: two that one wallet cannot have built are not alike."""
    other = mark({name: "1"})
    assert differ(mark(), other)
    assert not alike(mark(), other)
    assert alike(other, other)
