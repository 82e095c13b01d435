"""What a reader must not overlook on a box: that a sanctions list has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flowtrace.model import Address, Category, Label

_LIST = re.compile(r"\b(OFAC|OFSI|NBCTF|DFAT|SECO|MOF|UN|EU|UK)\b")
_SANCTION = re.compile(r"\bSDN\b|sanction", re.IGNORECASE)
_AUTHORITY = "authority_data"
_KINDS = frozenset({Category.PERPETRATOR, Category.OTHER})  # other: a list that a case holds says no more

Labels = Mapping[Address, tuple[Label, ...]]


def listing(address: Address, labels: Labels) -> str:
    """Return the sanctions list that has an address, and the date of that list; empty where none is known.

    Only labels count that repeat an authority's own list; whoever is called a perpetrator elsewhere is not
    listed by that.
    """
    for label in labels.get(address, ()):
        official = label.confidence == _AUTHORITY and label.category in _KINDS
        named = _LIST.search(label.text)
        if official and named and not label.asserted and _SANCTION.search(label.text):
            return f"{named[1]} {label.date[:10]}"
    return ""


def listed_words(members: Iterable[Address], labels: Labels) -> list[str]:
    """Say how many of several addresses a sanctions list has, where it is not all of them."""
    named = [listing(address, labels) for address in members]
    found = [name for name in named if name]
    return [f"{len(found)} listed: {found[0]}"] if found and len(set(named)) > 1 else []
