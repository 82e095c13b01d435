"""Toytown's shapes: one named case for every heuristic of the pattern room, and an innocent look-alike."""

from __future__ import annotations

from towns.named import NamedCase
from toytown import KNOWN, PAID, ledger_of, world

CASES = (
    NamedCase(
        "dust_and_spoof",
        "small change from somebody the receiver pays",
        world(),
        ledger_of([PAID["split-1"], PAID["return-1"]], KNOWN),
    ),
)
