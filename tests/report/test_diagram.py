"""The flow diagram as a page and as files."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest

from flowtrace.case import Case
from flowtrace.model import Class, Result
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.drawing import figure, pages_of, sheet_of, write_figure
from flowtrace.report.diagram.fold import MOST_BOXES, fold
from flowtrace.report.diagram.marks import Words
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.diagram.place import overlaps
from flowtrace.report.diagram.sheet import PAGE, Sheet
from flowtrace.report.paint import width_of
from report.eyes import seen
from report.flows import moved
from report.toy_result import SWIRL, toy_result
from report.webs import web

_HOSTILE = "$\\alpha$ \u202eevil\x00 <script> \U000e0001\u4e2d"
_DRAW = """
import locale, sys, time
from pathlib import Path
from report.toy_result import toy_result
from report.webs import web
from flowtrace.report.chart import write_charts
from flowtrace.report.diagram.drawing import write_figure
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass  # the machine lacks it; its name still stands in the environment
time.tzset()
write_figure(toy_result(), Path(sys.argv[1]))
write_figure(web(60), Path(sys.argv[1]), name="web")
write_charts(toy_result(), Path(sys.argv[1]))
assert "matplotlib.pyplot" not in sys.modules
"""
_PLACES = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONHASHSEED": "2"},
)


@pytest.fixture(scope="module")
def ronin(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return the bundled case, worked through."""
    return Case.open(tmp_path_factory.mktemp("case") / "ronin-2022").result


def texts(sheet: Sheet) -> Iterator[str]:
    """Return every text on a page."""
    return (mark.text for mark in sheet.marks if isinstance(mark, Words))


def check_page(sheet: Sheet) -> None:
    """Hold what makes a page fit to print: no overlap, nothing cut off, nothing too small to read."""
    assert overlaps(sheet.labels, sheet.boxes) == []
    for mark in sheet.marks:
        if isinstance(mark, Words):
            assert mark.font.size >= 6.0
            across = 0.0 if mark.upright else width_of(mark.text, mark.font)
            left = mark.x - across / 2 if mark.centred else mark.x
            assert left >= 0
            assert left + across <= sheet.width
            assert 0 <= mark.y <= sheet.height


def test_the_files_are_the_same_in_every_process(tmp_path: Path) -> None:
    """Another process, timezone, locale and hash seed write the same bytes, and never load pyplot."""
    found = []
    for number, place in enumerate(_PLACES):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = os.pathsep.join(p for p in sys.path if p)
        env = {**os.environ, **place, "PYTHONPATH": path}
        subprocess.run([sys.executable, "-c", _DRAW, str(folder)], check=True, env=env, timeout=600)
        found.append({p.name: sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())})
    assert found[0] == found[1]
    assert {"flow.png", "flow.svg", "flow.pdf", "web-2.svg", "status.svg", "sankey.pdf"} <= set(found[0])
    here = tmp_path / "here"
    here.mkdir()
    assert all(
        sha256(p.read_bytes()).hexdigest() == found[0][p.name] for p in write_figure(toy_result(), here)
    )


def test_the_dates_in_the_files_are_the_records(tmp_path: Path) -> None:
    """No clock: the PDF is dated by the day the record stands for, the SVG not at all."""
    paths = {path.suffix: path.read_bytes() for path in write_figure(toy_result(), tmp_path)}
    assert b"D:20220501000000Z" in paths[".pdf"]
    assert b"<dc:date>" not in paths[".svg"]
    assert paths[".png"].startswith(b"\x89PNG")


def test_the_toytown_page_is_fit_to_print() -> None:
    """A4, no overlaps, nothing cut; the finding, the scope and the source are stated."""
    sheet = sheet_of(toy_result())
    check_page(sheet)
    assert (sheet.width, sheet.height) == PAGE
    words = " ".join(texts(sheet))
    for part in (
        "400 ETH into Swirl",
        "[n] refers to row n",
        "snapshot block 14000100",
        "d" * 16,
        "2022-05-01",
    ):
        assert part in words


def test_the_legend_explains_what_is_used_and_nothing_else() -> None:
    """Kinds of boxes that are not drawn are not in the legend."""
    result = toy_result()
    used = {box.kind for box in fold(result).boxes}
    words = set(texts(sheet_of(result)))
    for kind in BoxKind:
        assert (kind.value.capitalize() in words) == (kind in used) or kind.value == "no data"
    assert f"D: {Class.D.words}" in words
    assert f"C: {Class.C.words}" not in words


