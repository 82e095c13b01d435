"""Whether an address was on a list on a day, by the snapshots that are held of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.labels.found import address_of
from flowtrace.model import Family


class Word(StrEnum):
    """The answer for a day."""

    LISTED = "listed"
    NOT_LISTED = "not listed"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Match:
    """One entry of one list that holds exactly this address, in one snapshot or more.

    Attributes
    ----------
    account
        The address as it was asked for.
    written, ticker
        As the list has them; the ticker is no chain.
    also, basis
        Other names of the entry, and where in it the address stands: see :class:`Listing`.
    unlisted_on
        The day from which the entry no longer holds, where the list itself tells it.
    chain
        The chain that the address is of by its form; the ticker does not say it.
    first_seen, last_seen
        Days of the first and the last snapshot that hold it; empty where the list only tells that the
        entry has ended.
    gone_by
        The day of the first snapshot after ``last_seen``, which no longer holds it; empty where there is
        none.
    snapshot, sha256
        Day and hash of the last snapshot that speaks of it.
    day, word, why
        The day that was asked for, the answer for it, and what the answer rests on.
    """

    account: str
    list: str
    entry: str
    name: str
    programme: str
    ticker: str
    written: str
    listed_on: str
    first_seen: str
    last_seen: str
    gone_by: str
    sha256: str
    day: str
    word: Word
    why: str
    also: str = ""
    basis: str = ""
    unlisted_on: str = ""
    chain: str = ""
    snapshot: str = ""


def chain_of(written: str, ticker: str = "") -> str:
    """Return the chain that an address is of by its form, in words.

    >>> chain_of("0x" + "ab" * 20, "USDT"), chain_of("rsomething", "XRP")
    ('any EVM chain', 'not known by its form')
    """
    address = address_of(written, ticker)
    if address is None:
        return "not known by its form"
    return "any EVM chain" if address.chain.family is Family.EVM else address.chain.name


def on_day(
    day: str, snapshots: Sequence[tuple[str, bool]], listed_on: str = "", *, unlisted_on: str = ""
) -> tuple[Word, str]:
    """Return whether something was on a list on a day, and by what.

    Parameters
    ----------
    day
        ISO 8601.
    snapshots
        (day, whether it holds it) of every snapshot of the list, in order.
    listed_on
        The entry's own date. Before it nothing of the entry was listed; that the address was listed from then
        on does not follow, for it may have been added to the entry later.
    unlisted_on
        The day from which the list itself says that the entry no longer holds.

    Examples
    --------
    >>> on_day("2024-06-01", [("2024-01-01", True), ("2025-01-01", False)])[0].value
    'listed'
    """
    if listed_on and day < listed_on:
        return Word.NOT_LISTED, f"the entry is of {listed_on}"
    if unlisted_on and day >= unlisted_on:
        return Word.NOT_LISTED, f"the list says that the entry holds until {unlisted_on}"
    before = [(then, held) for then, held in snapshots if then <= day]
    after = next(((then, held) for then, held in snapshots if then > day), None)
    if not before:
        first = f"the first snapshot held is of {after[0]}" if after else "no snapshot is held"
        return Word.NOT_KNOWN, f"{first}, the entry of {listed_on}" if listed_on else first
    then, held = before[-1]
    why = f"{'in' if held else 'not in'} the snapshot of {then}"
    if after is not None and after[1] != held:
        why += f", {'in' if after[1] else 'not in'} that of {after[0]}"
    if after is None:
        why += ", the last that is held"
    return (Word.LISTED if held else Word.NOT_LISTED), why
