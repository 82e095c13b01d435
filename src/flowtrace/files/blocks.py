"""Blocks as a file states them, and whether all that they state is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from flowtrace.files.columns import Row
from flowtrace.files.gathered import Span


@dataclass(frozen=True, slots=True)
class Stated:
    """What a row says of a block; ``count`` is how many transactions it has, None where it is not said.

    ``hash`` and ``parent`` are empty where they are not said.
    """

    row: Row
    height: int
    time: int
    count: int | None = None
    hash: str = ""
    parent: str = ""


def unbroken(blocks: Iterable[Stated], counts: Counter[int]) -> Span | None:
    """Return the span of the blocks, where none is missing between them and each has what it states.

    Parameters
    ----------
    counts
        How many transactions there are of each block.

    Raises
    ------
    InputError
        If two rows say different things of one block.
    """
    stated: dict[int, Stated] = {}
    for one in blocks:
        held = stated.setdefault(one.height, one)
        if replace(held, row=one.row) != one:
            one.row.refuse(
                "the row", f"tells of block {one.height} something else than row {held.row.number}"
            )
    ordered = [stated[height] for height in sorted(stated)]
    if not ordered or not counts.keys() <= stated.keys():
        return None
    linked = all(
        one.height == before.height + 1 and one.parent in ("", before.hash)
        for before, one in pairwise(ordered)
    )
    whole = all(one.count == counts[one.height] for one in ordered)
    return (ordered[0].height, ordered[-1].height) if linked and whole else None
