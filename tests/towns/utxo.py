"""Toytown's coins: one named case for every heuristic of the coin room, and an innocent look-alike."""

from __future__ import annotations

from towns import change, rounds
from towns.named import NamedCase

CASES: tuple[NamedCase, ...] = (*change.CASES, *rounds.CASES)
