"""The columns of a run: moves or transactions in chain order, and what the rules make of them.

A place is a dense number for an (address, asset) pair or for a coin; -1 is outside what is followed. A theft
is a dense number too; -1 marks a move that is none. Columns are buffers (numpy, arrow, array) or sequences of
numbers; amounts are 16 bytes a row, lowest byte first, or whole numbers of any size.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

from flowtrace.errors import InputError

if TYPE_CHECKING:
    from typing import Any

    from _typeshed import ReadableBuffer
    from numpy.typing import NDArray

    Numbers = ReadableBuffer | NDArray[Any] | Sequence[int]

OUTSIDE = -1
Code = Literal["i", "q"]
"""A column of 32 bits or of 64 bits a row, with sign."""

_ROW = 16
_WIDTH = 1 << 128
_FORMATS = {"i": ("i", "l"), "q": ("q", "l")}


class Wide(Sequence[int]):
    """Amounts in a buffer of 16 bytes a row, lowest byte first, read as whole numbers.

    >>> list(Wide.of([1, 2**127]))[1] == 2**127
    True
    """

    __slots__ = ("rows",)

    def __init__(self, rows: ReadableBuffer) -> None:
        view = memoryview(rows)
        if not view.c_contiguous or view.nbytes % _ROW:
            raise InputError("amounts are 16 bytes a row, without gaps: give them as two 64-bit halves")
        self.rows = view.cast("B") if view.nbytes else memoryview(b"")

    @classmethod
    def of(cls, units: Iterable[int]) -> Wide:
        """Pack numbers; an OverflowError says that one does not fit 128 bits."""
        return cls(b"".join(one.to_bytes(_ROW, "little") for one in units))

    def __len__(self) -> int:
        return self.rows.nbytes // _ROW

    @overload
    def __getitem__(self, row: int) -> int: ...
    @overload
    def __getitem__(self, row: slice) -> list[int]: ...
    def __getitem__(self, row: int | slice) -> int | list[int]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        start = _ROW * row if row >= 0 else self.rows.nbytes + _ROW * row
        if not 0 <= start < self.rows.nbytes:
            raise IndexError("the row is out of range")
        return int.from_bytes(self.rows[start : start + _ROW], "little")

    def __iter__(self) -> Iterator[int]:
        if not len(self):
            return iter(())
        halves = self.rows.cast("Q")
        return (low | high << 64 for low, high in zip(halves[::2], halves[1::2], strict=True))


Units = Wide | tuple[int, ...]
"""Amounts: 16 bytes a row where they fit, whole numbers of any size where not."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves of one asset or several in chain order, one row each.

    Attributes
    ----------
    source, target
        Places, 32 bits a row.
    theft
        Which theft a row is: all it moves is stolen on arrival. None where no row is one.
    order
        Where each row stands in the chain, 64 bits, never falling. None where the caller vouches for it.
    """

    source: memoryview
    target: memoryview
    units: Units
    theft: memoryview | None = None
    order: memoryview | None = None

    @classmethod
    def of(
        cls,
        source: Numbers,
        target: Numbers,
        units: Numbers | Units,
        *,
        theft: Numbers | None = None,
        order: Numbers | None = None,
    ) -> Moves:
        """Return moves from any buffers or sequences."""
        return cls(
            column(source, "i"), column(target, "i"), amounts(units), _maybe(theft, "i"), _maybe(order, "q")
        )

    def __post_init__(self) -> None:
        _check_formats({"i": (self.source, self.target, self.theft), "q": (self.order,)})
        _check_lengths(len(self.units), (self.source, self.target, self.theft, self.order))

    def __len__(self) -> int:
        return len(self.units)


@dataclass(frozen=True, slots=True)
class Groups:
    """Transactions of one asset in chain order; the last of several outputs is the fee.

    The inputs of transaction g are the rows from ``input_ends[g - 1]`` (0 for the first) up to
    ``input_ends[g]``, the outputs alike. They sum to the same.
    """

    input_ends: memoryview
    input_place: memoryview
    input_units: Units
    output_ends: memoryview
    output_place: memoryview
    output_units: Units
    output_theft: memoryview | None = None
    order: memoryview | None = None

    @classmethod
    def of(
        cls,
        inputs: tuple[Numbers, Numbers, Numbers | Units],
        outputs: tuple[Numbers, Numbers, Numbers | Units],
        *,
        theft: Numbers | None = None,
        order: Numbers | None = None,
    ) -> Groups:
        """Return transactions from (ends, places, units) of the inputs and of the outputs."""
        (in_ends, givers, given), (out_ends, takers, taken) = inputs, outputs
        return cls(
            column(in_ends, "q"),
            column(givers, "i"),
            amounts(given),
            column(out_ends, "q"),
            column(takers, "i"),
            amounts(taken),
            _maybe(theft, "i"),
            _maybe(order, "q"),
        )

    def __post_init__(self) -> None:
        narrow = (self.input_place, self.output_place, self.output_theft)
        _check_formats({"i": narrow, "q": (self.input_ends, self.output_ends, self.order)})
        _check_lengths(len(self.input_units), (self.input_place,))
        _check_lengths(len(self.output_units), (self.output_place, self.output_theft))
        _check_lengths(len(self.input_ends), (self.output_ends, self.order))

    def __len__(self) -> int:
        return len(self.input_ends)


@dataclass(frozen=True, slots=True)
class Tainted:
    """What of each move, or of each output of each transaction, is tainted.

    Attributes
    ----------
    units
        Tainted units of each row, whichever theft they are of.
    ends, theft, parts
        Where there are several thefts, the units of each: those of row r are the parts from ``ends[r - 1]``
        (0 for the first) up to ``ends[r]``, by rising theft. Under poison each theft claims all that it
        reached, so that parts may sum to more than the row.
    """

    units: Sequence[int]
    ends: Sequence[int] | None = None
    theft: Sequence[int] = ()
    parts: Sequence[int] = ()

    def of(self, theft: int) -> list[int]:
        """Return the tainted units of each row that are of one theft."""
        if self.ends is None:
            return list(self.units) if theft == 0 else [0] * len(self.units)
        found, start = [0] * len(self.units), 0
        for row, end in enumerate(self.ends):
            for part in range(start, end):
                if self.theft[part] == theft:
                    found[row] = self.parts[part]
            start = end
        return found


@dataclass(frozen=True, slots=True)
class Sums:
    """What must reconcile, of one theft or of all together: ``stolen`` and ``clean`` are the other three.

    Attributes
    ----------
    stolen
        Units that the theft brought in, and what a marked place spent beyond its record.
    left
        Tainted units that went outside what is followed, fees among them.
    overtaken
        Tainted units that another theft took: they are of that theft from there on.
    resting
        Tainted units that lie in places.
    """

    stolen: int
    left: int
    overtaken: int
    resting: int

    @property
    def clean(self) -> int:
        """Units of others that poison counts as tainted; 0 under every other rule."""
        return self.left + self.overtaken + self.resting - self.stolen


@dataclass(frozen=True, slots=True)
class State:
    """A run laid out in columns: what each place holds, and what another run needs to go on from here.

    The lots of place p are the rows from ``ends[p - 1]`` (0 for the first) up to ``ends[p]``. Under FIFO and
    LIFO they are parcels in the order they came, clean ones of theft -1, and none where nothing is tainted.
    Under the other rules they are tainted units by rising theft; under poison each claims the balance.
    """

    rule: str
    thefts: int
    balance: Sequence[int]
    missing: Sequence[int]
    ends: Sequence[int]
    lot_theft: Sequence[int]
    lot_units: Sequence[int]
    stolen: tuple[int, ...]
    left: tuple[int, ...]
    overtaken: tuple[int, ...]
    moved: int
    order: int
    marked: tuple[tuple[int, int], ...] = ()

    def lots(self, place: int) -> list[tuple[int, int]]:
        """Return the (theft, units) of a place."""
        rows = range(self.ends[place - 1] if place else 0, self.ends[place])
        return [(self.lot_theft[row], self.lot_units[row]) for row in rows]

    def taint(self, place: int) -> int:
        """Return the tainted units of a place, whichever theft they are of."""
        tainted = [units for theft, units in self.lots(place) if theft != OUTSIDE]
        return max(tainted, default=0) if self.rule == "poison" else sum(tainted)


def column(values: Numbers, code: Code) -> memoryview:
    """Return a column of 32-bit ("i") or 64-bit ("q") numbers; a buffer is not copied."""
    if isinstance(values, (list, tuple, range)):
        try:
            return memoryview(array(code, values))
        except (OverflowError, TypeError) as error:
            raise InputError(f"a column holds what no place, theft or order is: {error}") from None
    view = memoryview(values)  # type: ignore[arg-type]  # a sequence that is no buffer is refused here
    kind = view.format.lstrip("@=<")
    if view.ndim != 1 or not view.c_contiguous or kind not in _FORMATS[code] or view.itemsize != _size(code):
        raise InputError(
            f"a column of {8 * _size(code)}-bit numbers is {view.ndim} × {view.format!r} here: convert it"
        )
    return view.cast("B").cast(code) if view.nbytes else memoryview(array(code))


def amounts(units: Numbers | Units) -> Units:
    """Return amounts as 16 bytes a row where they fit, as whole numbers where not."""
    if isinstance(units, Wide):
        return units
    if not isinstance(units, (list, tuple, range)):
        return Wide(units)  # type: ignore[arg-type]  # a sequence that is no buffer is refused there
    if not all(isinstance(one, int) and one >= 0 for one in units):
        raise InputError("an amount is a whole number of base units, not negative")
    return tuple(units) if any(one >= _WIDTH for one in units) else Wide.of(units)


def _maybe(values: Numbers | None, code: Code) -> memoryview | None:
    return None if values is None else column(values, code)


def _size(code: str) -> int:
    return array(code).itemsize


def _check_formats(columns: dict[str, tuple[memoryview | None, ...]]) -> None:
    for code, views in columns.items():
        for view in views:
            if view is not None and (view.format != code or view.ndim != 1 or not view.c_contiguous):
                raise InputError(f"a column has format {view.format!r}, not {code!r}: make it with column()")


def _check_lengths(rows: int, views: Iterable[memoryview | None]) -> None:
    for view in views:
        if view is not None and len(view) != rows:
            raise InputError(f"columns differ in length: {len(view)} rows beside {rows}")
