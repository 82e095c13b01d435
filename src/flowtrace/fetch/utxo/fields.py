"""Fields of answers about UTXO chains, each held to the form it must have."""

from __future__ import annotations

import re

from flowtrace.errors import InputError

BROKEN = (
    *(InputError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError),
    *(RecursionError, UnicodeError),
)
"""What reading an answer of another form than promised ends in."""
_HASH = re.compile(r"[0-9a-f]{64}")


def hash_text(text: object) -> str:
    """Return the name of a block or a transaction."""
    if not isinstance(text, str) or not _HASH.fullmatch(text):
        raise InputError(f"{text!r:.80} is no hash")
    return text


def whole(number: object) -> int:
    """Return a whole number that is not negative."""
    if type(number) is not int or number < 0:
        raise InputError(f"{number!r:.40} is no whole number")
    return number
