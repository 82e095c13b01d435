"""Small drawings in place of a report's figures: an SVG and a PNG for every name that it places."""

from __future__ import annotations

import base64

from flowtrace.model import Result
from flowtrace.report.document.report import blocks
from flowtrace.report.document.typeset import figure_names

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><path d="M0 0h40v20H0z" fill="#ddd"/></svg>'
)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def drawings(result: Result) -> dict[str, bytes]:
    """Return a drawing for every figure of a report."""
    return dict.fromkeys(figure_names(blocks(result)), SVG)
