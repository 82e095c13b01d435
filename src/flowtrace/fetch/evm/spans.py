"""Asking about many blocks in spans as wide as a service allows: it says only when it is too much."""

from __future__ import annotations

from collections.abc import Callable

from flowtrace.errors import SourceError
from flowtrace.fetch.source import Asking

_PATIENCE = 8  # a span is widened after so many that fitted: then one question in nine at most is wasted
_ROUND = 100  # where an answer holds a multiple of this many rows, it may have been cut at a limit


def spans(
    first: int, last: int, one: Callable[[int, int], Asking[int | None]], *, widest: int = 0
) -> Asking[int]:
    """Ask about all blocks from ``first`` to ``last``; return how many rows there are.

    Parameters
    ----------
    one
        Asks about a span of blocks; returns how many rows it holds, None where that is too much at once.
    widest
        How many blocks to ask about at once at first; 0 for all.

    Raises
    ------
    SourceError
        If a single block is too much: then the list cannot be complete.
    """
    here, width, fitted, count = first, widest or last - first + 1, 0, 0
    while here <= last:
        upper = min(last, here + width - 1)
        found = yield from one(here, upper)
        if found is None and upper == here:
            raise SourceError(f"block {here} holds more than the service gives: it cannot be complete")
        if found is None or (found and found % _ROUND == 0 and upper > here):
            width, fitted = (upper - here + 1) // 2, 0
            continue
        here, fitted, count = upper + 1, fitted + 1, count + found
        if fitted % _PATIENCE == 0:
            width *= 2
    return count
