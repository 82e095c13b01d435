"""The short texts of a figure: amounts, row keys, dates, and strangers' words made harmless."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import pairwise

from flowtrace.model import Amount, Asset, decimal_text

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EXACT_PLACES = 3
_WHOLE_FROM = 1000
_KEYS_WIDTH = 16


def clean(text: str, limit: int = 40) -> str:
    """Make attacker-written text fit to draw: no control or bidirectional characters, one line, bounded.

    >>> clean("Tornado" + chr(0x202E) + "Cash  ")
    'TornadoCash'
    """
    words = " ".join(visible(text).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def visible(text: str) -> str:
    """Drop control, bidirectional, unassigned and private characters; breaks and odd spaces become spaces."""
    spaced = "".join(" " if c.isspace() else c for c in text)
    return "".join(c for c in spaced if unicodedata.category(c)[0] != "C")


def amount_text(asset: Asset, units: int) -> str:
    """Write an amount: exact up to three decimal places, else rounded and marked with ≈.

    >>> from flowtrace.model import ETHEREUM
    >>> amount_text(Asset.native(ETHEREUM), 1_234_567_890_000_000_000_000)
    '≈ 1,235 ETH'
    """
    return f"{_number(asset, units)} {symbol(asset)}"


def symbol(asset: Asset) -> str:
    """Write what an amount is of: the symbol, or the contract of a token that tells none.

    >>> symbol(Asset("eip155:1", "erc20:0x5fbdb2315678afecb367f032d93f642f64180aa3"))
    'of 0x5fbd…0aa3'
    """
    return clean(asset.symbol, 10) or f"of {clean(asset.unit.rpartition(' ')[2], 12)}"


def _number(asset: Asset, units: int) -> str:
    decimals = asset.decimals
    whole, _, part = asset.written(units).partition(".")
    if len(part) <= _EXACT_PLACES:
        return f"{int(whole):,}" + (f".{part}" if part else "")
    places = min(decimals, _places(int(whole), part))
    step = 10 ** (decimals - places)
    rounded = (units + step // 2) // step
    head, dot, tail = decimal_text(rounded, places).partition(".")
    about = "≈ " if rounded * step != units else ""
    return f"{about}{int(head):,}{dot}{tail}"


def _places(whole: int, part: str) -> int:
    """Whole units from a thousand on, two places below, two significant digits below one."""
    if whole >= _WHOLE_FROM:
        return 0
    return 2 if whole else len(part) - len(part.lstrip("0")) + 2


def amounts_text(amounts: Iterable[Amount]) -> str:
    """Sum amounts per asset and write them beside each other."""
    totals: dict[Asset, int] = {}
    for amount in amounts:
        totals[amount.asset] = totals.get(amount.asset, 0) + amount.units
    return " + ".join(
        amount_text(asset, totals[asset]) for asset in sorted(totals, key=lambda a: (bool(a.contract), a))
    )


def ranges(rows: Iterable[int]) -> str:
    """Compress row numbers.

    >>> ranges([12, 13, 14, 51])
    '12–14, 51'
    """
    ordered = sorted(set(rows))
    breaks = [0, *(i for i, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1), len(ordered)]
    runs = [(ordered[a], ordered[b - 1]) for a, b in pairwise(breaks) if b > a]
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def keys(rows: tuple[int, ...]) -> str:
    """Write the [n] of an arrow; where the ranges are long, the first row and how many more.

    >>> keys((7, 9, 10)), keys((12, 14, 16, 18, 20, 22))
    ('[7, 9–10]', '[12]+5')
    """
    return f"[{min(rows)}]+{len(set(rows)) - 1:,}" if too_long(rows) else f"[{ranges(rows)}]"


def too_long(rows: tuple[int, ...]) -> bool:
    """Whether the ranges need a fold of the annex to be listed in."""
    return len(ranges(rows)) > _KEYS_WIDTH


def dates(first: int, last: int, year: int) -> str:
    """Write a span of block times in UTC; the year only where it is not the case's.

    >>> dates(1649116800, 1649203200, 2022)
    '5–6 Apr'
    """
    start, end = datetime.fromtimestamp(first, UTC).date(), datetime.fromtimestamp(last, UTC).date()
    if start == end:
        return _day(end, year)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{_day(end, year)}"
    return f"{_day(start, year)}–{_day(end, year)}"


def _day(day: date, year: int) -> str:
    text = f"{day.day} {_MONTHS[day.month - 1]}"
    return text if day.year == year else f"{text} {day.year}"
