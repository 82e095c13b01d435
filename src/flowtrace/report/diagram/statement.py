"""What a figure says in words: its finding, its scope, what it leaves to the annex, what it is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from flowtrace.model import Amount, Asset, Hop, Kind, Result, Rule, Stop, StopReason, Taint, envelope
from flowtrace.report.diagram.captions import amount_text, amounts_text, clean, keys, ranges
from flowtrace.report.diagram.picture import Arrow, Box, BoxKind

_DIGEST = 16
_ENTITIES = 3
_RESTING = frozenset({StopReason.AT_REST, StopReason.MINIMUM, StopReason.BUDGET})


def title(result: Result) -> str:
    """State the finding: how much entered the mixers and the exchanges' deposit addresses, as recorded."""
    stops = result.trace.stops
    parts = [_into_mixers(stops), _into_deposits(stops)]
    found = "; ".join(part for part in parts if part) or "no mixer or exchange reached"
    return f"{clean(result.incident.title, 60)}: {found}"


def _into_mixers(stops: Iterable[Stop]) -> str:
    mixers = [s for s in stops if s.reason is StopReason.MIXER]
    names = dict.fromkeys(clean(s.entity.name, 24) for s in mixers if s.entity)
    return f"{_received(mixers)} into {_listed(names) or 'a mixer'}" if mixers else ""


def _into_deposits(stops: Iterable[Stop]) -> str:
    deposits = [s for s in stops if s.reason is StopReason.DEPOSIT]
    names = dict.fromkeys(clean(s.entity.name, 24) for s in deposits if s.entity)
    count = len({s.address for s in deposits})
    plural = "es" if count > 1 else ""
    where = f"{count} deposit address{plural} of {_listed(names) or 'exchanges'}"
    return f"{_received(deposits)} into {where}" if deposits else ""


def _received(stops: Iterable[Stop]) -> str:
    return amounts_text(Amount(s.asset, s.received) for s in stops)


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    if len(known) > _ENTITIES:
        return f"{', '.join(known[:_ENTITIES])} and {len(known) - _ENTITIES} more"
    return " and ".join(known) if len(known) < _ENTITIES else f"{', '.join(known[:-1])} and {known[-1]}"


def subtitle(result: Result) -> str:
    """State the scope: whole transfers as recorded, and what [n] and years mean."""
    year = result.incident.date[:4]
    return (
        "Amounts are whole transfers as recorded; how much of each is stolen value depends on the tracing "
        "rule (hops.csv). [n] refers to row n of hops.csv / Annex B. Dates are UTC, "
        f"{year} where no year is given."
    )


def footer(result: Result) -> str:
    """State what the figure was made from."""
    snapshot = " / ".join(f"{height:,}" for _, height in result.snapshot) or "none"
    return (
        f"flowtrace {result.version} · case {clean(result.incident.id)} · snapshot block {snapshot} · "
        f"digest {result.digest[:_DIGEST]} · record as of {result.as_of[:10]}"
    )


def notes(
    result: Result, boxes: Iterable[Box], *, inner: Iterable[Arrow], unplaced: Iterable[Hop]
) -> tuple[str, ...]:
    """State everything that is in the totals and not drawn as an arrow."""
    kept = [*_remainders(result), *_incomplete(result), *_set_aside(result)]
    return (*_others(boxes), *_inside(inner), *_fees(unplaced), *kept)


def _others(boxes: Iterable[Box]) -> list[str]:
    folded = [b for b in boxes if b.kind is BoxKind.OTHERS]
    return [
        f"{b.fold} others: {len(b.members)} addresses with the least value, listed in the annex"
        for b in folded
    ]


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
    count = sum(a.count for a in moved)
    return [f"Within one box: {count:,} tx, {total} {' '.join(listed)}"]


def _fees(unplaced: Iterable[Hop]) -> list[str]:
    fees = {h.transfer.id: h.transfer for h in unplaced}
    if not fees:
        return []
    what = "network fees" if all(t.kind is Kind.FEE for t in fees.values()) else "network fees and mints"
    return [f"Not drawn: {what}, {len(fees):,} tx, {amounts_text(t.amount for t in fees.values())}"]


def _remainders(result: Result) -> list[str]:
    """Sum, under each rule, what stays in addresses that sent money on; state the range over the rules."""
    stays = [s for s in _ended(result, _RESTING) if any(s.taint.values())]
    spans = []
    for asset in dict.fromkeys(s.asset for s in stays):
        low, high = envelope(_summed(s.taint for s in stays if s.asset == asset))
        spans += [_span(asset, low, high)] if high else []
    count = len({s.address for s in stays})
    return [f"Left at rest in {count} addresses drawn: {', '.join(spans)}, by rule"] if spans else []


def _incomplete(result: Result) -> list[str]:
    ends = _ended(result, frozenset({StopReason.INCOMPLETE}))
    amounts = amounts_text(Amount(s.asset, s.received) for s in ends)
    return [f"Record ends at {len({s.address for s in ends})} addresses drawn: {amounts}"] if ends else []


def _ended(result: Result, reasons: frozenset[StopReason]) -> list[Stop]:
    """Return the stops at addresses that are drawn as part of the way, not as its end."""
    senders = {h.transfer.source for h in result.trace.hops}
    return [s for s in result.trace.stops if s.reason in reasons and s.address in senders]


def _summed(taints: Iterable[Taint]) -> dict[Rule, int]:
    total: dict[Rule, int] = defaultdict(int)
    for taint in taints:
        for rule, units in taint.items():
            total[rule] += units
    return total


def _span(asset: Asset, low: int, high: int) -> str:
    if low == high:
        return amount_text(asset, low)
    return f"{amount_text(asset, low)} to {amount_text(asset, high)}"


def _set_aside(result: Result) -> list[str]:
    count = len(result.trace.set_aside)
    return [f"Set aside (dust, look-alikes): {count:,} tx"] if count else []
