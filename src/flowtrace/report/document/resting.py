"""What ends at many addresses in small parts: a table each for what rests, and for what was not followed."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Result, Stop, StopReason, envelope
from flowtrace.report.cells import printable, readable, rounded
from flowtrace.report.document.typeset import Block, heading, para, table
from flowtrace.report.subject import stated

_MINIMUM = "the stolen part that came is below the minimum to follow"
_BUDGET = "the budget of addresses was spent"
_LISTED = 100  # addresses of each table; a service's address pays thousands
_LEFT = (StopReason.MINIMUM, StopReason.BUDGET, StopReason.CROWDED)
LISTED = frozenset({StopReason.AT_REST, *_LEFT})
"""The reasons to stop whose addresses stand in these tables, not in a paragraph each."""


def resting(result: Result) -> list[Block]:
    """Return the tables; an address that was not followed says nothing of what rests there."""
    stops = [stop for stop in result.trace.stops if any(stop.taint.values())]
    rests = [stop for stop in stops if stop.reason is StopReason.AT_REST]
    left = [stop for stop in stops if stop.reason in _LEFT]
    return [*_rests(rests), *_not_followed(result, left)]


def _rests(stops: list[Stop]) -> list[Block]:
    if not stops:
        return []
    return [
        heading("Where value rests, address by address", 2),
        para(
            "Traced value that did not leave these addresses by the end of the record (class D); amounts "
            f"rounded to four places, summary.json has them exact.{_more(stops)}"
        ),
        table(
            ["address", "received from this trace", "traced: low", "high"],
            [[stop.address.display, *_amounts(stop)] for stop in _largest_first(stops)[:_LISTED]],
            columns=["1fr", "40mm", "28mm", "28mm"],
            mono=[0],
            right=[1, 2, 3],
            size=7.5,
        ),
    ]


def _not_followed(result: Result, stops: list[Stop]) -> list[Block]:
    if not stops:
        return []
    return [
        heading("Not followed further, address by address", 2),
        para(
            "Traced value came to these addresses, and the trace did not ask what they did with it: it may "
            f"have left them since. Amounts rounded to four places.{_more(stops)}"
        ),
        table(
            ["address", "why it was not followed", "received from this trace", "traced: low", "high"],
            [[s.address.display, _why(result, s), *_amounts(s)] for s in _largest_first(stops)[:_LISTED]],
            columns=["58mm", "1fr", "32mm", "20mm", "20mm"],
            mono=[0],
            right=[2, 3, 4],
            size=7.5,
        ),
    ]


def _more(stops: list[Stop]) -> str:
    if len(stops) <= _LISTED:
        return ""
    return f" The {_LISTED} that got most of {len(stops):,}; summary.json lists every one."


def _why(result: Result, stop: Stop) -> str:
    """Return why an address was not followed; a crowded one may be a service that nobody has labelled."""
    if stop.reason is StopReason.CROWDED:
        return f"left: {readable(stop.basis).partition(':')[0]}; a service nobody has labelled?"
    return _BUDGET if stop.reason is StopReason.BUDGET else stated(result.incident, _MINIMUM)


def _largest_first(stops: Iterable[Stop]) -> list[Stop]:
    return sorted(stops, key=lambda s: (s.theft, -envelope(s.taint)[1], s.address))


def _amounts(stop: Stop) -> list[str]:
    low, high = (rounded(stop.asset, units, 4) for units in envelope(stop.taint))
    return [f"{rounded(stop.asset, stop.received, 4)} {printable(stop.asset.unit)}", low, high]
