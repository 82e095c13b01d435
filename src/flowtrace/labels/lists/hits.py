"""Addresses in the words of a list: by form, by the words before them, and through look-alike letters.

Besides words with a right checksum, a list's texts hold words of which only the text says that they are
addresses ("Digital Currency Address - XMR 4…", as OFAC words it and Japan's ministry repeats it), and
words typed with letters of another alphabet that look the same: seizure orders of the NBCTF have
Cyrillic letters in some.

References
----------
OpenSanctions, crawler ``il_mod_crypto`` (its table of look-alike letters); OFAC, SDN.XML, remarks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from flowtrace.labels.found import LONGEST, account_of, address_of, found_in

_WHAT = r"(?:digital|virtual|crypto) ?currency (?:wallet )?address(?:es)?"
_LABELLED = re.compile(
    rf"{_WHAT} ?[-–:] ?(?:(?-i:([A-Z][A-Z0-9]{{1,9}})) ?[-:]? )?([0-9A-Za-z:]{{25,110}})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[0-9A-Za-z:]{25,110}")
_CHECKED = re.compile(
    r"0[xX][0-9a-fA-F]{40}|(?:bc|ltc)1[02-9a-z]{11,87}|T[1-9A-HJ-NP-Za-km-z]{33}"
    r"|[13][1-9A-HJ-NP-Za-km-z]{25,33}",
    re.IGNORECASE,
)
_LIKE = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0430\u0435\u043e\u0440\u0441"
    "\u0443\u0445\u0405\u0406\u0408\u0455\u0456\u0458\u04bb\u0501\u051b\u051c\u051d"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "ABEKMHOPCTYXaeopcyxSIJsijhdqWwABEZHIKMNOPTYXo",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One word of a text that is an address, or has the form of one.

    Attributes
    ----------
    account
        The spelling it is held under; empty where its checksum is wrong.
    ticker
        What the words before it call it.
    """

    written: str
    account: str
    ticker: str = ""


def plain(text: str) -> str:
    """Return a text with the letters that only look like Latin ones replaced, and nothing invisible in it.

    >>> plain("T\u041d96\u200btF")
    'TH96tF'
    """
    if text.isascii():
        return text
    kept = (one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return "".join(kept).translate(_LIKE)


def hits(text: str) -> Iterator[Hit]:
    """Yield the addresses of a text, and the words that have the form of one but a wrong checksum."""
    text = " ".join(plain(text).split())
    labelled = set()
    for found in _LABELLED.finditer(text):
        ticker, word = found[1] or "", found[2].rstrip(":")
        if any(one.isdigit() for one in word):
            labelled.add(word)
            yield _told(word, ticker)
    for word, address in found_in(text):
        if word not in labelled:
            yield Hit(word, address.account if address else "")


def told(text: str, ticker: str = "") -> Iterator[Hit]:
    """Yield the addresses of a field that is meant for them: also of chains that are not followed.

    A number is an account at an exchange, not an address.
    """
    for found in _WORD.finditer(plain(text)):
        word = found[0].strip(":")
        if any(one.isdigit() for one in word) and any(one.isalpha() for one in word):
            yield _told(word, ticker)


def _told(word: str, ticker: str) -> Hit:
    if address_of(word, ticker) is None and _CHECKED.fullmatch(word):
        return Hit(word, "", ticker)
    return Hit(word[:LONGEST], account_of(word), ticker)
