"""Crossings: value that leaves one ledger and comes to another, joined by the bridge's own key.

Pure functions. Each protocol is a file that reads ends from logs, messages or memos; :func:`join` pairs
them and never against what an end says; the registry says whose logs are believed; :func:`crossings` finds
the payments of a ledger that they are.
"""

from flowtrace.crossing.decode import Fault, Reading, read
from flowtrace.crossing.ends import Crossing, End, Joined, Misfit, Side, UndecodableError
from flowtrace.crossing.found import bridges_of, crossings, far_of
from flowtrace.crossing.join import Manner, join
from flowtrace.crossing.registry import Contract, Protocol, Registry, shipped

__all__ = [
    "Contract",
    "Crossing",
    "End",
    "Fault",
    "Joined",
    "Manner",
    "Misfit",
    "Protocol",
    "Reading",
    "Registry",
    "Side",
    "UndecodableError",
    "bridges_of",
    "crossings",
    "far_of",
    "join",
    "read",
    "shipped",
]
