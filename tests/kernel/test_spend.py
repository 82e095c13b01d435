"""One transaction of coins under each rule: vector U1 and the laws of section 3.1 of the algorithms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.kernel.division import Spending, divide, split
from flowtrace.model import Rule
from strategies import amounts

UTXO_RULES = tuple(Rule)
CONSERVING = tuple(rule for rule in UTXO_RULES if rule is not Rule.POISON)
Spend = tuple[list[tuple[int, int]], list[int]]


def spend(rule: Rule, inputs: list[tuple[int, int]], outputs: list[int]) -> list[int]:
    """Return the taint of each output, the fee being the last; inputs are (units, tainted units)."""
    shares = [(tainted, {0: tainted} if tainted else {}) for _, tainted in inputs]
    told = divide(rule, Spending([units for units, _ in inputs], shares, outputs))
    return [total for total, _ in told]


@st.composite
def transactions(draw: st.DrawFn) -> Spend:
    """Draw inputs (units, tainted) and outputs with the fee last, of the same sum."""
    sizes = draw(st.lists(amounts(), min_size=1, max_size=6))
    inputs = [(units, draw(st.integers(0, units) | st.sampled_from((0, units)))) for units in sizes]
    left, outputs = sum(units for units, _ in inputs), []
    for _ in range(draw(st.integers(0, 5))):
        outputs.append(draw(st.integers(0, left)))
        left -= outputs[-1]
    return inputs, [*outputs, left]


@pytest.mark.parametrize(
    ("rule", "tainted"),
    [
        (Rule.POISON, [200_000_000, 450_000_000, 149_990_000, 10_000]),
        (Rule.PRO_RATA, [75_000_000, 168_750_000, 56_246_250, 3_750]),
        (Rule.FIFO, [200_000_000, 100_000_000, 0, 0]),
        (Rule.LIFO, [0, 150_000_000, 149_990_000, 10_000]),
        (Rule.TIHO, [0, 300_000_000, 0, 0]),
        (Rule.TILO, [150_010_000, 0, 149_990_000, 0]),
    ],
)
def test_vector_u1(rule: Rule, tainted: list[int]) -> None:
    """Algorithms 3.1, vector U1 in satoshi: in A dirty, in B clean, three outputs and a fee."""
    inputs = [(300_000_000, 300_000_000), (500_000_000, 0)]
    assert spend(rule, inputs, [200_000_000, 450_000_000, 149_990_000, 10_000]) == tainted


@given(made=transactions())
def test_dirty_first_and_libr_are_tiho_and_tilo_here(made: Spend) -> None:
    """A coin is spent whole, so nothing of it can be kept back: only which output is filled first is left."""
    assert spend(Rule.DIRTY_FIRST, *made) == spend(Rule.TIHO, *made)
    assert spend(Rule.LIBR, *made) == spend(Rule.TILO, *made)


@given(made=transactions())
def test_conserves(made: Spend) -> None:
    """Algorithms 3.1: "conservation: sum out + fee = sum in, for value and for taint"."""
    inputs, outputs = made
    for rule in CONSERVING:
        assert sum(spend(rule, inputs, outputs)) == sum(tainted for _, tainted in inputs), rule


@given(made=transactions())
def test_no_output_is_more_than_wholly_tainted(made: Spend) -> None:
    """An output's taint is a part of it, under poison at most all of it."""
    inputs, outputs = made
    for rule in UTXO_RULES:
        shares = spend(rule, inputs, outputs)
        assert all(0 <= t <= units for t, units in zip(shares, outputs, strict=True)), rule


@given(made=transactions())
def test_poison_bounds_every_rule(made: Spend) -> None:
    """Algorithms 3.1: "Poison: any tainted input -> all outputs 100 %. Upper bound only; not conserved"."""
    bound = spend(Rule.POISON, *made)
    for rule in CONSERVING:
        assert all(t <= most for t, most in zip(spend(rule, *made), bound, strict=True))


@given(made=transactions())
def test_haircut_is_the_split_by_output(made: Spend) -> None:
    """Algorithms 3.1: "T tainted of V: allocate T over sinks by largest remainder"."""
    inputs, outputs = made
    assert spend(Rule.PRO_RATA, inputs, outputs) == split(sum(t for _, t in inputs), outputs)


@given(made=transactions())
def test_fifo_is_lossless(made: Spend) -> None:
    """Algorithms 3.1: "FIFO is lossless": outputs of one unit each are the inputs again, unit by unit."""
    inputs, _ = made
    small = [(units % 7, min(tainted, units % 7)) for units, tainted in inputs]
    laid = [1 if place < tainted else 0 for units, tainted in small for place in range(units)]
    assert spend(Rule.FIFO, small, [1] * len(laid)) == laid


@given(made=transactions())
def test_lifo_is_fifo_of_the_reversed_queue(made: Spend) -> None:
    """Algorithms 3.1: "LIFO: reverse the input queue"."""
    inputs, outputs = made
    assert spend(Rule.LIFO, inputs, outputs) == spend(Rule.FIFO, inputs[::-1], outputs)


@given(made=transactions())
def test_tiho_fills_high_outputs_and_tilo_low_ones(made: Spend) -> None:
    """Tironsakkul 2019, algorithms 3.1: "taint fills outputs by descending value. TILO ascending"."""
    inputs, outputs = made
    for rule, sign in ((Rule.TIHO, -1), (Rule.TILO, 1)):
        tainted = spend(rule, inputs, outputs)
        order = sorted(range(len(outputs) - 1), key=lambda i: (sign * outputs[i], i))
        partly = [place for place in [*order, len(outputs) - 1] if tainted[place] < outputs[place]]
        after = [*order, len(outputs) - 1]
        assert not partly or not any(tainted[p] for p in after[after.index(partly[0]) + 1 :])


@given(made=transactions(), factor=st.integers(1, 10**20))
def test_scales(made: Spend, factor: int) -> None:
    """No rule knows the size of a unit: k times the amounts give k times the taint (pro rata rounds)."""
    inputs, outputs = made
    for rule in (rule for rule in UTXO_RULES if rule is not Rule.PRO_RATA):
        grown = spend(rule, [(u * factor, t * factor) for u, t in inputs], [u * factor for u in outputs])
        assert grown == [factor * tainted for tainted in spend(rule, inputs, outputs)], rule
