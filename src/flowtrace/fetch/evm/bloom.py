"""The bloom filter of a receipt: a sum over its logs that consensus vouches for (Yellow Paper, 4.3.1).

It shows when a receipt was given with fewer logs than it has. Some chains keep none, and write zeros.
"""

from __future__ import annotations

from collections.abc import Iterable

from eth_hash.auto import keccak

_BITS = 2048


def bloom(entries: Iterable[str]) -> int:
    """Return the filter that holds these accounts and topics, as a number."""
    found = 0
    for entry in set(entries):
        digest = keccak(bytes.fromhex(entry[2:]))
        for place in (0, 2, 4):
            found |= 1 << int.from_bytes(digest[place : place + 2]) % _BITS
    return found


def unexplained(stated: int, entries: Iterable[str]) -> bool:
    """Return whether a filter holds more than these entries, so that some are missing."""
    return bool(stated & ~bloom(entries))
