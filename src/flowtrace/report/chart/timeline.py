"""When it moved: for every kind of taker a row of bars over time, as high as what it took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime

from flowtrace.model import Asset, Hop, Result
from flowtrace.report.cells import count
from flowtrace.report.chart.ground import PLAIN, SMALL, STRONG, bound, box, ground, line
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.captions import amount_text, clean
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.diagram.marks import Mark, Measure, Words, fitted, wrapped
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.diagram.sheet import Sheet
from flowtrace.report.subject import stated

_BINS, _NAMES, _TOTALS = 72, 120.0, 150.0
_LEAST_ROW, _MOST_ROW, _AXIS, _GAP = 34.0, 70.0, 24.0, 7.0
_STEPS = (600, 3600, 4 * 3600, 86_400, 2 * 86_400, 7 * 86_400, 30 * 86_400, 91 * 86_400, 365 * 86_400)
_TICKS = 9
_NO_TAKER = "network fees and burnt"

Row = tuple[str, Asset]


def timeline_sheets(result: Result, measure: Measure) -> tuple[Sheet, ...]:
    """Return the timeline: one row for each kind of taker and asset, on as many pages as they take."""
    hops = result.trace.hops
    rows = _rows(result)
    words = _words(result)
    marks, area = ground(result, words, measure)
    if not rows:
        return bound([[*marks, Words(area.left, area.top + 10, "No hop is recorded.", PLAIN)]], measure)
    per = int((area.bottom - area.top - _AXIS) // (_LEAST_ROW + _GAP))
    span = min(h.transfer.time for h in hops), max(h.transfer.time for h in hops)
    pages = []
    names = list(rows)
    for start in range(0, len(names), per):
        marks, area = ground(result, words, measure)
        some = {name: rows[name] for name in names[start : start + per]}
        pages.append([*marks, *_chart(some, span, area, measure=measure)])
    return bound(pages, measure)


def _words(result: Result) -> tuple[str, str]:
    title = f"{clean(result.incident.title, 60)}: when the money moved, and to whom"
    scope = (
        "Amounts are whole transfers as recorded, added up by time (UTC); every row has a scale of its own, "
        "its highest bar is written beside it. How much is "
        f"{stated(result.incident, 'stolen')} value depends on the rule."
    )
    return title, scope


def _rows(result: Result) -> Mapping[Row, list[Hop]]:
    facts = Facts.of(result)
    rows: dict[Row, list[Hop]] = defaultdict(list)
    for hop in result.trace.hops:
        rows[_kind(hop, facts), hop.amount.asset].append(hop)
    order = {facts.words(kind): i for i, kind in enumerate(BoxKind)}
    return dict(sorted(rows.items(), key=lambda item: (order.get(item[0][0], len(order)), item[0][1])))


def _kind(hop: Hop, facts: Facts) -> str:
    return _NO_TAKER if hop.target is None else facts.words(facts.kind(hop.target))


def _chart(
    rows: Mapping[Row, list[Hop]], span: tuple[int, int], area: Rect, *, measure: Measure
) -> Iterator[Mark]:
    deep = min(_MOST_ROW, (area.bottom - area.top - _AXIS) / len(rows) - _GAP)
    plot = Rect(area.left + _NAMES, area.top, area.right - _TOTALS, area.top + (deep + _GAP) * len(rows))
    yield from _axis(span, plot)
    for n, ((kind, asset), hops) in enumerate(rows.items()):
        top = area.top + n * (deep + _GAP)
        row = Rect(plot.left, top, plot.right, top + deep)
        lines = wrapped(f"{kind[:1].upper()}{kind[1:]}", _NAMES - 6, STRONG, measure=measure)[:2]
        for i, text in enumerate(lines):
            y = top + deep / 2 + (i - (len(lines) - 1) / 2) * STRONG.line
            yield Words(area.left, y, text, STRONG)
        yield line((row.left, row.bottom), (row.right, row.bottom), palette.LINE, width=0.6)
        most = yield from _bars(hops, span, row)
        once = {(h.transfer.id, h.leg): h for h in hops}
        units = sum(h.amount.units for h in once.values())
        told = (
            f"{count(len(once), 'transfer')}",
            amount_text(asset, units),
            f"highest bar {amount_text(asset, most)}",
        )
        for i, text in enumerate(told):
            font = STRONG if i == 1 else SMALL
            y = row.middle[1] + (i - 1) * 9.5
            yield Words(row.right + 8, y, fitted(text, _TOTALS - 10, font, measure=measure), font)


def _bars(hops: list[Hop], span: tuple[int, int], row: Rect) -> Generator[Mark, None, int]:
    sums: dict[int, int] = defaultdict(int)
    long = max(span[1] - span[0], 1)
    for hop in {(h.transfer.id, h.leg): h for h in hops}.values():
        sums[(hop.transfer.time - span[0]) * (_BINS - 1) // long] += hop.amount.units
    most = max(sums.values())
    wide = (row.right - row.left) / _BINS
    for number, units in sorted(sums.items()):
        high = max(0.8, (row.bottom - row.top - 2) * units / max(most, 1))
        left = row.left + number * wide
        yield box(Rect(left, row.bottom - high, left + wide * 0.86, row.bottom), palette.LINE)
    return most


def _axis(span: tuple[int, int], plot: Rect) -> Iterator[Mark]:
    long = max(span[1] - span[0], 1)
    step = next((s for s in _STEPS if long / s <= _TICKS), _STEPS[-1])
    ticks = list(range(-(-span[0] // step) * step, span[1] + 1, step))
    for time in ticks[:: max(1, -(-len(ticks) // _TICKS))]:
        x = plot.left + (plot.right - plot.left) * ((time - span[0]) * (_BINS - 1) / long + 0.43) / _BINS
        yield line((x, plot.top), (x, plot.bottom + 3), palette.LANE_EDGE, width=0.5)
        form = "%Y-%m-%d %H:%M" if step < 86_400 else "%Y-%m-%d"  # noqa: PLR2004  a day
        yield Words(
            x, plot.bottom + 10, datetime.fromtimestamp(time, UTC).strftime(form), SMALL, centred=True
        )
