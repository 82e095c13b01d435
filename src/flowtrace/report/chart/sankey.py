"""Where all of it went: one band that grows thinner with every hop, and what leaves it at each.

The band at a hop's number is all that was stolen less what rests nearer; both are integers of the table of
what is accounted for, under one rule, so the bands that leave sum to the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowtrace.model import Address, Result, Rule
from flowtrace.report.accounted import group_of
from flowtrace.report.cells import count, exact_amount, share
from flowtrace.report.chart.ground import PLAIN, SMALL, STRONG, bound, ground
from flowtrace.report.chart.parts import Part, Whole, wholes
from flowtrace.report.chart.pattern import EDGE, FILLS, filled
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.captions import amount_text, clean
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Mark, Measure, Path, Words, fitted
from flowtrace.report.diagram.shapes import Command, Point
from flowtrace.report.diagram.sheet import Sheet
from flowtrace.report.subject import stated
from flowtrace.report.tables import stated_rule

STAGES = 12
"""The most columns a page has: the theft, up to ten hops, and where it ended."""

_HOPS = STAGES - 2
_MOST_ENDS = 14
_BAR, _ENDS, _TOP = 9.0, 190.0, 16.0
_STEMS = (0.75, 0.68, 0.6, 0.52, 0.44, 0.36, 0.28, 0.2, 0.12)
_ROOM, _APART, _LEAST = 21.0, 5.0, 0.5
_BAND, _OTHERS = "#94A3B8", "others"


@dataclass(frozen=True, slots=True)
class End:
    """Where some of it ended: how much by the number of hops that it took."""

    part: Part
    title: str
    by_hop: Mapping[int, int]

    @property
    def units(self) -> int:
        """All of it."""
        return sum(self.by_hop.values())


def sankey_sheets(result: Result, measure: Measure) -> tuple[Sheet, ...]:
    """Return one page for every theft and asset: where 100 % of it went under the report's main rule.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    """
    rule = stated_rule(result)
    pages = []
    for whole in wholes(result):
        marks, area = ground(result, _words(result, whole, rule), measure)
        pages.append([*marks, *_drawn(result, whole, (area, rule, measure))])
    return bound(pages or [ground(result, _no_words(result), measure)[0]], measure)


def ends_of(result: Result, whole: Whole, rule: Rule) -> list[End]:
    """Return where a theft ended under a rule, the farthest first; they sum to whole + clean."""
    depth = _depths(result, whole)
    sums: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for stop in result.trace.stops:
        if (stop.theft, stop.asset) == (whole.theft.id, whole.asset) and stop.taint[rule]:
            key = group_of(result, stop)
            sums[key][min(depth.get(stop.address, 0), _HOPS)] += stop.taint[rule]
    ends = []
    for part in whole.parts:
        by_hop = dict(sums.get((part.group, part.name), {}))
        rest = part.taint[rule] - sum(by_hop.values())
        if rest:  # fees and the like have no address, and so no number of hops
            by_hop[0] = by_hop.get(0, 0) + rest
        if by_hop:
            ends.append(End(part, clean(part.title, 48), by_hop))
    return _few(ends)


def _few(ends: list[End]) -> list[End]:
    """Keep the largest apart, and sum the others, with their number."""
    order = sorted(ends, key=lambda e: (-e.units, e.title))
    kept, rest = order[:_MOST_ENDS], order[_MOST_ENDS:]
    if rest:
        by_hop: dict[int, int] = defaultdict(int)
        for end in rest:
            for hop, units in end.by_hop.items():
                by_hop[hop] += units
        kept.append(End(rest[0].part, f"{len(rest)} {_OTHERS} (see the status of funds)", dict(by_hop)))
    return sorted(kept, key=lambda e: (-_mean(e), e.title))


def _mean(end: End) -> int:
    return sum(hop * units for hop, units in end.by_hop.items()) * 1000 // max(end.units, 1)


def _depths(result: Result, whole: Whole) -> dict[Address, int]:
    """Return after how many hops value first came to each address."""
    depth: dict[Address, int] = {}
    for hop in result.trace.hops:
        if hop.theft == whole.theft.id and hop.amount.asset == whole.asset and hop.target is not None:
            depth[hop.target] = min(depth.get(hop.target, hop.depth + 1), hop.depth + 1)
    # The theft itself is the first hop: what rests at the thief has taken none since.
    return {address: max(number - 1, 0) for address, number in depth.items()}


def _words(result: Result, whole: Whole, rule: Rule) -> tuple[str, str]:
    amount = exact_amount(whole.asset, whole.whole[rule])
    title = f"{clean(result.incident.title, 60)}: where all of {amount} went"
    scope = (
        f"Under the rule {rule.words}; other rules give other shares, see the status of funds. From left to "
        f"right: how many hops after the {stated(result.incident, 'theft address')} value came to rest "
        "or left sight. Every band is as wide as its amount."
    )
    return title, scope


def _no_words(result: Result) -> tuple[str, str]:
    return f"{clean(result.incident.title, 60)}: no amount is followed", ""


