"""Equal outputs: BlockSci's test, JoinMarket's form, and the bounded search for its sums."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from flowtrace_heuristics.utxo import joinmarket
from flowtrace_heuristics.utxo.joinmarket import MAKER, TAKER, generic, sums
from flowtrace_heuristics.utxo.sides import BITCOIN, WITNESS_KEY, Sides


def sides(given: tuple[int, ...], paid: tuple[int, ...], *, height: int = 883_000, givers: int = 0) -> Sides:
    """Return sides in which everybody has an address of his own; or so many givers in turn."""
    return Sides(
        chain_id=BITCOIN,
        height=height,
        given=given,
        givers=tuple(f"giver {n % (givers or len(given))}" for n in range(len(given))),
        gives=(WITNESS_KEY,) * len(given),
        paid=paid,
        payees=tuple(f"payee {n}" for n in range(len(paid))),
        pays=(WITNESS_KEY,) * len(paid),
        fee=max(0, sum(given) - sum(paid)),
    )


REGTEST = sides(
    (600_000, 500_000, 75_000, 3_000_000, 500_000, 600_000, 75_000),
    (148_176,) * 6 + (451_830, 351_830, 451_830, 2_851_830, 351_830),
)
"""JoinMarket regtest ``da50e2d7...476283`` of the specification."""


def test_the_vector_of_the_specification() -> None:
    """CJ: "sudoku has 4 solutions, the only change link common to all is 2851830 <- 3000000"."""
    assert generic(REGTEST)
    found = sums(REGTEST)
    assert found.whole
    assert len(found.solutions) == 4
    links = [set(solution.items()) for solution in found.solutions]
    assert set.intersection(*links) == {(9, (3,))}
    assert (REGTEST.paid[9], (REGTEST.given or ())[3]) == (2_851_830, 3_000_000)


def brute(one: Sides, value: int) -> int:
    """Count the assignments of disjoint groups by trying them all."""
    given, paid, fee = one.given or (), one.paid, one.fee
    gain, loss = max(MAKER, value // 1000), max(TAKER, value * 5 // 1000 + fee)
    changes = [units for units in paid if units != value]
    groups = [group for size in (1, 2, 3, 4) for group in combinations(range(len(given)), size)]
    fitting = [
        [group for group in groups if -loss <= value + c - sum(given[n] for n in group) <= gain]
        for c in changes
    ]
    disjoint = (one for one in product(*fitting) if len({n for g in one for n in g}) == sum(map(len, one)))
    return sum(1 for _ in disjoint)


@given(
    changes=st.lists(st.integers(1, 200_000), min_size=1, max_size=3),
    more=st.lists(st.integers(1, 1_200_000), max_size=3),
    gains=st.lists(st.integers(-70_000, 30_000), min_size=3, max_size=3),
)
def test_the_search_finds_what_trying_all_finds(
    changes: list[int], more: list[int], gains: list[int]
) -> None:
    """1.2: "an assignment of disjoint input groups to the change outputs", groups of four at most."""
    value = 1_000_000
    given = tuple(value + c - gain for c, gain in zip(changes, gains, strict=False)) + tuple(more)
    paid = (value,) * max(2, len(changes)) + tuple(changes)
    one = sides(given, paid)
    found = sums(one)
    expected = brute(one, value)
    assert len(found.solutions) == min(expected, joinmarket.MOST_SOLUTIONS)
    assert found.whole == (expected < joinmarket.MOST_SOLUTIONS)


@given(data=st.data())
def test_every_solution_pays_each_change_within_the_fees(data: st.DataObject) -> None:
    """1.2: "-takerFee <= v*+c-sum(S) <= makerFee", and no input serves twice."""
    numbers = st.integers(1, 1 << 62)
    given = tuple(data.draw(st.lists(numbers, min_size=1, max_size=30)))
    paid = tuple(data.draw(st.lists(numbers | st.sampled_from((1, 2, 1 << 61)), max_size=30)))
    one = sides(given, paid)
    for solution in sums(one).solutions:
        used = [n for group in solution.values() for n in group]
        assert len(set(used)) == len(used)
        value = max(one.counts, key=lambda units: (one.counts[units], units))
        for place, group in solution.items():
            gained = value + paid[place] - sum(given[n] for n in group)
            assert -max(TAKER, value * 5 // 1000 + one.fee) <= gained <= max(MAKER, value // 1000)


def test_a_hostile_transaction_is_given_up_and_not_taken_for_solved() -> None:
    """Bounded work: thousands of inputs that fit everywhere end the search, which says it is not whole."""
    crowd = sides((1_000_005,) * 3_000, (1_000_000,) * 1_500 + tuple(range(1, 1_501)))
    found = sums(crowd)
    assert not found.whole
    assert not found.solutions


def test_many_solutions_stop_at_two_hundred() -> None:
    """1.2: "stop after 200 solutions"."""
    alike = sides((1_000_005,) * 8, (1_000_000,) * 4 + (1, 2, 3, 4))
    assert len(sums(alike).solutions) == 200
    assert not sums(alike).whole
    assert len(sums(alike, solutions=1).solutions) == 1


def test_sums_of_nothing_are_none() -> None:
    """No shared value, no change, or values that nobody tells: nothing to assign."""
    assert not sums(sides((5, 6), (3, 4))).solutions
    assert not sums(sides((5, 6), (5, 5))).solutions
    assert not sums(sides((), ())).solutions
    blind = sides((9, 9), (5, 5, 2))
    unknown = Sides(
        blind.chain_id,
        blind.height,
        None,
        blind.givers,
        blind.gives,
        blind.paid,
        blind.payees,
        blind.pays,
    )
    assert not sums(unknown).solutions


def test_blocksci_asks_for_half_of_the_outputs() -> None:
    """D0: "p=ceil(|O|/2)", "p<=#distinct input addresses", "v* not in {546, 2730}"."""
    assert generic(sides((9, 9), (5, 5, 3)))
    assert generic(sides((9, 9), (5, 5, 3, 4)))
    assert not generic(sides((9, 9), (5, 5, 3, 4, 1)))
    assert not generic(sides((9, 9), (5, 5)))
    assert not generic(sides((9, 9), (5, 5, 3), givers=1))
    assert not generic(sides((900, 900), (546, 546, 300)))
    assert not generic(sides((9_000, 9_000), (2_730, 2_730, 300)))


def test_joinmarket_has_one_repeated_value() -> None:
    """D5: "exactly one repeated value; m==|O|-m or (taker sweep) m==|O|-m+1", from height 336,861 on."""
    assert joinmarket.equal_outputs(sides((9, 9), (5, 5, 3, 4))) == 1
    assert joinmarket.equal_outputs(sides((9, 9), (5, 5, 3))) == 2
    assert joinmarket.equal_outputs(sides((9, 9), (5, 5, 3, 3))) == 0
    assert joinmarket.equal_outputs(sides((9, 9), (5, 5, 3), givers=1)) == 0
    assert joinmarket.equal_outputs(sides((9, 9), (5, 5, 3, 4), height=336_860)) == 0


def test_the_shortcut_refuses_a_valid_round() -> None:
    """R4: the largest participant, with one input, "gains < 10,000 sat", and the round is refused."""
    assert not joinmarket.shortcut(REGTEST)
    assert joinmarket.shortcut(sides((1_500_000, 1_600_000), (1_000_000, 1_000_000, 500_000, 700_000)))
