"""Payments between two accounts of one bank: booked on both of their statements, and one move all the same.

A reference that both entries carry tells that they are one payment. Without it, two entries are one where
each names the other's account, amounts are the same, and they were booked within days of each other; or where
one names the other's account, and on that day there is one entry on either side that it can be. What an
account's own statements do not show never counts as its move, so the ledger never says more of it than its
bank did.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date

from flowtrace.files.bank.moves import Move, Notes
from flowtrace.files.bank.sequence import Run

_NEAR = 5  # days between two bookings of one payment
_BY_THE_BANK = frozenset(("UETR", "AcctSvcrRef", "TxId"))
_NOT_THERE = (
    "the account it names is of this bank too, and its own statement of that day shows no such entry: the "
    "other side is taken for unnamed"
)


def join(moves: Sequence[Move], runs: Sequence[Run], notes: Notes) -> list[Move]:
    """Return moves so that a payment between two of these accounts is one: its giver's entry is kept."""
    gave = [one for one in moves if one.units < 0 and not one.is_fee]
    got = [one for one in moves if one.units > 0]
    _by_reference(gave, got)
    _by_names(gave, got)
    _by_one_name(gave, got)
    for one in gave:
        if one.twin is not None:
            one.other = one.twin.address.account
    kept = [one for one in moves if one.twin is None or one.units < 0]
    covered = {(run.address.account, run.asset): run for run in runs}
    for one in kept:
        run = covered.get((one.other, one.asset))
        if run is not None and one.twin is None and run.covers(one.entry.day):
            notes.add(one.rows, one.place, _NOT_THERE)
            one.other = ""
    return kept


def _wed(one: Move, other: Move) -> None:
    one.twin, other.twin = other, one


def _by_reference(gave: Iterable[Move], got: Iterable[Move]) -> None:
    known: dict[Hashable, list[Move]] = defaultdict(list)
    for one in got:
        for ref in one.refs:
            known[ref, one.asset, one.units].append(one)
    for one in gave:
        found = {
            id(other): other
            for kind, text in one.refs
            for other in known.get(((kind, text), one.asset, -one.units), ())
            if _fits(one, other) and (one.other or other.other or kind in _BY_THE_BANK)
        }
        if len(found) == 1:
            _wed(one, *found.values())


def _fits(one: Move, other: Move) -> bool:
    """Tell whether two entries can be one payment: near each other, and naming each other or nobody."""
    return (
        other.twin is None
        and other.address != one.address
        and one.other in ("", other.address.account)
        and other.other in ("", one.address.account)
        and abs(_ordinal(one) - _ordinal(other)) <= _NEAR
    )


def _by_names(gave: Iterable[Move], got: Iterable[Move]) -> None:
    waiting: dict[Hashable, deque[Move]] = defaultdict(deque)
    for one in _single(got):
        waiting[one.other, one.address.account, one.asset, one.units].append(one)
    for one in _single(gave):
        queue = waiting.get((one.address.account, one.other, one.asset, -one.units), deque())
        while queue and _ordinal(queue[0]) < _ordinal(one) - _NEAR:
            queue.popleft()
        if queue and _ordinal(queue[0]) <= _ordinal(one) + _NEAR:
            _wed(one, queue.popleft())


def _by_one_name(gave: Iterable[Move], got: Iterable[Move]) -> None:
    """Join what one side names and the other does not, where on that day nothing else can be meant."""
    gave, got = list(gave), list(got)
    for naming, silent in ((gave, got), (got, gave)):
        names: dict[Hashable, list[Move]] = defaultdict(list)
        for one in _single(naming):
            if one.other:
                names[one.other, one.asset, -one.units, one.entry.day].append(one)
        can: dict[Hashable, list[Move]] = defaultdict(list)
        for one in _single(silent):
            if not one.other:
                can[one.address.account, one.asset, one.units, one.entry.day].append(one)
        for key, found in names.items():
            if len(found) == len(can.get(key, ())) == 1 and found[0].address != can[key][0].address:
                _wed(found[0], can[key][0])


def _single(moves: Iterable[Move]) -> Iterator[Move]:
    return (one for one in moves if one.twin is None)


def _ordinal(move: Move) -> int:
    day = move.entry.day
    return date(day // 10_000, day // 100 % 100, day % 100).toordinal()
