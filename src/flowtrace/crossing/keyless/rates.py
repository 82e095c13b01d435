"""What one asset was worth in another at a time, by quotes that the case holds: exact, or not known."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from flowtrace.model import Amount, Asset, Price

NEAR = 3600
"""A quote this many seconds away at most is taken."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What an amount was worth in another asset, in base units of it, and by which quotes."""

    units: Fraction
    rate: Fraction
    quotes: tuple[Price, Price]

    @property
    def words(self) -> str:
        """The rate's sources, each with how far from the time it quotes."""
        return "; ".join(dict.fromkeys(f"{one.asset.unit}: {one.said}" for one in self.quotes))


class Rates:
    """Quotes in dollars, found by asset and time."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._by_asset: dict[Asset, list[Price]] = {}
        for price in sorted(prices, key=lambda one: (one.quoted_at, one.time, one.usd, one.source)):
            if Fraction(price.usd) > 0:
                self._by_asset.setdefault(price.asset, []).append(price)

    def quote(self, asset: Asset, time: int) -> Price | None:
        """Return the quote nearest to a time, the earlier of two as near; None where none is near."""
        held = self._by_asset.get(asset, [])
        at = bisect_left(held, time, key=lambda one: one.quoted_at)
        near = min(held[max(0, at - 1) : at + 1], key=lambda one: abs(one.quoted_at - time), default=None)
        return near if near is not None and abs(near.quoted_at - time) <= NEAR else None

    def worth(self, amount: Amount, into: Asset, time: int) -> Worth | None:
        """Return what an amount was worth in another asset at a time."""
        gave, got = self.quote(amount.asset, time), self.quote(into, time)
        if gave is None or got is None:
            return None
        rate = Fraction(gave.usd) / Fraction(got.usd)
        scaled = rate * Fraction(10) ** (into.decimals - amount.asset.decimals)
        return Worth(amount.units * scaled, rate, (gave, got))
