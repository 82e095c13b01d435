"""Where every address of a flow stands: a column per hop, a lane per ledger, wide columns made of several.

It is the light sibling of the printed figure's layout, for thousands of addresses that nothing folds. Method:
barycentre ordering (Sugiyama, Tagawa and Toda 1981) with the columns given by the hops. Orders are taken from
the input's, so the same flow always stands the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.report.viewer.looks import HEIGHT, WIDTH

_PITCH = HEIGHT + 20.0
_SUB = WIDTH + 28.0
_GAP = 170.0  # between hops: where the lines turn and their amounts stand
_PAD, _HEAD, _BETWEEN = 26.0, 34.0, 18.0
_SWEEPS = 6
_ASPECT = 1.35
_ROWS = (4, 6, 9, 12, 15, 18, 22, 28, 34, 40, 50, 60, 75, 90, 110)
Cell = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Spread:
    """Places in whole units, y downwards: cards by their left top corners, lanes and columns by spans."""

    cards: Mapping[str, tuple[int, int]]
    lanes: Mapping[str, tuple[int, int]]
    columns: Mapping[int, tuple[int, int]]


def spread(nodes: Mapping[str, Cell], edges: Iterable[tuple[str, str]], lanes: Sequence[str]) -> Spread:
    """Place nodes.

    Parameters
    ----------
    nodes
        Lane and column of each, in the order in which the flow meets them.
    edges
        Source and target of every line.
    lanes
        From top to bottom.
    """
    near = _near(nodes, edges)
    cells: dict[Cell, list[str]] = defaultdict(list)
    for name, cell in nodes.items():
        cells[cell].append(name)
    _order(cells, near)
    rows = _rows(cells, lanes)
    lefts, columns = _columns(cells, rows)
    tops: dict[str, float] = {}
    spans: dict[str, tuple[int, int]] = {}
    top = _HEAD
    for lane in lanes:
        inside = {c: names for (of, c), names in sorted(cells.items()) if of == lane}
        height = max(len(names[:: _subs(names, rows)]) for names in inside.values()) * _PITCH
        first = top + _PAD + (_PITCH - HEIGHT) / 2
        tops |= _tops(inside, near, rows=rows, span=(first, first + height - _PITCH))
        spans[lane] = round(top), round(top + height + 2 * _PAD)
        top += height + 2 * _PAD + _BETWEEN
    lefts_of = {
        name: lefts[column] + (i % _subs(names, rows)) * _SUB
        for (_, column), names in cells.items()
        for i, name in enumerate(names)
    }
    return Spread({n: (round(lefts_of[n]), round(tops[n])) for n in nodes}, spans, columns)


def _near(nodes: Mapping[str, Cell], edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in nodes}
    for source, target in edges:
        if nodes[source][1] != nodes[target][1]:
            found[source].append(target)
            found[target].append(source)
    return found


def _order(cells: dict[Cell, list[str]], near: Mapping[str, Sequence[str]]) -> None:
    """Sort every cell by its neighbours' mean place, to and fro."""
    place: dict[str, float] = {}
    for names in cells.values():
        place |= {name: i / max(len(names) - 1, 1) for i, name in enumerate(names)}
    order = sorted(cells, key=lambda cell: (cell[1], cell[0]))
    for sweep in range(_SWEEPS):
        for cell in order if sweep % 2 == 0 else reversed(order):
            keys = {name: _mean([place[n] for n in near[name]], place[name]) for name in cells[cell]}
            cells[cell].sort(key=keys.__getitem__)
            last = max(len(cells[cell]) - 1, 1)
            place |= {name: i / last for i, name in enumerate(cells[cell])}


def _mean(values: Sequence[float], own: float) -> float:
    return sum(values) / len(values) if values else own


def _rows(cells: Mapping[Cell, Sequence[str]], lanes: Sequence[str]) -> int:
    """Return how many rows a column may have so that the whole is about as wide as a screen."""
    return min(_ROWS, key=lambda rows: (abs(_aspect(cells, lanes, rows) - _ASPECT), rows))


def _aspect(cells: Mapping[Cell, Sequence[str]], lanes: Sequence[str], rows: int) -> float:
    _, columns = _columns(cells, rows)
    deepest = dict.fromkeys(lanes, 0)
    for (lane, _), names in cells.items():
        deepest[lane] = max(deepest[lane], min(len(names), rows))
    height = sum(n * _PITCH + 2 * _PAD + _BETWEEN for n in deepest.values())
    return max(right for _, right in columns.values()) / height


def _subs(names: Sequence[str], rows: int) -> int:
    return -(-len(names) // rows)


def _columns(
    cells: Mapping[Cell, Sequence[str]], rows: int
) -> tuple[dict[int, float], dict[int, tuple[int, int]]]:
    widest: dict[int, int] = {}
    for (_, column), names in cells.items():
        widest[column] = max(widest.get(column, 1), _subs(names, rows))
    lefts, spans, x = dict[int, float](), dict[int, tuple[int, int]](), 40.0
    for column in sorted(widest):
        right = x + widest[column] * _SUB - (_SUB - WIDTH)
        lefts[column], spans[column] = x, (round(x), round(right))
        x = right + _GAP
    return lefts, spans


def _tops(
    inside: Mapping[int, Sequence[str]],
    near: Mapping[str, Sequence[str]],
    *,
    rows: int,
    span: tuple[float, float],
) -> dict[str, float]:
    """Return tops: each near its neighbours' mean, none over another, all within the lane."""
    middle = (span[0] + span[1]) / 2
    tops = {name: middle for names in inside.values() for name in names}
    for sweep in range(_SWEEPS):
        for column in inside if sweep % 2 == 0 else reversed(list(inside)):
            subs = _subs(inside[column], rows)
            lines = [inside[column][i : i + subs] for i in range(0, len(inside[column]), subs)]
            wanted = [
                _mean([tops[n] for name in line for n in near[name] if n in tops], middle) for line in lines
            ]
            for line, y in zip(lines, _apart(wanted, span), strict=True):
                tops |= dict.fromkeys(line, y)
    return tops


def _apart(wanted: Sequence[float], span: tuple[float, float]) -> list[float]:
    """Return heights in the same order, a pitch apart, near the wanted ones and within the span."""
    down: list[float] = []
    for y in wanted:
        down.append(max(y, down[-1] + _PITCH) if down else y)
    up: list[float] = []
    for y in reversed(wanted):
        up.append(min(y, up[-1] - _PITCH) if up else y)
    mixed = [(a + b) / 2 for a, b in zip(down, reversed(up), strict=True)]
    first, last, n = *span, len(mixed)
    return [max(first + i * _PITCH, min(y, last - (n - 1 - i) * _PITCH)) for i, y in enumerate(mixed)]
