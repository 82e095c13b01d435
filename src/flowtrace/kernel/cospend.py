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
from flowtrace.kernel.library import ComponentColumns, InputColumns, address, library

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from flowtrace.kernel.columns import Numbers

_MOST = (1 << 31) - 1
NEEDLESS = 128
"""What ``guard`` says of a needless input."""
_TRUTH = b"\0" + b"\1" * 255
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
    doubted
        Transactions that were not joined because of what others had joined, rising.
    met
        Of each address whether it spent together with another; empty where nothing was held.
    """

    component: memoryview
    made: memoryview
    doubted: memoryview
    met: memoryview

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
    inputs: Inputs,
    addresses: int,
    *,
    held: ReadableBuffer | None = None,
    strict: bool = True,
    onto: Joined | None = None,
) -> Joined:
    """Join the addresses that are inputs of one transaction, transitively.

    Parameters
    ----------
    addresses
        How many there are: their numbers run from 0.
    held
        A byte a transaction, as ``guard`` gives it: where it is neither 0 nor ``NEEDLESS`` the inputs are not
        joined. Where it is ``NEEDLESS`` they are, unless two of them that spent together with others before
        are of different components: that is doubted, and not joined.
    strict
        Whether a transaction that is not joined counts as spending together. With what the guard holds it
        has to, for nothing to be joined that the verdict would not; with verdicts themselves it must not.
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
    met = _met(addresses, held, onto)
    opened = library()
    if opened is None:
        return plain(inputs, addresses, held=held, strict=strict, onto=onto)
    above, doubted = _above(addresses, onto), room(8 * len(inputs) * (held is not None))
    made = room(8 * min(len(inputs.address), addresses))
    columns = InputColumns(
        len(inputs),
        len(inputs.address),
        addresses,
        *map(address, (inputs.ends, inputs.address, held)),
        onto is None,
        strict,
    )
    found, at = ComponentColumns(*map(address, (above, made, doubted, met))), ctypes.c_int64(0)
    code = opened.flow_join(ctypes.byref(columns), ctypes.byref(found), ctypes.byref(at))
    if code:
        raise refusal(code, at.value)
    rows, doubts = (_numbers(one, n) for one, n in ((made, found.unions), (doubted, found.doubts)))
    return Joined(above, rows, doubts, met)


def _above(addresses: int, onto: Joined | None) -> memoryview:
    """Return room for the answer, with the earlier one in it; the rest of a fresh one the library fills."""
    above = room(4 * addresses).cast("B").cast("i") if addresses else column((), "i")
    if onto is not None:
        known = len(onto.component)
        above[:known] = onto.component
        above[known:] = array("i", range(known, addresses))
    return above


def _met(addresses: int, held: ReadableBuffer | None, onto: Joined | None) -> memoryview:
    """Return who spent together with others before; nothing where there is no need to know."""
    if held is None:
        return memoryview(b"")
    met = memoryview(bytearray(addresses))
    if onto is not None:
        if len(onto.met) != len(onto.component):
            raise InputError(
                "the earlier answer knows nothing of what was held: give what was held there too"
            )
        met[: len(onto.met)] = bytes(onto.met).translate(_TRUTH)
    return met


def _numbers(made: memoryview, count: int) -> memoryview:
    return made[: 8 * count].cast("B").cast("q") if count else column((), "q")


def plain(
    inputs: Inputs,
    addresses: int,
    *,
    held: ReadableBuffer | None = None,
    strict: bool = True,
    onto: Joined | None = None,
) -> Joined:
    """Join in plain Python: what the compiled library must equal, bit for bit."""
    check_ends(inputs.ends, len(inputs.address))
    for row, one in enumerate(inputs.address):
        if not OUTSIDE <= one < addresses:
            raise refusal(INDEX, row)
    above, met = _Above(addresses, onto), _met(addresses, held, onto)
    fired = bytes(len(inputs)) if held is None else memoryview(held).cast("B")
    made, doubted = array("q"), array("q")
    start = 0
    for number, (end, byte) in enumerate(zip(inputs.ends, fired, strict=True)):
        givers = [one for one in inputs.address[start:end] if one != OUTSIDE]
        apart = byte not in {0, NEEDLESS}
        if byte == NEEDLESS and len({above.root(one) for one in givers if met[one]}) > 1:
            doubted.append(number)
            apart = True
        if not apart:
            made.extend(above.join(inputs.address, range(start, end)))
        if met and (strict or not apart) and len({*givers}) > 1:
            for one in givers:
                met[one] = 1
        start = end
    return Joined(above.level(), memoryview(made), memoryview(doubted), met)


class _Above:
    """Union-find in which a root is the smallest address of its component."""

    def __init__(self, addresses: int, onto: Joined | None) -> None:
        self._above = list(range(addresses))
        for number, low in enumerate(() if onto is None else onto.component):
            if not 0 <= low <= number:
                raise refusal(ORDER, number)
            self._above[number] = low

    def root(self, at: int) -> int:
        above = self._above
        while above[at] != at:
            above[at] = above[above[at]]
            at = above[at]
        return at

    def join(self, addresses: memoryview, rows: range) -> Iterator[int]:
        """Join the addresses of some rows, and yield each row that makes a union."""
        root = OUTSIDE
        for row in rows:
            if addresses[row] == OUTSIDE:
                continue
            at = self.root(addresses[row])
            if root not in {OUTSIDE, at}:
                low, high = sorted((root, at))
                self._above[high] = low
                at = low
                yield row
            root = at

    def level(self) -> memoryview:
        """Return the smallest address that each is joined with."""
        above = self._above
        for number in range(len(above)):
            above[number] = above[above[number]]
        return column(above, "i")


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
