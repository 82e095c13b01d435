"""Peel chains of one wallet: followed only where all agrees and one way leads on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.conformance import check_heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Pattern, SameOwner
from flowtrace_heuristics.utxo.coins import Coins
from flowtrace_heuristics.utxo.peel_chain import Hop, find_next, find_previous, peel_chain_links
from towns.change import pc_1
from towns.purse import REPLACEABLE, Purse, holder, paid
from toytown import NOBODY

ONE = 10**8


def chains(ledger: Ledger) -> list[tuple[list[str], str]]:
    """Return the transactions of each chain, and why it ends."""
    found = [one for one in peel_chain_links(ledger, NOBODY) if isinstance(one, Pattern)]
    return [([name.split(":")[2] for name in one.because], one.figure("ends")) for one in found]


def test_vector_pc_1() -> None:
    """Algorithms PC-1: "the first three hops form a chain, the 4th is the exit"."""
    assert chains(pc_1()) == [(["hop1", "hop2", "hop3"], "end")]
    links = [one for one in peel_chain_links(pc_1(), NOBODY) if isinstance(one, SameOwner)]
    assert {(one.a, one.b) for one in links} == {
        (holder("hoard"), holder("rest 1")),
        (holder("rest 1"), holder("rest 2")),
    }
    assert all(one.soft for one in links)
    assert not peel_chain_links.card.on


def peeled(purse: Purse, hops: int, **last: int) -> Purse:
    """Peel a hoard so many times; the last transaction is built as told."""
    before, left = paid("hoard", 100 * ONE), 100 * ONE
    coin: str | None = None
    for n in range(hops):
        left -= ONE + 7
        how = last if n == hops - 1 else {}
        purse.spend(f"hop{n}", [coin or before], [paid(f"rest {n}", left), paid(f"peel {n}", ONE)], **how)
        coin = f"hop{n}:0"
    return purse


@pytest.mark.parametrize("other", [{"version": 1}, {"lock": 800_000}, {"sequence": REPLACEABLE}])
def test_what_is_built_otherwise_is_not_followed(other: dict[str, int]) -> None:
    """Features "equal on all fixed fields": version, lock time, replacement."""
    assert chains(peeled(Purse(), 4).ledger()) == [(["hop0", "hop1", "hop2", "hop3"], "end")]
    assert chains(peeled(Purse(), 4, **other).ledger()) == [(["hop0", "hop1", "hop2"], "end")]


def test_without_shapes_nothing_is_followed() -> None:
    """What the ledger does not tell does not agree."""
    assert chains(peeled(Purse(shapes=False), 5).ledger()) == []


def test_two_ways_on_are_ambiguous() -> None:
    """find_next: "still >1 -> stop ambiguous": the payee peels with the same program."""
    purse = peeled(Purse(), 3)
    purse.spend("mine", ["hop2:0"], [paid("rest 3", 90 * ONE), paid("peel 3", ONE)])
    purse.spend("theirs", ["hop2:1"], [paid("x", ONE // 2), paid("y", ONE // 2 - 9)])
    assert chains(purse.ledger()) == [(["hop0", "hop1", "hop2"], "ambiguous")]


def test_change_worth_less_than_every_input_is_told_apart() -> None:
    """find_next: "if >1 -> intersect with C3,C9": of two that lead on, C3 names one; of many outputs none."""
    purse = Purse()
    for name, many in (("two", 1), ("wide", 2)):
        gives, rest = [paid(f"{name} a", 10 * ONE), paid(f"{name} b", 20 * ONE)], 5 * ONE // many
        purse.spend(
            name,
            gives,
            [paid(f"{name} payee", 24 * ONE), *[paid(f"{name} {n}", rest - n) for n in range(many)]],
        )
        for n in range(many + 1):
            outputs = [paid(f"{name} {n} {m}", ONE // 9 - m) for m in range(many + 1)]
            purse.spend(f"{name}-{n}", [f"{name}:{n}"], outputs)
    ledger = purse.ledger()
    coins = Coins(ledger, NOBODY)
    assert find_next(coins, ledger.tx.index("two")) == Hop(1, ledger.tx.index("two-1"))
    assert find_next(coins, ledger.tx.index("wide")).stop == "ambiguous"


def test_an_address_seen_before_is_not_followed() -> None:
    """A candidate is "fresh"."""
    purse = Purse()
    purse.spend("before", [paid("elder", 9)], [paid("rest 1", 8)])
    assert chains(peeled(purse, 4).ledger()) == []


def test_chains_that_meet_both_end() -> None:
    """find_prev: "if exactly one -> follow": a transaction that two chains lead to begins anew."""
    purse = Purse()
    for name in ("left", "right"):
        before: str | None = None
        for n in range(3):
            give = before or paid(f"{name} hoard", 10 * ONE)
            outputs = [paid(f"{name} rest {n}", (9 - n) * ONE), paid(f"{name} peel {n}", ONE - 7)]
            purse.spend(f"{name}{n}", [give], outputs)
            before = f"{name}{n}:0"
    purse.spend("meet", ["left2:0", "right2:0"], [paid("rest", 13 * ONE), paid("peel", ONE - 7)])
    found = chains(purse.ledger())
    assert sorted(found) == [
        (["left0", "left1", "left2"], "another chain joins"),
        (["right0", "right1", "right2"], "another chain joins"),
    ]


def test_forward_and_backward_agree() -> None:
    """The way back is the way forth: whoever is a chain's next has it as its one predecessor."""
    ledger = peeled(Purse(), 6).ledger()
    coins = Coins(ledger, NOBODY)
    onward = {place: find_next(coins, place) for place in coins.places}
    before = find_previous(onward)
    assert all(onward[place].to == to for to, place in before.items())
    assert len(before) == 5


def test_a_coin_spent_before_it_is_made_is_not_followed() -> None:
    """A forged ledger may hold a ring of transactions; the way goes forward only, and so it ends."""
    purse = Purse()
    for n in range(4):
        purse.made[f"ring{n}:0"] = paid(f"ring {n}", ONE)
    for n in range(4):
        purse.spend(f"ring{n}", [f"ring{(n + 3) % 4}:0"], [paid(f"ring {n}", ONE), paid(f"peel {n}", 0)])
    check_heuristic(peel_chain_links, purse.ledger(), NOBODY)
    assert chains(purse.ledger()) == [(["ring0", "ring1", "ring2", "ring3"], "end")]


@settings(max_examples=20)
@given(st.integers(1, 90))
def test_a_finding_cites_few(hops: int) -> None:
    """The reasons stay short however long the chain is; the number of hops is whole."""
    found = peel_chain_links(peeled(Purse(), hops).ledger(), NOBODY)
    seen = [one for one in found if isinstance(one, Pattern)]
    assert bool(seen) is (hops >= 3)
    for one in seen:
        assert one.figure("hops") == str(hops)
        assert len(one.because) == min(50, hops)
