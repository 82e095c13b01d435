"""What is left goes back to the first funder (F3), and when that says nothing."""

from __future__ import annotations

import pytest

from flowtrace.model import Address, SameOwner
from flowtrace_heuristics.account.returned_change import MOST_LEFT, returned_change
from towns.account import BOSS, KIDS, returned
from towns.deeds import town
from toytown import ACME_HOT, CAROL, GAS, NOBODY, ONE, REGISTER, USDC, Pay, who

KID, SHOP = KIDS[0], who("shop")


def test_the_residue_returns() -> None:
    """Algorithms 2.6: "child later returns the residue to the funder ... -> 0.9"."""
    (found,) = returned_change(returned(BOSS), NOBODY)
    assert isinstance(found, SameOwner)
    assert ({found.a, found.b}, found.soft, found.score) == ({BOSS, KID}, True, "0.9")
    assert [name.split(":")[2] for name in found.because] == ["fund", "rest"]


@pytest.mark.parametrize(("left", "finds"), [(0, True), (MOST_LEFT, True), (MOST_LEFT + 1, False)])
def test_next_to_nothing_is_left(left: int, finds: bool) -> None:  # noqa: FBT001
    """A residue is what empties the address, to within a hundredth of a coin."""
    rest = ONE - ONE // 2 - 2 * GAS - left
    pays = [Pay("fund", BOSS, KID, ONE), Pay("shop", KID, SHOP, ONE // 2), Pay("rest", KID, BOSS, rest)]
    assert bool(returned_change(town(pays, known=[KID]), NOBODY)) is finds


def test_an_address_that_did_nothing_else_returns_a_payment() -> None:
    """Coin sent back at once is a mistake that was put right, or a loan."""
    pays = [Pay("fund", BOSS, KID, ONE), Pay("rest", KID, BOSS, ONE - GAS)]
    assert not returned_change(town(pays, known=[KID]), NOBODY)


def test_a_token_paid_to_somebody_else_is_something_else() -> None:
    """What it did with tokens counts as having done something."""
    pays = [
        Pay("fund", BOSS, KID, ONE),
        Pay("shop", KID, SHOP, 5, asset=USDC),
        Pay("rest", KID, BOSS, ONE - 2 * GAS),
    ]
    assert returned_change(town(pays, known=[KID]), NOBODY)


@pytest.mark.parametrize("after", [Pay("more", KID, CAROL, 1), Pay("tokens", KID, CAROL, 1, asset=USDC)])
def test_it_is_the_last_thing_that_it_sends(after: Pay) -> None:
    """Whoever goes on living has not returned what is left."""
    pays = [
        Pay("fund", BOSS, KID, ONE),
        Pay("shop", KID, SHOP, ONE // 2),
        Pay("rest", KID, BOSS, ONE - ONE // 2 - 4 * GAS),
        after,
    ]
    assert not returned_change(town(pays, known=[KID]), NOBODY)


@pytest.mark.parametrize(("funder", "known"), [(ACME_HOT, [KID]), (BOSS, [])])
def test_exchanges_and_gaps_tell_nothing(funder: Address, known: list[Address]) -> None:
    """Algorithms 2.6: "Negative: funder is an exchange"; and a first funder needs a whole record."""
    pays = [
        Pay("fund", funder, KID, ONE),
        Pay("shop", KID, SHOP, ONE // 2),
        Pay("rest", KID, funder, ONE - ONE // 2 - 2 * GAS),
    ]
    assert not returned_change(town(pays, known=known), REGISTER)
