"""Three tellings of one run are one: the compiled engine, the plain engine, and an oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.kernel.compiled import WidthError
from flowtrace.kernel.engine import Engine
from flowtrace.model import ACCOUNT_RULES, Rule
from kernel.oracle import Place, Purses
from kernel.stories import (
    PLACES,
    Act,
    Story,
    carry_out,
    compiled,
    numbers,
    plain,
    rows,
    stories,
    transactions,
)


def referred(purses: Purses, acts: tuple[Act, ...]) -> list[int]:
    """Return the tainted units of each row or output under the oracle."""
    found: list[int] = []
    for act in acts:
        if len(act) == 4:
            source, target, units, theft = act
            inputs, outputs = [(source, units, -1)], [(target, units, theft)]
        else:
            inputs, outputs = act
        if len(inputs) == len(outputs) == 1 and inputs[0][0] == outputs[0][0] and outputs[0][2] < 0:
            found.append(0)  # to itself: no move
            continue
        stolen = [number for number, leg in enumerate(outputs) if leg[2] >= 0]
        legs = [[(_place(at), units) for at, units, _ in side] for side in (inputs, outputs)]
        found += purses.spend(*legs, stolen=stolen)
    return found


def _place(at: int) -> Place | None:
    return None if at < 0 else (at, "coin")


@pytest.mark.usefixtures("needs_library")
@given(story=stories())
def test_compiled_is_plain(story: Story) -> None:
    """Issue: "fast engine equals a plain Python-integer reference engine on random ledgers"; all it tells."""
    for rule in Rule:
        runs = plain(rule, story), compiled(rule, story)
        told = [carry_out(run, story.acts) for run in runs]
        assert told[0] == told[1], rule
        assert runs[0].sums() == runs[1].sums(), rule
        assert numbers(runs[0].state()) == numbers(runs[1].state()), rule


@given(story=stories(most=1 << 200))
def test_plain_is_what_an_oracle_says(story: Story) -> None:
    """Every unit under every rule is what the oracle says, for all thefts together, of any width."""
    for rule in Rule:
        mark = next(((at, "coin") for at in story.marked), None)
        purses, run = Purses(rule, mark), plain(rule, story)
        assert [units for units, _ in carry_out(run, story.acts)] == referred(purses, story.acts), rule
        together = run.sums()[-1]
        assert (together.stolen, together.clean) == (purses.stolen, purses.clean), rule
        missing = {at: units for at, units in enumerate(run.state().missing) if units}
        assert missing == {place[0]: units for place, units in purses.missing.items()}, rule


@pytest.mark.usefixtures("needs_library")
@given(acts=st.lists(rows(1 << 90, 300) | transactions(1 << 90, 300), max_size=25).map(tuple))
def test_hundreds_of_thefts(acts: tuple[Act, ...]) -> None:
    """More thefts than fit into a word or two of bits are told apart all the same."""
    story = Story(acts, thefts=300)
    for rule in Rule:
        assert carry_out(compiled(rule, story), acts) == carry_out(plain(rule, story), acts), rule


@pytest.mark.usefixtures("needs_library")
@given(story=stories(most=(1 << 124)))
def test_a_run_that_grows_too_wide_goes_on_in_plain(story: Story) -> None:
    """Issue: "totals above 2^126 (spam tokens) take the plain path, never truncation"; also half way."""
    acts: tuple[Act, ...] = (*story.acts, (-1, 0, 1 << 200, 0), *story.acts)
    for rule in ACCOUNT_RULES:
        run = Engine(rule, PLACES, thefts=story.thefts, marked=story.marked)
        served = [run.compiled]
        reference = plain(rule, story)
        assert carry_out(run, acts) == carry_out(reference, acts), rule
        served.append(run.compiled)
        assert served == [True, False]
        assert numbers(run.state()) == numbers(reference.state()), rule


@pytest.mark.usefixtures("needs_library")
@pytest.mark.parametrize("total", [(1 << 126) - 1, 1 << 126, (1 << 128) - 1])
def test_the_border_of_the_compiled_engine(total: int) -> None:
    """A total of 2^126 - 1 is carried exactly; from 2^126 on the library refuses and nothing has changed."""
    story = Story(())
    for rule in Rule:
        run = compiled(rule, story)
        if total < 1 << 126:
            assert carry_out(run, ((-1, 0, total, 0),)) == [(total, {})]
            assert run.state().taint(0) == total
            continue
        before = numbers(run.state())
        with pytest.raises(WidthError):
            carry_out(run, ((-1, 0, 5, 0), (-1, 0, total - 5, 0)))
        assert numbers(run.state()) == before


@pytest.mark.usefixtures("needs_library")
@given(
    whole=st.integers(1, (1 << 125) - 1) | st.integers((1 << 64) - 2, (1 << 64) + 2),
    data=st.data(),
)
def test_the_odd_unit(whole: int, data: st.DataObject) -> None:
    """Algorithms 6.1: floor(t·a/b), the odd unit by largest remainder, at every width the library divides."""
    tainted, moved = data.draw(st.integers(0, whole)), data.draw(st.integers(0, whole))
    acts: tuple[Act, ...] = ((-1, 0, tainted, 0), (-1, 0, whole - tainted, -1), (0, 1, moved, -1))
    quotient, left = divmod(tainted * moved, whole)
    share = quotient + (1 if left and 2 * left >= whole else 0)
    assert carry_out(compiled(Rule.PRO_RATA, Story(())), acts)[-1] == (share, {})
