"""The named cases of every shipped heuristic: what it must find, and the innocent look-alike it must not."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from toytown import REGISTER


@dataclass(frozen=True)
class NamedCase:
    """A little world for one heuristic.

    Attributes
    ----------
    heuristic
        The id of its rule card.
    name
        What happens in it, in a few words.
    found
        A ledger on which it finds at least one thing.
    innocent
        One that looks like it, and in which it must find nothing.
    attribution
        Who is who in both.
    """

    heuristic: str
    name: str
    found: Ledger = field(repr=False)
    innocent: Ledger = field(repr=False)
    attribution: Attribution = field(default=REGISTER, repr=False)
