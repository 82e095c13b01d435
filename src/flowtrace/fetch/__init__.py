"""Stage one: sources. Each says what it asks, and how its answers become transfers; a package holds a family.

Only :mod:`flowtrace.fetch.door` reaches the network. Recorded and live answers share the reading halves.
"""

from flowtrace.fetch.ask import INDEX, Ask, ask_of, replay, started_over
from flowtrace.fetch.dialects import block_of, freezes
from flowtrace.fetch.door.transport import MEDIA as ASKED
from flowtrace.fetch.door.transport import Door, Tally
from flowtrace.fetch.provider import Provider, key_value, providers
from flowtrace.fetch.read import media_of, read_answer
from flowtrace.fetch.reconcile import reconcile
from flowtrace.fetch.source import Pin, Rows
from flowtrace.fetch.touched import Touched, touched

__all__ = [
    "ASKED",
    "INDEX",
    "Ask",
    "Door",
    "Pin",
    "Provider",
    "Rows",
    "Tally",
    "Touched",
    "ask_of",
    "block_of",
    "freezes",
    "key_value",
    "media_of",
    "providers",
    "read_answer",
    "reconcile",
    "replay",
    "started_over",
    "touched",
]
