"""Layers: groups of addresses that each pay exactly the same others within a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowtrace_heuristics.pattern.moves import Moves

LEAST_SIDE = 3
WINDOW = 24 * 3600
MOST_PAYEES = 100  # of one payer in the window; more is a hub's payout, no layer


@dataclass(frozen=True, slots=True)
class Layer:
    """Payers, and the payees whom each of them paid, with the moves in chain order."""

    asset: int
    payers: tuple[int, ...]
    payees: tuple[int, ...]
    moves: tuple[int, ...]


def layers(moves: Moves, service: Sequence[int]) -> list[Layer]:
    """Return the layers of a ledger in chain order; one payer's windows do not overlap."""
    alike: dict[tuple[int, tuple[int, ...]], list[tuple[int, ...]]] = {}
    for payer, asset, run in moves.sent:
        if len(run) < LEAST_SIDE or service[payer]:
            continue
        for window in _windows(moves, run):
            payees = tuple(sorted({moves.target[n] for n in window}))
            if LEAST_SIDE <= len(payees) <= MOST_PAYEES and not any(service[n] for n in payees):
                alike.setdefault((asset, payees), []).append(window)
    found = [
        layer
        for (asset, payees), windows in alike.items()
        if len(windows) >= LEAST_SIDE
        for layer in _within_time(moves, windows, asset=asset, payees=payees)
    ]
    return sorted(found, key=lambda layer: layer.moves)


def _windows(moves: Moves, run: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the run cut into stretches, each of at most the window from its first move."""
    held: list[int] = []
    for move in run:
        if held and moves.time[move] - moves.time[held[0]] > WINDOW:
            yield tuple(held)
            held = []
        held.append(move)
    yield tuple(held)


def _within_time(
    moves: Moves, windows: Sequence[tuple[int, ...]], *, asset: int, payees: tuple[int, ...]
) -> Iterator[Layer]:
    """Yield groups of payers whose payments all fall in one window, from the earliest on."""
    held: list[tuple[int, ...]] = []
    for window in [*sorted(windows), None]:
        late = held and (window is None or moves.time[window[-1]] - moves.time[held[0][0]] > WINDOW)
        if late:
            payers = tuple(dict.fromkeys(moves.source[one[0]] for one in held))
            if len(payers) >= LEAST_SIDE:
                yield Layer(asset, payers, payees, tuple(sorted(n for one in held for n in one)))
            held = []
        if window is not None:
            held.append(window)
