"""The exact engines over columns, compiled where they can be: the rules of taint; who spends together."""

from flowtrace.kernel.bounds import Envelope, envelope
from flowtrace.kernel.columns import Groups, Moves, State, Tainted
from flowtrace.kernel.cospend import Inputs, Joined, join
from flowtrace.kernel.engine import Engine
from flowtrace.kernel.library import available
from flowtrace.kernel.rounds import Fired, Mark, Side, guard

__all__ = [
    "Engine",
    "Envelope",
    "Fired",
    "Groups",
    "Inputs",
    "Joined",
    "Mark",
    "Moves",
    "Side",
    "State",
    "Tainted",
    "available",
    "envelope",
    "guard",
    "join",
]
