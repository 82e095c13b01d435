"""One address on one list, as its publisher states it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listing:
    """One address of one entry.

    Attributes
    ----------
    account
        The one spelling under which it is held against others.
    written
        As the list writes it, without white space around.
    ticker
        What the list says the address is of. It is no chain: USDT is on many, and what is tagged ETH is an
        address of every EVM chain.
    entry, name, programme
        The list's own id of the entry, who it is, and under which programmes.
    listed_on
        The entry's own date, ISO 8601; empty where the list tells none. The address may have been added
        to the entry later.
    also
        Other names of the entry, joined by semicolons.
    unlisted_on
        The day from which the entry no longer holds, where the list tells it: ISO 8601, else empty.
    basis
        Where in the entry the address stands: ``field X``, a place meant for identifiers; ``remarks X``, free
        text; ``text``, somewhere in a file whose entries could not be told.
    """

    account: str
    written: str
    ticker: str = ""
    entry: str = ""
    name: str = ""
    programme: str = ""
    listed_on: str = ""
    also: str = ""
    unlisted_on: str = ""
    basis: str = ""
