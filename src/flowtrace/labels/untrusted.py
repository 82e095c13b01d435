"""Text written by strangers: bounded, on one line, and unable to read as something else.

A label can be chosen by the thief (explorers show names that anyone may propose). Control characters, line
breaks and the marks that turn the direction of text would let it forge a row or hide a part of a name
(Unicode TR 36).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LONGEST = 200
# Control, format (bidirectional marks, zero-width characters), surrogate, private, unassigned.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})


@lru_cache(maxsize=1 << 12)
def one_line(text: str, longest: int = LONGEST) -> str:
    r"""Return text as one plain line of at most ``longest`` characters.

    >>> one_line("Huobi\u202e 35\nowner: police")
    'Huobi 35 owner: police'
    """
    if not (text.isascii() and text.isprintable()):  # nearly all are, and nothing is to be done to those
        text = "".join(map(_plain, unicodedata.normalize("NFC", text)))
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACES or character in "\t\n\r\v\f\x85":
        return " "
    return "" if category in _REFUSED else character
