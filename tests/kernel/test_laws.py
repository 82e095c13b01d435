"""The laws of the taint rules, on both engines: one law a test, its sentence quoted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.plain import Plain
from flowtrace.model import ACCOUNT_RULES, Rule
from kernel.stories import (
    PLACES,
    Act,
    Run,
    Story,
    carry_out,
    compiled,
    honest,
    numbers,
    plain,
    stories,
)

Make = Callable[[Rule, Story], Run]
BETWEEN = (Rule.FIFO, Rule.LIFO, Rule.PRO_RATA)


@pytest.fixture(scope="session", params=["plain", "compiled"])
def make(request: pytest.FixtureRequest, built: bool) -> Make:  # noqa: FBT001  pytest passes fixtures so
    """Return each engine in turn."""
    if request.param == "compiled" and not built:
        pytest.skip("no compiled library here, and no compiler to make one")
    return plain if request.param == "plain" else compiled


@given(story=stories(length=12))
def test_conservation_at_every_step(make: Make, story: Story) -> None:
    """Algorithms 3.1: "conservation: sum out + fee = sum in, for value and for taint"; after every act.

    What was stolen, with what poison adds, is what rests, what left and what another theft took over; of
    every theft, and of all together. No place holds more taint than it holds.
    """
    for rule in Rule:
        run = make(rule, story)
        for act in story.acts:
            carry_out(run, (act,))
            state = run.state()
            for sums in run.sums():
                assert sums.clean == 0 or rule is Rule.POISON, rule
                assert sums.clean >= 0, rule
            assert run.sums()[-1].resting == sum(state.taint(at) for at in range(PLACES)), rule
            assert all(state.taint(at) <= state.balance[at] for at in range(PLACES)), rule


@given(story=stories())
def test_value_knows_nothing_of_taint(make: Make, story: Story) -> None:
    """Balances and what is missing are facts of the record: the same under every rule."""
    states = []
    for rule in Rule:
        run = make(rule, story)
        carry_out(run, story.acts)
        states.append((list(run.state().balance), list(run.state().missing), run.state().moved))
    assert all(state == states[0] for state in states)


@given(life=st.lists(st.tuples(st.integers(0, 1 << 100) | st.integers(0, 9), st.integers(0, 2)), max_size=25))
def test_the_envelope_theorem(make: Make, life: list[tuple[int, int]]) -> None:
    """Algorithms 8.6: "cumulative tainted outflow [...]: LIBR <= {FIFO, LIFO, pro rata} <= dirty-first"."""
    acts: tuple[Act, ...] = tuple(
        (0, -1, units, -1) if kind == 2 else (-1, 0, units, 0 if kind else -1) for units, kind in life
    )
    gone = {}
    for rule in ACCOUNT_RULES:
        sums, found = 0, []
        for act, (units, _) in zip(acts, carry_out(make(rule, Story(())), acts), strict=True):
            sums += units if act[0] == 0 else 0
            found.append(sums)
        gone[rule] = found
    for rule in BETWEEN:
        bounds = (gone[Rule.LIBR], gone[rule], gone[Rule.DIRTY_FIRST], gone[Rule.POISON])
        assert all(a <= b <= c <= d for a, b, c, d in zip(*bounds, strict=True)), rule


@given(story=honest())
def test_all_rules_agree_when_all_is_tainted(make: Make, story: Story) -> None:
    """Issue: "agreement of all rules when all inputs are tainted": what moves is what is tainted of it."""
    for rule in Rule:
        told = carry_out(make(rule, story), story.acts)
        for act, (tainted, _) in zip(story.acts, told, strict=True):
            assert len(act) == 4
            source, target, units, _ = act
            assert tainted == (0 if source == target >= 0 else units), rule


@given(story=stories(), order=st.permutations(range(PLACES)))
def test_relabelling_places_changes_nothing(make: Make, story: Story, order: list[int]) -> None:
    """Issue: "invariance under relabelling of addresses"."""
    label = [*order, -1]
    acts: tuple[Act, ...] = tuple(
        (label[act[0]], label[act[1]], *act[2:])  # type: ignore[misc]  # a row: four numbers
        if len(act) == 4
        else tuple([(label[at], *leg) for at, *leg in side] for side in act)
        for act in story.acts
    )
    other = Story(acts, story.thefts, {label[at]: theft for at, theft in story.marked.items()})
    for rule in Rule:
        assert carry_out(make(rule, story), story.acts) == carry_out(make(rule, other), acts), rule


@given(story=stories(), cut=st.integers(0, 25), other=st.booleans())
def test_splitting_a_run_changes_nothing(make: Make, story: Story, *, cut: int, other: bool) -> None:
    """Issue: "under splitting a run at any point (resume)": gone on with by either engine, the same."""
    for rule in Rule:
        whole, first = make(rule, story), make(rule, story)
        told = carry_out(whole, story.acts)
        begun = carry_out(first, story.acts[:cut])
        second = (Plain if other or isinstance(first, Plain) else Compiled).resume(first.state())
        assert begun + carry_out(second, story.acts[cut:]) == told, rule
        assert numbers(second.state()) == numbers(whole.state()), rule
        assert second.sums() == whole.sums(), rule


@given(story=stories())
def test_one_label_is_the_sum_of_all(make: Make, story: Story) -> None:
    """Several thefts in one run sum to what one label for all of them would be, row by row."""
    acts: tuple[Act, ...] = tuple(_merged(act) for act in story.acts)
    one = Story(acts, 1, dict.fromkeys(story.marked, 0))
    for rule in Rule:
        run, alone = make(rule, story), make(rule, one)
        told, single = carry_out(run, story.acts), carry_out(alone, acts)
        assert [units for units, _ in told] == [units for units, _ in single], rule
        if story.thefts > 1 and rule is not Rule.POISON:
            assert all(sum(parts.values()) == units for units, parts in told), rule
        assert run.sums()[-1] == alone.sums()[-1], rule


@given(story=stories())
def test_poison_runs_for_each_theft_alone(make: Make, story: Story) -> None:
    """Algorithms 3.1: "Poison: any tainted input -> all outputs 100 %. Upper bound only", for each theft."""
    if story.thefts == 1:
        return
    apart = tuple(act for act in story.acts if not _to_itself(act))  # what one theft moves, another may not
    told = carry_out(make(Rule.POISON, story), apart)
    for theft in range(story.thefts):
        acts = tuple(_merged(act, theft) for act in apart)
        marked = {at: 0 for at, whose in story.marked.items() if whose == theft}
        alone = carry_out(make(Rule.POISON, Story(acts, 1, marked)), acts)
        assert [parts.get(theft, 0) for _, parts in told] == [units for units, _ in alone]


@given(story=stories())
def test_a_move_of_nothing_changes_nothing(make: Make, story: Story) -> None:
    """An empty move carries no taint and disturbs none; nor does a move to oneself."""
    idle: tuple[Act, ...] = ((0, 1, 0, -1), (1, 1, 5, -1), (-1, -1, 5, -1), (2, -1, 0, -1))
    for rule in Rule:
        told: list[tuple[int, dict[int, int]]] = []
        run = make(rule, story)
        for act in story.acts:
            assert not any(units for units, _ in carry_out(run, idle)), rule
            told += carry_out(run, (act,))
        assert told == carry_out(make(rule, story), story.acts), rule


def _merged(act: Act, only: int | None = None) -> Act:
    """Return an act with one label for all thefts, or for one of them."""

    def label(theft: int) -> int:
        return 0 if theft == only or (only is None and theft >= 0) else -1

    if len(act) == 4:
        source, target, units, theft = act
        return source, target, units, label(theft)
    inputs, outputs = act
    return inputs, [(at, units, label(theft)) for at, units, theft in outputs]


def _to_itself(act: Act) -> bool:
    """Tell whether one place pays itself alone: no move, unless it is a theft."""
    if len(act) == 4:
        return act[0] == act[1]
    inputs, outputs = act
    return len(inputs) == len(outputs) == 1 and inputs[0][0] == outputs[0][0]
