"""The hours of a day at which somebody acts: the Rayleigh test, exact but for its square roots.

The sines and cosines of whole hours are sums of square roots of 2, 3 and 6 over 4, so the resultant of any
number of slots is computed from whole numbers and three roots, in decimals of 50 places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

_PLACES = 50
QUIET = 8
HOURS = 24
# Cosine of h · 15° for h = 0 … 6, times 4: (of 1, of √2, of √3, of √6).
_COSINES = ((4, 0, 0, 0), (0, 1, 0, 1), (0, 0, 2, 0), (0, 2, 0, 0), (2, 0, 0, 0), (0, -1, 0, 1), (0, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Clock:
    """The active slots of somebody, by hour and weekday, and how far from even they are.

    Attributes
    ----------
    slots
        Distinct (day, hour) pairs, in hours since 1970.
    resultant, z, p
        Mean resultant length R, Rayleigh's z = n R², and p ~ exp(-z) (1 + (2z - z²) / 4n).
    quiet
        First hour (UTC) of the quietest eight, and how many slots they hold.
    mean
        The mean hour (UTC) of activity, in whole hours from 0 to 23, rounded to the nearest.
    """

    slots: int
    by_hour: tuple[int, ...]
    by_weekday: tuple[int, ...]
    resultant: Decimal
    z: Decimal
    p: Decimal
    quiet: tuple[int, int]
    mean: int

    def offsets(self, first: int, last: int) -> tuple[int, ...]:
        """Return the offsets from UTC at which the mean hour lies in a local day of office hours."""
        return tuple(one for one in range(-12, 15) if first <= (self.mean + one) % HOURS < last)


def clock_of(times: Iterable[int]) -> Clock:
    """Return the clock of some times in unix seconds; a slot counts once however much happens in it.

    >>> clock_of([0, 60, 3600]).slots
    2
    """
    slots = {time // 3600 for time in times}
    hours, weekdays = [0] * HOURS, [0] * 7
    for slot in slots:
        hours[slot % HOURS] += 1
        weekdays[(slot // HOURS + 3) % 7] += 1  # the first of January 1970 was a Thursday
    with localcontext(prec=_PLACES):
        east, north = _resultant(hours), _resultant(hours[6:] + hours[:6])
        n = Decimal(max(1, len(slots)))
        z = (east * east + north * north) / n
        p = (-z).exp() * (1 + (2 * z - z * z) / (4 * n))
        share = (z / n).sqrt()
    return Clock(len(slots), tuple(hours), tuple(weekdays), share, z, p, _quietest(hours), _mean(hours))


def _resultant(hours: Sequence[int]) -> Decimal:
    """Return the sum of cosines of the hours, by their counts."""
    parts = [0, 0, 0, 0]
    for hour, count in enumerate(hours):
        folded = min(hour, HOURS - hour)
        sign, place = (1, folded) if folded <= 6 else (-1, 12 - folded)  # noqa: PLR2004  a quarter of a day
        for number, part in enumerate(_COSINES[place]):
            parts[number] += sign * count * part
    roots = (Decimal(1), Decimal(2).sqrt(), Decimal(3).sqrt(), Decimal(6).sqrt())
    return sum((part * root for part, root in zip(parts, roots, strict=True)), Decimal(0)) / 4


def _quietest(hours: Sequence[int]) -> tuple[int, int]:
    sums = [(sum(hours[(first + n) % HOURS] for n in range(QUIET)), first) for first in range(HOURS)]
    count, first = min(sums)
    return first, count


def _mean(hours: Sequence[int]) -> int:
    """Return the whole hour to which the resultant points: the one along which it is longest."""
    with localcontext(prec=_PLACES):
        along = [_resultant([*hours[first:], *hours[:first]]) for first in range(HOURS)]
    return max(range(HOURS), key=lambda hour: (along[hour], -hour))
