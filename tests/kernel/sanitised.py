"""A program: run the stories of the property tests through a library built with sanitisers.

python sanitised.py LIBRARY. It ends with 0 where the sanitisers found nothing; they end it otherwise.
"""

# ruff: noqa: E402  -- one thing must come before the imports
from __future__ import annotations

import sys
from pathlib import Path

# Where cffi is installed, pycryptodome loads its library with a flag that no sanitiser takes; else by ctypes.
sys.modules["cffi"] = None  # type: ignore[assignment]

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.kernel import (
    Groups,
    Inputs,
    Moves,
    Side,
    State,
    bounds,
    compiled,
    cospend,
    envelope,
    guard,
    join,
    rounds,
)
from flowtrace.kernel.columns import column
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.library import library
from flowtrace.model import Rule
from kernel.stories import (
    PLACES,
    Row,
    Story,
    Transaction,
    carry_out,
    numbers,
    plain,
    rows,
    stories,
    transactions,
)
from kernel.test_rounds import Deal, deals, fired

OPENED = library(Path(sys.argv[1]))
COLUMNS = ("balance", "missing", "ends", "lot_theft", "lot_units")
WILD = st.integers(-(1 << 31), (1 << 31) - 1) | st.integers(-2, PLACES)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(story=stories(thefts=200), cut=st.integers(0, 25))
def run_stories(story: Story, cut: int) -> None:
    """Carry out, save, go on, and compare with the plain engine."""
    for rule in Rule:
        run = Compiled(rule, PLACES, thefts=story.thefts, marked=story.marked)
        told = carry_out(run, story.acts[:cut])
        again = Compiled.resume(run.state())
        reference = plain(rule, story)
        assert told + carry_out(again, story.acts[cut:]) == carry_out(reference, story.acts)
        assert numbers(again.state()) == numbers(reference.state())
        assert again.sums() == reference.sums()


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(
    acts=st.lists(transactions(1 << 100, 9, legs=40), max_size=6).map(tuple), thefts=st.sampled_from((1, 9))
)
def run_wide_transactions(acts: tuple[Transaction, ...], thefts: int) -> None:
    """The same of transactions of many inputs and outputs, whose parts need room."""
    story = Story(
        tuple((gives, [(*leg[:2], min(leg[2], thefts - 1)) for leg in gets]) for gives, gets in acts), thefts
    )
    for rule in Rule:
        run = Compiled(rule, PLACES, thefts=thefts)
        assert carry_out(run, story.acts) == carry_out(plain(rule, story), story.acts)


def wild(length: int) -> st.SearchStrategy[list[int]]:
    """Return columns of so many rows: now and then all within bounds, mostly not."""
    column = st.lists(WILD, min_size=length, max_size=length)
    return column | st.lists(st.integers(-1, PLACES - 1), min_size=length, max_size=length)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(data=st.data(), length=st.integers(0, 20))
def run_wild(data: st.DataObject, length: int) -> None:
    """Hand in columns of any numbers in any order: refused, or carried out within bounds."""
    source, target, theft, units, order = (data.draw(wild(length)) for _ in range(5))
    moves = Moves.of(source, target, [abs(one) for one in units], theft=theft, order=order)
    for rule in Rule:
        run = Compiled(rule, PLACES, thefts=3)
        try:
            run.move(moves)
        except InputError:
            continue


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(data=st.data(), count=st.integers(0, 5), legs=st.tuples(st.integers(0, 8), st.integers(0, 8)))
def run_wild_transactions(data: st.DataObject, count: int, legs: tuple[int, int]) -> None:
    """The same of transactions: ends that fall, or lead past the legs; legs of places that are none."""
    sides = []
    for rows_of in legs:
        ends = (
            data.draw(wild(count)) if data.draw(st.booleans()) else sorted(data.draw(_cuts(count, rows_of)))
        )
        sides.append((ends, data.draw(wild(rows_of)), [abs(one) for one in data.draw(wild(rows_of))]))
    groups = Groups.of(*sides, theft=data.draw(wild(legs[1])), order=data.draw(wild(count)))
    for rule in Rule:
        run = Compiled(rule, PLACES, thefts=3)
        try:
            run.spend(groups)
        except InputError:
            continue


