"""JoinMarket's change: only what all ways to make the sums come out have in common is a link."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.model import Pattern, SameOwner
from flowtrace_heuristics.utxo.collaboration import Collaborative, Verdict
from flowtrace_heuristics.utxo.joinmarket import sums
from flowtrace_heuristics.utxo.joinmarket_change import common, has_form, joinmarket_change, solutions
from flowtrace_heuristics.utxo.sides import sides_of
from towns.change import VECTOR, joinmarket_round
from towns.purse import holder
from toytown import NOBODY

SUSPECT = Verdict(Collaborative.SUSPECT, "equal outputs", ("D0",))


def test_the_vector_has_four_ways_and_one_link() -> None:
    """Algorithms 1.2: "4 solutions [...], the only change link common to all is 2851830 <- 3000000"."""
    found = joinmarket_change(joinmarket_round(**VECTOR), NOBODY)
    (seen,) = (one for one in found if isinstance(one, Pattern))
    assert (seen.figure("ways"), seen.figure("links")) == ("4", "9<-3")
    (link,) = (one for one in found if isinstance(one, SameOwner))
    assert {link.a, link.b} == {holder("input 3"), holder("output 9")}
    assert 0 < float(link.score) < 1
    assert not joinmarket_change.card.on


Party = tuple[list[int], int]


@st.composite
def rounds(draw: st.DrawFn) -> tuple[int, list[Party]]:
    """Draw a shared value and parties: the inputs of each, and its change; the first may have none."""
    shared = draw(st.integers(50_000, 10**7))
    parties: list[Party] = []
    for number in range(draw(st.integers(3, 6))):
        change = draw(st.integers(70_000, 10**7))
        gain = draw(st.integers(0, 400)) if number else -draw(st.integers(3_000, 20_000))
        if not number and draw(st.booleans()):
            change = 0
        total = shared + change - gain
        cut = draw(st.integers(1, total - 1))
        parties.append(([cut, total - cut] if draw(st.booleans()) else [total], change))
    return shared, parties


@settings(max_examples=60)
@given(rounds())
def test_a_link_is_in_the_true_way(round_: tuple[int, list[Party]]) -> None:
    """The law of the method: the true way is among all ways, so what they all share is true."""
    shared, parties = round_
    inputs = [(units, number) for number, (given_, _) in enumerate(parties) for units in given_]
    changes = [(change, number) for number, (_, change) in enumerate(parties) if change]
    if any(change == shared for change, _ in changes):
        return
    ledger = joinmarket_round(
        tuple(units for units, _ in inputs), (shared,) * len(parties), tuple(units for units, _ in changes)
    )
    ways = solutions(sides_of(ledger[0]))
    for change, given_ in common(ways):
        assert changes[change - len(parties)][1] == inputs[given_][1]


def test_a_taker_may_sweep() -> None:
    """One party may have no change: what is left over is its own, and there must be some."""
    swept = sides_of(joinmarket_round((700_000, 900_000, 401_000), (400_000,) * 3, (300_500, 500_500))[0])
    assert common(solutions(swept)) == [(3, 0), (4, 1)]
    whole = sides_of(joinmarket_round((700_000, 1_302_000), (400_000,) * 3, (300_500, 500_500))[0])
    assert not has_form(whole, SUSPECT)


def test_all_inputs_are_somebodys() -> None:
    """Where each party has change no input is left over: else the limits do not fit, and nothing is said."""
    millions = (1, 2, 4, 63, 8, 16, 32, 34, 100, 20, 7, 3)
    inputs = (*(n * 1_000_000 for n in millions), 300_000)
    changes = (30_000_500, 50_000_600, 89_996_900)
    sides = sides_of(joinmarket_round(inputs, (40_000_000,) * 3, changes)[0])
    assert has_form(sides, SUSPECT)
    found = sums(sides)
    assert found.whole
    assert found.solutions
    assert solutions(sides) == []


def test_too_many_ways_say_nothing() -> None:
    """Work is bounded: where the search stops at its bound, what it saw is not all there is."""
    many = joinmarket_round((500_000,) * 60, (148_000,) * 60, tuple(range(351_900, 351_960)))
    assert has_form(sides_of(many[0]), SUSPECT)
    assert solutions(sides_of(many[0])) == []
    assert joinmarket_change(many, NOBODY) == ()


def test_a_service_of_its_own_design_is_left_alone() -> None:
    """Wasabi and Whirlpool take fees of their own kind: their sums come out otherwise."""
    sides = sides_of(joinmarket_round(**VECTOR)[0])
    assert has_form(sides, SUSPECT)
    assert not has_form(sides, Verdict(Collaborative.YES, "wasabi 1.1", ("D2", "D0")))
    assert not has_form(sides, Verdict())
