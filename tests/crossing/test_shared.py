"""Bridges nobody registered: planted pairs are found by their word alone, look-alikes are not."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.crossing.shared import is_rare_form, shared
from flowtrace.ledger import Ledger
from flowtrace.model import (
    NOBODY,
    Address,
    Asset,
    Basis,
    Chain,
    Fact,
    FactKind,
    Kind,
    Leg,
    Standing,
    Transfer,
)

ETHEREUM, ARBITRUM = Chain.of("ethereum"), Chain.of("arbitrum")
START = 1_700_000_000


def at(name: str, chain: Chain) -> Address:
    """Return the address of a name."""
    return Address.parse(chain, "0x" + sha256(name.encode()).digest()[:20].hex())


def rare(name: str) -> str:
    """Return the id of a name: a hash, as protocols make theirs."""
    return sha256(name.encode()).hexdigest()


def moved(tx: str, source: Address, target: Address, *, units: int, time: int) -> Transfer:
    """Return a move of a token."""
    asset = Asset.token(at("token", source.chain), "TOK", 18)
    return Transfer(
        source.chain_id, tx, "log 0", time - START, 0, 1, time, Kind.TOKEN, Basis.RECORDED, ok=True,
        inputs=(Leg(source, asset, units),), outputs=(Leg(target, asset, units),),
    )  # fmt: skip


def wrote(tx: str, contract: Address, *words: str, time: int, topics: int = 0) -> Fact:
    """Return a log of these words, the first ones as topics."""
    named = ",".join("0x" + word for word in (rare("event"), *words[:topics]))
    data = "0x" + "".join(words[topics:])
    return Fact(
        contract.chain_id, tx, time - START, 0, 9, time, FactKind.MESSAGE, (("contract", contract),),
        (("topics", named), ("data", data)),
    )  # fmt: skip


def word(value: int) -> str:
    """Return a number as a word."""
    return f"{value:064x}"


Side = tuple[list[Transfer], list[Fact]]


def burnt(name: str, *words: str, time: int, topics: int = 0, chain: Chain = ETHEREUM) -> Side:
    """Return a burn beside a log."""
    tx = f"burn-{name}"
    nobody = Address.parse(chain, NOBODY)
    move = moved(tx, at(f"sender {name}", chain), nobody, units=10**18, time=time)
    return [move], [wrote(tx, at("bridge", chain), *words, time=time, topics=topics)]


def released(name: str, *words: str, time: int, topics: int = 0, chain: Chain = ARBITRUM) -> Side:
    """Return a release by the contract beside a log."""
    tx = f"out-{name}"
    move = moved(tx, at("bridge", chain), at(f"taker {name}", chain), units=10**18 - 5, time=time)
    return [move], [wrote(tx, at("bridge", chain), *words, time=time, topics=topics)]


def ledger(*sides: Side) -> Ledger:
    """Return the ledgers of all sides."""
    return Ledger([move for moves, _ in sides for move in moves], facts=[f for _, fs in sides for f in fs])


def pairs(held: Ledger) -> list[tuple[str, str]]:
    """Return the transactions of each pair."""
    found = shared(held.facts, held.transaction)
    return [(one.gave[0].split(":")[2], one.got[0].split(":")[2]) for one in found if one.got]


def test_a_planted_pair_is_listed_with_its_word_and_where_it_stands() -> None:
    """Burn and release share an id: it is shown, with both logs, and followed by nobody."""
    held = ledger(
        burnt("a", rare("id"), word(10**18), time=START + 10, topics=1),
        released("a", word(7), rare("id"), time=START + 70),
    )
    (one,) = shared(held.facts, held.transaction)
    assert one.standing is Standing.CANDIDATE
    assert one.figure("word") == "0x" + rare("id")
    assert one.figure("left_log").startswith("topic 1 in log 9 of burn-a on eip155:1, by 0x")
    assert one.figure("came_log").startswith("word 1 of its data in log 9 of out-a on eip155:42161, by 0x")
    assert one.figure("seconds_between") == "60"


@pytest.mark.parametrize(
    "look_alike",
    [
        "00" * 12 + "ab12cd34ef56" * 3 + "aabb",  # an address
        word(123_456_789_012_345_678_901),  # an amount
        b"the same text on both sides".hex().ljust(64, "0"),  # a text
        "ff" * 32,  # a constant
    ],
)
def test_what_is_no_id_joins_nothing(look_alike: str) -> None:
    """Addresses, amounts, texts and constants stand on many ledgers."""
    assert not is_rare_form(look_alike)
    held = ledger(
        burnt("a", look_alike, time=START + 10), released("a", look_alike, time=START + 70)
    )  # fmt: skip
    assert pairs(held) == []


def test_a_word_that_others_write_too_a_late_one_or_one_ledger_alone_joins_nothing() -> None:
    """Rare, two ledgers, in order, within the window."""
    two = (burnt("a", rare("id"), time=START + 10), released("a", rare("id"), time=START + 70))
    assert pairs(ledger(*two)) == [("burn-a", "out-a")]
    assert pairs(ledger(*two, burnt("b", rare("id"), time=START + 20))) == []
    late = released("a", rare("id"), time=START + 8 * 86_400)
    assert pairs(ledger(two[0], late)) == []
    early = released("a", rare("id"), time=START + 5)
    assert pairs(ledger(two[0], early)) == []
    here = released("a", rare("id"), time=START + 70, chain=ETHEREUM)
    assert pairs(ledger(two[0], here)) == []


def test_a_word_beside_no_payment_of_the_contract_joins_nothing() -> None:
    """A stranger's log with the id of a bridge's, beside a payment between others."""
    burn = burnt("a", rare("id"), time=START + 10)
    moves, facts = released("a", rare("id"), time=START + 70)
    others = [replace(facts[0], parties=(("contract", at("stranger", ARBITRUM)),))]
    assert pairs(ledger(burn, (moves, others))) == []


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=1, max_size=8),
    st.integers(0, 2),
)
def test_exactly_the_planted_pairs_are_found(plan: list[tuple[bool, bool, int]], topics: int) -> None:
    """Recall and precision are one: whole pairs among halves, and among words that all of them share."""
    sides: list[Side] = []
    planted = []
    common = rare("a word that everybody writes")
    for n, (leaves, comes, gap) in enumerate(plan):
        words = (rare(f"id {n}"), common, word(n), rare("price feed"))
        if leaves:
            sides.append(burnt(str(n), *words, time=START + 10 * n, topics=topics))
        if comes:
            sides.append(released(str(n), *words, time=START + 10 * n + 1 + gap))
        if leaves and comes:
            planted.append((f"burn-{n}", f"out-{n}"))
    if len(planted) == len(plan) == 1:
        return  # alone, every word is rare: it is one pair all the same
    whole = ledger(*sides)
    assert set(pairs(whole)) >= set(planted)
    if len(sides) > 2:
        assert set(pairs(whole)) == set(planted)