def _cuts(count: int, legs: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, max(legs, 1)), min_size=count, max_size=count).map(
        lambda cuts: [*sorted(cuts)[:-1], legs] if cuts else cuts
    )


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(story=stories(thefts=3), name=st.sampled_from(COLUMNS), data=st.data())
def run_bent_states(story: Story, name: str, data: st.DataObject) -> None:
    """Go on from a saved run in which a number is another: refused, or carried out within bounds."""
    for rule in Rule:
        run = plain(rule, story)
        carry_out(run, story.acts)
        state = run.state()
        saved = {part: getattr(state, part) for part in State.__slots__}
        values = list(saved[name])
        if values:
            low = -(1 << 31) if name in {"ends", "lot_theft"} else 0
            values[data.draw(st.integers(0, len(values) - 1))] = data.draw(st.integers(low, (1 << 31) - 1))
        try:
            again = Compiled.resume(State(**{**saved, name: tuple(values)}))
            carry_out(again, tuple(act for act in story.acts if len(act) == 4))
        except InputError:
            continue


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(acts=st.lists(rows(1 << 100, 1), max_size=30), part=st.integers(1, 31))
def run_envelopes(acts: list[Row], part: int) -> None:
    """Work out the envelope in parts of every length, from two threads."""
    columns = zip(*acts, strict=True) if acts else ((), (), (), ())
    source, target, units, theft = columns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "PART", part)
        envelope(Moves.of(source, target, units, theft=theft), PLACES)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(data=st.data(), count=st.integers(0, 5), length=st.integers(0, 12))
def run_inputs(data: st.DataObject, count: int, length: int) -> None:
    """Join inputs of any numbers whose ends lead anywhere, onto any earlier answer: refused or joined."""
    ends = data.draw(wild(count)) if data.draw(st.booleans()) else sorted(data.draw(_cuts(count, length)))
    inputs, held = Inputs.of(ends, data.draw(wild(length))), bytes(data.draw(_bytes(count)))
    nothing, met = memoryview(b""), memoryview(bytes(data.draw(_bytes(3))))
    onto = cospend.Joined(column(data.draw(wild(3)), "i"), nothing, nothing, met)
    for before in (None, onto):
        try:
            told = join(inputs, PLACES, held=held, onto=before)
        except InputError:
            with pytest.raises(InputError):
                cospend.plain(inputs, PLACES, held=held, onto=before)
            continue
        reference = cospend.plain(inputs, PLACES, held=held, onto=before)
        assert [list(getattr(told, one)) for one in told.__slots__] == [
            list(getattr(reference, one)) for one in told.__slots__
        ]


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(made=st.lists(deals(), max_size=6))
def run_rounds(made: list[Deal]) -> None:
    """Judge transactions of every design."""
    assert fired(made) == fired(made, engine=rounds.plain)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(data=st.data(), count=st.integers(0, 4), legs=st.tuples(st.integers(0, 30), st.integers(0, 30)))
def run_wild_rounds(data: st.DataObject, count: int, legs: tuple[int, int]) -> None:
    """The same of columns of any numbers, negative ones and the largest among them."""
    sides = []
    for rows_of in legs:
        ends = (
            data.draw(wild(count)) if data.draw(st.booleans()) else sorted(data.draw(_cuts(count, rows_of)))
        )
        units = data.draw(
            st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=rows_of, max_size=rows_of)
        )
        sides.append(Side.of(ends, data.draw(wild(rows_of)), units, bytes(data.draw(_bytes(rows_of)))))
    mark = bytes(data.draw(_bytes(count)))
    try:
        told = guard(sides[0], sides[1], mark=mark)
    except InputError:
        return
    assert list(told) == list(rounds.plain(sides[0], sides[1], mark=mark))


def _bytes(length: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 7) | st.sampled_from((128, 129)), min_size=length, max_size=length)


if __name__ == "__main__":
    assert OPENED is not None
    with pytest.MonkeyPatch.context() as patch:
        for door in (compiled, bounds, cospend, rounds):
            patch.setattr(door, "library", lambda: OPENED)
        patch.setattr(bounds, "available", lambda: True)
        run_stories()
        run_wide_transactions()
        run_wild()
        run_wild_transactions()
        run_bent_states()
        run_envelopes()
        run_inputs()
        run_rounds()
        run_wild_rounds()
