"""One cell of a table as what it says: a number, an amount, an address, a hash, a time, yes or no.

Each reader names file, row and column where the cell is something else. Nothing here goes through floating
point, except a number that the file itself keeps as such, which is read as exactly what it is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fractions import Fraction

from flowtrace.errors import InputError
from flowtrace.files.columns import Row, shown
from flowtrace.model import Address, Chain

_WHOLE = re.compile(r"([0-9]{1,78})(\.0{1,38})?")  # 78 digits hold 2^256; NUMERIC columns write places
_FLOAT = re.compile(r"[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_DECIMAL = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,30}|[0-9]{1,90})(?:\.([0-9]{1,90}))?")
_HASH = re.compile(r"(?:0x)?[0-9a-f]{64}")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?: ?UTC|Z|\+00(?::?00)?)?", flags=re.ASCII
)
_MOST, _MOST_COUNTED = 1 << 256, 1 << 40
END_OF_TIME = 253_402_300_800
"""The year 10000 in unix seconds."""
_FORMULA = ("=", "+", "-", "@")
_LONG = 200


def whole(row: Row, column: str) -> int:
    """Return a whole number from 0 to 2^256 - 1."""
    cell = row.text(column)
    found = _WHOLE.fullmatch(cell)
    if found is None or int(found[1]) >= _MOST:
        row.refuse(column, f"{_told(cell)}, where a whole number belongs")
    return int(found[1])


def whole_or_none(row: Row, column: str) -> int | None:
    """Return a whole number; None where the cell is empty or the table lacks the column."""
    return whole(row, column) if row.text(column) else None


def number(row: Row, column: str) -> int:
    """Return a whole number that counts or places something: a height, an index, gas."""
    found = whole(row, column)
    if found >= _MOST_COUNTED:
        row.refuse(column, f"is {found}, which is more than any chain counts")
    return found


def number_or_none(row: Row, column: str) -> int | None:
    """Return such a number; None where the cell is empty or the table lacks the column."""
    return number(row, column) if row.text(column) else None


def rounded(row: Row, column: str, places: int = 0) -> int:
    """Return a floating-point number's exact value times ten to the ``places``, rounded to the nearest."""
    return nearest(row, column, text=row.text(column), places=places)


def nearest(row: Row, column: str, *, text: str, places: int) -> int:
    """Return the same for a number that stands inside the cell."""
    value = float(text) if _FLOAT.fullmatch(text) else float("inf")
    if value >= _MOST:
        row.refuse(column, f"{_told(text)}, where a number belongs")
    exact: Fraction = Fraction(value) * 10**places
    return round(exact)


def decimal(row: Row, column: str, places: int) -> int:
    """Return a decimal number, thousands separated by commas or not, in units of its last place."""
    cell = row.text(column)
    found = _DECIMAL.fullmatch(cell)
    if found is None:
        rewritten = "e" in cell.lower() and _FLOAT.fullmatch(cell)
        why = ": a spreadsheet program has rewritten it; export the file again"
        row.refuse(column, _told(cell) + (why if rewritten else ", where a decimal number belongs"))
    part = (found[2] or "").rstrip("0")
    if len(part) > places:
        row.refuse(column, f"{_told(cell)}, which has more than the {places} places of what it counts")
    units = int(found[1].replace(",", "") + part.ljust(places, "0"))
    if units >= _MOST:
        row.refuse(column, f"{_told(cell)}, which is more than any ledger holds")
    return units


def address(row: Row, column: str, chain: Chain) -> Address:
    """Return an address of the chain."""
    try:
        return Address.parse(chain, row.text(column))
    except InputError as error:
        row.refuse(column, f"{error}" if len(row.text(column)) < _LONG else "is too long for an address")


def tx_hash(row: Row, column: str) -> str:
    """Return a transaction's or block's hash, in lower case."""
    cell = row.text(column).lower()
    if not _HASH.fullmatch(cell):
        row.refuse(column, f"{_told(cell)}, where a hash of 32 bytes belongs")
    return cell


def moment(row: Row, column: str) -> int:
    """Return a time in unix seconds, written as such or as a date and time in UTC."""
    cell = row.text(column)
    found = _TIME.fullmatch(cell)
    if found is None:
        seconds = whole(row, column)
        if seconds >= END_OF_TIME:
            row.refuse(column, f"is {seconds}, which is after the year 9999")
        return seconds
    try:
        return int(datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC).timestamp())
    except ValueError:
        row.refuse(column, f"{_told(cell)}, where a time belongs")


def yes_or_none(row: Row, column: str) -> bool | None:
    """Return yes or no; None where the cell is empty or the table lacks the column."""
    cell = row.text(column).lower()
    if cell not in ("", "0", "1", "true", "false"):
        row.refuse(column, f"{_told(cell)}, where 1 or 0 belongs")
    return None if not cell else cell in ("1", "true")


def _told(cell: str) -> str:
    """Return what a cell is, with a warning where it would run as a formula in a spreadsheet."""
    if not cell:
        return "is empty"
    return f"is {'the formula ' if cell.startswith(_FORMULA) else ''}{shown(cell)}"
