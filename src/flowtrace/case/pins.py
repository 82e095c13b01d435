"""The blocks up to which a case reads its chains, and those that are no longer part of them.

The custody log says both: where a chain was pinned, and from which block on it was found to be rewritten.
What was asked up to a block that is gone is asked no more, and read no more.
"""

from __future__ import annotations

from typing import Any

from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import Ask, Pin

Entry = dict[str, Any]
PINNED, ROLLED_BACK = "pinned", "rolled back"
TOLD = "told"
"""The event that says an ask came to its end."""


def pins_of(store: EvidenceStore) -> dict[str, Pin]:
    """Return the last pin of each chain, where the chain was not rewritten below it since."""
    found: dict[str, Pin] = {}
    for entry in _in_order(store):
        if entry["event"] == PINNED:
            found[entry["chain"]] = _pin(entry)
        else:
            found.pop(entry["chain"], None)
    return found


def orphaned(store: EvidenceStore) -> frozenset[Pin]:
    """Return the pins of a case whose blocks are no longer part of their chains."""
    gone: set[Pin] = set()
    stood: set[Pin] = set()
    for entry in _in_order(store):
        if entry["event"] == PINNED:
            stood.add(_pin(entry))
            gone.discard(_pin(entry))  # a chain may be rewritten back to what it was
        else:
            above = {pin for pin in stood if pin.chain_id == entry["chain"] and pin.height >= entry["height"]}
            gone |= above
            stood -= above
    return frozenset(gone)


def standing(store: EvidenceStore) -> list[Ask]:
    """Return what was asked of sources, but for what was asked up to blocks that are gone."""
    gone = orphaned(store)
    return [ask for ask in map(Ask.read, store.asks()) if ask.pin not in gone]


def told(store: EvidenceStore) -> frozenset[str]:
    """Return the texts of the asks that came to their end at least once."""
    return frozenset(entry["ask"] for entry in store.noted(TOLD))


def _in_order(store: EvidenceStore) -> list[Entry]:
    return sorted((*store.noted(PINNED), *store.noted(ROLLED_BACK)), key=lambda entry: int(entry["seq"]))


def _pin(entry: Entry) -> Pin:
    return Pin(entry["chain"], entry["height"], entry["hash"], entry["time"])
