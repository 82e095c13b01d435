"""The fields of a node's JSON, read with doubt: what is not what it must be is an error that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowtrace.errors import InputError

Row = Mapping[str, Any]
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_WORD, _ACCOUNT = re.compile(r"0x[0-9a-fA-F]{64}"), re.compile(r"0x[0-9a-fA-F]{40}")
_OCTETS = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_MOST, _FAR = 1 << 256, 1 << 62


def row(found: object) -> Row:
    """Return a JSON object."""
    if not isinstance(found, dict):
        raise InputError(f"{named(found)} stands where an object must be")
    return found


def rows(found: object) -> list[Row]:
    """Return a list of JSON objects."""
    if not isinstance(found, list):
        raise InputError(f"{named(found)} stands where a list must be")
    return [row(one) for one in found]


def quantity(fields: Row, key: str) -> int:
    """Return a whole number from 0 to 2^256 - 1, written in hexadecimal, or plainly as some methods do."""
    value = fields.get(key)
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    if type(value) is int and 0 <= value < _MOST:
        return value
    raise InputError(f"{key} is {named(value)}, no whole number")


def ordinal(fields: Row, key: str) -> int:
    """Return a whole number that says where or when: a height, a time, an index. No chain gets to 2^62."""
    found = quantity(fields, key)
    if found >= _FAR:
        raise InputError(f"{key} is {found}, further than any chain goes")
    return found


def quantity_or(fields: Row, key: str, usual: int) -> int:
    """Return a whole number, or the usual one where there is none."""
    return usual if fields.get(key) is None else quantity(fields, key)


def word(fields: Row, key: str) -> str:
    """Return 32 bytes: a hash."""
    return _matched(fields, key, _WORD)


def account(fields: Row, key: str) -> str:
    """Return 20 bytes: an account, in lower case."""
    return _matched(fields, key, _ACCOUNT)


def account_or(fields: Row, key: str, usual: str) -> str:
    """Return an account, or the usual one where there is none."""
    return usual if fields.get(key) is None else account(fields, key)


def octets(fields: Row, key: str) -> str:
    """Return bytes, however many."""
    return _matched(fields, key, _OCTETS)


def _matched(fields: Row, key: str, form: re.Pattern[str]) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InputError(f"{key} is {named(value)}, not of its form")
    return value.lower()


def named(value: object) -> str:
    """Return a value for a message: of text its beginning, of anything else only what it is."""
    if value is None:
        return "nothing"
    return f"{value!r:.80}" if isinstance(value, str) else f"a {type(value).__name__}"
