"""One page with the whole figure as marks: title, lanes, arrows, labels, boxes, notes, legend, footer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowtrace.model import Chain
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.geometry import Edge, Node, Rect
from flowtrace.report.diagram.label import BOX_WIDTH, Block, arrow_label, box_height, box_text, text_area
from flowtrace.report.diagram.layout import needed, place
from flowtrace.report.diagram.legend import legend
from flowtrace.report.diagram.marks import Font, Mark, Measure, Path, Words, wrapped
from flowtrace.report.diagram.picture import Arrow, Box, FlowPicture
from flowtrace.report.diagram.place import place_labels
from flowtrace.report.diagram.route import routes
from flowtrace.report.diagram.shapes import Command, outline, strokes
from flowtrace.report.diagram.ways import Route

PAGES = ((842.0, 595.0), (1191.0, 842.0), (1684.0, 1191.0), (2384.0, 1684.0))
"""A4 to A1 landscape, in points; the first that holds the figure is taken, the type stays the same size."""

_MARGIN = 19.0
_HEAD = 13.0
_TITLES = tuple(Font(size, bold=True) for size in (13.0, 12.0, 11.5, 11.0, 10.5))
_SUBTITLE, _SMALL, _LANE = Font(7.2), Font(6.5), Font(8.0, bold=True)
_SURROUND = 200.0
_STACK = 2.6
_LOWEST, _PORT = 20.0, 4.0
_HEAD_LENGTH, _HEAD_WIDTH = 5.2, 2.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its size in points, its marks in drawing order, and where labels and boxes stand."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    labels: Mapping[str, Rect]
    boxes: Mapping[str, Rect]


def compose(picture: FlowPicture, year: int, measure: Measure) -> Sheet:
    """Lay a picture out on the smallest page that holds it."""
    texts = {box.key: box_text(box, measure) for box in picture.boxes}
    labels = {str(i): arrow_label(a, year, measure) for i, a in enumerate(picture.arrows)}
    heights = {b.key: max(box_height(b, texts[b.key]), _ports(b, picture)) for b in picture.boxes}
    nodes = {b.key: Node(b.lane, BOX_WIDTH, heights[b.key]) for b in picture.boxes}
    edges = {
        str(i): Edge(a.source, a.target, labels[str(i)].width + 3, labels[str(i)].height)
        for i, a in enumerate(picture.arrows)
    }
    width, height, frame = _page(picture, needed(nodes, edges), measure)
    placed = place(nodes, edges, frame.area)
    ways = routes(edges, placed)
    solid = {b.key: _whole(b, placed.boxes[b.key]) for b in picture.boxes}
    spots = place_labels(edges, ways, (frame.area, list(solid.values())))
    marks = [*frame.marks, *_lanes(placed.lanes)]
    drawn = [_arrow(a, ways[str(i)], _width(a, picture)) for i, a in enumerate(picture.arrows)]
    marks += [line for line, _ in drawn]
    marks += [m for name, rect in spots.items() for m in _label(labels[name], rect)]
    marks += [head for _, head in drawn]
    marks += [m for b in picture.boxes for m in _box(b, placed.boxes[b.key], texts[b.key])]
    return Sheet(width, height, tuple(marks), spots, solid)


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


def _page(picture: FlowPicture, least: tuple[float, float], measure: Measure) -> tuple[float, float, _Frame]:
    for page in PAGES:
        frame = _frame(picture, page, measure)
        if frame.area.right - frame.area.left >= least[0] and frame.area.bottom - frame.area.top >= least[1]:
            return *page, frame
    beyond = max(least[0] + 2 * _MARGIN + _HEAD, PAGES[-1][0]), max(least[1] + _SURROUND, PAGES[-1][1])
    return *beyond, _frame(picture, beyond, measure)


def _frame(picture: FlowPicture, page: tuple[float, float], measure: Measure) -> _Frame:
    width, height = page
    room = width - 2 * _MARGIN
    marks: list[Mark] = []
    fitting = [f for f in _TITLES if measure(picture.title, f) <= room]
    top = _paragraph(picture.title, (_MARGIN, 16.0), (fitting or _TITLES[-1:])[0], on=(room, measure, marks))
    top = _paragraph(picture.subtitle, (_MARGIN, top + 1), _SUBTITLE, on=(room, measure, marks)) + 5
    foot = height - 17.0
    marks.append(Words(_MARGIN, foot, picture.footer, _SMALL, palette.QUIET))
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


def _lanes(lanes: Mapping[str, Rect]) -> list[Mark]:
    marks: list[Mark] = []
    for name, r in lanes.items():
        head = Rect(r.left - _HEAD, r.top, r.left, r.bottom)
        marks.append(Path(outline("double", r), palette.LANE_EDGE, 0.6, fill=palette.LANE))
        marks.append(Path(outline("double", head), palette.LANE_EDGE, 0.6, fill=palette.LANE_HEAD))
        x, y = head.middle
        marks.append(Words(x, y, Chain.of(name).title, _LANE, palette.QUIET, centred=True, upright=True))
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


def _whole(box: Box, rect: Rect) -> Rect:
    """Return a box with the edges of the boxes behind it."""
    behind = 2 * _STACK if box.fold else 0.0
    return Rect(rect.left, rect.top - behind, rect.right + behind, rect.bottom)


def _box(box: Box, rect: Rect, text: Block) -> list[Mark]:
    style = palette.STYLES[box.kind]
    marks: list[Mark] = []
    for i in (2, 1) if box.fold else ():
        d = i * _STACK
        behind = Rect(rect.left + d, rect.top - d, rect.right + d, rect.bottom - d)
        marks.append(
            Path(outline(style.shape, behind), style.stroke, style.width * 0.7, style.dashes, "#ffffff")
        )
    marks.append(Path(outline(style.shape, rect), style.stroke, style.width, style.dashes, style.fill))
    inner = strokes(style.shape, rect)
    marks += [Path(inner, style.stroke, style.width * 0.7)] if inner else []
    return [*marks, *text.marks(text_area(box, rect))]
