"""Whether a payment was a round sum of money on its day: people agree on prices in dollars and euros."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from flowtrace.model import EURO, Asset, Leg, Price

NEAR = Fraction(1, 1000)
"""How far from a round sum a payment may lie: 0.1 %, for the price moves within the day."""
LEAST = 10
"""Sums below ten dollars are not judged: too much of what is paid lies near one of them."""
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,30})?")
_STEPS = 5  # round: two digits, the second 0 or 5, and zeros: 10, 15, 20 ... 95, 100, 150


def is_round_fiat(leg: Leg, prices: Mapping[tuple[Asset, int], Price], time: int) -> bool:
    """Tell whether an output was worth a round sum; False where the ledger holds no price of its time."""
    coin = _dollars(prices.get((leg.asset, time)))
    if coin is None:
        return False
    worth = Fraction(leg.units, 10**leg.asset.decimals) * coin
    euro = _dollars(prices.get((EURO, time)))
    return _round(worth) or (euro is not None and _round(worth / euro))


def _dollars(price: Price | None) -> Fraction | None:
    if price is None or not _PLAIN.fullmatch(price.usd):
        return None
    return Fraction(price.usd) or None


def _round(worth: Fraction) -> bool:
    """Tell whether the nearest round sum lies within the margin, by cross-multiplication."""
    whole = worth.numerator // worth.denominator
    if whole < LEAST - 1:
        return False
    step = _STEPS * 10 ** max(len(str(whole)) - 2, 0) if whole < 10**30 else whole
    below = max(worth // step * step, LEAST)
    return bool(min(abs(worth - below), abs(below + step - worth)) <= NEAR * worth)
