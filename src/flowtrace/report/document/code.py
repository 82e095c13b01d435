"""A QR code of a digest, so that paper can be checked against a file with a telephone."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode


def code_svg(text: str) -> str:
    """Return the code as SVG: the same text, the same bytes."""
    drawn = io.BytesIO()
    _code(text).save(drawn, kind="svg", scale=4, border=2, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def code_png(text: str) -> bytes:
    """Return the code as PNG."""
    drawn = io.BytesIO()
    _code(text).save(drawn, kind="png", scale=8, border=2)
    return drawn.getvalue()


def _code(text: str) -> QRCode:
    import segno

    return segno.make_qr(text, error="m", boost_error=False)
