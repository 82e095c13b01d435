"""The ways of arrows that run against the flow: over the top of their lane, on a height of their own."""

from __future__ import annotations

from flowtrace.report.diagram.geometry import Edge, Rect
from flowtrace.report.diagram.lane import TRACK, TRACKS
from flowtrace.report.diagram.layout import Placed
from flowtrace.report.diagram.ways import Point

_BESIDE, _APART = 3.5, 2.5
_TOP_STEP = 8.0


def over(edge: Edge, placed: Placed, rank: int) -> list[Point]:
    """Return the corners of a way back; ``rank`` tells the lane's backward arrows apart."""
    source, target = placed.boxes[edge.source], placed.boxes[edge.target]
    lane = next(r for r in placed.lanes.values() if r.top <= source.top and source.bottom <= r.bottom)
    track = lane.top + TRACK * 0.4 + (rank % TRACKS) * TRACK
    shift = rank % TRACKS
    if _open_above(source, lane, placed):
        x = source.middle[0] - _TOP_STEP * shift
        leave = [(x, source.top), (x, track)]
    else:
        x, y = source.right + _BESIDE + _APART * shift, source.top + 4.0
        leave = [(source.right, y), (x, y), (x, track)]
    if _open_above(target, lane, placed):
        x = target.middle[0] + _TOP_STEP * shift
        return [*leave, (x, track), (x, target.top)]
    x, y = target.left - 2 * _TOP_STEP - _APART * shift, target.top + 4.0
    return [*leave, (x, track), (x, y), (target.left, y)]


def _open_above(box: Rect, lane: Rect, placed: Placed) -> bool:
    """Whether nothing stands between a box and the top of its lane."""
    above = Rect(box.left, lane.top, box.right, box.top)
    return not any(above.meets(other) for other in placed.boxes.values())
