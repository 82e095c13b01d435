"""What a claim rests on: the rows, transactions and files that a reader opens to check it.

Every id resolves: [n] is a row of Annex B and of hops.csv, F-marks stand in Annex C, and
``flowtrace evidence CASE n`` prints the transfer of a row with the kept bytes that tell it.
"""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Result, Stop, Theft
from flowtrace.report.diagram.picture import Fold
from flowtrace.report.document.words import keys

_TWO_LINES = 160


def rows_text(rows: Iterable[int], marks: Iterable[Fold]) -> str:
    """Return rows as [n], or, where they are many, the marks of Annex C that list them, or their span."""
    listed = sorted(set(rows))
    shown = keys(listed)
    if len(shown) < _TWO_LINES:
        return f"{'row' if len(listed) == 1 else 'rows'} {shown}"
    named = [mark for mark in marks if mark.rows and set(mark.rows) <= set(listed)]
    if {row for mark in named for row in mark.rows} == set(listed):
        return f"{'mark' if len(named) == 1 else 'marks'} {', '.join(mark.id for mark in named)}"
    return f"{len(listed):,} rows of hops.csv from [{listed[0]}] to [{listed[-1]}]"


def of_stops(result: Result, stops: Iterable[Stop], marks: Iterable[Fold]) -> str:
    """Return what shows that value came to some stops, and whose they are."""
    listed = list(stops)
    at = {(stop.theft, stop.address, stop.asset) for stop in listed}
    rows = [h.row for h in result.trace.hops if (h.theft, h.target, h.amount.asset) in at]
    named = any(stop.entity or stop.claims for stop in listed)
    parts = [rows_text(rows, marks) if rows else "coverage.csv", "Annexes C and D" if named else ""]
    return "; ".join(part for part in parts if part)


def of_theft(result: Result, theft: Theft) -> str:
    """Return what shows where a theft, or a mark, begins."""
    first = [h for h in result.trace.hops if h.theft == theft.id and h.depth == 0]
    if first:
        return rows_text((h.row for h in first), ())
    return f"transfer {theft.transfer}" if theft.transfer else f"address {theft.thief.display}, coverage.csv"


def of_sender(result: Result, theft: Theft) -> str:
    """Return what shows what an address sent: its rows where it has some, else the table of transfers."""
    rows = [h.row for h in result.trace.hops if h.theft == theft.id and h.source == theft.thief]
    listed = f"{rows_text(rows, ())}; " if rows else ""
    return f"{listed}transfers.csv, column from"
