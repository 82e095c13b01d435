"""What a case is about, in words: a theft, or value marked at an address with no word on where it came from.

A case that begins at an address or a transaction follows value without knowing that it was stolen. So none of
its texts says "stolen", "theft" or "victim", and no request is written, until ``incident.toml`` states a
theft.
"""

from __future__ import annotations

import re

from flowtrace.model import Incident, RoleName, Theft
from flowtrace.report.cells import grouped, printable

NO_REQUEST = (
    "No request to an exchange is written: this case follows value marked at an address, with no word on "
    "whether it was stolen. To have requests, write incident.toml first: what was stolen, by which transfer, "
    "from whom (the README shows how); then run the trace again."
)
_WORDS = (
    (re.compile(r"\btheft address"), "marked address"),
    (re.compile(r"\bTheft address"), "Marked address"),
    (re.compile(r"\bknew of the theft\b"), "knew where it came from"),
    (re.compile(r"\b(after|of) the theft\b"), r"\1 the marked payments"),
    (re.compile(r"\bstolen\b"), "marked"),
    (re.compile(r"\bStolen\b"), "Marked"),
)


def is_theft(incident: Incident) -> bool:
    """Tell whether an incident states a theft: who lost it, and by which transfer."""
    return bool(incident.victim_party) and any(not theft.is_mark for theft in incident.thefts)


def stated(incident: Incident, text: str) -> str:
    """Return words of flowtrace's own, never a stranger's, with no word of a theft where none is stated.

    Examples
    --------
    >>> marked = Incident("a", "Trace of a", "2022-01-01", "", (), (), (), ())
    >>> stated(marked, "share of stolen; Stolen value went on")
    'share of marked; Marked value went on'
    """
    if is_theft(incident):
        return text
    for word, instead in _WORDS:
        text = word.sub(instead, text)
    return text


def followed_amount(incident: Incident, theft: Theft, *, became: bool = False) -> str:
    """Return what a table is about: ``theft of 5 ETH``, ``5 ETH marked``, or what it became by exchange."""
    amount = f"{grouped(theft.asset, theft.units)}\u00a0{printable(theft.asset.unit)}"
    if became:
        return f"up to {amount} that it was exchanged for"
    return f"theft of {amount}" if is_theft(incident) else f"{amount} marked"


def role_words(incident: Incident, role: RoleName) -> str:
    """Return a role's name as the case may say it."""
    return stated(incident, role.value)
