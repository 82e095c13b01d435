"""Strategies for runs of the taint engine: moves and transactions in turn, several thefts, marked places."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from flowtrace.kernel import Engine, Groups, Moves, State, Tainted
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.plain import Plain
from flowtrace.model import Rule

PLACES = 4
Row = tuple[int, int, int, int]
Legs = list[tuple[int, int, int]]
Transaction = tuple[Legs, Legs]
Act = Row | Transaction
Run = Plain | Compiled | Engine


@dataclass(frozen=True)
class Story:
    """Acts in chain order: a row is (source, target, units, theft), a transaction its inputs and outputs."""

    acts: tuple[Act, ...]
    thefts: int = 1
    marked: dict[int, int] = field(default_factory=dict)


def units(most: int) -> st.SearchStrategy[int]:
    """Return amounts: mostly few, so that parcels meet and mix; some up to the most."""
    return st.integers(0, 6) | st.integers(0, 6) | st.integers(0, most)


def rows(most: int, thefts: int) -> st.SearchStrategy[Row]:
    """Return moves between places, from outside, to outside, to oneself, of nothing; thefts among them."""
    place = st.integers(-1, PLACES - 1)
    theft = st.just(-1) | st.just(-1) | st.integers(-1, thefts - 1)
    return st.tuples(place, place, units(most), theft)


@st.composite
def transactions(draw: st.DrawFn, most: int, thefts: int, *, legs: int = 4) -> Transaction:
    """Draw a transaction whose inputs and outputs sum to the same; a place may be in it more than once."""
    place = st.integers(-1, PLACES - 1)
    inputs = draw(st.lists(st.tuples(place, units(most), st.just(-1)), min_size=1, max_size=legs))
    left, outputs = sum(leg[1] for leg in inputs), Legs()
    for _ in range(draw(st.integers(0, legs))):
        like = outputs[-1][1] if outputs else 0  # equal outputs: who gets the odd unit
        part = draw(st.integers(0, left) | st.integers(0, min(left, 3)) | st.just(min(left, like)))
        outputs.append((draw(place), part, draw(st.just(-1) | st.integers(-1, thefts - 1))))
        left -= part
    return inputs, [*outputs, (draw(place), left, -1)]


@st.composite
def stories(draw: st.DrawFn, most: int = 1 << 118, *, thefts: int = 4, length: int = 25) -> Story:
    """Draw a run: one theft or several, a marked place or none."""
    count = draw(st.sampled_from((1, 1, 2, thefts)))
    size = draw(st.sampled_from((8, 10**19, most)))
    act = rows(size, count) | rows(size, count) | transactions(size, count)
    acts = tuple(draw(st.lists(act, min_size=1, max_size=length)))
    marked = draw(st.dictionaries(st.integers(0, PLACES - 1), st.integers(0, count - 1), max_size=1))
    return Story(acts, count, marked)


@st.composite
def honest(draw: st.DrawFn) -> Story:
    """Draw a run in which nobody spends more than came, and all that comes from outside is stolen."""
    held, acts = [0] * PLACES, list[Act]()
    for _ in range(draw(st.integers(1, 20))):
        source, target = draw(st.integers(-1, PLACES - 1)), draw(st.integers(-1, PLACES - 1))
        most = 1 << 100 if source < 0 else held[source]
        moved = draw(st.integers(0, most) | st.just(most if source >= 0 else 7))
        acts.append((source, target, moved, 0 if source < 0 else -1))
        if source >= 0:
            held[source] -= moved
        if target >= 0:
            held[target] += moved
    return Story(tuple(acts))


def carry_out(run: Run, acts: tuple[Act, ...]) -> list[tuple[int, dict[int, int]]]:
    """Carry out acts, neighbours of one kind together; return (tainted units, units by theft) of each row."""
    found: list[tuple[int, dict[int, int]]] = []
    at = 0
    while at < len(acts):
        end = at
        while end < len(acts) and len(acts[end]) == len(acts[at]):
            end += 1
        found += told(_together(run, acts[at:end]))
        at = end
    return found


def told(tainted: Tainted) -> list[tuple[int, dict[int, int]]]:
    """Return (tainted units, units by theft) of each row, in plain numbers."""
    starts = [0, *(tainted.ends or ())]
    return [
        (units, {} if tainted.ends is None else _parts(tainted, starts[row], starts[row + 1]))
        for row, units in enumerate(tainted.units)
    ]


def _parts(tainted: Tainted, start: int, end: int) -> dict[int, int]:
    return {tainted.theft[part]: tainted.parts[part] for part in range(start, end)}


def _together(run: Run, acts: tuple[Act, ...]) -> Tainted:
    if len(acts[0]) == 4:
        source, target, moved, theft = zip(*acts, strict=True)
        return run.move(Moves.of(source, target, moved, theft=theft))
    return run.spend(grouped(acts))


def grouped(acts: tuple[Act, ...]) -> Groups:
    """Return transactions in columns."""
    sides: tuple[tuple[list[int], Legs], tuple[list[int], Legs]] = (([], []), ([], []))
    for act in acts:
        for (ends, legs), side in zip(sides, act, strict=True):
            assert isinstance(side, list)
            legs.extend(side)
            ends.append(len(legs))
    (given_ends, given), (taken_ends, taken) = sides
    return Groups.of(
        (given_ends, [leg[0] for leg in given], [leg[1] for leg in given]),
        (taken_ends, [leg[0] for leg in taken], [leg[1] for leg in taken]),
        theft=[leg[2] for leg in taken],
    )


def plain(rule: Rule, story: Story, *, places: int = PLACES) -> Plain:
    """Return the plain engine for a story."""
    return Plain(rule, places, thefts=story.thefts, marked=story.marked)


def compiled(rule: Rule, story: Story) -> Compiled:
    """Return the compiled engine for a story."""
    return Compiled(rule, PLACES, thefts=story.thefts, marked=story.marked)


def numbers(state: State) -> dict[str, object]:
    """Return a state in plain numbers, to compare."""
    values = {name: getattr(state, name) for name in State.__slots__}
    return {name: v if isinstance(v, (int, str)) else list(v) for name, v in values.items()}
