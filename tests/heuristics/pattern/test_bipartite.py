"""Bipartite: every payer pays every payee."""

from __future__ import annotations

from flowtrace_heuristics.pattern.bipartite import bipartite
from towns.pattern import MEN, crossed
from towns.readings import patterns
from towns.shaped import DAY, flow, paid
from toytown import who


def test_three_who_each_pay_the_same_three() -> None:
    """IBM's motif, made exact: a complete graph of two sides within a day."""
    found = patterns(bipartite, flow(crossed("pay", "abc", "uvwx")))
    told = [(one.figure("payers"), one.figure("payees"), one.figure("transfers")) for one in found]
    assert told == [("3", "4", "12")]
    assert set(found[0].addresses[:3]) == {who(name) for name in "abc"}


def test_one_payment_more_or_less_makes_it_none() -> None:
    """The sides are complete and exact: the card's failure says so."""
    more = [*crossed("pay", "abc", "xyz"), *crossed("more", "a", "q")]
    assert not patterns(bipartite, flow(more))
    assert not patterns(bipartite, flow(crossed("pay", "abc", "xyz", least=1)))


def test_two_days_are_two_layers_and_two_payers_none() -> None:
    """The window is a day for all payers together."""
    apart = [*crossed("one", "abc", "xyz"), *crossed("two", "def", "xyz", at=3 * DAY)]
    assert len(patterns(bipartite, flow(apart))) == 2
    assert not patterns(
        bipartite, flow([*crossed("one", "ab", "xyz"), *crossed("two", "c", "xyz", at=3 * DAY)])
    )


def test_services_are_paid_by_everybody() -> None:
    """Three customers who pay the same three services are no layer."""
    pays = [
        paid(f"p{n}{k}", payer, payee, 5, at=9 * n + k)
        for n, payer in enumerate("abc")
        for k, payee in enumerate(["acme hot", "bolt hot", "swirl"])
    ]
    assert patterns(bipartite, flow(pays))
    assert not patterns(bipartite, flow(pays), MEN)
