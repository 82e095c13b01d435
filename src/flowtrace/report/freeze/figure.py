"""The figure of a package: the way from the theft to this recipient, and nothing else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from flowtrace.model import Result
from flowtrace.report.diagram import write_figure
from flowtrace.report.freeze.request import FreezeRequest

FIGURES = ("figure.pdf", "figure.png", "figure.svg")


def figures(result: Result, request: FreezeRequest) -> dict[str, bytes]:
    """Return the figure in three forms, the [n] being those of every table."""
    rows = {hop.row for hop in request.hops}
    with TemporaryDirectory() as name:
        written = write_figure(result, Path(name), name="figure", only=rows)
        bodies = {path.name: path.read_bytes() for path in written}
    return {name: bodies[name] for name in FIGURES}
