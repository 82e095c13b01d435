"""The charts as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flowtrace.model import Result
from flowtrace.report.chart.paths import paths_sheets
from flowtrace.report.chart.sankey import sankey_sheets
from flowtrace.report.chart.status import status_sheets
from flowtrace.report.chart.timeline import timeline_sheets
from flowtrace.report.diagram.marks import Measure
from flowtrace.report.diagram.sheet import Sheet
from flowtrace.report.paint import Named, width_of, write_sheets

Made = Callable[[Result, Measure], tuple[Sheet, ...]]

CHARTS: Mapping[str, Made] = {
    "status": status_sheets,
    "sankey": sankey_sheets,
    "timeline": timeline_sheets,
    "paths": paths_sheets,
}
"""Each chart by the name of its files."""


def write_charts(result: Result, folder: Path) -> list[Path]:
    """Write every chart as PNG, SVG and PDF; the same result gives the same bytes.

    Raises
    ------
    IntegrityError
        If the money does not add up: then nothing is drawn of it.
    """
    pages = {name: made(result, width_of) for name, made in CHARTS.items()}
    named = Named.of(result)
    return [path for name, sheets in pages.items() for path in write_sheets(sheets, folder / name, named)]
