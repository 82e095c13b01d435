"""One page with the whole figure as marks: title, lanes, arrows, labels, boxes, notes, legend, footer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flowtrace.model import Chain
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.boxes import box_marks, whole
from flowtrace.report.diagram.faults import fits
from flowtrace.report.diagram.geometry import Edge, Node, Rect
from flowtrace.report.diagram.label import BOX_WIDTH, Block, arrow_label, body, box_height, box_text
from flowtrace.report.diagram.layout import needed, place
from flowtrace.report.diagram.legend import legend
from flowtrace.report.diagram.marks import Font, Mark, Measure, Path, Words, fitted, wrapped
from flowtrace.report.diagram.picture import Arrow, Box, FlowPicture
from flowtrace.report.diagram.place import place_labels
from flowtrace.report.diagram.route import routes
from flowtrace.report.diagram.shapes import Command, outline
from flowtrace.report.diagram.ways import Route
from flowtrace.report.diagram.wrap import chain_of, wrapped_lanes

PAGE = (842.0, 595.0)
"""A4 landscape, in points: what does not fit it goes to further pages, never to smaller type."""

_MARGIN = 19.0
_HEAD = 13.0
_TITLES = tuple(Font(size, bold=True) for size in (13.0, 12.0, 11.5, 11.0, 10.5, 10.0))
_PAGE_NUMBER, _NUMBER_ROOM = Font(6.5, bold=True), 70.0
_SUBTITLE, _SMALL = Font(7.2), Font(6.5)
_LANES = (Font(8.0, bold=True), Font(7.0, bold=True), Font(6.5))
_LOWEST, _PORT = 20.0, 4.0
_HEAD_LENGTH, _HEAD_WIDTH = 5.2, 2.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its size in points, its marks in drawing order, and where labels and boxes stand."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    labels: Mapping[str, Rect] = field(default_factory=dict)
    boxes: Mapping[str, Rect] = field(default_factory=dict)
    ways: Mapping[str, Route] = field(default_factory=dict)
    ends: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def compose(picture: FlowPicture, year: int, measure: Measure) -> Sheet | None:
    """Lay a picture out on a page of A4 landscape; return None where it does not fit there, fit to print."""
    texts = {box.key: box_text(box, measure) for box in picture.boxes}
    labels = {str(i): arrow_label(a, year, measure) for i, a in enumerate(picture.arrows)}
    arrows = {str(i): a for i, a in enumerate(picture.arrows)}
    heights = {b.key: max(box_height(b, texts[b.key]), _ports(b, picture)) for b in picture.boxes}
    nodes = {b.key: Node(b.lane, BOX_WIDTH, heights[b.key]) for b in picture.boxes}
    far = {box.key: box.far for box in picture.boxes}
    edges = _edges(arrows, labels, far)
    frame = _frame(picture, PAGE, measure)
    if not nodes:
        return Sheet(*PAGE, frame.marks)
    width, height = frame.area.right - frame.area.left, frame.area.bottom - frame.area.top
    nodes = wrapped_lanes(nodes, edges, width)
    crossing = {n: a for n, a in arrows.items() if nodes[a.source].lane != nodes[a.target].lane}
    labels |= {name: arrow_label(a, year, measure, level=True) for name, a in crossing.items()}
    edges = _edges(arrows, labels, far)
    least = needed(nodes, edges)
    if least[0] > width or least[1] > height:
        return None
    placed = place(nodes, edges, frame.area)
    outlines = {b.key: body(b, placed.boxes[b.key]) for b in picture.boxes}
    ways = routes(edges, replace(placed, boxes=outlines))
    solid = {b.key: whole(b, placed.boxes[b.key]) for b in picture.boxes}
    spots = place_labels(edges, ways, (frame.area, list(solid.values())))
    ends = {name: (edge.source, edge.target) for name, edge in edges.items()}
    if not fits(ways, ends, (spots, solid)):
        return None
    marks = [*frame.marks, *_lanes(placed.lanes, measure)]
    drawn = [_arrow(a, ways[str(i)], _width(a, picture)) for i, a in enumerate(picture.arrows)]
    marks += [line for line, _ in drawn]
    marks += [m for name, rect in spots.items() for m in _label(labels[name], rect)]
    marks += [head for _, head in drawn]
    marks += [m for b in picture.boxes for m in box_marks(b, placed.boxes[b.key], texts[b.key])]
    return Sheet(*PAGE, tuple(marks), spots, solid, ways, ends)


def _edges(
    arrows: Mapping[str, Arrow], labels: Mapping[str, Block], far: Mapping[str, int]
) -> dict[str, Edge]:
    return {
        name: Edge(a.source, a.target, labels[name].width + 3, labels[name].height, 1 + far[a.target])
        for name, a in arrows.items()
    }


def numbered(sheet: Sheet, number: tuple[int, int], measure: Measure) -> Sheet:
    """Return a page with its number and how many there are, in the corner at the foot."""
    text = f"page {number[0]} of {number[1]}"
    x = sheet.width - _MARGIN - measure(text, _PAGE_NUMBER)
    return replace(sheet, marks=(*sheet.marks, Words(x, sheet.height - 17.0, text, _PAGE_NUMBER)))


def _ports(box: Box, picture: FlowPicture) -> float:
    """Return the height at which all arrows of a box find a place on its sides."""
    out = sum(a.source == box.key for a in picture.arrows)
    into = sum(a.target == box.key for a in picture.arrows)
    return _LOWEST + _PORT * max(out, into, 1)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What surrounds the flow, and the area it leaves for the lanes."""

    area: Rect
    marks: tuple[Mark, ...]


