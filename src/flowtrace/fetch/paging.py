"""Walking a list of rows block by block, without ever taking a short page for the end.

A service may silently give fewer rows than asked for, so the end is proved, not assumed: the last block is
asked for again, and only when nothing new comes, and less than the service has shown it can give, is that
all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
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

    def page(self, first: int, last: int, number: int) -> Asking[Page | None]:
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
        If a page contradicts the one before it.
    """
    count, here, upper, largest = 0, first, last, 0
    held: Counter[str] = Counter()
    while here <= last:
        page = yield from reader.page(here, upper, 1)
        if page is None:
            if upper == here:
                raise SourceError(f"block {here} holds more than the service gives: it cannot be complete")
            upper = (here + upper) // 2
            continue
        fresh = _fresh(page, held, (here, upper))
        if fresh:
            count += len(fresh)
            yield reader.tell(page, fresh)
        rows = page.rows
        one_block = bool(rows) and rows[0][0] == rows[-1][0]
        if one_block and len(rows) >= largest and (fresh or rows[0][0] == here):
            # A page full of one block: the block may hold more than a page.
            count += yield from _rest_of_block(reader, page, rows[0][0])
            here, held = rows[0][0] + 1, Counter()
        elif fresh:
            here = rows[-1][0]
            held = Counter(text for block, text in rows if block == here)
        else:  # nothing new from the last block on: that was all of this stretch
            here, held, upper = upper + 1, Counter(), last
        largest = max(largest, len(rows))
    return count


def _fresh(page: Page, held: Counter[str], span: tuple[int, int]) -> list[int]:
    """Return the places of rows not seen before; the rows held must be there again."""
    blocks = [block for block, _ in page.rows]
    if blocks != sorted(blocks) or (blocks and not span[0] <= blocks[0] <= blocks[-1] <= span[1]):
        raise unreadable(page.answer, "rows out of order or of other blocks than asked for")
    left = held.copy()
    fresh = []
    for place, (_, text) in enumerate(page.rows):
        if left[text] > 0:
            left[text] -= 1
        else:
            fresh.append(place)
    if left.total():
        raise unreadable(page.answer, f"{left.total()} rows fewer than it gave before")
    return fresh


def _rest_of_block(reader: Reader, first: Page, block: int) -> Generator[Step, Any, int]:
    """Ask for the further pages of one block, until one brings nothing."""
    count, number = 0, 2
    seen = {text for _, text in first.rows}
    while True:
        page = yield from reader.page(block, block, number)
        if page is None:
            raise SourceError(f"block {block} holds more than the service gives: it cannot be complete")
        places = [place for place, (_, text) in enumerate(page.rows) if text not in seen]
        if not page.rows or not places:
            return count
        count += len(places)
        seen |= {text for _, text in page.rows}
        yield reader.tell(page, places)
        number += 1
