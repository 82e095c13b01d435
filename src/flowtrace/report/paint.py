"""Marks painted with matplotlib, for every figure of a report: on paper, and into files.

The same marks give the same bytes: bundled fonts only, no clock, fixed names for everything a file format
wants named. No pyplot: a figure can be drawn in any program, whatever it plots itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from flowtrace.report.diagram.captions import clean
from flowtrace.report.diagram.marks import Font, Path, Words

if TYPE_CHECKING:
    import pathlib

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    from flowtrace.model import Result
    from flowtrace.report.diagram.sheet import Sheet

_DPI, _FURTHER_DPI = 300, 150
_POINTS = 72
_FACES = {(False, False): "", (True, False): "-Bold", (False, True): "Mono", (True, True): "Mono-Bold"}
_MARKUP = "<>&\"'`"
_MISSING = "\N{WHITE SQUARE}"


@dataclass(frozen=True, slots=True)
class Named:
    """What the files of a figure say of themselves: all of it from the record.

    Attributes
    ----------
    salt
        What names inside an SVG are made from.
    """

    title: str
    maker: str
    day: datetime
    salt: str

    @classmethod
    def of(cls, result: Result) -> Named:
        """Name what is drawn of a result; strangers' words lose what could trick a reader of metadata."""
        day = datetime.fromisoformat(result.as_of[:10]).replace(tzinfo=UTC)
        title = "".join(c for c in clean(result.incident.title, 200) if c not in _MARKUP)
        return cls(title, f"flowtrace {result.version}", day, result.digest)


def painted(sheet: Sheet) -> Figure:
    """Paint a page."""
    from matplotlib.figure import Figure

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


def write_sheets(
    sheets: Sequence[Sheet], stem: pathlib.Path, named: Named, *, outlined: bool = False
) -> list[pathlib.Path]:
    """Write pages as ``STEM.png`` and ``STEM.svg``, ``STEM-2.png`` …, and all as ``STEM.pdf``.

    The first page's PNG is as fine as print, those of further pages as a screen needs; SVG and PDF have no
    such limit.

    Parameters
    ----------
    outlined
        Whether the PDF keeps its letters as outlines (Type 3): subsets of TrueType take seven times as long.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages

    pdf = stem.with_name(f"{stem.name}.pdf")
    about = {"Creator": named.maker, "Producer": named.maker, "CreationDate": named.day, "Title": named.title}
    paths = []
    # savefig has no arguments for these settings; they are back as they were when the files are written.
    with (
        mpl.rc_context(
            {
                "svg.hashsalt": named.salt,
                "svg.fonttype": "path",
                "pdf.fonttype": 3 if outlined else 42,
                "pdf.compression": 9,
                "text.hinting": "none",  # hinted glyphs are wider than was measured, the more the coarser
            }
        ),
        PdfPages(pdf, metadata=about) as book,
    ):
        for n, sheet in enumerate(sheets, 1):
            fig = painted(sheet)
            one = stem.with_name(f"{stem.name}-{n}" if n > 1 else stem.name)
            for suffix, said in _said(named).items():
                path = one.with_name(f"{one.name}.{suffix}")
                fig.savefig(path, format=suffix, dpi=_FURTHER_DPI if n > 1 else _DPI, metadata=said)
                paths.append(path)
            fig.savefig(book, format="pdf")
    return [*paths, pdf]


def _said(named: Named) -> dict[str, dict[str, str | None]]:
    return {
        "png": {"Software": named.maker, "Title": named.title},
        "svg": {"Date": None, "Creator": named.maker, "Title": named.title},
    }


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
