"""The envelope of all rules, worked out side by side, is what each rule alone says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.kernel import Moves, bounds, envelope
from flowtrace.kernel.columns import Wide
from flowtrace.kernel.plain import Plain
from flowtrace.model import ACCOUNT_RULES, Rule
from kernel.stories import PLACES, Row, rows


def columns(acts: list[Row]) -> Moves:
    """Return moves in columns, with their order."""
    source, target, units, theft = zip(*acts, strict=True) if acts else ((), (), (), ())
    return Moves.of(source, target, units, theft=theft, order=range(len(acts)))


def told(moves: Moves, marked: dict[int, int]) -> tuple[list[int], list[int], list[int]]:
    """Return the least, the most and poison of each row by the plain engine, rule by rule."""
    found = {rule: list(Plain(rule, PLACES, marked=marked).move(moves).units) for rule in ACCOUNT_RULES}
    poison = found.pop(Rule.POISON)
    each = list(zip(*found.values(), strict=True))
    return list(map(min, each)), list(map(max, each)), poison


@given(
    acts=st.lists(rows(8, 1) | rows(1 << 118, 1), max_size=30),
    marked=st.dictionaries(st.integers(0, PLACES - 1), st.just(0), max_size=1),
    part=st.sampled_from((1, 3, 1 << 18)),
)
def test_the_envelope_is_what_the_rules_say(acts: list[Row], marked: dict[int, int], part: int) -> None:
    """Issue: "six rules side by side [...] with the envelope [min, max]"; however it is cut into parts."""
    moves = columns(acts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "PART", part)
        found = envelope(moves, PLACES, marked=marked)
    assert (list(found.low), list(found.high), list(found.poison)) == told(moves, marked)


@pytest.mark.parametrize("most", [1 << 126, 1 << 200])
def test_amounts_too_wide_for_the_library(most: int) -> None:
    """Issue: "totals above 2^126 (spam tokens) take the plain path, never truncation"."""
    moves = columns([(-1, 0, 7, 0), (-1, 0, most, -1), (0, 1, most - 1, -1)])
    found = envelope(moves, PLACES)
    assert (list(found.low), list(found.high), list(found.poison)) == told(moves, {})
    assert not isinstance(found.low, Wide)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no library the plain engine says the same."""
    moves = columns([(-1, 0, 5, -1), (-1, 0, 7, 0), (0, 1, 6, -1), (1, -1, 2, -1)])
    monkeypatch.setattr(bounds, "available", lambda: False)
    found = envelope(moves, PLACES)
    assert (list(found.low), list(found.high), list(found.poison)) == told(moves, {})
