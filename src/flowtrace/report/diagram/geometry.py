"""Boxes, arrows and rectangles as plain sizes and places, in points, y downwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A box to place: its lane and size."""

    lane: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow to route, with the size of its label, and over how many columns it leads at least."""

    source: str
    target: str
    width: float
    height: float
    span: int = 1


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Rect, margin: float = 0.0) -> bool:
        """Whether two rectangles overlap or come nearer than the margin."""
        return (
            self.left < other.right + margin
            and other.left < self.right + margin
            and self.top < other.bottom + margin
            and other.top < self.bottom + margin
        )

    @property
    def middle(self) -> tuple[float, float]:
        """The centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2
