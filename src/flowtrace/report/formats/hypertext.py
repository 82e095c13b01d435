"""HTML: the flow to look at and search, in one file that works offline and loads nothing."""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.viewer import flow_html


def files(result: Result) -> dict[str, bytes]:
    """Return the page."""
    return {"flow.html": flow_html(result)}