def _drawn(result: Result, whole: Whole, how: tuple[Rect, Rule, Measure]) -> Iterator[Mark]:
    area, rule, measure = how
    ends = ends_of(result, whole, rule)
    total = sum(end.units for end in ends)
    if not total:
        yield Words(area.left, area.top + 12, "Nothing is traced under this rule.", PLAIN)
        return
    hops = max((hop for end in ends for hop in end.by_hop), default=0)
    scale = _scale(ends, area.bottom - area.top - _TOP) / total
    columns = _columns(area, hops)
    stems = _stems(ends, hops, total)
    places = _places(ends, area, scale)
    yield from _bands(ends, (columns, stems, places), (area, scale))
    yield from _stem(stems, columns, (area, scale))
    yield from _names(ends, places, (area, whole, total, measure))


def _scale(ends: list[End], room: float) -> float:
    """Return how high the whole band may be, so that every end has room for its words."""
    total = sum(end.units for end in ends)
    for share_of_room in _STEMS:
        high = share_of_room * room
        if sum(max(end.units * high / total, _ROOM) + _APART for end in ends) <= room:
            return high
    return _STEMS[-1] * room


def _columns(area: Rect, hops: int) -> list[float]:
    """Return the left edge of each column: the theft, every hop, and where it ended."""
    right = area.right - _ENDS
    step = (right - area.left) / (hops + 1)
    return [area.left + step * i for i in range(hops + 2)]


def _stems(ends: list[End], hops: int, total: int) -> list[int]:
    """Return what is in the band at each hop's column."""
    stems = [total]
    for hop in range(hops):
        stems.append(stems[-1] - sum(end.by_hop.get(hop, 0) for end in ends))
    return stems


def _places(ends: list[End], area: Rect, scale: float) -> list[float]:
    """Return the top of every end in the last column: those that took the most hops are highest."""
    heights = [max(end.units * scale, _ROOM) for end in ends]
    spare = area.bottom - area.top - _TOP - sum(heights)
    gap = max(1.0, min(14.0, spare / max(len(ends), 1)))
    tops, y = [], area.top + _TOP
    for height in heights:
        tops.append(y)
        y += height + gap
    return tops


def _bands(
    ends: list[End], how: tuple[list[float], list[int], list[float]], size: tuple[Rect, float]
) -> Iterator[Mark]:
    """Draw what leaves the band at each hop: from its lower edge to the end's place."""
    columns, stems, places = how
    area, scale = size
    used = [0] * len(ends)
    for hop in range(len(stems)):
        left = columns[hop] + _BAR
        below = area.top + _TOP + (stems[hop] - sum(end.by_hop.get(hop, 0) for end in ends)) * scale
        for n, end in enumerate(ends):
            units = end.by_hop.get(hop, 0)
            if not units:
                continue
            thick = max(units * scale, _LEAST)
            top = places[n] + used[n] * scale
            yield _band((left, below), (columns[-1], top), thick, colour=FILLS[end.part.group].colour)
            below += units * scale
            used[n] += units


def _band(start: Point, end: Point, thick: float, *, colour: str) -> Path:
    (a, y), (b, z) = start, end
    turn = min(b - a, 150.0)
    c = b - turn
    middle = b - turn / 2
    commands: list[Command] = [
        ("M", (a, y)), ("L", (c, y)), ("C", (middle, y)), ("C", (middle, z)), ("C", (b, z)),
        ("L", (b, z + thick)), ("C", (middle, z + thick)), ("C", (middle, y + thick)), ("C", (c, y + thick)),
        ("L", (a, y + thick)), ("Z", (a, y)),
    ]  # fmt: skip
    return Path(commands, palette.mixed(EDGE, 0.55), 0.4, fill=palette.mixed(colour, 0.55))


def _stem(stems: list[int], columns: list[float], size: tuple[Rect, float]) -> Iterator[Mark]:
    (area, scale), total = size, stems[0]
    top = area.top + _TOP
    for hop, units in enumerate(stems):
        x = columns[hop]
        deep = max(units * scale, _LEAST)
        if hop + 1 < len(stems):
            on = max(stems[hop + 1] * scale, _LEAST)
            rect = Rect(x + _BAR, top, columns[hop + 1], top + on)
            yield Path(_plain(rect), palette.mixed(EDGE, 0.5), 0.4, fill=palette.mixed(_BAND, 0.45))
        yield Path(_plain(Rect(x, top, x + _BAR, top + deep)), EDGE, 0.6, fill=EDGE)
        words = "start" if hop == 0 else count(hop, "hop") + ("+" if hop == _HOPS else "")
        yield Words(x, area.top + 2, words, SMALL, palette.QUIET)
        yield Words(x, area.top + 10, share(units, total), SMALL, palette.QUIET)


def _plain(r: Rect) -> list[Command]:
    corners = [(r.right, r.top), (r.right, r.bottom), (r.left, r.bottom)]
    return [("M", (r.left, r.top)), *(("L", corner) for corner in corners), ("Z", (r.left, r.top))]


def _names(ends: list[End], places: list[float], how: tuple[Rect, Whole, int, Measure]) -> Iterator[Mark]:
    area, whole, total, measure = how
    scale_left = area.right - _ENDS
    for end, top in zip(ends, places, strict=True):
        yield from filled(Rect(scale_left + 2, top, scale_left + 16, top + 10), FILLS[end.part.group])
        x = scale_left + 21
        title = fitted(end.title[:1].upper() + end.title[1:], area.right - x, STRONG, measure=measure)
        yield Words(x, top + 5, title, STRONG)
        amount = f"{amount_text(whole.asset, end.units)} · {share(end.units, total)}"
        yield Words(x, top + 14, amount, PLAIN, palette.QUIET)
