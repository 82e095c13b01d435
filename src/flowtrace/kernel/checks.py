"""What a run refuses before it changes anything, in the words of both engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowtrace.errors import InputError
from flowtrace.kernel.columns import OUTSIDE, Groups, Moves

BEFORE_ALL = -(1 << 63)
"""The order of a run that has moved nothing yet."""

INDEX, ORDER, ENDS, SUM = 1, 2, 3, 4
_WORDS = {
    INDEX: "a place or theft is out of range; -1 is outside, and the others count from 0",
    ORDER: "it stands before what was carried out already; sort the rows by their place in the chain",
    ENDS: "its legs do not follow those before it; ends must rise up to the number of legs",
    SUM: "inputs and outputs do not sum to the same; give the fee as the last output",
}


def refusal(what: str, row: int, code: int) -> InputError:
    """Return the error for a row that is refused."""
    return InputError(f"{what} {row} cannot be traced: {_WORDS[code]}")


def check_moves(moves: Moves, places: int, thefts: int, last: int) -> None:  # noqa: PLR0917  as in kernel.c
    """Refuse moves of which any row is malformed; ``last`` is the order reached so far."""
    within = _within((moves.source, moves.target), places) and _within((moves.theft,), thefts)
    if within and (moves.order is None or not len(moves) or _rises(moves.order, last)):
        return
    for row in range(len(moves)):
        columns = ((moves.source, places), (moves.target, places), (moves.theft, thefts))
        if not all(column is None or OUTSIDE <= column[row] < end for column, end in columns):
            raise refusal("move", row, INDEX)
        if moves.order is not None:
            if moves.order[row] < last:
                raise refusal("move", row, ORDER)
            last = moves.order[row]


def check_groups(groups: Groups, places: int, thefts: int, last: int) -> None:  # noqa: PLR0917  as above
    """Refuse transactions of which any is malformed."""
    _check_ends(groups)
    for row, (inputs, outputs) in enumerate(legs(groups)):
        theft = groups.output_theft
        for column, rows, end in (
            (groups.input_place, inputs, places),
            (groups.output_place, outputs, places),
            (theft, outputs, thefts),
        ):
            if column is not None and not all(OUTSIDE <= column[leg] < end for leg in rows):
                raise refusal("transaction", row, INDEX)
        if groups.order is not None:
            if groups.order[row] < last:
                raise refusal("transaction", row, ORDER)
            last = groups.order[row]
        given = sum(groups.input_units[leg] for leg in inputs)
        if given != sum(groups.output_units[leg] for leg in outputs):
            raise refusal("transaction", row, SUM)


def legs(groups: Groups) -> Iterator[tuple[range, range]]:
    """Yield the rows of the inputs and of the outputs of each transaction."""
    start, begin = 0, 0
    for end, stop in zip(groups.input_ends, groups.output_ends, strict=True):
        yield range(start, end), range(begin, stop)
        start, begin = end, stop


def _check_ends(groups: Groups) -> None:
    inputs, outputs = len(groups.input_units), len(groups.output_units)
    start, begin = 0, 0
    row = 0
    for row, (end, stop) in enumerate(zip(groups.input_ends, groups.output_ends, strict=True)):
        if not (start < end <= inputs and begin < stop <= outputs):
            raise refusal("transaction", row, ENDS)
        start, begin = end, stop
    if (start, begin) != (inputs, outputs):
        raise refusal("transaction", row, ENDS)


def _within(columns: Sequence[memoryview | None], end: int) -> bool:
    return all(min(c) >= OUTSIDE and max(c) < end for c in columns if c is not None and len(c))


def _rises(order: Sequence[int], last: int) -> bool:
    return order[0] >= last and all(map(int.__le__, order[:-1], order[1:]))
