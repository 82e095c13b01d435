"""Marks on a sheet, in points with y downwards: all a painter needs to draw a figure, and no meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from flowtrace.report.diagram.palette import INK, SOLID, Dashes
from flowtrace.report.diagram.shapes import Command


@dataclass(frozen=True, slots=True)
class Font:
    """A cut of the bundled face."""

    size: float
    bold: bool = False
    mono: bool = False

    @property
    def line(self) -> float:
        """The distance between two lines."""
        return self.size * 1.2


@dataclass(frozen=True, slots=True)
class Path:
    """A path, stroked and perhaps filled. An empty colour means none."""

    commands: Sequence[Command]
    stroke: str = ""
    width: float = 1.0
    dashes: Dashes = SOLID
    fill: str = ""

    def moved(self, dx: float, dy: float) -> Path:
        """Return the same mark elsewhere."""
        return replace(self, commands=[(code, (x + dx, y + dy)) for code, (x, y) in self.commands])


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; ``x`` is its left end or its middle, ``y`` its vertical middle."""

    x: float
    y: float
    text: str
    font: Font
    colour: str = INK
    centred: bool = False
    upright: bool = False

    def moved(self, dx: float, dy: float) -> Words:
        """Return the same mark elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)


Mark: TypeAlias = Path | Words
Measure: TypeAlias = Callable[[str, Font], float]
"""The width of a text in points."""


def wrapped(text: str, width: float, font: Font, *, measure: Measure) -> list[str]:
    """Break a text into lines no wider than ``width``; a word too long by itself is cut with an ellipsis.

    The sign of a rounded amount stays with its number.
    """
    lines: list[str] = []
    for word in " ".join(text.split()).replace("≈ ", "≈\N{NO-BREAK SPACE}").split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and measure(joined, font) <= width:
            lines[-1] = joined
        else:
            lines.append(fitted(word, width, font, measure=measure))
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines if line]


def fitted(text: str, width: float, font: Font, *, measure: Measure) -> str:
    """Cut a text that is wider than ``width``, with an ellipsis."""
    if measure(text, font) <= width:
        return text
    kept = text
    while kept and measure(kept + "…", font) > width:
        kept = kept[:-1]
    return kept + "…"
