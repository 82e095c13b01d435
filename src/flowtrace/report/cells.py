"""Values as a file may carry them: text made harmless, integers kept whole, times in UTC.

Labels, token symbols and third-party claims are written by strangers, some by the thief. They reach files
that people open in a spreadsheet or read in court, so here they lose what a program or an eye could be
tricked by.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from flowtrace.errors import IntegrityError
from flowtrace.model import Asset, Chain, Family

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001  full-width signs start formulas too
_LONGEST = 2000
# A whole part of four digits or more, of an amount or a count: its symbol or noun follows. Years, blocks and
# hashes have none.
_AMOUNT = re.compile(r"(?<![\w.,:/-])(\d{4,})(?=(?:\.\d+)?[ \u00a0](?:[A-Z]|transfers\b|transactions\b))")
# What the fonts of the PDF can draw: Latin, Greek, Cyrillic, punctuation, currency, arrows.
_DRAWN = ((0x20, 0x17F), (0x384, 0x3CE), (0x400, 0x45F), (0x2010, 0x2027), (0x2030, 0x205E), (0x20AC, 0x20AC))


def plain(text: str) -> str:
    """Return one line without control, formatting (bidirectional, zero-width) or private characters."""
    kept = "".join(" " if c in "\t\r\n\u2028\u2029" else c for c in text)
    kept = "".join(c for c in kept if unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())[:_LONGEST]


def cell(text: str) -> str:
    """Return a text cell of CSV or XLSX: `plain`, and never the start of a formula."""
    clean = plain(text)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def printable(text: str) -> str:
    """Return text a PDF can draw: what the fonts lack is written as its code point."""
    return "".join(c if _is_drawn(ord(c)) else f"[U+{ord(c):04X}]" for c in plain(text))


def _is_drawn(code: int) -> bool:
    return any(first <= code <= last for first, last in _DRAWN)


def digits(units: object) -> str:
    """Return a whole number as text; anything that is not one never reaches a file."""
    if type(units) is not int or units < 0:
        msg = f"{units!r} is not a whole number of base units: the export is refused"
        raise IntegrityError(msg)
    return str(units)


def decimal(asset: Asset, units: int) -> str:
    """Return the exact decimal text of base units."""
    return asset.written(int(digits(units)))


def money(asset: Asset, units: int) -> dict[str, str]:
    """Return an amount for JSON: base units and decimal, both as text."""
    return {"amount": decimal(asset, units), "base_units": digits(units), "symbol": plain(asset.symbol)}


def grouped(asset: Asset, units: int) -> str:
    """Return the exact decimal text with thousands set apart, for reading.

    >>> grouped(Asset("eip155:1", "slip44:60", "ETH", 18), 1250 * 10**18 + 1)
    '1,250.000000000000000001'
    """
    return thousands(decimal(asset, units))


def exact_amount(asset: Asset, units: int) -> str:
    """Return an exact amount with its symbol, as a terminal may show it."""
    return f"{grouped(asset, units)} {plain(asset.symbol) or asset.reference}"


def thousands(text: str) -> str:
    """Return decimal text with thousands set apart."""
    whole, point, part = text.partition(".")
    return f"{int(whole):,}{point}{part}"


def utc(seconds: int) -> str:
    """Return a block's time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def readable(text: str) -> str:
    """Return others' words as `printable`, the amounts in them with thousands set apart.

    >>> readable("1 sweep of 1249.978 ETH in block 14442835")
    '1 sweep of 1,249.978 ETH in block 14442835'
    """
    return _AMOUNT.sub(lambda found: f"{int(found[1]):,}", printable(text))


def rounded(asset: Asset, units: int, places: int = 0) -> str:
    """Return an amount for reading, half up to some places, with thousands; the exact one is elsewhere.

    Places are two unless said otherwise, four on UTXO chains, where a hundredth of a coin may be much.

    >>> eth = Asset("eip155:1", "slip44:60", "ETH", 18)
    >>> rounded(eth, 173600005 * 10**15), rounded(eth, 1)
    ('173,600.01', '<0.01')
    """
    usual = 4 if Chain.of(asset.chain_id).family is Family.UTXO else 2
    places = min(places or usual, asset.decimals)
    step = 10 ** (asset.decimals - places)
    whole, part = divmod((int(digits(units)) + step // 2) // step, 10**places)
    if units and not whole and not part:
        return f"<0.{1:0{places}}"
    return f"{whole:,}.{part:0{places}}" if places else f"{whole:,}"


def count(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural where there is not one.

    >>> count(2, "address"), count(1, "deposit")
    ('2 addresses', '1 deposit')
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def share(part: int, whole: int) -> str:
    """Return part of whole in per cent with two places, half up, worked out in integers."""
    if not whole:
        return ""
    hundredths = (part * 20_000 + whole) // (2 * whole)
    if part and not hundredths:
        return "<0.01 %"
    return f"{hundredths // 100}.{hundredths % 100:02} %"
