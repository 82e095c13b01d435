"""Where arrows turn in the gap between two columns: upright pieces that overlap get tracks of their own.

Method: channel routing by left-edge assignment. Arrows that fan out turn early, arrows that fan in turn late,
so that the level rest of the way is free for the label. The longest upright piece is nearest to the fan: then
no two arrows of one fan cross.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_FIRST_OUT, _FIRST_IN, _TRACK = 6.0, 14.0, 3.6
_APART = 2.0
_NARROWEST = 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """One change of height on the way through one gap."""

    key: tuple[str, int]
    start: tuple[float, float]
    end: tuple[float, float]
    late: bool

    @property
    def span(self) -> tuple[float, float]:
        """The heights between which it stands."""
        return min(self.start[1], self.end[1]), max(self.start[1], self.end[1])


def channels(steps: Iterable[Step]) -> dict[tuple[str, int], float]:
    """Return where each step turns."""
    gaps: dict[tuple[float, float, bool], list[Step]] = defaultdict(list)
    for step in steps:
        gaps[step.start[0], step.end[0], step.late].append(step)
    found = {}
    for (left, right, late), inside in gaps.items():
        tracks = _tracks(inside)
        room = (right - left - _FIRST_OUT - _FIRST_IN) / max(*tracks.values(), 1)
        apart = max(_NARROWEST, min(_TRACK, room / 2))
        for key, track in tracks.items():
            found[key] = right - _FIRST_IN - track * apart if late else left + _FIRST_OUT + track * apart
    return found


def _tracks(steps: list[Step]) -> dict[tuple[str, int], int]:
    taken: list[list[tuple[float, float]]] = []
    tracks = {}
    for step in sorted(steps, key=lambda s: (s.span[0] - s.span[1], s.key)):
        low, high = step.span
        # Outside every track it would touch: a shorter piece may not slip inside a longer one of its fan.
        struck = [i for i, spans in enumerate(taken) if any(_near(low, high, span) for span in spans)]
        track = max(struck, default=-1) + 1
        if track == len(taken):
            taken.append([])
        taken[track].append((low, high))
        tracks[step.key] = track
    return tracks


def _near(low: float, high: float, span: tuple[float, float]) -> bool:
    return low < span[1] + _APART and span[0] - _APART < high
