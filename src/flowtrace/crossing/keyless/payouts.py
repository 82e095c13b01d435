"""The payouts of a swapper in one asset, held so that amount and time are found quickly, and the background.

The background is every payout of the swapper as a coincidence: how many of an amount there are in the whole
record, and how busy the swapper is about a time. Amount and time are taken as independent.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import sub

from flowtrace.errors import InputError

_BUCKET = 3600
_ABOUT = 3 * 3600
_CALM = 10


@dataclass(frozen=True, slots=True, order=True)
class Payout:
    """One payment by the swapper: base units of the asset, unix seconds, and what names it."""

    time: int
    units: int
    id: str


class Payouts:
    """All payouts of one asset between two times.

    Parameters
    ----------
    span
        The first and the last second for which the record of payouts is whole: outside it nothing is known,
        and no deposit is matched whose payout may lie there.

    Raises
    ------
    InputError
        If a payout lies outside the span, or the span is empty.
    """

    def __init__(self, payouts: Iterable[Payout], span: tuple[int, int]) -> None:
        held = sorted(set(payouts))
        self.first, self.last = span
        if self.first >= self.last:
            raise InputError(f"the record of payouts spans no time: {span}")
        outside = next((p for p in held if not self.first <= p.time <= self.last), None)
        if outside is not None:
            raise InputError(f"payout {outside.id} at {outside.time} is outside the record's span {span}")
        self._times = [payout.time for payout in held]
        self._amounts = sorted(payout.units for payout in held)
        self._buckets: dict[int, list[tuple[int, int, str]]] = {}
        for payout in held:
            bucket = self._buckets.setdefault(payout.time // _BUCKET, [])
            bucket.append((payout.units, payout.time, payout.id))
        for bucket in self._buckets.values():
            bucket.sort()

    def __len__(self) -> int:
        return len(self._times)

    @property
    def seconds(self) -> int:
        """How long the record is."""
        return self.last - self.first

    def covers(self, first: int, last: int) -> bool:
        """Whether the record is whole between two times."""
        return self.first <= first and last <= self.last

    def over(self, edges: list[int], without: Iterable[Payout] = ()) -> list[int]:
        """Return how many payouts lie in each step between falling edges, but some that lie within them."""
        amounts, rising = self._amounts, edges[::-1]
        first = bisect_right(amounts, rising[0])
        last = bisect_right(amounts, rising[-1], first)
        inner = [bisect_right(amounts, edge, first, last) for edge in edges[1:-1]]
        at = [last, *inner, first]
        counts = list(map(sub, at, at[1:]))
        for payout in without:
            counts[len(edges) - 1 - bisect_left(rising, payout.units)] -= 1
        return counts

    def pace(self, time: int) -> tuple[int, int]:
        """Return how busy the swapper is about a time, as a ratio to its mean: numerator, denominator.

        A few payouts at the mean pace are counted in, so that a handful of them makes no rush hour.
        """
        first, last = max(self.first, time - _ABOUT), min(self.last, time + _ABOUT)
        count = bisect_right(self._times, last) - bisect_left(self._times, first)
        return (count + _CALM) * self.seconds, len(self._times) * (last - first) + _CALM * self.seconds

    def among(self, times: tuple[int, int], units: tuple[int, int]) -> Iterator[Payout]:
        """Yield payouts within two times, of over the lower and at most the upper amount."""
        (first, last), (low, high) = times, units
        for number in range(first // _BUCKET, last // _BUCKET + 1):
            bucket = self._buckets.get(number, ())
            for at in range(bisect_left(bucket, (low + 1,)), len(bucket)):
                amount, time, name = bucket[at]
                if amount > high:
                    break
                if first <= time <= last:
                    yield Payout(time, amount, name)
