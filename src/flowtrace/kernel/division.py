"""Exact division of taint: among weights, among thefts, and among the outputs of one transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flowtrace.kernel.columns import OUTSIDE
from flowtrace.model import Rule

Parcel = Mapping[int, int]
"""Tainted units by theft, rising, none of them 0."""

Share = tuple[int, Parcel]
"""Tainted units in all, and by theft."""

Lots = deque[tuple[int, int]]
"""Parcels in the order they came: (theft, units); theft -1 is clean."""

_NOTHING: Share = (0, {})


class Spending(NamedTuple):
    """One transaction: what each input gives, what of it is tainted, and what each output gets."""

    given: Sequence[int]
    taken: Sequence[Share]
    outputs: Sequence[int]


def nothing() -> Share:
    """Return no taint."""
    return _NOTHING


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide units by largest remainder, ties to the lower index.

    >>> split(100, [1, 1, 1]), split(7, [3, 3, 3, 1])
    ([34, 33, 33], [2, 2, 2, 1])
    """
    whole = sum(weights)
    if total == 0:
        return [0] * len(weights)
    pairs = [divmod(total * weight, whole) for weight in weights]
    shares = [share for share, _ in pairs]
    odd = total - sum(shares)
    if odd:
        for row in sorted(range(len(weights)), key=lambda i: -pairs[i][1])[:odd]:
            shares[row] += 1
    return shares


def among_thefts(units: int, whole: int, parts: Parcel) -> Parcel:
    """Divide tainted units among thefts in proportion to what each has of the whole."""
    if units == whole:
        return parts
    if len(parts) == 1:
        return dict.fromkeys(parts, units) if units else {}
    shares = zip(parts, split(units, list(parts.values())), strict=True)
    return {theft: share for theft, share in shares if share}


def less(parts: Parcel, gone: Parcel) -> Parcel:
    """Return what is left of parts."""
    left = {theft: units - gone.get(theft, 0) for theft, units in parts.items()}
    return {theft: units for theft, units in left.items() if units}


def joined(parcels: Sequence[Parcel]) -> Parcel:
    """Return the sum of each theft, rising."""
    sums: dict[int, int] = {}
    for parcel in parcels:
        for theft, units in parcel.items():
            sums[theft] = sums.get(theft, 0) + units
    return dict(sorted(sums.items()))


def laid(units: int, share: Share) -> list[tuple[int, int]]:
    """Return a parcel as lots: by rising theft, then the clean part; one transfer states no order."""
    total, parts = share
    lots = list(parts.items())
    return [*lots, (OUTSIDE, units - total)] if units > total else lots


def cut(lots: Lots, units: int, *, last_first: bool) -> Share:
    """Take units from the front or the back of a queue."""
    met: dict[int, int] = {}
    while units:
        theft, size = lots.pop() if last_first else lots.popleft()
        part = min(size, units)
        units -= part
        if theft != OUTSIDE:
            met[theft] = met.get(theft, 0) + part
        if size > part:
            (lots.append if last_first else lots.appendleft)((theft, size - part))
    return sum(met.values()), dict(sorted(met.items()))


def divide(rule: Rule, spending: Spending) -> list[Share]:
    """Divide what the inputs of a transaction bring among its outputs, of which the last is the fee."""
    total = sum(share for share, _ in spending.taken)
    parts = joined([parcel for _, parcel in spending.taken])
    outputs = spending.outputs
    if len(outputs) == 1:
        return [(total, parts)]
    if rule is Rule.POISON:
        return [(units, dict.fromkeys(parts, units)) if total and units else _NOTHING for units in outputs]
    if rule in {Rule.FIFO, Rule.LIFO}:
        inputs = list(zip(spending.given, spending.taken, strict=True))
        ordered = inputs[::-1] if rule is Rule.LIFO else inputs
        queue: Lots = deque(lot for units, share in ordered for lot in laid(units, share))
        return [cut(queue, units, last_first=False) for units in outputs]
    shares = split(total, outputs) if rule is Rule.PRO_RATA else _filled(rule, total, outputs)
    found: list[Share] = []
    for share in shares:
        gone = among_thefts(share, total, parts) if share else {}
        total, parts = total - share, less(parts, gone)
        found.append((share, gone))
    return found


def _filled(rule: Rule, taint: int, outputs: Sequence[int]) -> list[int]:
    """Fill the largest outputs first (dirty-first, TIHO) or the smallest (LIBR, TILO); the fee comes last."""
    sign = 1 if rule in {Rule.LIBR, Rule.TILO} else -1
    last = len(outputs) - 1
    shares = [0] * len(outputs)
    for row in sorted(range(len(outputs)), key=lambda i: (i == last, sign * outputs[i], i)):
        shares[row] = min(taint, outputs[row])
        taint -= shares[row]
    return shares
