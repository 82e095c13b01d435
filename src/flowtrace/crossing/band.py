"""Which payouts a deposit at a swapper without a key may be: by amount and time alone, in integers.

A payout is a candidate from a minute to an hour after the deposit, for at least 95 in 100 of what the rate
gives and no more than all of it. One candidate among few payouts means something, two mean that it is not
told which: how many would fit by chance is for whoever has the service's other payouts to say.

Source: algorithms 5.4 (Yousaf, Kappos, Meiklejohn, USENIX Security 2019, is the published base).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

_FIRST, _LAST = 60, 3600
_KEPT = Fraction(5, 100)


@dataclass(frozen=True, slots=True)
class Payout:
    """What a service paid: a name, base units of the asset that came out, and unix seconds."""

    name: str
    units: int
    time: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A payout that fits; ``kept`` is the part that the service would have kept, exactly."""

    payout: Payout
    kept: Fraction


def candidates(units: int, time: int, payouts: Iterable[Payout], *, rate: Fraction) -> tuple[Candidate, ...]:
    """Return the payouts that a deposit may be, in the order given.

    Parameters
    ----------
    units, time
        Of the deposit: base units, and unix seconds.
    rate
        Base units that came out for one that went in, before anything is kept.

    Examples
    --------
    >>> [one.kept for one in candidates(10, 0, [Payout("a", 39, 90)], rate=Fraction(4))]
    [Fraction(1, 40)]
    """
    whole = units * rate
    found = []
    for payout in payouts:
        late = payout.time - time
        if _FIRST <= late <= _LAST and (1 - _KEPT) * whole <= payout.units <= whole:
            found.append(Candidate(payout, 1 - payout.units / whole))
    return tuple(found)
