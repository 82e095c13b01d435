"""The flow diagram, painted with matplotlib: `figure` for people who program, `write_figure` for the files.

The same result gives the same bytes: bundled fonts only, no clock, fixed names for everything a file format
wants named. No pyplot: a figure can be drawn in any program, whatever it plots itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowtrace.report.diagram.pages import Page, pages
from flowtrace.report.paint import Named, painted, width_of, write_sheets

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Collection

    from matplotlib.figure import Figure

    from flowtrace.model import Result
    from flowtrace.report.diagram.picture import Fold
    from flowtrace.report.diagram.sheet import Sheet

_LATEST: list[tuple[Result, tuple[Page, ...]]] = []


def figure(result: Result, *, only: Collection[int] | None = None) -> Figure:
    """Draw a result's flow diagram: all of it, or its overview where it takes several pages.

    Parameters
    ----------
    only
        The numbers of the hops that may be shown; all where None.

    Returns
    -------
    matplotlib.figure.Figure
        A page of A4 landscape.
    """
    return painted(sheet_of(result, only=only))


def figures(result: Result, *, only: Collection[int] | None = None) -> tuple[Figure, ...]:
    """Draw every page of a result's flow diagram, the overview first."""
    return tuple(painted(page.sheet) for page in pages_of(result, only=only))


def sheet_of(result: Result, *, only: Collection[int] | None = None) -> Sheet:
    """Return the first page before it is painted: its marks, and where every box and label stands."""
    return pages_of(result, only=only)[0].sheet


def marks_of(result: Result) -> tuple[Fold, ...]:
    """Return what the F-marks of all pages stand for, in the order of their numbers."""
    return tuple(sorted((m for p in pages_of(result) for m in p.picture.folds), key=lambda m: int(m.id[1:])))


def pages_of(result: Result, *, only: Collection[int] | None = None) -> tuple[Page, ...]:
    """Return the pages of a result's flow diagram, before they are painted.

    Notes
    -----
    The last result's pages are kept: a report asks for them as a figure, for its annex and for its findings.
    """
    if only is not None:
        return pages(result, width_of, only)
    if not _LATEST or _LATEST[0][0] is not result:
        _LATEST[:] = [(result, pages(result, width_of))]
    return _LATEST[0][1]


def write_figure(
    result: Result, folder: pathlib.Path, *, name: str = "flow", only: Collection[int] | None = None
) -> list[pathlib.Path]:
    """Write ``flow.pdf`` with all pages, and each as ``flow.png`` and ``flow.svg``, ``flow-2.png`` and so on.

    The same result gives the same bytes.

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
    sheets = [page.sheet for page in pages_of(result, only=only)]
    # A part is drawn for each recipient: many figures, and each in haste.
    return write_sheets(sheets, folder / name, Named.of(result), outlined=only is not None)
