"""Railgun: a note is matched by token and value, with the coincidences that the token's record foretells."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from flowtrace_heuristics.pattern.railgun_equal_value import railgun_equal_value
from towns.notes import RAILGUN, noted, shielded, unshielded
from towns.readings import patterns, transactions
from toytown import who


def test_a_note_of_equal_value_is_a_candidate_with_its_odds() -> None:
    """No unshield before it had the value: a quarter of a coincidence for each of two after it."""
    before = [unshielded(f"o{n}", f"x{n}", 1 + n, units=100 + n) for n in range(3)]
    after = [unshielded("u", "b", 20, units=777), unshielded("v", "c", 21, units=50)]
    (found,) = patterns(railgun_equal_value, noted([*before, shielded("s", "a", 10, units=777), *after]))
    assert found.addresses == (who("a"), who("b"))
    assert set(transactions(found)) == {"s", "u"}
    assert found.figure("expected_coincidences") == str(Fraction(1, 4) * 2)
    assert found.figure("posterior") == str(1 / (1 + Fraction(1, 2)))


def test_a_common_value_foretells_many_coincidences() -> None:
    """Where every unshield before was of this value, each one after it is expected to be."""
    before = [unshielded(f"o{n}", f"x{n}", 1 + n, units=1000) for n in range(5)]
    (found,) = patterns(
        railgun_equal_value,
        noted([*before, shielded("s", "a", 10, units=1000), unshielded("u", "b", 20, units=1000)]),
    )
    assert found.figure("expected_coincidences") == "1"


def test_another_token_an_earlier_note_or_one_too_late_is_none() -> None:
    """Same token, same pool, after the shield, within the window."""
    note = shielded("s", "a", 10, units=777)
    others = (
        unshielded("u", "b", 20, units=777, token=RAILGUN),
        unshielded("u", "b", 5, units=777),
        unshielded("u", "b", 10**6, units=777),
    )
    assert not any(patterns(railgun_equal_value, noted([note, other])) for other in others)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), max_size=12))
def test_every_match_is_of_one_value_and_in_order(notes: list[tuple[bool, int]]) -> None:
    """A finding names a shield and a later unshield whose value with its fee is the note's."""
    values = {f"t{n}": 1000 * units for n, (_, units) in enumerate(notes)}
    facts = [
        (shielded if goes_in else unshielded)(f"t{n}", f"p{n}", 10 + n, units=1000 * units)
        for n, (goes_in, units) in enumerate(notes)
    ]
    for found in patterns(railgun_equal_value, noted(facts)):
        first, then = transactions(found)
        assert values[first] == values[then]
        assert int(first[1:]) < int(then[1:])
        assert 0 < Fraction(found.figure("posterior")) <= 1
