"""Walking a list of rows block by block, without ever taking a short page for the end.

A service may silently give fewer rows than asked for, now or always, so the end is proved, not assumed: it is
asked for what comes after the last row it gave, and only when that is nothing, that was all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from flowtrace.errors import SourceError
from flowtrace.fetch.source import Asking, Batch, Step, unreadable
from flowtrace.model import Answer


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its rows in the order given, each as (block, text that tells it from every other row)."""

    answer: Answer
    rows: Sequence[tuple[int, str]]


class Reader(Protocol):
    """What a walk needs of a service."""

    @property
    def size(self) -> int:
        """How many rows to ask for at once."""

    @property
    def distinct(self) -> bool:
        """Whether no two rows are alike, so that one that comes twice is a mistake of the service."""

    def page(self, first: int, last: int, *, number: int, size: int) -> Asking[Page | None]:
        """Ask for a page of the rows of some blocks, oldest first; None where that is too much at once."""

    def tell(self, page: Page, places: Sequence[int]) -> Batch:
        """Return what the rows at these places of a page tell."""


def walk(reader: Reader, first: int, last: int) -> Generator[Step, Any, int]:
    """Ask for every row from block ``first`` to block ``last``; return how many there are.

    Raises
    ------
    SourceError
        If one block holds more than the service gives: then the list cannot be complete.
    UnreadableError
        If a page contradicts the one before it, or itself.
    """
    course = _Course(reader, first, last)
    while course.here <= last:
        page = yield from reader.page(course.here, course.upper, number=1, size=reader.size)
        if page is None:
            course.narrow()
            continue
        fresh = course.fresh(page)
        if fresh:
            course.count += len(fresh)
            yield reader.tell(page, fresh)
        yield from course.step(page)
    return course.count


@dataclass
class _Course:
    """Where a walk stands: everything below ``here`` is told, and of block ``here`` the rows ``held``."""

    reader: Reader
    here: int
    last: int
    upper: int = field(init=False)
    count: int = 0
    held: Counter[str] = field(default_factory=Counter)
    _width: int = field(init=False)
    _largest: int = 0

    def __post_init__(self) -> None:
        self.upper, self._width = self.last, self.last - self.here + 1

    def narrow(self) -> None:
        """Ask for half as many blocks; later for more again, little by little."""
        if self.upper == self.here:
            raise _too_much(self.here)
        self.upper = (self.here + self.upper) // 2
        self._width = self.upper - self.here + 1

    def fresh(self, page: Page) -> list[int]:
        """Return the places of rows not seen before; the rows held must be there again."""
        blocks = [block for block, _ in page.rows]
        if blocks != sorted(blocks) or (blocks and not self.here <= blocks[0] <= blocks[-1] <= self.upper):
            raise unreadable(page.answer, "rows out of order or of other blocks than asked for")
        if self.reader.distinct and len({text for _, text in page.rows}) < len(page.rows):
            raise unreadable(page.answer, "the same row twice")
        left, places = self.held.copy(), []
        for place, (_, text) in enumerate(page.rows):
            if left[text] > 0:
                left[text] -= 1
            else:
                places.append(place)
        if left.total():
            raise unreadable(page.answer, f"{left.total()} rows fewer than it gave before")
        return places

    def step(self, page: Page) -> Asking[None]:
        """Go on after a page: to the next, through the rest of its last block, or to the proved end."""
        size = len(page.rows)
        if not size:  # nothing at all proves itself
            self._advance(self.upper + 1)
            return
        block = page.rows[-1][0]
        shown = [text for other, text in page.rows if other == block]
        of_one_block = len(shown) == size
        short = size < self.reader.size and (size < self._largest or not self._largest or of_one_block)
        self._largest = max(self._largest, size)
        if short and (yield from self._ended((block, self.upper), len(shown))):
            self._advance(self.upper + 1)
        elif of_one_block:  # it may hold more than a page
            yield from self._rest(block, shown)
            self._advance(block + 1)
        else:
            self.here, self.held = block, Counter(shown)

    def _advance(self, block: int) -> None:
        self.here, self.held = block, Counter()
        if block > self.upper:
            self._width *= 2
            self.upper = min(self.last, block + self._width - 1)

    def _ended(self, span: tuple[int, int], count: int) -> Generator[Step, Any, bool]:
        """Ask for the one row after so many; tell whether there is none."""
        page = yield from self.reader.page(*span, number=count + 1, size=1)
        return page is not None and not page.rows

    def _rest(self, block: int, shown: list[str]) -> Asking[None]:
        """Ask for the further pages of one block, each as long as the first was, until one brings nothing."""
        size, texts, number = len(shown), list(shown), 1
        while True:
            number += 1
            page = yield from self.reader.page(block, block, number=number, size=size)
            if page is None:
                raise _too_much(block)
            found = [text for _, text in page.rows]
            if len(found) > size or any(other != block for other, _ in page.rows):
                raise unreadable(page.answer, "more rows, or of other blocks, than asked for")
            texts += found
            if self.reader.distinct and len(set(texts)) < len(texts):
                raise unreadable(page.answer, "the same row twice")
            self.count += len(found)
            if found:
                yield self.reader.tell(page, range(len(found)))
            if len(found) < size:
                break
        if found and not (yield from self._ended((block, block), len(texts))):
            raise unreadable(page.answer, "fewer rows of a block than it has")
        if len(set(texts)) < len(texts):  # alike, or told twice because pages overlap
            yield from self._check_last(block, texts)

    def _check_last(self, block: int, texts: list[str]) -> Asking[None]:
        """Ask for the last row by its number: it is another one, or none, where rows were told twice."""
        page = yield from self.reader.page(block, block, number=len(texts), size=1)
        if page is None:
            raise _too_much(block)
        if [text for _, text in page.rows] != texts[-1:]:
            raise unreadable(page.answer, "rows of a block twice")


def _too_much(block: int) -> SourceError:
    return SourceError(f"block {block} holds more than the service gives: it cannot be complete")
