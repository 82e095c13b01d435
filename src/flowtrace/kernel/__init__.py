"""The exact taint engine over columns: every rule, several thefts at once, compiled where it can be."""

from flowtrace.kernel.bounds import Envelope, envelope
from flowtrace.kernel.columns import Groups, Moves, State, Tainted
from flowtrace.kernel.engine import Engine
from flowtrace.kernel.follow import Trail, follow
from flowtrace.kernel.library import available

__all__ = [
    "Engine",
    "Envelope",
    "Groups",
    "Moves",
    "State",
    "Tainted",
    "Trail",
    "available",
    "envelope",
    "follow",
]
