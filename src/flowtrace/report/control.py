"""Control sums: what every amount was when it was worked out, so that one changed since is named by its row.

The arithmetic of `accounted` shows that the sums agree; two changes can agree with each other. So each row
of the trace and of the ledger is hashed over its amounts alone when a case is worked, and again before
anything is written. The names of addresses are no part of it: a profile may replace them, an amount never.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from flowtrace.errors import IntegrityError
from flowtrace.model import Account, Hop, Result, Stop, Taint, Transfer
from flowtrace.report.cells import plain

_SIZE = 8  # bytes of a row's sum: an accident meets it once in 10^19
Row = tuple[str, tuple[object, ...]]


def controls(result: Result) -> dict[str, bytes]:
    """Return the control sums of a result: of each table the sums of its rows, one after another."""
    return {
        name: b"".join(_sum(amounts) for _, amounts in rows(result)) for name, rows in _TABLES.items()
    }  # fmt: skip


def check_controls(result: Result) -> None:
    """Check every amount: hops against the ledger, and all against the control sums where those are taken.

    Raises
    ------
    IntegrityError
        If an amount was changed, or a row came or went, since the case was worked; the message names the row.
    """
    _check_ledger(result)
    for name, sums in result.controls.items():
        listed = list(_TABLES[name](result))
        for number, (row, amounts) in enumerate(listed):
            if _sum(amounts) != sums[number * _SIZE : (number + 1) * _SIZE]:
                _refuse(row, "its amounts are not those that were worked out")
        if len(listed) * _SIZE != len(sums):
            _refuse(f"table {name}", "it has lost rows since it was worked out")


def _check_ledger(result: Result) -> None:
    """Check that each hop is the ledger's own transfer, and each deposit one of the hops."""
    ledger = {transfer.id: transfer for transfer in result.transfers}
    hops = {(hop.theft, hop.row): hop for hop in result.trace.hops}
    for hop in result.trace.hops:
        if ledger.get(hop.transfer.id, hop.transfer) != hop.transfer:
            _refuse(f"row [{hop.row}]", "its amounts differ from the ledger's transfer")
    for deposit in result.trace.deposits:
        if hops.get((deposit.hop.theft, deposit.hop.row), deposit.hop) != deposit.hop:
            _refuse(f"row [{deposit.hop.row}]", "its deposit differs from its hop")


def _refuse(row: str, why: str) -> None:
    raise IntegrityError(f"the money does not add up: {row}: {why}; nothing is exported")


def _sum(amounts: tuple[object, ...]) -> bytes:
    return hashlib.blake2b(repr(amounts).encode(), digest_size=_SIZE).digest()


def _taint(taint: Taint) -> tuple[tuple[str, int], ...]:
    return tuple((rule.value, units) for rule, units in taint.items())


def _moved(transfer: Transfer) -> tuple[object, ...]:
    return tuple(tuple(leg.units for leg in legs) for legs in (transfer.inputs, transfer.outputs))


def _hop(hop: Hop) -> tuple[object, ...]:
    return (hop.row, hop.leg, hop.depth, _moved(hop.transfer), _taint(hop.taint))


def _hops(result: Result) -> Iterator[Row]:
    return ((f"row [{hop.row}]", _hop(hop)) for hop in result.trace.hops)


def _deposits(result: Result) -> Iterator[Row]:
    return ((f"deposit of row [{one.hop.row}]", _hop(one.hop)) for one in result.trace.deposits)


def _stops(result: Result) -> Iterator[Row]:
    def amounts(stop: Stop) -> tuple[object, ...]:
        return (stop.received, stop.transfers, stop.senders, _taint(stop.taint))

    return (
        (f"row {stop.address} of theft {plain(stop.theft)}", amounts(stop)) for stop in result.trace.stops
    )


def _accounts(result: Result) -> Iterator[Row]:
    names = ("stolen", "clean", "fees", "resting", "unaddressed", "overtaken", "sold", "bought")

    def row(one: Account) -> str:
        return f"account of theft {plain(one.theft.id)}, rule {one.rule.words}"

    return (
        (row(one), (one.theft.units, *(getattr(one, name) for name in names)))
        for one in result.trace.accounts
    )


def _thefts(result: Result) -> Iterator[Row]:
    return ((f"theft {plain(theft.id)}", (theft.units,)) for theft in result.incident.thefts)


def _transfers(result: Result) -> Iterator[Row]:
    return ((f"transfer {one.id}", _moved(one)) for one in result.transfers)


_TABLES: Mapping[str, Callable[[Result], Iterable[Row]]] = {
    "hops": _hops,
    "deposits": _deposits,
    "stops": _stops,
    "accounts": _accounts,
    "thefts": _thefts,
    "transfers": _transfers,
}
