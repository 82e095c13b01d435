"""Notes of a mixer as payments: each in one crossing at most, to the unit, and none without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.crossing.mixed import mixed
from flowtrace.model import (
    Address,
    Class,
    Decision,
    Fact,
    FactKind,
    Kind,
    Pattern,
    Standing,
    Transfer,
    finding_id,
)
from towns.notes import ONE_ETHER, deposit, withdrawal
from towns.shaped import paid
from toytown import ONE, who

RULES = ("tornado_address_match/1", "tornado_fifo/1")
Town = tuple[list[Fact], list[Transfer], list[Pattern], dict[str, Decision]]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Draw notes of one pool with their payments, findings on any of them, and decisions on any of those."""
    count = draw(st.integers(1, 5))
    facts: list[Fact] = []
    moves: list[Transfer] = []
    for n in range(count):
        (made,) = deposit(f"in{n}", f"giver {n % 2}", 10 + n)
        (taken,) = withdrawal(f"out{n}", f"taker {n % 2}", 30 + n)
        fee = draw(st.sampled_from((0, 7)))
        facts += [made, replace(taken, figures=(("fee", str(fee)),))]
        moves.append(paid(f"in{n}", f"giver {n % 2}", ONE_ETHER, ONE))
        out = paid(f"out{n}", ONE_ETHER, f"taker {n % 2}", ONE - fee + draw(st.sampled_from((0, 0, 1))))
        moves.append(replace(out, kind=Kind.INTERNAL))
    names = [fact.id for fact in facts]
    patterns = []
    for rule in RULES:
        because = tuple(draw(st.lists(st.sampled_from(names), unique=True, max_size=6)))
        patterns.append(Pattern("notes", (), rule, because, Class.P, (("posterior", "1/2"),)))
    words = {
        finding_id(one): Decision(finding_id(one), draw(st.booleans()), "ann", "seen", "2022-01-01")
        for one in patterns
        if draw(st.booleans())
    }
    return facts, moves, patterns, words


def book(moves: Sequence[Transfer]) -> dict[tuple[str, str], list[Transfer]]:
    """Return what moved, by transaction."""
    found: dict[tuple[str, str], list[Transfer]] = {}
    for one in moves:
        found.setdefault((one.chain_id, one.tx), []).append(one)
    return found


@given(towns())
def test_no_note_is_in_two_crossings_and_each_adds_up(town: Town) -> None:
    """What left is what came and the fee, to the unit; nothing is made of a finding nobody accepted."""
    facts, moves, patterns, words = town
    by_tx = book(moves)
    known = {move.id: move for move in moves}
    told = mixed(patterns, facts, lambda chain, tx: by_tx.get((chain, tx), []), decisions=words)
    places = [place for one in told.made for place in (one.gave, *one.got)]
    assert len(places) == len(set(places))
    accepted = {one.by for one in patterns if (w := words.get(finding_id(one))) and w.accepted}
    for one in told.made:
        gave, got = known[one.gave[0]].outputs[0], known[one.got[0][0]].outputs[0]
        assert one.fee is not None
        assert gave.units == got.units + one.fee.units
        assert one.by in accepted
        assert one.cls is Class.P
    followed = [one for one in told.likely if one.standing is Standing.FOLLOWED]
    assert len(followed) == len(told.made)


def test_a_portfolio_is_paired_one_by_one() -> None:
    """Rule T3: the first note put in goes with the first taken out, of each pool by itself."""
    facts = [*deposit("in0", "a", 10), *deposit("in1", "a", 11)]
    facts += [*withdrawal("out0", "b", 20), *withdrawal("out1", "b", 21)]
    moves = [paid(f"in{n}", "a", ONE_ETHER, ONE) for n in range(2)]
    moves += [replace(paid(f"out{n}", ONE_ETHER, "b", ONE), kind=Kind.INTERNAL) for n in range(2)]
    one = Pattern("portfolio", (who("a"), who("b")), "t3/1", tuple(f.id for f in facts), Class.P)
    word = Decision(finding_id(one), accepted=True, who="ann", why="seen", at="2022-01-01")
    by_tx = book(moves)
    told = mixed([one], facts, lambda chain, tx: by_tx.get((chain, tx), []), decisions={word.finding: word})
    joined = [(made.gave[0].split(":")[2], made.got[0][0].split(":")[2]) for made in told.made]
    assert joined == [("in0", "out0"), ("in1", "out1")]


def test_a_look_alike_event_of_a_contract_that_paid_nothing_is_no_crossing() -> None:
    """A forged withdrawal has no payment, so even an accepted finding joins nothing."""
    facts: list[Fact] = [*deposit("in", "a", 10)]
    fake = Address.parse("ethereum", "0x" + "ee" * 20)
    forged = Fact(
        facts[0].chain_id, "forged", 20, 0, 0, facts[0].time + 9, FactKind.MIXER_WITHDRAWAL,
        (("recipient", who("b")), ("pool", ONE_ETHER)),
    )  # fmt: skip
    one = Pattern("notes", (), "t1/1", (facts[0].id, forged.id), Class.P)
    word = Decision(finding_id(one), accepted=True, who="ann", why="seen", at="2022-01-01")
    by_tx = book([paid("in", "a", ONE_ETHER, ONE), paid("forged", fake, "b", ONE)])
    told = mixed(
        [one], [*facts, forged], lambda chain, tx: by_tx.get((chain, tx), []),
        decisions={word.finding: word},
    )  # fmt: skip
    assert told.made == ()
    assert [(each.standing, each.got) for each in told.likely] == [(Standing.CANDIDATE, None)]
