"""What a unit of an asset was worth: somebody's quote near a time, never part of the tracing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from flowtrace.model.asset import Amount, Asset

EURO = Asset("iso4217", "currency:EUR", "EUR", 2)
_CENT = Decimal("0.01")
_EXACT = Context(prec=120)


@dataclass(frozen=True, slots=True)
class Price:
    """A quote in United States dollars.

    Attributes
    ----------
    time, quoted_at
        The time it was wanted for, and the time it was quoted for, in unix seconds.
    usd
        Dollars for one whole coin (not for a base unit), as exact decimal text.
    source, confidence
        Who quotes it, and how sure that source says it is (empty where it says nothing).
    """

    asset: Asset
    time: int
    usd: str
    quoted_at: int
    source: str
    confidence: str = ""

    def value(self, amount: Amount) -> str:
        """Return what an amount was worth in dollars and cents, rounded half to even."""
        whole = _EXACT.multiply(Decimal(amount.units), Decimal(self.usd))
        coins = _EXACT.scaleb(whole, -amount.asset.decimals)
        return str(coins.quantize(_CENT, ROUND_HALF_EVEN, _EXACT))

    @property
    def said(self) -> str:
        """The source, and how far from the time wanted it quotes, in words."""
        apart = abs(self.quoted_at - self.time)
        sure = f", confidence {self.confidence}" if self.confidence else ""
        return f"{self.source}, quoted {apart} s from the block's time{sure}"
