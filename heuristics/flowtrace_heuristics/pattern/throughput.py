"""What went through an address in one asset: how much came and went, and how long it stayed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from flowtrace_heuristics.pattern.moves import Moves


@dataclass(frozen=True, slots=True)
class Throughput:
    """One address's receipts and payments in one asset.

    Attributes
    ----------
    came, went
        Their sums in base units.
    first_dwell
        Seconds from the first receipt to the first payment.
    dwell
        The lower median of the seconds from each receipt to the next payment, in whole seconds; a receipt
        that no payment follows counts as the longest. None where that is the median.
    """

    address: int
    asset: int
    receipts: tuple[int, ...]
    payments: tuple[int, ...]
    came: int
    went: int
    first_dwell: int
    dwell: int | None


def throughputs(moves: Moves) -> Iterator[Throughput]:
    """Yield each address and asset with receipts and payments."""
    sent = {(address, asset): run for address, asset, run in moves.sent}
    for address, asset, receipts in moves.got:
        payments = sent.get((address, asset))
        if payments is None:
            continue
        waits = sorted(_waits(moves, receipts, payments))
        middle = (len(receipts) - 1) // 2
        yield Throughput(
            address,
            asset,
            tuple(receipts),
            tuple(payments),
            sum(moves.units[n] for n in receipts),
            sum(moves.units[n] for n in payments),
            moves.time[payments[0]] - moves.time[receipts[0]],
            waits[middle] if middle < len(waits) else None,
        )


def _waits(moves: Moves, receipts: list[int], payments: list[int]) -> Iterator[int]:
    """Yield the seconds from each receipt to the payment that comes next in the chain."""
    for receipt in receipts:
        place = bisect_right(payments, receipt)
        if place < len(payments):
            yield moves.time[payments[place]] - moves.time[receipt]
