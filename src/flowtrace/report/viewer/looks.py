"""How the viewer draws: shapes, strokes and dashes of the printed figure, its colours on a dark ground."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flowtrace.model import Class
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.diagram.shapes import Command, crown, inset, outline, strokes

Json = dict[str, Any]
WIDTH, HEIGHT = 196.0, 58.0
"""The size of a card, in the units of the positions."""

_KEY = Rect(0.0, 0.0, 30.0, 18.0)
_GROUND = "#0F172A"
_CONTRAST = 4.5
_LIGHT = {
    "ground": "#FFFFFF",
    "ink": palette.INK,
    "quiet": palette.QUIET,
    "line": palette.LINE,
    "lane": palette.LANE,
    "lane_edge": palette.LANE_EDGE,
    "lane_head": palette.LANE_HEAD,
    "trail": "#B3261E",
    "focus": "#1D4ED8",
    "listed": getattr(palette, "LISTED", "#7F1D1D"),
    "frozen": getattr(palette, "FROZEN", "#1D4ED8"),
}
_DARK = {
    "ground": _GROUND,
    "ink": "#E5E7EB",
    "quiet": "#B6C2D1",
    "line": "#94A3B8",
    "lane": "#16213A",
    "lane_edge": "#334155",
    "lane_head": "#1E293B",
}
_CLASSES = {
    Class.D: "recorded on one ledger",
    Class.C: "matched across ledgers by identifiers",
    Class.P: "inferred",
    Class.X: "asserted by a third party",
}


def looks() -> Json:
    """Return the colours of the page, by ground."""
    dark = {name: lightened(colour) for name, colour in _LIGHT.items()}
    return {"light": _LIGHT, "dark": dark | _DARK}


def kinds(facts: Facts, used: Iterable[BoxKind]) -> list[Json]:
    """Return how each kind of address is drawn that a flow has, in the order of the legend."""
    wanted = set(used)
    return [_kind(kind, facts) for kind in BoxKind if kind in wanted]


def _kind(kind: BoxKind, facts: Facts) -> Json:
    style = palette.STYLES[kind]
    card = Rect(0.0, 0.0, WIDTH, HEIGHT)
    dark = lightened(style.stroke)
    return {
        "words": facts.words(kind),
        "width": style.width,
        "dashes": list(style.dashes),
        "inset": inset(style.shape),
        "crown": crown(style.shape),
        "outline": _path(outline(style.shape, card)),
        "inner": _path(strokes(style.shape, card)),
        "key": _path(outline(style.shape, _KEY)),
        "key_inner": _path(strokes(style.shape, _KEY)),
        "light": {"stroke": style.stroke, "fill": style.fill},
        "dark": {"stroke": dark, "fill": _between(_GROUND, dark, 0.16)},
    }


def classes() -> list[Json]:
    """Return how a line is dashed by its class of evidence."""
    return [
        {"id": cls.value, "words": words, "dashes": list(palette.LINES[cls])}
        for cls, words in _CLASSES.items()
    ]


def _path(commands: Iterable[Command]) -> list[list[str | float]]:
    return [[code, round(x, 2), round(y, 2)] for code, (x, y) in commands]


def lightened(colour: str) -> str:
    """Mix white into a colour until text in it can be read on the dark ground (WCAG 2.2: 4.5 to 1).

    >>> lightened("#B3261E") != "#B3261E", lightened("#FFFFFF")
    (True, '#ffffff')
    """
    mixes = (_between(colour, "#FFFFFF", step / 20) for step in range(21))
    return next(mix for mix in mixes if contrast(mix, _GROUND) >= _CONTRAST)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _parts(colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)  # noqa: PLR2004  as the standard writes it
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _between(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
