"""Malformed columns are refused, by both engines in the same words, before anything is changed."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.kernel import Groups, Moves, State
from flowtrace.kernel.columns import Wide, column
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.engine import Engine
from flowtrace.kernel.plain import Plain
from flowtrace.model import Rule
from kernel.stories import PLACES, Act, Run, Story, carry_out, compiled, grouped, numbers, plain, stories

BEGUN: tuple[Act, ...] = ((-1, 0, 9, 0), (-1, 1, 5, -1), (0, 1, 4, -1), (1, 2, 3, -1))
SPEND: tuple[Act, ...] = (([(0, 4, -1), (1, 2, -1)], [(2, 5, -1), (-1, 1, -1)]), ([(1, 1, -1)], [(3, 1, 0)]))
FAR = st.sampled_from((-2, PLACES, PLACES + 1, 1 << 20, (1 << 31) - 1, -(1 << 31)))


def engines(built: bool) -> list[Run]:  # noqa: FBT001  what the fixture says
    """Return each engine, begun."""
    story = Story(())
    runs: list[Run] = [plain(Rule.FIFO, story), *([compiled(Rule.FIFO, story)] if built else [])]
    for run in runs:
        carry_out(run, BEGUN)
    return runs


def refused(built: bool, act: Callable[[Run], object]) -> str:  # noqa: FBT001  as above
    """Return the one message with which every engine refuses, having changed nothing."""
    messages = set()
    for run in engines(built):
        before = numbers(run.state())
        with pytest.raises(InputError) as error:
            act(run)
        assert numbers(run.state()) == before
        messages.add(str(error.value))
    (message,) = messages
    return message


@given(row=st.integers(0, 3), which=st.sampled_from(("source", "target", "theft")), bad=FAR)
def test_a_move_out_of_range(built: bool, *, row: int, which: str, bad: int) -> None:  # noqa: FBT001  a fixture
    """Issue: "fuzzed with malformed columns (indices out of range [...]): refused"."""
    columns = {"source": [0, 1, -1, 2], "target": [1, -1, 0, 0], "theft": [-1, 0, -1, -1]}
    columns[which][row] = bad
    moves = Moves.of(columns["source"], columns["target"], [1, 2, 3, 4], theft=columns["theft"])
    assert f"move {row} cannot be traced" in refused(built, lambda run: run.move(moves))


@given(leg=st.integers(0, 2), which=st.sampled_from(("inputs", "outputs", "theft")), bad=FAR)
def test_a_leg_out_of_range(built: bool, *, leg: int, which: str, bad: int) -> None:  # noqa: FBT001  a fixture
    """The same of a transaction's inputs, outputs and thefts."""
    groups = grouped(SPEND)
    legs = {"inputs": groups.input_place, "outputs": groups.output_place, "theft": groups.output_theft}
    bent = legs[which]
    assert bent is not None
    bent[leg] = bad
    said = refused(built, lambda run: run.spend(groups))
    assert f"transaction {leg // 2} cannot be traced: a place or theft is out of range" in said


@given(ends=st.lists(st.integers(-3, 6), min_size=2, max_size=2), side=st.sampled_from(("input", "output")))
def test_ends_that_do_not_follow(built: bool, ends: list[int], side: str) -> None:  # noqa: FBT001  a fixture
    """Ends that fall, repeat, or do not reach the last leg are refused."""
    if ends == [2, 3]:
        return
    groups = _with(grouped(SPEND), side, column(ends, "q"))
    said = refused(built, lambda run: run.spend(groups))
    assert "its legs do not follow" in said or "do not sum to the same" in said


def test_a_transaction_that_makes_value(built: bool) -> None:  # noqa: FBT001  a fixture
    """A transaction whose inputs and outputs differ is refused: its fee is missing."""
    bad: Act = ([(0, 4, -1)], [(1, 2, -1), (2, 1, -1)])
    said = refused(built, lambda run: carry_out(run, (*SPEND, bad)))
    assert "transaction 2 cannot be traced: inputs and outputs do not sum to the same" in said


@given(order=st.lists(st.integers(-5, 5), min_size=4, max_size=4))
def test_unsorted_order(built: bool, order: list[int]) -> None:  # noqa: FBT001  a fixture
    """Rows that fall back in chain order are refused, also behind what was carried out before."""
    moves = Moves.of([0, 1, -1, 2], [1, -1, 0, 0], [1, 2, 3, 4], order=order)
    if order == sorted(order):
        for run in engines(built):
            run.move(moves)
            assert run.state().order == order[-1]
            late = Moves.of([0], [1], [1], order=[order[-1] - 1])
            with pytest.raises(InputError, match="move 0 cannot be traced: it stands before"):
                run.move(late)
        return
    assert "it stands before what was carried out" in refused(built, lambda run: run.move(moves))


