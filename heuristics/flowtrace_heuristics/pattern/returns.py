"""Ways by which value comes back: payments in chain order from one owner, through others, to that owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace_heuristics.pattern.moves import Moves

MOST_BRANCHES = 16  # payments of one address looked at for the one that carries on
MOST_STEPS = 40  # payments looked at from one start, on all its ways together


@dataclass(frozen=True, slots=True)
class Way:
    """What a way back must keep to: hops, seconds, and the share of its first payment that comes back."""

    least_hops: int
    most_hops: int
    seconds: int
    percent: int


def owners_of(ledger: Ledger, attribution: Attribution) -> list[int]:
    """Return for each address the number of its entity's first address: its own where none is told."""
    first: dict[str, int] = {}
    owners = []
    for number, address in enumerate(ledger.addresses):
        labels = (label for label in attribution.of(address) if not label.asserted and label.entity)
        entity = next((label.entity.id for label in labels if label.entity), "")
        owners.append(first.setdefault(entity, number) if entity else number)
    return owners


def ways_back(
    moves: Moves, owners: Sequence[int], service: Sequence[int], *, way: Way
) -> Iterator[tuple[int, ...]]:
    """Yield ways back, each payment in one of them only, in the order of their first payments.

    No service lies on a way. From each payment the search goes into what its taker paid next in the same
    asset, of at most the amount that came and at least the share of the first; the first way found is taken.
    """
    last: dict[tuple[int, int], int] = {}
    for move in range(len(moves)):
        last[owners[moves.target[move]], moves.asset[move]] = move
    used = bytearray(len(moves))
    for start in range(len(moves)):
        owner = owners[moves.source[start]]
        ends = last.get((owner, moves.asset[start]), -1)
        if used[start] or service[moves.source[start]] or ends <= start:
            continue
        found = _way_from(moves, start, owners=owners, service=service, way=way, used=used)
        if found:
            for move in found:
                used[move] = 1
            yield found


def _way_from(
    moves: Moves, start: int, *, owners: Sequence[int], service: Sequence[int], way: Way, used: bytearray
) -> tuple[int, ...]:
    owner = owners[moves.source[start]]
    if owners[moves.target[start]] == owner or service[moves.target[start]]:
        return ()
    path, met, left = [start], {moves.target[start]}, [MOST_STEPS]
    frames = [_onward(moves, start, start, way=way, left=left)]
    while frames:
        move = next(frames[-1], None)
        if move is None:
            frames.pop()
            met.discard(moves.target[path.pop()])
            continue
        taker = moves.target[move]
        if used[move] or service[taker]:
            continue
        if owners[taker] == owner:
            if way.least_hops <= len(path) + 1:
                return (*path, move)
        elif len(path) + 1 < way.most_hops and taker not in met:
            path.append(move)
            met.add(taker)
            frames.append(_onward(moves, start, move, way=way, left=left))
    return ()


def _onward(moves: Moves, start: int, move: int, *, way: Way, left: list[int]) -> Iterator[int]:
    """Yield the payments that may carry a payment on, the next one first; ``left`` is how many to look at."""
    most, until = moves.units[move], moves.time[start] + way.seconds
    least = -(-moves.units[start] * way.percent // 100)
    if most < least:
        return
    for looked, later in enumerate(moves.sent.after(moves.target[move], moves.asset[move], move)):
        if looked >= MOST_BRANCHES or left[0] <= 0 or moves.time[later] > until:
            return
        left[0] -= 1
        if least <= moves.units[later] <= most:
            yield later
