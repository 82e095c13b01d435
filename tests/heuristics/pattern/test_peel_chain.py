"""Peel chains: vector PC-1, its account twin, and what breaks a chain."""

from __future__ import annotations

from fractions import Fraction

import pytest

from flowtrace.model import Transfer
from flowtrace_heuristics.pattern.hops import coin_chains
from flowtrace_heuristics.pattern.peel_chain import PEEL, peel_chain
from towns.pattern import MEN, PC_1, peeled
from towns.readings import patterns, transactions
from towns.shaped import HOUR, coin_address, flow, paid, spent
from toytown import who


def test_vector_pc_1() -> None:
    """Algorithms 1.5: "the first three hops form a chain, the 4th is the exit", ratios as stated."""
    chain = next(coin_chains(flow(PC_1), PEEL))
    assert [f"{float(hop.ratio):.5f}" for hop in chain.hops] == ["0.00500", "0.01206", "0.00814"]
    assert chain.exit is not None
    assert f"{float(Fraction(*chain.exit)):.4f}" == "0.9999"
    found = patterns(peel_chain, flow(PC_1))
    assert [one.figure("hops") for one in found] == ["3"]
    assert transactions(found[0]) == ["peel-0", "peel-1", "peel-2"]
    assert found[0].addresses == tuple(coin_address(f"hop {n}") for n in range(4))
    assert found[0].figure("units_peeled") == str(25_000 * 10**4)
    assert found[0].figure("largest_peel_share") == str(Fraction(12_000, 994_999))


def by_accounts(*peels: int, gap: int = HOUR, fee: int = 1) -> list[Transfer]:
    """Return the same story on accounts: each pays a little off, then passes the bulk on."""
    held = 1_000_000
    made = [paid("loot", "thief", "hop 0", held)]
    for n, peel in enumerate(peels):
        at = (n + 1) * gap
        made.append(paid(f"peel-{n}", f"hop {n}", f"payee {n}", peel, at=at - 12))
        held -= peel + fee
        made.append(paid(f"bulk-{n}", f"hop {n}", f"hop {n + 1}", held, at=at))
    return made


def test_the_largest_payment_carries_on_between_accounts() -> None:
    """Pattern 4.1: "account: largest out-transfer continues"; the exit is what the last holder does."""
    way = [*by_accounts(5_000, 12_000, 8_000), paid("exit", "hop 3", "exchange", 974_900, at=5 * HOUR)]
    found = patterns(peel_chain, flow(way))
    assert [one.figure("hops") for one in found] == ["3"]
    assert found[0].addresses == tuple(who(name) for name in ("thief", "hop 0", "hop 1", "hop 2", "hop 3"))
    assert (found[0].figure("exit_units"), found[0].figure("exit_of_units")) == ("974900", "974997")


@pytest.mark.parametrize(("peel", "there"), [(100_000, True), (100_001, False), (0, False)])
def test_a_peel_is_a_tenth_at_most_and_not_nothing(peel: int, there: bool) -> None:  # noqa: FBT001
    """Pattern 4.1: "peel/input <= 10 %"; without a peel it is a mere passing on."""
    rest = 1_000_000 - peel - 1
    first = spent(
        "peel-a", [("loot:0", "a", 1_000_000)], [("payee", peel), ("b", rest)] if peel else [("b", rest)]
    )
    coin = "peel-a:1" if peel else "peel-a:0"
    more = [
        spent(f"peel-{n}", [(held, owner, units)], [("payee", 1_000), (taker, units - 1_000)], at=n * HOUR)
        for n, held, owner, taker, units in (
            (1, coin, "b", "c", rest),
            (2, "peel-1:1", "c", "d", rest - 1_000),
        )
    ]
    assert bool(patterns(peel_chain, flow([first, *more]))) is there


def test_three_days_are_the_gap() -> None:
    """Pattern 4.1: "gap <= 72 h", on coins and on accounts."""
    assert patterns(peel_chain, flow(by_accounts(5_000, 5_000, 5_000, gap=72 * HOUR)))
    assert not patterns(peel_chain, flow(by_accounts(5_000, 5_000, 5_000, gap=72 * HOUR + 12)))


def test_an_input_of_another_coin_breaks_the_chain() -> None:
    """A hop spends one coin: with a second input it is no hop."""
    whole = peeled(5_000, 5_000, 5_000)
    joined = spent(
        "peel-1", [("peel-0:1", "hop 1", 10), ("other:0", "hop 1", 10)], [("x", 1), ("y", 18)], at=7_300
    )
    assert not patterns(peel_chain, flow([whole[0], joined, whole[2]]))


def test_a_service_is_no_hop() -> None:
    """An exchange that takes in and pays out is left out."""
    way = by_accounts(5_000, 5_000, 5_000)
    named = [paid("loot-2", "thief", "acme hot", 100, at=1), *way]
    assert len(patterns(peel_chain, flow(named), MEN)) == 1


@pytest.mark.parametrize(("others", "there"), [(14, True), (15, False)])
def test_a_hub_is_no_hop(others: int, there: bool) -> None:  # noqa: FBT001
    """The bound of the card: who pays more than sixteen times within the gap deals out."""
    crowd = [paid(f"x{n}", "hop 1", f"guest {n}", 1, at=2 * HOUR + 12 * n + 12) for n in range(others)]
    assert bool(patterns(peel_chain, flow([*by_accounts(5_000, 5_000, 5_000, fee=20), *crowd]))) is there


def test_of_two_receipts_the_larger_one_carries_on() -> None:
    """Two receipts may both be what is passed on; the chain begins with the larger, whichever came first."""
    way = by_accounts(5_000, 5_000, 5_000)
    aunt = paid("gift", "aunt", "hop 0", 1_000_500, at=12)
    (found,) = patterns(peel_chain, flow([*way, aunt]))
    assert found.addresses[0] == who("aunt")