def test_order_of_transactions(built: bool) -> None:  # noqa: FBT001  a fixture
    """Transactions out of order are refused too, and those in order carried out."""
    in_order, unsorted = (replace(grouped(SPEND), order=column(order, "q")) for order in ((3, 3), (4, 3)))
    for run in engines(built):
        run.spend(in_order)
        assert run.state().order == 3
    assert "transaction 1" in refused(built, lambda run: run.spend(unsorted))


def _with(groups: Groups, side: str, ends: memoryview) -> Groups:
    return replace(groups, input_ends=ends) if side == "input" else replace(groups, output_ends=ends)


@pytest.mark.parametrize("which", ["source", "target", "units", "theft", "order"])
def test_lengths_that_differ(which: str) -> None:
    """Columns of different lengths never reach an engine."""
    columns: dict[str, Sequence[int]] = {name: [0, 0, 0] for name in ("source", "target", "units", "theft")}
    columns = {**columns, "order": [0, 0, 0], which: [0, 0]}
    with pytest.raises(InputError, match="differ in length"):
        Moves.of(
            columns["source"], columns["target"], columns["units"], theft=columns["theft"],
            order=columns["order"],
        )  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(2, np.int64), np.zeros(2, np.uint32), np.zeros(2, np.float32), np.zeros((1, 2), np.int32),
        np.zeros(4, np.int32)[::2], np.zeros(2, ">i4"), array("h", [0, 0]), b"\0\0", [1 << 31, 0], [0.5, 1],
    ],
)  # fmt: skip
def test_columns_of_another_kind(values: Sequence[int]) -> None:
    """A column of another width, sign, byte order or shape is refused, not read as if it were right."""
    with pytest.raises(InputError):
        Moves.of(values, [0, 0], [1, 1])


@pytest.mark.parametrize(
    "units", [[-1, 1], [0.5, 1], ["1", 1], np.zeros(31, np.uint8), np.zeros(2, np.uint64)]
)
def test_amounts_of_another_kind(units: Sequence[int]) -> None:
    """Amounts are whole numbers of base units, none negative, or 16 bytes a row of as many rows."""
    with pytest.raises(InputError):
        Moves.of([0, 0], [0, 0], units)


def test_a_column_that_was_not_made_here() -> None:
    """A view of another format put straight into the columns is refused."""
    with pytest.raises(InputError, match="make it with column"):
        Moves(memoryview(b"\0\0\0\0"), column([0], "i"), Wide.of([1]))


@given(story=stories(thefts=3), data=st.data())
def test_a_bent_state(built: bool, story: Story, data: st.DataObject) -> None:  # noqa: FBT001  a fixture
    """A saved run that no run could have left is refused by the library, or it is gone on with unharmed."""
    if not built:
        pytest.skip("no compiled library here, and no compiler to make one")
    rule = data.draw(st.sampled_from(tuple(Rule)))
    run = plain(rule, story)
    carry_out(run, story.acts)
    state = _bent(run.state(), data)
    try:
        again = Compiled.resume(state, places=PLACES)
    except (InputError, OverflowError):
        return
    carry_out(again, tuple(act for act in story.acts if len(act) == 4))


def _bent(state: State, data: st.DataObject) -> State:
    name = data.draw(st.sampled_from(("balance", "missing", "ends", "lot_theft", "lot_units")))
    values = list(getattr(state, name))
    if values:
        low = -3 if name in {"ends", "lot_theft"} else 0
        values[data.draw(st.integers(0, len(values) - 1))] = data.draw(st.integers(low, 1 << 30))
    if data.draw(st.booleans()) and data.draw(st.booleans()):
        values = values[:-1]
    columns = {part: getattr(state, part) for part in State.__slots__}
    return State(**{**columns, name: tuple(values)})


@pytest.mark.parametrize("marked", [{-1: 0}, {PLACES: 0}, {0: 1}, {0: -1}])
def test_a_mark_out_of_range(marked: dict[int, int]) -> None:
    """A marked place or theft that is not there is refused."""
    for make in (Plain, Engine):
        with pytest.raises(InputError, match="out of range"):
            make(Rule.FIFO, PLACES, marked=marked)