def test_kinds_and_classes_differ_without_colour() -> None:
    """In greyscale every kind is told by shape and dashes, every class by its dashes."""
    assert set(palette.STYLES) == set(BoxKind)
    for one, two in combinations(palette.STYLES, 2):
        a, b = palette.STYLES[one], palette.STYLES[two]
        apart = [abs(x - y) for x, y in zip(seen(a.stroke), seen(b.stroke), strict=True)]
        # Others are always a stack, and what is frozen is hatched.
        same = {one, two} == {BoxKind.BUDGET, BoxKind.OTHERS} or BoxKind.FROZEN in {one, two}
        assert (a.shape, a.dashes) != (b.shape, b.dashes) or min(apart) > 0.1 or same
    assert len(set(palette.LINES.values())) == len(Class)


def test_every_line_and_word_is_dark_enough_on_its_ground() -> None:
    """In grey print, and to eyes without red or green, strokes stand out from the fill beside them."""
    for style in palette.STYLES.values():
        pairs = zip(seen(style.stroke), seen(style.fill), strict=True)
        assert all(fill - stroke > 0.3 for stroke, fill in pairs)
    for ink in (palette.INK, palette.QUIET, palette.LINE, palette.FROZEN, palette.LISTED):
        assert all(light < 0.6 for light in seen(ink))


def test_strangers_text_is_drawn_as_text() -> None:
    """A dollar sign is no mathematics, and what the face lacks is a box, not a warning."""
    result = toy_result()
    stops = [
        replace(s, entity=replace(s.entity, name=_HOSTILE)) if s.entity and s.address == SWIRL else s
        for s in result.trace.stops
    ]
    hostile = replace(result, trace=replace(result.trace, stops=tuple(stops)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig = figure(hostile)
        fig.canvas.draw()
    drawn = [t.get_text() for t in fig.axes[0].texts]
    assert any("$\\alpha$" in text for text in drawn)
    assert not any(c in text for text in drawn for c in "\u202e\x00\U000e0001\u4e2d")
    check_page(sheet_of(hostile))


def test_a_crowded_flow_takes_further_pages_not_smaller_type() -> None:
    """A hundred addresses do not fit A4; the type stays readable, and the page A4."""
    pages = pages_of(web(100))
    assert len(pages) > 1
    for page in pages:
        assert (page.sheet.width, page.sheet.height) == PAGE
        check_page(page.sheet)


def test_a_long_way_goes_on_in_a_further_lane() -> None:
    """Ten addresses in a row are wider than A4: they stand in two lanes of one ledger."""
    (page,) = pages_of(moved([(n, n + 1, 10**18 + n) for n in range(1, 12)]))
    assert "Ethereum (2)" in set(texts(page.sheet))
    check_page(page.sheet)


def test_the_ronin_figure_is_fit_to_print(ronin: Result) -> None:
    """The real case fits A4 with few boxes, no overlap, and every [n] is a hop."""
    sheet = sheet_of(ronin)
    check_page(sheet)
    assert (sheet.width, sheet.height) == PAGE
    picture = fold(ronin)
    assert len(picture.boxes) <= MOST_BOXES
    rows = [row for arrow in (*picture.arrows, *picture.inner) for row in arrow.rows]
    assert sorted([*rows, *picture.fees]) == sorted(hop.row for hop in ronin.trace.hops)


def test_the_ronin_figure_states_the_recorded_sums(ronin: Result) -> None:
    """What leaves the theft address and what enters the mixer are the recorded figures, to the wei."""
    picture = fold(ronin)
    thief = next(box for box in picture.boxes if box.kind is BoxKind.THEFT)
    out = [a for a in picture.arrows if a.source == thief.key and not a.asset.contract]
    assert sum(a.units for a in out) == 182_165_956_030_000_000_000_000
    assert sum(a.count for a in out) == 31
    mixer = next(box for box in picture.boxes if box.kind is BoxKind.MIXER)
    (into,) = (a for a in picture.arrows if a.target == mixer.key)
    assert (into.count, into.each, into.units) == (1751, 100 * 10**18, 175_100 * 10**18)
    assert next(b for b in picture.boxes if b.key == into.source).title == "48 mixer depositors"
    assert sum(b.kind is BoxKind.DEPOSIT for b in picture.boxes) == 5
    assert sum(b.kind is BoxKind.NO_DATA for b in picture.boxes) == 4


def test_a_trace_without_a_hop_is_a_page_that_says_so() -> None:
    """Nothing moved yet: the finding, the scope and the source still stand on the page."""
    (page,) = pages_of(moved([]))
    words = " ".join(texts(page.sheet))
    assert "no mixer or service reached" in words
    assert "digest" in words
