"""Whose coins are spent together is one owner, but for what several make."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import Address, SameOwner, Transfer
from flowtrace_heuristics.utxo.collaboration import verdict
from flowtrace_heuristics.utxo.multi_input import multi_input
from towns.rounds import JOINMARKET, known, new_coin, spend
from toytown import NOBODY, Register


def unions(ledger: Ledger, attribution: Register = NOBODY) -> list[SameOwner]:
    """Return the unions, and prove that there is nothing else."""
    found = multi_input(ledger, attribution)
    unions = [one for one in found if isinstance(one, SameOwner)]
    assert len(unions) == len(found)
    return unions


def clusters(ledger: Ledger, attribution: Register = NOBODY) -> set[frozenset[Address]]:
    """Return who belongs together by the unions that join, everybody who gives included."""
    groups = {frozenset({leg.address}) for t in ledger for leg in t.inputs if leg.address is not None}
    for one in unions(ledger, attribution):
        if not one.soft:
            joined = {group for group in groups if one.a in group or one.b in group}
            groups = (groups - joined) | {frozenset().union(*joined)}
    return groups


def people(*names: str) -> frozenset[Address]:
    """Return the addresses of these names."""
    return frozenset(map(known, names))


def buys(tx: str, index: int, *names: str) -> Transfer:
    """Return a purchase that these addresses' coins pay for, each of them needed."""
    return spend(tx, [(n, 1_000) for n in names], [("shop", 1_000 * len(names) - 90)], index=index)


def test_the_vector_of_the_specification() -> None:
    """MI-1: tx1 {a1,a2}; tx2 {a2,a3}; tx3 {b1,b2} with collab=YES; expected {a1,a2,a3},{b1},{b2}."""
    third = buys("tx3", 2, "b1", "b2")
    register = Register({}, {(third.chain_id, "tx3"): ("a coordinator's list",)})
    ledger = Ledger([buys("tx1", 0, "a1", "a2"), buys("tx2", 1, "a2", "a3"), third])
    assert clusters(ledger, register) == {people("a1", "a2", "a3"), people("b1"), people("b2")}


def test_each_union_names_its_transaction() -> None:
    """1.1 rule 4: "each union stores (heuristic_id, version, txid)"; a star from the first input."""
    bought = buys("tx1", 0, "c", "a", "b", "c")
    found = unions(Ledger([bought]))
    assert {(one.a, one.b) for one in found} == {(known("c"), known("a")), (known("c"), known("b"))}
    assert {(one.by, one.because, one.soft) for one in found} == {("multi_input/1", (bought.id,), False)}


def test_a_suspect_is_shown_and_joins_nothing() -> None:
    """1.1 rule 2: "union only on NO. Record SUSPECT as soft edges"; a sure round is not even shown."""
    gives = [("ann", 5_000_000), ("ben", 3_000_000)]
    takes = [("x", 1_000_000), ("y", 1_000_000), ("ann", 5_500_000), ("ben", 400_000)]
    suspect = spend("suspect", gives, takes)
    assert not verdict(suspect).merges
    assert [one.soft for one in unions(Ledger([suspect]))] == [True]
    assert clusters(Ledger([suspect])) == {people("ann"), people("ben")}
    assert not unions(Ledger([JOINMARKET]))


def test_new_coin_and_inputs_of_no_address_are_passed_over() -> None:
    """1.1 rule 1: "skip coinbase; skip inputs whose script has no address"."""
    bare = spend("bare", [("", 500), ("a", 500), ("", 500), ("b", 500)], [("shop", 1_900)])
    alone = spend("alone", [("", 500), ("z", 500)], [("shop", 900)], index=1)
    found = unions(Ledger([bare, alone, new_coin("reward", [("miner", 5)])]))
    assert [(one.a, one.b) for one in found] == [(known("a"), known("b"))]


@given(
    bought=st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4), max_size=8),
)
def test_clusters_are_the_connected_parts(bought: list[list[str]]) -> None:
    """1.1: "transitive closure by union-find": addresses belong together iff spending joins them."""
    ledger = Ledger(buys(f"tx{n}", n, *names) for n, names in enumerate(bought))
    parts: list[set[str]] = []
    for names in bought:
        joined = [part for part in parts if part & set(names)]
        parts = [part for part in parts if part not in joined] + [set(names).union(*joined)]
    assert clusters(ledger) == {people(*part) for part in parts}
