"""How to reach a recipient, as its own pages say; never without from which page and how old that is."""

from __future__ import annotations

from flowtrace.model import Vasp
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.wording import CHANNEL


def channel_words(request: FreezeRequest) -> str:
    """Return the way in that the registry holds for the sender's mode; that there is none otherwise."""
    held = request.contact
    if held is None:
        return CHANNEL
    ways = [f"{way.kind}: {way.value}" for way in held.ways_of(request.wording.mode)]
    said = ", ".join(ways) or f"{CHANNEL} for this mode (its page tells of: {_modes(held)})"
    return f"{said}; page: {held.source_url}; {held.caution}"


def contact_of(request: FreezeRequest) -> dict[str, str] | None:
    """Return where a contact is from and how long it holds, as data; None where none is held."""
    held = request.contact
    if held is None:
        return None
    return {
        "id": held.id,
        "source_url": held.source_url,
        "verified_on": str(held.verified_on),
        "verified_basis": held.verified,
        "holds_until": str(held.holds_until),
        "caution": held.caution,
    }


def _modes(held: Vasp) -> str:
    return ", ".join(held.accepted_modes) or "none"
