"""What a statement says, whichever form it is written in: balances, booked entries, accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from flowtrace.errors import InputError
from flowtrace.files.columns import Row, shown
from flowtrace.model.bank import own_number, read_bic, read_iban
from flowtrace.model.currency import places_of

COLUMN = "statement"
"""The one column of a table of statements."""
_AMOUNT = re.compile(r"([0-9]{1,18})(?:[.,]([0-9]{0,17}))?")
_FIRST_YEAR, _LAST_YEAR = 1970, 9999
_BIC8 = 8
_MONTH, _YEAR = 100, 10_000  # of a day written as one number, 20240531
_MOST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file: which entry, from 1, and the line it begins in; 0 is before the first entry."""

    file: str
    entry: int
    line: int

    def refuse(self, what: str, why: str) -> NoReturn:
        """Raise the error that names the place."""
        entry = f", entry {self.entry}" if self.entry else ""
        raise InputError(f"{self.file}{entry}, line {self.line}, {what}: {why}")


@dataclass(frozen=True, slots=True)
class Named:
    """An account as a statement names it: an IBAN, or a number and the bank that keeps it."""

    iban: str = ""
    number: str = ""
    keeper: str = ""

    def account(self, bank: str) -> str:
        """Return it in its one form; empty where it does not name an account for certain.

        Parameters
        ----------
        bank
            The BIC of the bank whose statement it is.
        """
        if not (self.iban or (self.number and self.keeper)):
            return ""
        try:
            return read_iban(self.iban) if self.iban else own_number(_keeper(self.keeper, bank), self.number)
        except InputError:
            return ""


def _keeper(text: str, bank: str) -> str:
    """Return what names a bank: its BIC where it has one, its clearing code else."""
    try:
        bic = read_bic(text)
    except InputError:
        return text.strip().upper()
    return bank if bic[:_BIC8] == bank[:_BIC8] else bic


@dataclass(frozen=True, slots=True)
class Balance:
    """What the account held at the end of a day, in minor units; less than nothing where it was overdrawn."""

    units: int
    day: int


@dataclass(frozen=True, slots=True)
class Detail:
    """One payment of an entry.

    ``units`` are None where they are not told. ``refs`` are what names the payment, each with its kind.
    """

    units: int | None = None
    other: Named = Named()
    refs: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """One booked entry.

    Attributes
    ----------
    units
        Minor units; less than nothing where it took from the account. A reversal stands as what it did.
    day
        When it was booked, as 20240531.
    is_charge
        Whether all of it is what the bank took for itself.
    charges
        What of it, on top of the payment, the bank took for itself.
    """

    where: Where
    units: int
    day: int
    is_reversal: bool = False
    is_charge: bool = False
    charges: int = 0
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, or one page of one.

    Attributes
    ----------
    form
        ``camt.053`` or ``mt940``.
    bank
        The BIC of who keeps the account, where the statement says it.
    number, page
        Its own; number 0 where it has none, page 1 where it is not cut into pages.
    unbooked
        How many of its entries are not booked: they have moved nothing and are left out.
    """

    form: str
    where: Where
    owner: Named
    bank: str
    currency: str
    number: int
    page: int
    opening: Balance | None
    closing: Balance | None
    entries: tuple[Entry, ...]
    unbooked: int = 0

    @property
    def day(self) -> int:
        """The day it closes."""
        return self.closing.day if self.closing else max((e.day for e in self.entries), default=0)

    @property
    def named(self) -> int:
        """How many of its entries name an account on the other side: the better telling has more."""
        return sum(any(d.other != Named() for d in entry.details) for entry in self.entries)

    def __str__(self) -> str:
        number = f" {self.number}" if self.number else ""
        page = f", page {self.page}" if self.page > 1 else ""
        return f"statement{number}{page} of {written(self.day)} ({self.where.file})"


def amount(text: str, currency: str, where: Where, *, what: str) -> int:
    """Return an amount in minor units of its currency, from decimal text with a point or a comma.

    Zeros behind the last place of the currency say nothing, and pass; any other digit there is refused.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        where.refuse(what, f"is {shown(text)}, where an amount belongs")
    try:
        places = places_of(currency)
    except InputError as error:
        where.refuse(what, str(error))
    part = found[2] or ""
    part = part[:places] + part[places:].rstrip("0")
    if len(part) > places:
        where.refuse(what, f"is {shown(text)}, which has more than the {places} places of {currency}")
    return int(found[1] + part.ljust(places, "0"))


def day_of(text: str, where: Where, what: str) -> int:
    """Return a day as 20240531 from ``2024-05-31``, with a time behind it or not."""
    try:
        found = datetime.fromisoformat(text[:10])
    except ValueError:
        where.refuse(what, f"is {shown(text)}, where a day belongs")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        where.refuse(what, f"is {shown(text)}, which is no day of a statement")
    return found.year * _YEAR + found.month * _MONTH + found.day


def seconds_of(day: int) -> int:
    """Return a day's beginning in unix seconds, UTC: for people to read, never to order by."""
    return int(datetime(day // _YEAR, day // _MONTH % 100, day % 100, tzinfo=UTC).timestamp())


def written(day: int) -> str:
    """Return a day as people write it.

    >>> written(20240531)
    '2024-05-31'
    """
    text = str(day)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def number_of(text: str) -> int:
    """Return a statement's number; 0 where it has none, or something that is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_NUMBER else 0


def statement_in(row: Row) -> Statement:
    """Return the statement that a row holds."""
    found = row.cells[COLUMN]
    if not isinstance(found, Statement):
        row.refuse(COLUMN, "is no statement")
    return found
