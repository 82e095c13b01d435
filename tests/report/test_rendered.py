"""Figures as they are painted: every text measured by matplotlib, every arrow held against every box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations

import matplotlib as mpl
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.transforms import Bbox

from flowtrace.model import Result
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.drawing import marks_of, pages_of
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Words
from flowtrace.report.diagram.pages import Page
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.diagram.sheet import PAGE
from flowtrace.report.paint import painted
from report.test_diagram import ronin as ronin  # noqa: PLC0414  a fixture
from report.webs import web

_LEAST = 6.0
_BEHIND = 6.0  # the edges of the boxes folded behind one are its own arrows' to pass


def measured(page: Page) -> Iterator[str]:
    """Yield what is wrong with a page as matplotlib paints it: nothing, where it is fit to print."""
    fig = painted(page.sheet)
    axes = fig.axes[0]
    texts = extents(fig)
    yield from (f"{t.get_text()!r} is too small" for t in axes.texts if float(t.get_fontsize()) < _LEAST)
    yield from (f"{a!r} on {b!r}" for (a, x), (b, y) in combinations(texts, 2) if meet(x, y))
    whole = fig.bbox
    yield from (
        f"{a!r} is cut off"
        for a, x in texts
        if not (whole.contains(x.x0, x.y0) and whole.contains(x.x1, x.y1))
    )
    yield from _labels_on_boxes(axes, texts, page)
    yield from _arrows_on_boxes(axes, page)


def extents(fig: Figure) -> list[tuple[str, Bbox]]:
    """Return every text of a painted page, with the pixels it takes."""
    renderer = FigureCanvasAgg(fig).get_renderer()  # type: ignore[no-untyped-call]
    with mpl.rc_context({"text.hinting": "none"}):  # as the files are written
        return [(t.get_text(), t.get_window_extent(renderer)) for t in fig.axes[0].texts]


def meet(one: Bbox, other: Bbox) -> bool:
    """Whether two painted texts share a pixel."""
    return bool(one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)


def _labels_on_boxes(axes: Axes, texts: list[tuple[str, Bbox]], page: Page) -> Iterator[str]:
    for text, extent in texts:
        box = extent.transformed(axes.transData.inverted())
        middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        for name, rect in page.sheet.boxes.items():
            inside = rect.left < middle[0] < rect.right and rect.top < middle[1] < rect.bottom
            touches = meet(box_of(box), Bbox([(rect.left, rect.top), (rect.right, rect.bottom)]))
            if touches and not inside:
                yield f"{text!r} on the box {name}"


def box_of(box: Bbox) -> Bbox:
    """Return a box with its corners in order: the page's y runs downwards."""
    return Bbox([(min(box.x0, box.x1), min(box.y0, box.y1)), (max(box.x0, box.x1), max(box.y0, box.y1))])


def _arrows_on_boxes(axes: Axes, page: Page) -> Iterator[str]:
    lines = [p for p in axes.patches if isinstance(p, PathPatch) and is_arrow(p)]
    assert len(lines) >= len(page.picture.arrows)
    for line in lines:
        for polygon in line.get_path().interpolated(8).to_polygons(closed_only=False):
            points: list[tuple[float, float]] = [(float(x), float(y)) for x, y in np.asarray(polygon)]
            for name, rect in page.sheet.boxes.items():
                own = touches(rect, points[0]) or touches(rect, points[-1])
                if any(within(rect, p, _BEHIND if own else 0.4) for p in points):
                    yield f"an arrow runs through the box {name}"


def is_arrow(patch: PathPatch) -> bool:
    """Whether a painted path is the line of an arrow."""
    clear = to_rgba(patch.get_facecolor())[3] == 0
    return clear and to_rgba(patch.get_edgecolor()) == to_rgba(palette.LINE)


def touches(rect: Rect, point: tuple[float, float]) -> bool:
    """Whether an arrow's end lies at a box's edge; its head makes the line end a little before."""
    return within(rect, point, -12.0)


def within(rect: Rect, point: tuple[float, float], depth: float) -> bool:
    """Whether a point lies so deep inside a box."""
    across = rect.left + depth < point[0] < rect.right - depth
    return bool(across and rect.top + depth < point[1] < rect.bottom - depth)


def check(result: Result) -> tuple[Page, ...]:
    """Hold what every figure promises, and return its pages."""
    pages = pages_of(result)
    for number, page in enumerate(pages, 1):
        assert (page.sheet.width, page.sheet.height) == PAGE
        assert list(measured(page)) == [], f"page {number} of {len(pages)}"
    rows = {hop.row for hop in result.trace.hops}
    first = pages[0].picture
    shown = [row for arrow in (*first.arrows, *first.inner) for row in arrow.rows]
    assert sorted([*shown, *first.fees]) == sorted(rows)  # each once: the first page folds all
    if len(pages) > 1:
        drawn = {row for p in pages[1:] for a in (*p.picture.arrows, *p.picture.inner) for row in a.rows}
        assert drawn | {row for p in pages[1:] for row in p.picture.fees} == rows
    _check_folds(result, pages)
    return pages


def _check_folds(result: Result, pages: tuple[Page, ...]) -> None:
    """Every mark is listed once over all pages; every remainder says its count, and its arrows its sums."""
    marks: Mapping[str, object] = {mark.id: mark for mark in marks_of(result)}
    assert len(marks) == sum(len(page.picture.folds) for page in pages)
    for page in pages:
        for box in page.picture.boxes:
            assert not box.fold or box.fold in marks
            if box.kind is BoxKind.OTHERS and box.fold:
                assert str(len(box.members)) in box.title
                assert any(note.startswith(f"{box.fold} others") for note in page.picture.notes)


def test_the_ronin_figure_as_painted(ronin: Result) -> None:
    """The real case is one page without a text on another, and no arrow runs through a box."""
    assert len(check(ronin)) == 1


@given(st.integers(0, 10_000), st.integers(1, 3))
@settings(max_examples=6, deadline=None)
def test_thirty_addresses_as_painted(seed: int, chains: int) -> None:
    """Thirty addresses on up to three ledgers are fit to print."""
    check(web(30, seed, chains=chains))


@given(st.integers(0, 10_000), st.integers(1, 3))
@settings(max_examples=2, deadline=None)
def test_a_hundred_and_fifty_addresses_as_painted(seed: int, chains: int) -> None:
    """What has no room on a page goes to further ones."""
    assert len(check(web(150, seed, chains=chains, recipients=12))) > 1


@given(st.integers(0, 10_000))
@settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_six_hundred_addresses_as_painted(seed: int) -> None:
    """Many pages, each as readable as the first."""
    assert len(check(web(600, seed, recipients=20))) > 1


def test_an_overlap_would_be_found() -> None:
    """The measure is no formality: a text moved onto another is reported."""
    (page,) = pages_of(web(12, 3))
    words = next(mark for mark in page.sheet.marks if isinstance(mark, Words))
    doubled = replace(page.sheet, marks=(*page.sheet.marks, words.moved(3.0, 2.0)))
    assert any(" on " in fault for fault in measured(replace(page, sheet=doubled)))
