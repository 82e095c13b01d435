"""Union-find that keeps, of each party of addresses, its size, whose it is, and from whom it is apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

NOBODYS: frozenset[str] = frozenset()


class Parties:
    """Addresses by number, joined into parties; a cannot-link is named by its rank, the surest being 0.

    Whom a party may not be joined with is a dict from their root to the rank of the surest cannot-link
    between the two. On a union the smaller dict is moved into the larger (small to large).
    """

    def __init__(self, services: Sequence[frozenset[str]]) -> None:
        self.services = list(services)
        self.size = [1] * len(services)
        self._parent = list(range(len(services)))
        self._apart: dict[int, dict[int, int]] = {}
        self._growth: Counter[int] = Counter()

    def root(self, at: int) -> int:
        """Return the address that stands for the party of this one, shortening the way for the next time."""
        parent = self._parent
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def hold_apart(self, a: int, b: int, rank: int) -> None:
        """Assert that two roots are never joined; of several cannot-links the lowest rank holds."""
        for one, other in ((a, b), (b, a)):
            held = self._apart.setdefault(one, {})
            held[other] = min(rank, held.get(other, rank))

    def between(self, a: int, b: int) -> int | None:
        """Return the rank of the surest cannot-link between two roots."""
        return self._apart.get(a, {}).get(b)

    def differ(self, a: int, b: int) -> bool:
        """Tell whether two roots stand for parties of different services."""
        first, second = self.services[a], self.services[b]
        return bool(first and second and first != second)

    def join(self, a: int, b: int) -> None:
        """Join two parties given by their roots. The caller has asked what holds them apart."""
        kept, gone = max((a, b), (b, a), key=lambda pair: (self._held(pair[0]), self.size[pair[0]], -pair[0]))
        for other, rank in self._apart.pop(gone, {}).items():
            del self._apart[other][gone]
            self.hold_apart(kept, other, rank)
        self._growth[min(self.size[a], self.size[b])] += 1
        self.size[kept] += self.size[gone]
        self.services[kept] |= self.services[gone]
        self._parent[gone] = kept

    def median_growth(self) -> int:
        """Return by how many addresses the median union so far made a party grow; 1 before any."""
        left = (self._growth.total() + 1) // 2
        for grown in sorted(self._growth):
            left -= self._growth[grown]
            if left <= 0:
                return grown
        return 1

    def _held(self, root: int) -> int:
        return len(self._apart.get(root, ()))
