"""What one place holds under each rule, its taint by theft."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence

from flowtrace.kernel.columns import OUTSIDE
from flowtrace.kernel.division import Lots, Parcel, Share, among_thefts, cut, joined, laid, less, nothing
from flowtrace.model import Rule


class Purse(ABC):
    """A balance, and how much of it is tainted, whichever theft it is of."""

    __slots__ = ("balance", "taint")

    def __init__(self) -> None:
        self.balance = 0
        self.taint = 0

    @abstractmethod
    def put(self, units: int, tainted: int, parts: Parcel) -> None:
        """Receive units, the tainted parts among them."""

    @abstractmethod
    def take(self, units: int) -> Share:
        """Give units and return what of them is tainted."""

    @abstractmethod
    def by_theft(self) -> Parcel:
        """Return the tainted units of each theft."""

    def saved(self) -> list[tuple[int, int]]:
        """Return the lots that a state keeps."""
        return list(self.by_theft().items())

    @abstractmethod
    def restore(self, balance: int, lots: Sequence[tuple[int, int]]) -> None:
        """Become what was saved."""


class _Mixed(Purse):
    """A balance in which the tainted units have no place of their own: the rule says how many leave."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        super().__init__()
        self._parts: Parcel = {}

    def put(self, units: int, tainted: int, parts: Parcel) -> None:
        self.balance += units
        if tainted:
            self.taint += tainted
            self._parts = joined([self._parts, parts]) if self._parts else parts

    def take(self, units: int) -> Share:
        tainted = self._chosen(units) if self.taint else 0
        self.balance -= units
        if not tainted:
            return nothing()
        gone = among_thefts(tainted, self.taint, self._parts)
        self.taint -= tainted
        self._parts = less(self._parts, gone) if self.taint else {}
        return tainted, gone

    @abstractmethod
    def _chosen(self, units: int) -> int:
        """Return how many of the units that leave are tainted."""

    def by_theft(self) -> Parcel:
        return self._parts

    def restore(self, balance: int, lots: Sequence[tuple[int, int]]) -> None:
        self.balance = balance
        self._parts = dict(lots)
        self.taint = sum(self._parts.values())


class _ProRata(_Mixed):
    __slots__ = ()

    def _chosen(self, units: int) -> int:
        share, left = divmod(self.taint * units, self.balance)
        return share + (1 if left and 2 * left >= self.balance else 0)


class _DirtyFirst(_Mixed):
    __slots__ = ()

    def _chosen(self, units: int) -> int:
        return min(units, self.taint)


class _Libr(_Mixed):
    __slots__ = ()

    def _chosen(self, units: int) -> int:
        return max(0, units - (self.balance - self.taint))


class _Queue(Purse):
    """Parcels that leave in an order: FIFO from the front, LIFO from the back."""

    __slots__ = ("_last_first", "_lots")

    def __init__(self, *, last_first: bool) -> None:
        super().__init__()
        self._last_first = last_first
        self._lots: Lots = deque()

    def put(self, units: int, tainted: int, parts: Parcel) -> None:
        self.balance += units
        self.taint += tainted
        for theft, size in laid(units, (tainted, parts)):
            if self._lots and self._lots[-1][0] == theft:
                self._lots.append((theft, self._lots.pop()[1] + size))
            else:
                self._lots.append((theft, size))

    def take(self, units: int) -> Share:
        share = cut(self._lots, units, last_first=self._last_first)
        self.balance -= units
        self.taint -= share[0]
        return share

    def by_theft(self) -> Parcel:
        return joined([{theft: units} for theft, units in self._lots if theft != OUTSIDE])

    def saved(self) -> list[tuple[int, int]]:
        return list(self._lots) if self.taint else []

    def restore(self, balance: int, lots: Sequence[tuple[int, int]]) -> None:
        self.balance = balance
        self._lots = deque(lots or ([(OUTSIDE, balance)] if balance else []))
        self.taint = sum(units for theft, units in self._lots if theft != OUTSIDE)


class _Poisoned(Purse):
    """Once a theft has come, all that is held or comes later is of it: an upper bound for each theft."""

    __slots__ = ("_thefts",)

    def __init__(self) -> None:
        super().__init__()
        self._thefts: set[int] = set()

    def put(self, units: int, tainted: int, parts: Parcel) -> None:
        self.balance += units
        if tainted:
            self._thefts.update(parts)
        self.taint = self.balance if self._thefts else 0

    def take(self, units: int) -> Share:
        self.balance -= units
        if not self._thefts or not units:
            return nothing()
        self.taint = self.balance
        return units, dict.fromkeys(sorted(self._thefts), units)

    def by_theft(self) -> Parcel:
        return dict.fromkeys(sorted(self._thefts), self.balance)

    def restore(self, balance: int, lots: Sequence[tuple[int, int]]) -> None:
        self.balance = balance
        self._thefts = {theft for theft, _ in lots}
        self.taint = balance if self._thefts else 0


def purse(rule: Rule) -> Purse:
    """Return an empty purse under a rule."""
    match rule:
        case Rule.POISON:
            return _Poisoned()
        case Rule.PRO_RATA:
            return _ProRata()
        case Rule.FIFO | Rule.LIFO:
            return _Queue(last_first=rule is Rule.LIFO)
        case Rule.LIBR:
            return _Libr()
        case Rule.DIRTY_FIRST | Rule.TIHO | Rule.TILO:
            return _DirtyFirst()
