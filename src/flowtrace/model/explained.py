"""Why a tainted amount is where it is: the transfers and lots that put it there."""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model.address import Address
from flowtrace.model.asset import Amount, Asset
from flowtrace.model.trace import Rule
from flowtrace.model.transfer import Transfer


@dataclass(frozen=True, slots=True)
class Step:
    """One payment on the way to what is explained.

    Attributes
    ----------
    transfer, leg
        The payment: an output of a transfer.
    tainted
        Its tainted units under the rule.
    part
        How many of them are of the amount that is explained.
    row
        Its row in the annex, the [n] of figures and letters; 0 where it is none.
    """

    transfer: Transfer
    leg: int
    tainted: int
    part: int
    row: int = 0

    @property
    def amount(self) -> Amount:
        """All that was paid."""
        leg = self.transfer.outputs[self.leg]
        return Amount(leg.asset, leg.units)

    @property
    def source(self) -> Address | None:
        """Who paid; where several paid together, who gave the most."""
        return self.transfer.giver_of(self.transfer.outputs[self.leg].asset)

    @property
    def target(self) -> Address | None:
        """Who was paid."""
        return self.transfer.outputs[self.leg].address


@dataclass(frozen=True, slots=True)
class Parcel:
    """A lot with its history: units that came the same way, by the numbers of its steps from 0, in order."""

    units: int
    way: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What of a theft came to an address under one rule, and how.

    Attributes
    ----------
    arrived, resting
        Tainted units that came in all, and those that lie there in the end.
    steps
        In chain order, from the theft to the address.
    lots
        Under FIFO and LIFO, every unit's own way. The other rules give units no order: there the steps'
        parts are shares in proportion, an attribution and no identity.
    """

    theft: str
    address: Address
    asset: Asset
    rule: Rule
    arrived: int
    resting: int
    steps: tuple[Step, ...]
    lots: tuple[Parcel, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the rule tells each unit's own way."""
        return self.rule in ORDERED_RULES


ORDERED_RULES = (Rule.FIFO, Rule.LIFO)
"""The rules under which parcels leave in an order, so that each unit has one way."""
