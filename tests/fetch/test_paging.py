"""Walking a list: every row exactly once, or an error that says what cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowtrace.errors import SourceError, UnreadableError
from flowtrace.fetch.paging import Page, walk
from flowtrace.fetch.source import Asking, Batch, drive
from flowtrace.model import Answer, Request

Rows = list[tuple[int, str]]
ASKED = Request("GET", "https://service.example/")


@dataclass
class World:
    """A service over some rows.

    Attributes
    ----------
    clamps
        How many rows it gives at most, from answer to answer, over and over.
    widest
        The most blocks it answers about at once; ``window`` the most rows it gives by paging one question.
    late
        Whether a clamped page moves the pages after it forward, as services do that clamp the size first.
    meddle
        What happens to the rows of an answer, by its number.
    """

    rows: Rows
    size: int = 5
    distinct: bool = True
    clamps: Sequence[int] = (1_000,)
    widest: int = 1_000
    window: int = 100_000
    late: bool = False
    meddle: Callable[[int, Rows], Rows] = lambda _number, rows: rows
    told: Rows = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self._clamps = cycle(self.clamps)

    def page(self, first: int, last: int, *, number: int, size: int) -> Asking[Page | None]:
        """Answer as a service does that pages by number and size."""
        yield from ()
        if last - first >= self.widest or number * size > self.window:
            return None
        self.asked += 1
        clamp = next(self._clamps)
        step = min(size, clamp) if self.late else size
        found = [row for row in self.rows if first <= row[0] <= last][(number - 1) * step :]
        rows = self.meddle(self.asked, found[: min(size, clamp)])
        return Page(Answer(ASKED, b"", "2026-01-01", "a test", number=self.asked), rows)

    def tell(self, page: Page, places: Sequence[int]) -> Batch:
        """Take the rows at these places."""
        self.told += [page.rows[place] for place in places]
        return Batch((), page.answer.number)


def walked(world: World, last: int = 30) -> int:
    """Walk a world to its end."""

    def refused(request: Request) -> Answer:
        raise AssertionError(request)

    return drive(walk(world, 0, last), refused, lambda _: None)


def rows_of(blocks: Sequence[int]) -> Rows:
    """Return one row of its own for each of these blocks."""
    return [(block, f"row {number}") for number, block in enumerate(sorted(blocks))]


BLOCKS = st.lists(st.integers(0, 30) | st.sampled_from([3, 4, 30]), max_size=40)
WORLDS = st.builds(
    World,
    BLOCKS.map(rows_of),
    size=st.integers(1, 8),
    distinct=st.booleans(),
    clamps=st.lists(st.integers(1, 12), min_size=1, max_size=5),
    widest=st.sampled_from([1, 2, 3, 7, 16, 1_000]),
    window=st.sampled_from([1, 8, 20, 1_000, 100_000]),
    late=st.booleans(),
)


@given(WORLDS)
@example(World(rows_of([0] * 10 + [5] * 3 + [5] * 2 + [9]), size=13, clamps=[13, 3, 3, 3]))
def test_every_row_once_or_an_error(world: World) -> None:
    """Whatever is clamped from answer to answer, however pages are counted, however little is given."""
    try:
        count = walked(world)
    except SourceError as error:
        said = str(error)
    else:
        assert (world.told, count) == (world.rows, len(world.rows))
        return
    assert any(words in said for words in ("cannot be complete", "fewer", "asked for", "twice"))


@given(WORLDS)
def test_a_service_that_always_clamps_alike_is_walked_to_the_end(world: World) -> None:
    """A constant clamp, unknown to us, costs requests and nothing else; so does a narrow window of blocks."""
    world.clamps, world.window = world.clamps[:1], 100_000
    world.__post_init__()
    assert walked(world) == len(world.rows)
    assert world.told == world.rows


@given(WORLDS, st.data())
def test_rows_that_are_alike_are_all_told(world: World, data: st.DataObject) -> None:
    """Two moves may be alike to the last letter: they are counted, not merged."""
    names = data.draw(st.lists(st.sampled_from("ab"), min_size=len(world.rows), max_size=len(world.rows)))
    world.rows = [(block, name) for (block, _), name in zip(world.rows, names, strict=True)]
    world.distinct = False
    try:
        walked(world)
    except SourceError:
        return
    assert world.told == world.rows


@given(BLOCKS, st.integers(1, 8))
def test_a_block_beyond_the_window_is_named(blocks: list[int], size: int) -> None:
    """Where one block holds more than a question can be paged to, the list is not complete, and says so."""
    crowded = [7] * 30
    world = World(rows_of([*blocks, *crowded]), size=size, window=20)
    with pytest.raises(SourceError, match="block 7 holds more than the service gives: it cannot be complete"):
        walked(world)


@given(BLOCKS, st.integers(2, 8), st.integers(1, 20))
def test_more_cost_few_more_requests(blocks: list[int], size: int, crowd: int) -> None:
    """A plain service is not asked without end: pages, a look at each crowded block, and the proof."""
    world = World(rows_of([*blocks, *[9] * crowd]), size=size)
    walked(world)
    crowded = sum(blocks.count(block) >= size - 1 for block in set(blocks)) + 1
    assert world.asked <= 2 * (len(world.rows) // (size - 1) + 1) + 3 * crowded + 3


def test_nothing_is_one_question() -> None:
    """An address without rows costs one request for each list; one with a few rows costs two."""
    for rows, asked in (([], 1), ([5], 2), ([5, 6, 6], 2)):
        world = World(rows_of(rows))
        walked(world)
        assert world.asked == asked


LIES: dict[str, Callable[[Rows], Rows]] = {
    "out of order": lambda rows: rows[::-1],
    "of another block": lambda rows: [*rows, (99, "far")],
    "below": lambda rows: [(-1, "before"), *rows],
    "twice": lambda rows: [*rows, rows[-1]],
    "a row lost": lambda rows: rows[1:],
    "all lost": lambda _: [],
}


@pytest.mark.parametrize("lie", LIES)
def test_a_page_that_contradicts_is_unreadable(lie: str) -> None:
    """The second page overlaps the first: what was there must be there again, in order, once."""
    rows = rows_of([1, 2, 2, 3, 4, 4, 4, 6, 7, 8])
    world = World(rows, meddle=lambda number, found: LIES[lie](found) if number == 2 else found)
    with pytest.raises(UnreadableError) as error:
        walked(world)
    assert error.value.answer == 2


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=30),
    st.integers(2, 6),
    st.tuples(st.integers(1, 6), st.sampled_from(["out of order", "of another block", "below", "twice"])),
)
def test_one_mishap_is_found_or_harmless(blocks: list[int], size: int, mishap: tuple[int, str]) -> None:
    """Wherever in the walk one answer is out of order, beside the question or doubled: not believed."""
    place, lie = mishap
    world = World(
        rows_of(blocks),
        size=size,
        meddle=lambda number, found: LIES[lie](found) if number == place and found else found,
    )
    try:
        walked(world, 9)
    except SourceError:
        return
    assert sorted(world.told) == sorted(world.rows), "the order within a block is the service's"


@given(st.lists(st.tuples(st.integers(-2, 33), st.text("ab", max_size=1)), max_size=12), st.integers(1, 5))
def test_a_service_that_says_anything_ends_the_walk(rows: Rows, size: int) -> None:
    """An answer that ignores the question, always the same: an end or an error, never without end."""
    world = World([], size=size, distinct=False, window=50, meddle=lambda _number, _found: rows)
    try:
        walked(world)
    except SourceError:
        return
    assert not rows
