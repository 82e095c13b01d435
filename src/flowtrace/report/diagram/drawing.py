"""The flow diagram, painted with matplotlib: `figure` for people who program, `write_figure` for the files.

The same result gives the same bytes: bundled fonts only, no clock, fixed names for everything a file format
wants named. No pyplot: a figure can be drawn in any program, whatever it plots itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from flowtrace.report.diagram.fold import fold
from flowtrace.report.diagram.marks import Font, Path, Words
from flowtrace.report.diagram.part import part
from flowtrace.report.diagram.sheet import Sheet, compose

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Collection

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    from flowtrace.model import Result

_DPI = 300
_POINTS = 72
_FACES = {(False, False): "", (True, False): "-Bold", (False, True): "Mono", (True, True): "Mono-Bold"}
_MISSING = "\N{WHITE SQUARE}"


def figure(result: Result, *, only: Collection[int] | None = None) -> Figure:
    """Draw a result's flow diagram.

    Parameters
    ----------
    only
        The numbers of the hops that may be shown; all where None.

    Returns
    -------
    matplotlib.figure.Figure
        A page of A4 landscape, larger only where the figure does not fit with readable type.
    """
    from matplotlib.figure import Figure

    sheet = sheet_of(result, only=only)
    fig = Figure(figsize=(sheet.width / _POINTS, sheet.height / _POINTS), dpi=_DPI, facecolor="white")
    axes = fig.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(sheet.height, 0)
    for mark in sheet.marks:
        if isinstance(mark, Path):
            _draw(axes, mark)
        else:
            _write(axes, mark)
    return fig


def sheet_of(result: Result, *, only: Collection[int] | None = None) -> Sheet:
    """Return the page before it is painted: its marks, and where every box and label stands."""
    picture = fold(result) if only is None else part(result, only)
    return compose(picture, int(result.incident.date[:4]), width_of)


def write_figure(
    result: Result, folder: pathlib.Path, *, name: str = "flow", only: Collection[int] | None = None
) -> list[pathlib.Path]:
    """Write ``flow.png``, ``flow.svg`` and ``flow.pdf``; the same result gives the same bytes.

    Parameters
    ----------
    name
        What the files are called before the dot.
    only
        The numbers of the hops that may be shown, as `figure` takes them: the paths to one recipient, say.

    Raises
    ------
    InputError
        If ``only`` is empty or names a hop that there is not.
    """
    import matplotlib as mpl

    fig = figure(result, only=only)
    maker = f"flowtrace {result.version}"
    day = datetime.fromisoformat(result.as_of[:10]).replace(tzinfo=UTC)
    named = {
        "png": {"Software": maker, "Title": result.incident.title},
        "svg": {"Date": None, "Creator": maker, "Title": result.incident.title},
        "pdf": {"Creator": maker, "Producer": maker, "CreationDate": day, "Title": result.incident.title},
    }
    # A part is drawn for each recipient: subsets of TrueType take seven times as long as Type 3.
    font = 42 if only is None else 3
    paths = []
    for suffix, metadata in named.items():
        path = folder / f"{name}.{suffix}"
        # savefig has no arguments for these settings; they are back as they were when the file is written.
        with mpl.rc_context(
            {
                "svg.hashsalt": result.digest,
                "svg.fonttype": "path",
                "pdf.fonttype": font,
                "pdf.compression": 9,
            }
        ):
            fig.savefig(path, format=suffix, dpi=_DPI, metadata=metadata)
        paths.append(path)
    return paths


def width_of(text: str, font: Font) -> float:
    """Measure a text in the bundled face."""
    return _width(_drawable(text, font), font)


@lru_cache(maxsize=1 << 14)
def _width(text: str, font: Font) -> float:
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, _face(font), ismath=False)
    return round(width, 3)


@lru_cache(maxsize=64)
def _face(font: Font) -> FontProperties:
    """Return the face that matplotlib ships, by file: a system font of the same name may differ."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    name = f"DejaVuSans{_FACES[font.bold, font.mono]}.ttf"
    return FontProperties(fname=f"{mpl.get_data_path()}/fonts/ttf/{name}", size=font.size)


@lru_cache(maxsize=4)
def _glyphs(path: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(path).get_charmap())


def _drawable(text: str, font: Font) -> str:
    """Replace what the face cannot show, visibly: a stranger's label may hold any character."""
    known = _glyphs(str(_face(font).get_file()))
    return "".join(c if ord(c) in known else _MISSING for c in text)


def _draw(axes: Axes, mark: Path) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    codes = {"M": Outline.MOVETO, "L": Outline.LINETO, "C": Outline.CURVE4, "Z": Outline.CLOSEPOLY}
    # Hundredths of a point: below what anyone sees, above what the last bit of a float may differ in.
    vertices = [(round(x, 2), round(y, 2)) for _, (x, y) in mark.commands]
    patch = PathPatch(
        Outline(vertices, [codes[code] for code, _ in mark.commands]),
        edgecolor=mark.stroke or "none",
        facecolor=mark.fill or "none",
        linewidth=mark.width if mark.stroke else 0.0,
        linestyle=(0, [d / mark.width for d in mark.dashes]) if mark.dashes else "solid",
        capstyle="butt",
        joinstyle="miter",
    )
    axes.add_patch(patch)


def _write(axes: Axes, mark: Words) -> None:
    axes.text(
        round(mark.x, 2),
        round(mark.y, 2),
        _drawable(mark.text, mark.font),
        fontproperties=_face(mark.font),
        color=mark.colour,
        horizontalalignment="center" if mark.centred else "left",
        verticalalignment="center_baseline" if not mark.upright else "center",
        rotation=90 if mark.upright else 0,
        parse_math=False,
    )
