"""The tree of calls of one transaction: which of them took effect.

Value that a call moved comes back when it fails, and when any call above it fails, whatever the call itself
says. So a call's own word is not enough: either its row says that it took effect with all above it, or every
call above it is there to see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.files.columns import Row
from flowtrace.model import Address

Path = tuple[int, ...]
ROOT: Path = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One row of a table of traces.

    Attributes
    ----------
    tx
        The transaction's hash; empty where the file does not say.
    moves
        Whether this kind of call moves its value: a call, a creation, a self-destruction.
    failed
        Whether the row tells of an error of its own.
    effective
        What the row says of itself and all above it; None where it says nothing.
    children
        How many calls the row says are right below it; None where it does not.
    time
        Of its block; None where the row does not tell it.
    """

    row: Row
    tx: str
    height: int
    index: int
    path: Path
    moves: bool
    source: Address | None
    target: Address | None
    units: int
    failed: bool
    effective: bool | None
    children: int | None
    time: int | None = None
    lossy: bool = False


class CallTree:
    """The calls of one transaction, as far as they are there.

    Raises
    ------
    InputError
        If two rows stand at one place, or a row says that it took effect below one that failed.
    """

    def __init__(self, calls: Iterable[Call]) -> None:
        self.calls: dict[Path, Call] = {}
        for call in sorted(calls, key=lambda one: one.path):
            held = self.calls.setdefault(call.path, call)
            if held is not call and _told(held) != _told(call):
                call.row.refuse("trace_address", f"row {held.row.number} stands at the same place")
        self.whole = self._whole()
        for call in self.calls.values():
            if call.effective and (call.failed or self._fails_above(call.path)):
                call.row.refuse("status", "says it took effect, and it or a call above it failed")

    def _whole(self) -> bool:
        """Tell whether no call is missing, as far as the rows' own counts can show."""
        below: dict[Path, int] = {}
        for path in self.calls:
            if path:
                below[path[:-1]] = below.get(path[:-1], 0) + 1
        parents = ROOT in self.calls and all(path in self.calls for path in below)
        return parents and all(c.children in (None, below.get(path, 0)) for path, c in self.calls.items())

    def _fails_above(self, path: Path) -> bool:
        above = (self.calls.get(path[:size]) for size in range(len(path)))
        return any(call is not None and (call.failed or call.effective is False) for call in above)

    def took_effect(self, call: Call) -> bool | None:
        """Tell whether what a call moved stayed moved; None where the rows do not show it."""
        if call.failed or self._fails_above(call.path):
            return False
        if call.effective is not None:
            return call.effective
        above = (call.path[:size] for size in range(len(call.path)))
        return True if all(path in self.calls for path in above) else None

    @property
    def ok(self) -> bool | None:
        """Whether the transaction succeeded; None where its root is not here."""
        root = self.calls.get(ROOT)
        return None if root is None else self.took_effect(root)


def _told(call: Call) -> tuple[object, ...]:
    return (call.tx, call.moves, call.source, call.target, call.units, call.failed, call.effective)
