"""Tornado rules on vector TC-1, and what each needs: T1, T2 and T3, with the odds of each candidate."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import Fact, SameOwner
from flowtrace_heuristics.pattern.pools import Pools, odds
from flowtrace_heuristics.pattern.tornado_address_match import tornado_address_match
from flowtrace_heuristics.pattern.tornado_gas_price import tornado_gas_price
from flowtrace_heuristics.pattern.tornado_multi_denomination import tornado_multi_denomination
from towns.notes import ONE_ETHER, TC_1, TEN_ETHER, deposit, noted, withdrawal
from towns.readings import figures, patterns, transactions
from toytown import NOBODY, who

VECTOR = noted(TC_1)


def test_vector_tc_1() -> None:
    """Algorithms 5.1: "T1 {(w1,d1)}; T2 {(w2,d2)}; T3 y <- {c} with portfolio {1E:3,10E:2}, |C|=1"."""
    (first,) = patterns(tornado_address_match, VECTOR)
    assert (transactions(first), first.addresses) == (["d1", "w1"], (who("a"),))
    (second,) = patterns(tornado_gas_price, VECTOR)
    assert (set(transactions(second)), second.addresses) == ({"d2", "w2"}, (who("b"), who("x")))
    (third,) = patterns(tornado_multi_denomination, VECTOR)
    assert third.addresses == (who("c"), who("y"))
    assert third.figure("depositors_alike") == "1"
    assert third.figure("portfolio") == f"3 of {ONE_ETHER.display}, 2 of {TEN_ETHER.display}"
    assert transactions(third) == ["d3", "d4", "d5", "d6", "d7", "w3", "w4", "w5", "w6", "w7"]


def test_the_odds_of_tc_1() -> None:
    """Posterior w(d) / sum w over deposits not linked; expected coincidences are bursts times p."""
    (second,) = patterns(tornado_gas_price, VECTOR)
    told = {name: second.figure(name) for name in ("candidates", "posterior", "expected_coincidences")}
    # Of the pool's five deposits d1 is linked by T1; four remain, one burst of b and one of c. Of the other
    # twelve transactions' prices none is this one: p = 1/13.
    assert told == {"candidates": "4", "posterior": "13/16", "expected_coincidences": "2/13"}
    assert second.figure("look_elsewhere") == str(Fraction(2, 13) * 4)
    (third,) = patterns(tornado_multi_denomination, VECTOR)
    # The portfolios of b and c are left, two of a kind each once: p = 1/2.
    assert (third.figure("candidates"), third.figure("posterior")) == ("2", "2/3")


def test_no_rule_merges() -> None:
    """Algorithms 5.1: "posterior, not a claim": nothing found joins two addresses."""
    for rule in (tornado_address_match, tornado_gas_price, tornado_multi_denomination):
        assert not [one for one in rule(VECTOR, NOBODY) if isinstance(one, SameOwner)]


@given(st.integers(1, 9), st.integers(0, 99), st.fractions(0, 1))
def test_the_odds_are_a_share(matching: int, others: int, chance: Fraction) -> None:
    """Between the share of a blind guess and that of a match that nobody else could bear."""
    told = dict(odds(matching, others, chance, bursts=others, tried=3))
    posterior = Fraction(told["posterior"])
    assert Fraction(1, matching + others) <= posterior <= Fraction(1, matching)
    assert Fraction(told["expected_coincidences"]) == chance * others
    assert Fraction(told["look_elsewhere"]) == 3 * chance * others


@pytest.mark.parametrize(
    ("notes", "there"),
    [
        ([deposit("d", "a", 10), withdrawal("w", "a", 20)], True),
        ([deposit("d", "a", 20), withdrawal("w", "a", 10)], False),
        ([deposit("d", "a", 10), withdrawal("w", "b", 20)], False),
        ([deposit("d", "a", 10, pool=TEN_ETHER), withdrawal("w", "a", 20)], False),
    ],
)
def test_t1_is_of_one_pool_and_one_address_and_earlier(notes: list[list[Fact]], there: bool) -> None:  # noqa: FBT001
    """T1: "withdrawal recipient == depositor, same pool, deposit earlier"."""
    assert bool(patterns(tornado_address_match, noted(notes))) is there


def test_of_several_deposits_none_is_the_one() -> None:
    """Three deposits of one address match its withdrawal: each has at most a third."""
    notes = [*(deposit(f"d{n}", "a", n) for n in range(3)), deposit("other", "b", 5), withdrawal("w", "a", 9)]
    (found,) = patterns(tornado_address_match, noted(notes))
    assert (found.figure("matching"), found.figure("candidates")) == ("3", "4")
    assert Fraction(found.figure("posterior")) < Fraction(1, 3)
    assert not [note for notes in Pools(noted(notes)).open.values() for note in notes]


def test_a_hub_of_the_pool_is_told_in_bounds() -> None:
    """A thousand deposits and withdrawals of one address: a finding a withdrawal, fifty facts each."""
    notes = [
        *(deposit(f"d{n}", "a", n) for n in range(300)),
        *(withdrawal(f"w{n}", "a", 999 + n) for n in range(9)),
    ]
    found = patterns(tornado_address_match, noted(notes))
    assert len(found) == 9
    assert all(len(one.because) == 50 and one.figure("matching") == "300" for one in found)


def test_without_facts_there_is_nothing() -> None:
    """A ledger that records no notes has none."""
    assert not patterns(tornado_address_match, Ledger(()))
    assert not figures(tornado_gas_price, Ledger(()), "rule")
