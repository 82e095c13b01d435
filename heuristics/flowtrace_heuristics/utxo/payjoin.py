"""Shapes that two parties may have made and nobody can prove: PayJoin, marketplaces, Stonewall.

After BIP-77 and BIP-78. They are structural and hold on every chain of coins.
"""

from __future__ import annotations

from flowtrace.model import Fact
from flowtrace_heuristics.utxo.sides import Sides

_SINGLE_ANYONE = ("83", "0x83", "131")  # SIGHASH_SINGLE | SIGHASH_ANYONECANPAY
_TWO = 2


def unnecessary_input(sides: Sides) -> bool:
    """Tell whether two outputs could have been paid, fee and all, without the smallest of several inputs."""
    if sides.given is None or len(sides.given) < _TWO or len(sides.paid) != _TWO:
        return False
    return min(sides.given) <= min(sides.paid)


def payjoin(sides: Sides, shape: Fact | None) -> bool:
    """D7: an unnecessary input, among inputs that different wallets made by their kind or sequence."""
    return unnecessary_input(sides) and (
        len({*sides.gives}) > 1 or len({*_listed(shape, "sequences", len(sides.gives))}) > 1
    )


def marketplace(sides: Sides, shape: Fact | None) -> bool:
    """D8: some input is signed for one output only and lets others join, as sellers of inscriptions do."""
    return any(mark in _SINGLE_ANYONE for mark in _listed(shape, "sighashes", len(sides.gives)))


def stonewall(sides: Sides) -> bool:
    """D8: two equal outputs and two of change: two parties, or one that feigns it."""
    counts = sides.counts
    return len(sides.paid) == 2 * _TWO and len(counts) == 1 + _TWO and max(counts.values()) == _TWO


def _listed(shape: Fact | None, name: str, number: int) -> list[str]:
    """Return what a fact lists of each input, or nothing where it does not tell of all."""
    told = [] if shape is None else [one.strip().lower() for one in shape.figure(name).split(",")]
    return told if len(told) == number else []
