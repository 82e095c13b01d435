"""How each kind of box and each class of evidence looks: shape and line as well as colour, for grey print."""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model import Class
from flowtrace.report.diagram.picture import BoxKind

INK = "#111827"
QUIET = "#374151"
LINE = "#4B5563"
LANE = "#F8FAFC"
LANE_EDGE = "#CBD5E1"
LANE_HEAD = "#E2E8F0"

Dashes = tuple[float, ...]
SOLID: Dashes = ()


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a box: name of its outline in `shapes`, stroke colour and width in points, dashes."""

    shape: str
    stroke: str
    width: float = 1.1
    dashes: Dashes = SOLID

    @property
    def fill(self) -> str:
        """The stroke colour at a tenth, as an opaque colour: transparency prints unevenly."""
        return mixed(self.stroke, 0.1)


STYLES = {
    BoxKind.VICTIM: Style("arch", "#2B5C8A", 1.9),
    BoxKind.THEFT: Style("octagon", "#B3261E", 1.9),
    BoxKind.WALLET: Style("rounded", "#6B7280"),
    BoxKind.SWAP: Style("parallelogram", "#0F766E"),
    BoxKind.BRIDGE: Style("chevron", "#0E7490"),
    BoxKind.MIXER: Style("hexagon", "#6D28D9", 1.5),
    BoxKind.DEPOSIT: Style("double", "#B45309", 1.3),
    BoxKind.EXCHANGE: Style("barred", "#B45309"),
    BoxKind.BROKER: Style("cut", "#9D174D", 1.3),
    BoxKind.BANK: Style("cylinder", "#14532D", 1.3),
    BoxKind.SERVICE: Style("folded", "#3F6212"),
    BoxKind.NO_DATA: Style("rounded", "#6B7280", 1.1, (3.2, 2.2)),
    BoxKind.INCOMPLETE: Style("cut", "#6B7280", 1.1, (3.2, 2.2)),
    BoxKind.FROZEN: Style("rounded", "#1D4ED8", 2.2),
    BoxKind.CROWDED: Style("barred", "#6B7280", 1.1, (3.2, 2.2)),
    BoxKind.AT_REST: Style("footed", "#475569"),
    BoxKind.MINIMUM: Style("rounded", "#6B7280", 1.1, (1.0, 1.8)),
    BoxKind.BUDGET: Style("rounded", "#6B7280", 1.1, (5.0, 1.8, 1.0, 1.8)),
    BoxKind.OTHERS: Style("rounded", "#4B5563", 1.1, (5.0, 1.8, 1.0, 1.8)),
}
"""Strokes as in the visual grammar; see the legend drawn on every figure."""

FROZEN, FROZEN_WIDTH = "#1D4ED8", 2.2
LISTED = "#7F1D1D"

LINES: dict[Class, Dashes] = {
    Class.D: SOLID,
    Class.C: (5.0, 2.4),
    Class.P: (1.2, 2.0),
    Class.X: (6.0, 2.0, 1.2, 2.0, 1.2, 2.0),
}


def mixed(colour: str, share: float) -> str:
    """Mix a share of a colour into white.

    >>> mixed("#000000", 0.1)
    '#e6e6e6'
    """
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)
