"""Transfers: conserving, whole, on one chain, in a place of the chain that exists."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.model import Address, Asset, Basis, Chain, Kind, Leg, Transfer, envelope
from flowtrace.model.trace import Rule
from model.nouns import ETHER, PEOPLE, TOKEN, transfers, units

ANN, BEN, *_ = PEOPLE


def transfer(**changes: object) -> Transfer:
    """Return a transfer of 5 wei from Ann to Ben, changed as told."""
    plain: dict[str, object] = {
        "chain_id": "eip155:1", "tx": "0x01", "position": "value", "height": 7, "index": 2, "order": 1,
        "time": 9, "kind": Kind.VALUE, "basis": Basis.RECORDED, "ok": True,
        "inputs": (Leg(ANN, ETHER, 5),), "outputs": (Leg(BEN, ETHER, 5),),
    }  # fmt: skip
    return Transfer(**(plain | changes))  # type: ignore[arg-type]


def test_a_transfer_says_who_what_and_where() -> None:
    """Identity, place, giver, taker and amount are what was put in."""
    one = transfer()
    assert (one.id, one.key) == ("eip155:1:0x01:value", (7, 2, 1))
    assert (one.source, one.target, one.amount.units) == (ANN, BEN, 5)


@given(st.lists(units(), min_size=1, max_size=4), st.lists(units(), min_size=1, max_size=4))
def test_legs_that_do_not_conserve_are_refused(gives: list[int], takes: list[int]) -> None:
    """Many inputs and many outputs are taken where they sum to the same, and refused where not."""
    legs = {
        "inputs": tuple(Leg(ANN, ETHER, u) for u in gives),
        "outputs": tuple(Leg(BEN, ETHER, u) for u in takes),
    }
    if sum(gives) == sum(takes):
        assert transfer(**legs).inputs == legs["inputs"]
    else:
        with pytest.raises(InputError, match="does not conserve"):
            transfer(**legs)


def test_conservation_is_per_asset() -> None:
    """Five wei in are not five units of a token out."""
    with pytest.raises(InputError, match="does not conserve"):
        transfer(outputs=(Leg(BEN, TOKEN, 5),))


@pytest.mark.parametrize("units", [-1, 1.0, True, "1", None])
def test_a_leg_moves_whole_units_none_negative(units: object) -> None:
    """Negative units, floats, bools and text are refused."""
    with pytest.raises(InputError, match="whole number of base units"):
        Leg(ANN, ETHER, units)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["height", "index", "order", "time"])
@pytest.mark.parametrize("value", [-1, 1 << 63])
def test_a_place_that_no_chain_has_is_refused(field: str, value: int) -> None:
    """A block, index, order or time below zero or beyond 63 bits is refused by name."""
    with pytest.raises(InputError, match="eip155:1:0x01:value: its place in the chain"):
        transfer(**{field: value})


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_transfer_has_both_sides(side: str) -> None:
    """Nothing comes from nowhere or goes nowhere; a fee goes to no address, by a leg that says so."""
    with pytest.raises(InputError, match=f"has no {side}"):
        transfer(**{side: ()})
    assert transfer(kind=Kind.FEE, outputs=(Leg(None, ETHER, 5),)).target is None


def test_a_transfer_stays_on_its_chain() -> None:
    """Legs of another chain are refused: value crosses ledgers by two transfers, never by one."""
    polygon = Chain.of("polygon")
    with pytest.raises(InputError, match="another chain"):
        transfer(inputs=(Leg(ANN, Asset.native(polygon), 5),), outputs=(Leg(BEN, Asset.native(polygon), 5),))
    with pytest.raises(InputError, match="another chain"):
        transfer(outputs=(Leg(Address(polygon.id, BEN.account), ETHER, 5),))


@given(transfers())
def test_a_transfer_is_frozen(one: Transfer) -> None:
    """Nothing about a transfer or a leg can be changed."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.height = 0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.inputs[0].units = 0  # type: ignore[misc]


@given(st.dictionaries(st.sampled_from(Rule), units(), min_size=2))
def test_the_envelope_is_over_the_rules_that_conserve(taint: dict[Rule, int]) -> None:
    """Low and high are the least and most of all rules but poison."""
    rest = [u for rule, u in taint.items() if rule is not Rule.POISON]
    assert envelope(taint) == (min(rest), max(rest))
