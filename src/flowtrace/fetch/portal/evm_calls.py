"""The tree of calls of one EVM transaction, as a portal's traces tell it: who paid whom, and what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowtrace.errors import InputError
from flowtrace.fetch.portal.lines import Row, inner, text, whole_or_none

Path = tuple[int, ...]
"""Where in the tree a call is; the transaction itself is the empty path."""
_DEEPEST = 1100  # the EVM allows 1024 calls within each other
_DESTROYED = ("suicide", "selfdestruct")  # datasets of different age name it differently


@dataclass(frozen=True, slots=True)
class Paid:
    """Coin that a call pays, in lower case as the dataset writes accounts."""

    path: Path
    source: str
    target: str
    units: int


class Calls:
    """The calls of a transaction that were told; not all of them, but with each all that are above it."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows: dict[Path, Row] = {}
        for row in rows:
            path = _path(row)
            if path in self._rows:
                raise InputError("a trace is told twice")
            self._rows[path] = row

    @property
    def known(self) -> bool:
        """Whether the transaction's own call is told."""
        return () in self._rows

    @property
    def reverted(self) -> bool:
        """Whether the transaction's own call failed, as far as that is told."""
        return self.known and bool(self._rows[()].get("error"))

    def payments(self, account: str) -> Iterator[Paid]:
        """Yield what calls inside the transaction paid to or from an account, where nothing above failed.

        Raises
        ------
        InputError
            If it is not told whether one of them failed.
        """
        for path, row in sorted(self._rows.items()):
            ends = _ends(row) if path else None
            if ends is not None and account in ends:
                units = whole_or_none(inner(row, "action"), _value_of(row)) or 0
                if units and not self._failed(path):
                    yield Paid(path, *ends, units)

    def destroyed(self, account: str) -> bool:
        """Tell whether an account destroyed itself."""
        gone = (row for row in self._rows.values() if row.get("type") in _DESTROYED)
        return any((_ends(row) or ("",))[0] == account for row in gone)

    def _failed(self, path: Path) -> bool:
        for length in range(len(path) + 1):
            above = self._rows.get(path[:length])
            if above is None:
                raise InputError(f"the calls above trace {'.'.join(map(str, path)):.80} are not told")
            if above.get("error"):
                return True
        return False


def _path(row: Row) -> Path:
    path = row.get("traceAddress")
    if not isinstance(path, list) or len(path) > _DEEPEST or not all(type(n) is int for n in path):
        raise InputError("a trace has no path")
    if not isinstance(row.get("error"), str | None) or min(path, default=0) < 0:
        raise InputError("a trace's path or error is none")
    return tuple(path)


def _ends(row: Row) -> tuple[str, str] | None:
    """Return who may have paid whom by a call; None where that kind of call pays nobody else.

    A delegated call is shown with the value of the call around it, but pays nothing; nor does a call of
    another's code.
    """
    action, kind = inner(row, "action"), row.get("type")
    if kind in _DESTROYED and action:
        return _account(action, "address"), _account(action, "refundAddress")
    if kind == "create":
        made = inner(row, "result")
        return (_account(action, "from"), _account(made, "address")) if made.get("address") else None
    if kind == "call":
        how = action.get("callType", action.get("type"))
        if not isinstance(how, str):
            raise InputError("a call does not say of which kind it is")
        return (_account(action, "from"), _account(action, "to")) if how.lower() == "call" else None
    return None


def _account(action: Row, key: str) -> str:
    return text(action, key).lower()


def _value_of(row: Row) -> str:
    return "balance" if row.get("type") in _DESTROYED else "value"
