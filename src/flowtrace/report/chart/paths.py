"""The way to every deposit address as a strip: one row for each hop, with amount, transaction and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowtrace.model import Address, Hop, Result
from flowtrace.report.cells import count, utc
from flowtrace.report.chart.ground import MONO, PLAIN, SMALL, STRONG, bound, ground, line
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.captions import amount_text, clean, ranges
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Mark, Measure, Path, Words, fitted
from flowtrace.report.diagram.shapes import outline
from flowtrace.report.diagram.sheet import Sheet
from flowtrace.report.subject import stated

_ROW, _HEAD, _APART, _ORDINAL = 12.0, 15.0, 11.0, 22.0
_FROM, _AMOUNT, _TIME, _TX = 62.0, 216.0, 330.0, 424.0
_ARROW = "\N{RIGHTWARDS ARROW}"


@dataclass(frozen=True, slots=True)
class Strip:
    """The way to one deposit address, and what else was paid into it."""

    address: Address
    owner: str
    hops: tuple[Hop, ...]
    more: tuple[Hop, ...]


def strips(result: Result) -> list[Strip]:
    """Return the way of the largest deposit to every deposit address, in the order of the figure's rows."""
    found: dict[Address, list[Hop]] = {}
    names: dict[Address, str] = {}
    hops = {hop.row: hop for hop in result.trace.hops}
    for deposit in result.trace.deposits:
        target = deposit.hop.target
        if target is not None:
            found.setdefault(target, []).append(hops.get(deposit.hop.row, deposit.hop))
            names[target] = clean(deposit.entity.name, 40)
    made = []
    for address, into in found.items():
        largest = max(into, key=lambda h: (h.amount.units, -h.row))
        more = tuple(hop for hop in into if hop is not largest)
        made.append(Strip(address, names[address], tuple(_way(largest, result)), more))
    return sorted(made, key=lambda strip: (strip.owner, strip.hops[-1].row))


def _way(last: Hop, result: Result) -> list[Hop]:
    """Walk back by the largest earlier payment of each giver: a way the money can have taken."""
    way, seen = [last], {last.target}
    while (giver := way[0].drawn_from) is not None and giver not in seen:
        seen.add(giver)
        here = way[0]
        before = [
            hop for hop in result.trace.hops
            if hop.target == giver and hop.theft == here.theft
            and (hop.transfer.time, hop.row) < (here.transfer.time, here.row)
        ]  # fmt: skip
        if not before:
            break
        way.insert(0, max(before, key=lambda h: (max(h.taint.values()), h.amount.units, -h.row)))
    return way


def paths_sheets(result: Result, measure: Measure) -> tuple[Sheet, ...]:
    """Return the strips, on as many pages as they take; a long one goes on on the next page."""
    words = _words(result)
    made = strips(result)
    marks, area = ground(result, words, measure)
    if not made:
        none = Words(area.left, area.top + 10, "No deposit address was reached.", PLAIN)
        return bound([[*marks, none]], measure)
    pages, y = [marks], area.top
    for strip in made:
        rows: Sequence[Hop] = strip.hops
        start = 0
        while start < len(rows):
            room = int((area.bottom - y - _HEAD - _ROW) // _ROW)
            if room < min(2, len(rows)):
                marks, area = ground(result, words, measure)
                pages.append(marks)
                y = area.top
                continue
            part = rows[start : start + room]
            place = Rect(area.left, y, area.right, area.bottom)
            pages[-1] += _strip(strip, part, place, start=start, measure=measure)
            y += _HEAD + _ROW * (len(part) + 1) + _APART
            start += room
    return bound(pages, measure)


def _words(result: Result) -> tuple[str, str]:
    title = f"{clean(result.incident.title, 60)}: the way to every deposit address"
    scope = (
        "One row for each hop of the largest deposit, whole transfers as recorded; [n] is its row in "
        "hops.csv. Where a giver had several payments before, the one with the most "
        f"{stated(result.incident, 'stolen')} value is shown: a way the money can have taken, not the only."
    )
    return title, scope


def _strip(strip: Strip, rows: Sequence[Hop], rect: Rect, *, start: int, measure: Measure) -> Iterator[Mark]:
    again = ", continued" if start else ""
    title = f"{strip.owner}: {strip.address.display}{again}"
    wide = rect.right - rect.left
    yield Words(rect.left, rect.top + 6, fitted(title, wide, STRONG, measure=measure), STRONG)
    top = rect.top + _HEAD
    x = rect.left + 5
    yield line((x, top + 5), (x, top + _ROW * (len(rows) - 1) + 5), palette.LINE, width=1.2)
    for n, hop in enumerate(rows):
        yield from _row(hop, (rect.left, top + _ROW * n + 5), measure)
    if start + len(rows) == len(strip.hops):
        y = top + _ROW * len(rows) + 5
        more = fitted(_more(strip), wide - _ORDINAL, SMALL, measure=measure)
        yield Words(rect.left + _ORDINAL, y, more, SMALL, palette.QUIET)


def _row(hop: Hop, at: tuple[float, float], measure: Measure) -> Iterator[Mark]:
    left, y = at
    dot = Rect(left + 2.2, y - 2.8, left + 7.8, y + 2.8)
    yield Path(outline("rounded" if hop.drawn_from else "double", dot), palette.LINE, 1.0, fill="#ffffff")
    key = f"[{hop.row}] {cls_of(hop)}"
    yield Words(left + _ORDINAL - 8, y, fitted(key, _FROM - _ORDINAL + 4, STRONG, measure=measure), STRONG)
    ends = [end.short if end else "-" for end in (hop.drawn_from, hop.target)]
    yield Words(left + _FROM, y, ends[0], MONO)
    yield Words(left + _FROM + 66, y, _ARROW, MONO)
    yield Words(left + _FROM + 76, y, ends[1], MONO)
    amount = fitted(
        amount_text(hop.amount.asset, hop.amount.units), _TIME - _AMOUNT - 4, STRONG, measure=measure
    )
    yield Words(left + _AMOUNT, y, amount, STRONG)
    yield Words(left + _TIME, y, utc(hop.transfer.time).replace("T", " ").removesuffix("Z"), PLAIN)
    yield Words(left + _TX, y, fitted(hop.transfer.tx, 366.0, MONO, measure=measure), MONO)


def _more(strip: Strip) -> str:
    if not strip.more:
        return "The only deposit to this address."
    asset = strip.hops[-1].amount.asset
    units = sum(hop.amount.units for hop in strip.more if hop.amount.asset == asset)
    rows = ranges(hop.row for hop in strip.more)
    others = sum(hop.amount.asset != asset for hop in strip.more)
    beside = f", and {count(others, 'transfer')} of other assets" if others else ""
    return f"Also: {count(len(strip.more), 'deposit')}, {amount_text(asset, units)}{beside}, rows [{rows}]"
