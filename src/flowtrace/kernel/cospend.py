"""Who spends together: union-find over the inputs of transactions, compiled where it can be.

Inputs are columns: those of transaction g are the rows from ``ends[g - 1]`` (0 for the first) up to
``ends[g]``; an address is a dense number from 0, or -1 where an input has none. A row makes a union where no
row before it has joined its address with the first address of its transaction. So the forest of evidence is a
list of rows, and says the same whichever way the search goes.
"""

from __future__ import annotations

import ctypes
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowtrace.errors import InputError
from flowtrace.kernel.columns import OUTSIDE, column
from flowtrace.kernel.compiled import room
from flowtrace.kernel.library import InputColumns, address, library

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from flowtrace.kernel.columns import Numbers

_MOST = (1 << 31) - 1
INDEX, ORDER, ENDS = 1, 2, 3
_WORDS = {
    INDEX: "input {} is of an address out of range; -1 is none, and the others count from 0",
    ORDER: "address {} of the earlier answer stands below its component's smallest: give it as it was given",
    ENDS: "transaction {} does not end where its inputs do; ends must rise up to the number of inputs",
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of transactions in chain order, an address each."""

    ends: memoryview
    address: memoryview

    @classmethod
    def of(cls, ends: Numbers, address: Numbers) -> Inputs:
        """Return inputs from any buffers or sequences: 64 bits an end, 32 bits an address."""
        return cls(column(ends, "q"), column(address, "i"))

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True, slots=True)
class Joined:
    """Which addresses spend together, and why.

    Attributes
    ----------
    component
        Of each address the smallest address it is joined with: its own number where with none.
    made
        The rows that made a union, rising: a spanning forest of evidence.
    """

    component: memoryview
    made: memoryview

    def why(self, inputs: Inputs, a: int, b: int) -> tuple[int, ...] | None:
        """Return the rows that join two addresses, from ``a`` to ``b``; None where none do.

        Each joins its address with the first of its transaction. Rows of earlier answers, that this one was
        built on, are not among them.
        """
        import numpy as np

        component, rows = np.asarray(self.component), np.asarray(self.made)
        of_row = component[np.asarray(inputs.address)[rows]]
        near: dict[int, list[tuple[int, int]]] = {}
        for row in rows[of_row == component[a]].tolist():
            one, other = first_of(inputs, row), inputs.address[row]
            near.setdefault(one, []).append((other, row))
            near.setdefault(other, []).append((one, row))
        came: dict[int, tuple[int, int]] = {b: (b, OUTSIDE)}
        waiting = deque([b])
        while waiting and a not in came:
            here = waiting.popleft()
            for there, row in near.get(here, ()):
                if there not in came:
                    came[there] = (here, row)
                    waiting.append(there)
        return tuple(_onwards(came, a)) if a in came else None


def _onwards(came: dict[int, tuple[int, int]], here: int) -> Iterator[int]:
    """Yield the rows of a way that was searched from its end."""
    while (row := came[here][1]) != OUTSIDE:
        yield row
        here = came[here][0]


def first_of(inputs: Inputs, row: int) -> int:
    """Return the first address of the transaction that a row is of: the one it joins its own with."""
    before = bisect_right(inputs.ends, row) - 1
    start = inputs.ends[before] if before >= 0 else 0
    return next(one for one in inputs.address[start : row + 1] if one != OUTSIDE)


def join(
    inputs: Inputs, addresses: int, *, held: ReadableBuffer | None = None, onto: Joined | None = None
) -> Joined:
    """Join the addresses that are inputs of one transaction, transitively.

    Parameters
    ----------
    addresses
        How many there are: their numbers run from 0.
    held
        A byte a transaction: where it is not 0 the inputs are not joined. ``guard`` gives it.
    onto
        An earlier answer for as many addresses or fewer: this one goes on from it.

    Raises
    ------
    InputError
        If an address or an end is out of range, or a column has not as many rows as it must.

    Examples
    --------
    >>> found = join(Inputs.of([2, 4, 6], [4, 1, 2, 1, 3, 0]), 5, held=bytes([0, 0, 1]))
    >>> list(found.component), list(found.made)
    ([0, 1, 1, 3, 1], [1, 3])
    """
    if not 0 <= addresses <= _MOST:
        raise InputError(f"{addresses} addresses cannot be joined: there are 2^31 - 1 at most")
    if held is not None and memoryview(held).nbytes != len(inputs):
        raise InputError(f"{memoryview(held).nbytes} bytes say what is held of {len(inputs)} transactions")
    if onto is not None and len(onto.component) > addresses:
        raise InputError("the earlier answer is of more addresses than there are")
    opened = library()
    if opened is None:
        return plain(inputs, addresses, held=held, onto=onto)
    above = _above(addresses, onto)
    made = room(8 * min(len(inputs.address), addresses))
    columns = InputColumns(
        len(inputs),
        len(inputs.address),
        addresses,
        address(inputs.ends),
        address(inputs.address),
        address(held),
    )
    unions, at = ctypes.c_int64(0), ctypes.c_int64(0)
    where = (address(above), onto is None, address(made), ctypes.byref(unions), ctypes.byref(at))
    code = opened.flow_join(ctypes.byref(columns), *where)
    if code:
        raise refusal(code, at.value)
    rows = made[: 8 * unions.value]
    return Joined(above, rows.cast("B").cast("q") if unions.value else column((), "q"))


def _above(addresses: int, onto: Joined | None) -> memoryview:
    """Return room for the answer, with the earlier one in it; the rest of a fresh one the library fills."""
    above = room(4 * addresses).cast("B").cast("i") if addresses else column((), "i")
    if onto is not None:
        known = len(onto.component)
        above[:known] = onto.component
        above[known:] = array("i", range(known, addresses))
    return above


def plain(
    inputs: Inputs, addresses: int, *, held: ReadableBuffer | None = None, onto: Joined | None = None
) -> Joined:
    """Join in plain Python: what the compiled library must equal, bit for bit."""
    check_ends(inputs.ends, len(inputs.address))
    for row, one in enumerate(inputs.address):
        if not OUTSIDE <= one < addresses:
            raise refusal(INDEX, row)
    above = list(range(addresses))
    for number, low in enumerate(() if onto is None else onto.component):
        if not 0 <= low <= number:
            raise refusal(ORDER, number)
        above[number] = low
    apart = bytes(len(inputs)) if held is None else memoryview(held).cast("B")
    made = array("q")
    start = 0
    for end, kept in zip(inputs.ends, apart, strict=True):
        if not kept:
            made.extend(_join_rows(above, inputs.address, range(start, end)))
        start = end
    for number in range(addresses):
        above[number] = above[above[number]]
    return Joined(column(above, "i"), memoryview(made))


def _join_rows(above: list[int], addresses: memoryview, rows: range) -> Iterator[int]:
    """Join the addresses of some rows, and yield each row that makes a union."""
    root = OUTSIDE
    for row in rows:
        at = addresses[row]
        if at == OUTSIDE:
            continue
        while above[at] != at:
            above[at] = above[above[at]]
            at = above[at]
        if root not in {OUTSIDE, at}:
            low, high = sorted((root, at))
            above[high] = low
            at = low
            yield row
        root = at


def check_ends(ends: memoryview, rows: int) -> None:
    """Refuse ends that fall, or that do not lead up to the number of rows."""
    last = number = 0
    for number, end in enumerate(ends):
        if not last <= end <= rows:
            raise refusal(ENDS, number)
        last = end
    if last != rows:
        raise refusal(ENDS, number)


def refusal(code: int, at: int) -> InputError:
    """Return the error for columns that are refused."""
    return InputError(_WORDS[code].format(at))
