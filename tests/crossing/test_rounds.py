"""CoinJoins as candidate matrices: the bounds are those of every mapping there is, tried one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.crossing.rounds import Party, bounds, rounds, solved_by
from flowtrace.model import Class, Hop, Pattern, Rule
from towns.change import VECTOR
from towns.shaped import spent

Sums = tuple[int, ...]


def mappings(gives: Sequence[int], takes: Sequence[int]) -> Iterator[tuple[Sums, ...]]:
    """Yield every way to divide inputs over outputs, in whole units: row by input."""
    if not gives:
        if not any(takes):
            yield ()
        return
    for row in product(*(range(min(gives[0], units) + 1) for units in takes)):
        if sum(row) == gives[0]:
            left = [units - part for units, part in zip(takes, row, strict=True)]
            for rest in mappings(gives[1:], left):
                yield (row, *rest)


def tried(gives: Sequence[int], stolen: Sequence[int], takes: Sequence[int]) -> list[tuple[int, int]]:
    """Return the least and most of each output over all mappings, and all ways to pay in stolen units."""
    seen: list[set[int]] = [set() for _ in takes]
    for matrix in mappings(gives, takes):
        for parts in product(
            *(
                [s for s in product(*(range(part + 1) for part in row)) if sum(s) == bad]
                for row, bad in zip(matrix, stolen, strict=True)
            )
        ):
            for number in range(len(takes)):
                seen[number].add(sum(part[number] for part in parts))
    return [(min(one), max(one)) for one in seen]


@st.composite
def small(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """Draw a little round: inputs, the stolen units of each, outputs of the same sum."""
    gives = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    stolen = [draw(st.integers(0, units)) for units in gives]
    takes, left = [], sum(gives)
    for _ in range(draw(st.integers(0, 2))):
        takes.append(draw(st.integers(0, left)))
        left -= takes[-1]
    return gives, stolen, [*takes, left]


@given(small())
def test_the_bounds_are_those_of_all_mappings(round_: tuple[list[int], list[int], list[int]]) -> None:
    """Each bound is reached by a mapping, and none goes beyond it."""
    gives, stolen, takes = round_
    assert bounds(gives, stolen, takes) == tried(gives, stolen, takes)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=2, max_size=3), st.integers(1, 3))
def test_where_the_sums_are_solved_the_bounds_are_those_of_the_parties(
    parties: list[tuple[int, int]], shared: int
) -> None:
    """Each party pays for its own change and one shared output: tried over every way to hand those out."""
    changes = [shared + 1 + change for change, _ in parties]  # none looks like a shared output
    gives = [change + shared for change in changes]
    stolen = [min(bad, units) for (_, bad), units in zip(parties, gives, strict=True)]
    takes = [*changes, *[shared] * len(parties)]
    told = [Party((n,), n) for n in range(len(parties))]
    seen: list[set[int]] = [set() for _ in takes]
    ranges = [
        [part for part in range(bad + 1) if part <= change and bad - part <= shared]
        for change, bad in zip(changes, stolen, strict=True)
    ]
    for order in permutations(range(len(parties))):
        for parts in product(*ranges):
            for n, part in enumerate(parts):
                seen[n].add(part)
                seen[len(parties) + order[n]].add(stolen[n] - part)
    assert bounds(gives, stolen, takes, parties=told, shared=shared) == [(min(s), max(s)) for s in seen]


@given(small())
def test_the_stolen_units_fit_between_the_sums_of_the_bounds(
    round_: tuple[list[int], list[int], list[int]],
) -> None:
    """What is stolen is no less than all least and no more than all most."""
    gives, stolen, takes = round_
    found = bounds(gives, stolen, takes)
    assert sum(low for low, _ in found) <= sum(stolen) <= sum(high for _, high in found)


def entered(*, links: str = "") -> tuple[list[Pattern], list[Hop], dict[str, object]]:
    """Return the round of the JoinMarket vector, entered by its richest input, stolen whole."""
    names = [(f"before:{n}", f"in {n}", units) for n, units in enumerate(VECTOR["inputs"])]
    outs = [(f"out {n}", units) for n, units in enumerate((*VECTOR["shared"], *VECTOR["changes"]))]
    made = spent("round", names, outs, at=600)
    taken = spent("before", [("c:0", "x", sum(VECTOR["inputs"]))], [(o, u) for _, o, u in names])
    hop = Hop(1, "t", taken, 0, {Rule.FIFO: VECTOR["inputs"][3], Rule.POISON: VECTOR["inputs"][3]}, 3)
    figures = (("verdict", "yes"), ("design", "JoinMarket"), ("equal_value", "148176"))
    found = [Pattern("collaborative transaction", (), "coinjoin/1", (made.id,), Class.P, figures)]
    if links:
        found.append(
            Pattern("change linked by subset sum", (), "joinmarket_change/1", (made.id,), Class.P,
                    (("links", links),))
        )  # fmt: skip
    return found, [hop], {made.id: made}


def test_a_round_of_joinmarket_solved_in_part_is_tighter() -> None:
    """The change of 2,851,830 is paid by the input of 3,000,000 alone: it is stolen, and no other's."""
    patterns, hops, transfers = entered()
    (plain,) = rounds(patterns, hops, transfers)  # type: ignore[arg-type]
    assert (plain.left[9].least, plain.left[9].most) == (501_830, 2_851_830)
    patterns, hops, transfers = entered(links="9<-3")
    (tight,) = rounds(patterns, hops, transfers)  # type: ignore[arg-type]
    left = tight.left[9]
    assert (left.units, left.solved) == (2_851_830, True)
    assert left.least > 2_851_000
    assert {number for number, _ in tight.entered[0].into} == {*range(6), 9, 11}
    assert tight.left[6].most <= plain.left[6].most


def test_an_innocent_round_is_not_listed() -> None:
    """A round that no traced coin enters is nobody's concern."""
    patterns, _, transfers = entered()
    assert rounds(patterns, [], transfers) == ()  # type: ignore[arg-type]


def test_inputs_that_do_not_pay_for_it_all_solve_nothing() -> None:
    """Where the shared inputs of all ways are too little for change and share, others may have paid too."""
    _, _, transfers = entered()
    (made,) = transfers.values()
    assert solved_by("9<-0", made, 148_176) == ()  # type: ignore[arg-type]
