"""How to reach a recipient, as its own pages say; never without from which page and how old that is."""

from __future__ import annotations

from datetime import date

from flowtrace.model import Vasp, Verified
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.wording import CHANNEL


def aged(held: Vasp, on: date) -> str:
    """Return when a contact was verified, from where, and how old that is on a day."""
    copy = held.verified is Verified.COPY
    how = "read in a stored copy of unknown age" if copy else f"verified ({held.verified.words})"
    age = f"{(on - held.verified_on).days} days old on {on}"
    return f"contact {how} on {held.verified_on} from {held.source_url}, {age}"


def channel_words(request: FreezeRequest, on: date | None = None) -> str:
    """Return the way in that the registry holds for the sender's mode; that there is none otherwise.

    Parameters
    ----------
    on
        The day the package is made; without one, the words do not depend on a day.
    """
    held = request.contact
    if held is None:
        return CHANNEL
    ways = [f"{way.kind}: {way.value}" for way in held.ways_of(request.wording.mode)]
    said = ", ".join(ways) or f"{CHANNEL} for this mode (its page tells of: {_modes(held)})"
    if on is None:
        return f"{said}; page: {held.source_url}; {held.caution}"
    stale = "STALE, check the page first: " if held.is_stale(on) else ""
    return f"{said}; {stale}{aged(held, on)}"


def contact_of(request: FreezeRequest, on: date | None = None) -> dict[str, str] | None:
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
        **(
            {"age_days": str((on - held.verified_on).days), "stale": str(held.is_stale(on)).lower()}
            if on
            else {}
        ),
    }


def _modes(held: Vasp) -> str:
    return ", ".join(held.accepted_modes) or "none"
