"""A program: run the stories of the property tests through a library built with sanitisers.

python sanitised.py LIBRARY. It ends with 0 where the sanitisers found nothing; they end it otherwise.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.kernel import Moves, compiled
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.library import library
from flowtrace.model import Rule
from kernel.stories import PLACES, Story, carry_out, numbers, plain, stories

OPENED = library(Path(sys.argv[1]))
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


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(columns=st.integers(0, 20).flatmap(lambda n: st.tuples(*[st.lists(WILD, min_size=n, max_size=n)] * 4)))
def run_wild(columns: tuple[list[int], ...]) -> None:
    """Hand in columns of any numbers: refused, or carried out within bounds."""
    source, target, theft, units = columns
    for rule in Rule:
        run = Compiled(rule, PLACES, thefts=3)
        try:
            run.move(Moves.of(source, target, [abs(one) for one in units], theft=theft))
        except InputError:
            continue


if __name__ == "__main__":
    assert OPENED is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "library", lambda: OPENED)
        run_stories()
        run_wild()