def _frame(picture: FlowPicture, page: tuple[float, float], measure: Measure) -> _Frame:
    width, height = page
    room = width - 2 * _MARGIN
    marks: list[Mark] = []
    fitting = [f for f in _TITLES if measure(picture.title, f) <= room]
    top = _paragraph(picture.title, (_MARGIN, 16.0), (fitting or _TITLES[-1:])[0], on=(room, measure, marks))
    top = _paragraph(picture.subtitle, (_MARGIN, top + 1), _SUBTITLE, on=(room, measure, marks)) + 5
    foot = height - 17.0
    footer = fitted(picture.footer, room - _NUMBER_ROOM, _SMALL, measure=measure)
    marks.append(Words(_MARGIN, foot, footer, _SMALL, palette.QUIET))
    key, depth = legend(picture, _MARGIN, room, measure=measure)
    bottom = foot - 9.0 - depth
    marks += [mark.moved(0.0, bottom) for mark in key]
    lines = wrapped("  ·  ".join(picture.notes), room, _SMALL, measure=measure)
    bottom -= len(lines) * _SMALL.line + 4
    for i, text in enumerate(lines):
        marks.append(Words(_MARGIN, bottom + (i + 0.5) * _SMALL.line, text, _SMALL, palette.QUIET))
    area = Rect(_MARGIN + _HEAD, top, width - _MARGIN, bottom - 5)
    return _Frame(area, tuple(marks))


def _paragraph(
    text: str, at: tuple[float, float], font: Font, *, on: tuple[float, Measure, list[Mark]]
) -> float:
    """Set a text as lines of marks; return where the next may begin."""
    room, measure, marks = on
    x, y = at
    for line in wrapped(text, room, font, measure=measure):
        marks.append(Words(x, y + font.line / 2, line, font, palette.INK if font.bold else palette.QUIET))
        y += font.line
    return y


def _lane_title(lane: str, room: float, measure: Measure) -> tuple[str, Font]:
    chain, row = chain_of(lane)
    text = Chain.of(chain).title + (f" ({row})" if row > 1 else "")
    font = next((f for f in _LANES if measure(text, f) <= room), _LANES[-1])
    return fitted(text, room, font, measure=measure), font


def _lanes(lanes: Mapping[str, Rect], measure: Measure) -> list[Mark]:
    marks: list[Mark] = []
    for name, r in lanes.items():
        head = Rect(r.left - _HEAD, r.top, r.left, r.bottom)
        marks.append(Path(outline("double", r), palette.LANE_EDGE, 0.6, fill=palette.LANE))
        marks.append(Path(outline("double", head), palette.LANE_EDGE, 0.6, fill=palette.LANE_HEAD))
        x, y = head.middle
        text, font = _lane_title(name, r.bottom - r.top - 2, measure)
        marks.append(Words(x, y, text, font, palette.QUIET, centred=True, upright=True))
    return marks


def _width(arrow: Arrow, picture: FlowPicture) -> float:
    """Return a line width that grows with the square root of the share of the asset's largest arrow."""
    most = max(a.units for a in picture.arrows if a.asset == arrow.asset) or 1
    return float(round(0.7 + 2.5 * (arrow.units / most) ** 0.5, 2))


def _arrow(arrow: Arrow, way: Route, width: float) -> tuple[Mark, Mark]:
    """Return an arrow's line and its head, which lies above the labels."""
    *_, (_, control, end) = way.segments
    before = control if control != end else way.points()[-2]
    dx, dy = end[0] - before[0], end[1] - before[1]
    # Ends arrive level or upright by construction, so the head needs no rotation.
    ux, uy = ((dx > 0) - (dx < 0), 0) if abs(dx) >= abs(dy) else (0, (dy > 0) - (dy < 0))
    length, half = _HEAD_LENGTH + width * 0.9, _HEAD_WIDTH + width * 0.6
    base = (end[0] - ux * length, end[1] - uy * length)
    corners = [(base[0] - uy * half, base[1] - ux * half), (base[0] + uy * half, base[1] + ux * half)]
    head: list[Command] = [("M", end), *(("L", corner) for corner in corners), ("Z", end)]
    line: list[Command] = [("M", way.start), *(("C", p) for segment in way.segments[:-1] for p in segment)]
    last_a, last_b, _ = way.segments[-1]
    line += [("C", last_a), ("C", last_b if last_b != end else base), ("C", base)]
    return Path(line, palette.LINE, width, palette.LINES[arrow.cls]), Path(head, fill=palette.LINE)


def _label(text: Block, rect: Rect) -> list[Mark]:
    return [Path(outline("double", rect), fill=palette.LANE), *text.marks(rect)]
