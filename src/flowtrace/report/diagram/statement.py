"""What a figure says in words: its finding, its scope, what it leaves to the annex, what it is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable

from flowtrace.model import Amount, Asset, Chain, Hop, Kind, Result, Rule, Stop, StopReason, Taint, envelope
from flowtrace.report.cells import count
from flowtrace.report.credit import is_exchange_wallet, passed_on
from flowtrace.report.diagram.captions import amount_text, amounts_text, clean, keys, ranges
from flowtrace.report.diagram.picture import Arrow, Box, BoxKind
from flowtrace.report.subject import stated

_DIGEST = 16
_ENTITIES = 3
_LEFT = {
    StopReason.BUDGET: "budget spent",
    StopReason.CROWDED: "too many transfers",
    StopReason.MINIMUM: "below the minimum",
}
_CUT = frozenset({StopReason.BUDGET, StopReason.CROWDED})


def title(result: Result) -> str:
    """State the finding: how much came to mixers, deposit addresses and services, and whether that is all."""
    stops = [stop for stop in result.trace.stops if any(stop.taint.values())]
    kinds = (
        ([s for s in stops if s.reason is StopReason.MIXER], _into_mixers),
        ([s for s in stops if s.reason is StopReason.DEPOSIT], _into_deposits),
        ([s for s in stops if is_exchange_wallet(s)], _into_wallets),
        ([s for s in stops if s.reason is StopReason.SERVICE and not is_exchange_wallet(s)], _into_services),
    )
    found = [f"{_received(result, ends)} {say(ends)}" for ends, say in kinds if ends]
    parts = [*(found or ["no mixer or service reached"]), *_cut(stops)]
    return f"{clean(result.incident.title, 60)}: {'; '.join(parts)}"


def _into_mixers(stops: list[Stop]) -> str:
    return f"into {_names(stops) or 'a mixer'}"


def _into_deposits(stops: list[Stop]) -> str:
    number = len({s.address for s in stops})
    what = "a deposit address" if number == 1 else "deposit addresses"
    return f"into {count(number, 'address')} assessed to be {what} of {_names(stops) or 'exchanges'}"


def _into_wallets(stops: list[Stop]) -> str:
    return f"straight into {count(len({s.address for s in stops}), 'wallet')} labelled {_names(stops)}"


def _into_services(stops: list[Stop]) -> str:
    return f"into {_names(stops) or 'other services'}"


def _cut(stops: Iterable[Stop]) -> list[str]:
    """Say that the trace is cut short, where value came to addresses it did not look at."""
    left = {s.address for s in stops if s.reason in _CUT}
    return [f"not followed to the end ({count(len(left), 'address')} left)"] if left else []


def _names(stops: Iterable[Stop]) -> str:
    return _listed(dict.fromkeys(clean(s.entity.name, 24) for s in stops if s.entity))


def _received(result: Result, stops: Iterable[Stop]) -> str:
    """Sum what came to ends and stayed; a payment that carries value of two thefts came once."""
    ends, gone = {(s.theft, s.address) for s in stops}, passed_on(result)
    came = {(h.transfer.id, h.leg): h.amount for h in result.trace.hops if (h.theft, h.target) in ends}
    return amounts_text(amount for place, amount in came.items() if place not in gone)


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    if len(known) > _ENTITIES:
        return f"{', '.join(known[:_ENTITIES])} and {len(known) - _ENTITIES} more"
    return " and ".join(known) if len(known) < _ENTITIES else f"{', '.join(known[:-1])} and {known[-1]}"


ROWS = " (hops.csv). [n] refers to row n of hops.csv / Annex B."
"""Where a reader of the whole figure finds its rows."""

ROWS_OF_PART = ". [n] refers to the hop of that number in the tables that come with this figure."
"""The same for a part, which goes to those who have no report."""


def subtitle(result: Result) -> str:
    """State the scope: whole transfers as recorded, and what [n] and years mean."""
    year = result.incident.date[:4]
    return (
        f"Amounts are whole transfers as recorded; how much of each is {stated(result.incident, 'stolen')} "
        f"value depends on the tracing rule{ROWS} Dates are UTC, {year} where no year is given."
    )


def footer(result: Result) -> str:
    """State what the figure was made from."""
    blocks = [Chain.of(chain).at(height) for chain, height in result.snapshot]
    first, *others = blocks or ["block none"]
    snapshot = " / ".join((first, *(other.removeprefix("block ") for other in others)))
    return (
        f"flowtrace {result.version} · case {clean(result.incident.id)} · snapshot {snapshot} · "
        f"digest {result.digest[:_DIGEST]} · record as of {result.as_of[:10]}"
    )


def notes(
    result: Result, boxes: Iterable[Box], *, inner: Iterable[Arrow], unplaced: Iterable[Hop]
) -> tuple[str, ...]:
    """State everything that is in the totals and not drawn as an arrow."""
    kept = [*_rests(result), *_left(result), *_incomplete(result), *_set_aside(result)]
    return (*_others(boxes), *_inside(inner), *_fees(unplaced), *kept)


def _others(boxes: Iterable[Box]) -> list[str]:
    folded = [b for b in boxes if b.kind is BoxKind.OTHERS]
    return [f"{b.fold} others: {count(len(b.members), 'address')} without a box of their own" for b in folded]


def _inside(inner: Iterable[Arrow]) -> list[str]:
    moved = list(inner)
    if not moved:
        return []
    rows = ranges(row for a in moved if not a.fold for row in a.rows)
    listed = [
        *([f"[{rows}]"] if rows else []),
        *dict.fromkeys(f"{keys(a.rows)} {a.fold}" for a in moved if a.fold),
    ]
    total = amounts_text(Amount(a.asset, a.units) for a in moved)
    number = sum(a.count for a in moved)
    return [f"Within one box: {number:,} tx, {total} {' '.join(listed)}"]


def _fees(unplaced: Iterable[Hop]) -> list[str]:
    fees = {(h.transfer.id, h.leg): h for h in unplaced}
    if not fees:
        return []
    only = all(h.transfer.kind is Kind.FEE for h in fees.values())
    what = "network fees" if only else "network fees and mints"
    return [f"Not drawn: {what}, {len(fees):,} tx, {amounts_text(h.amount for h in fees.values())}"]


def _rests(result: Result) -> list[str]:
    """Sum, under each rule, what stays in addresses that sent money on; state the range over the rules."""
    return _noted("Left at rest in", _ended(result, {StopReason.AT_REST}))


def _left(result: Result) -> list[str]:
    """Sum what came to addresses that are drawn and were not followed: it may have left them since."""
    stops = _ended(result, _LEFT)
    why = ", ".join(dict.fromkeys(_LEFT[s.reason] for s in stops))
    return _noted("Not followed further at", stops, f" ({why})")


def _incomplete(result: Result) -> list[str]:
    return _noted("Record ends at", _ended(result, {StopReason.INCOMPLETE}))


def _noted(words: str, stops: list[Stop], why: str = "") -> list[str]:
    """Say at how many addresses drawn how much is, by rule."""
    spans, differ = [], False
    for asset in dict.fromkeys(s.asset for s in stops):
        low, high = envelope(_summed(s.taint for s in stops if s.asset == asset))
        spans += [_span(asset, low, high)] if high else []
        differ |= low != high
    where = f"{count(len({s.address for s in stops}), 'address')} drawn"
    return [f"{words} {where}{why}: {', '.join(spans)}{', by rule' if differ else ''}"] if spans else []


def _ended(result: Result, reasons: Container[StopReason]) -> list[Stop]:
    """Return the stops with traced value at addresses that are drawn as part of the way, not as its end."""
    senders = {h.drawn_from for h in result.trace.hops}
    stops = (s for s in result.trace.stops if s.reason in reasons and s.address in senders)
    return [s for s in stops if any(s.taint.values())]


def _summed(taints: Iterable[Taint]) -> dict[Rule, int]:
    total: dict[Rule, int] = defaultdict(int)
    for taint in taints:
        for rule, units in taint.items():
            total[rule] += units
    return total


def _span(asset: Asset, low: int, high: int) -> str:
    least, most = amount_text(asset, low), amount_text(asset, high)
    alike = least.removeprefix("≈ ") == most.removeprefix("≈ ")
    return max(least, most, key=len) if alike else f"{least} to {most}"


def _set_aside(result: Result) -> list[str]:
    number = len(result.trace.set_aside)
    return [f"Set aside (dust, look-alikes): {number:,} tx"] if number else []
