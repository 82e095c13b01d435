"""Where an address's funds came from: sources, and how much of what came is of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flowtrace.model.address import Address
from flowtrace.model.asset import Asset
from flowtrace.model.explained import ORDERED_RULES
from flowtrace.model.label import Entity
from flowtrace.model.trace import Rule


class SourceKind(StrEnum):
    """What sort of source it is: the first is an address, of the others it says what the record lacks."""

    PAYER = "paid by"
    THEFT = "theft"
    OPENING = "opening balance of"
    UNRECORDED = "no recorded source, spent by"
    MINT = "new coin"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of funds.

    Attributes
    ----------
    address
        Who paid, or whose balance it was; None for new coin.
    theft
        The id of the theft, where it is one.
    units
        How much of what came is of this source, in the asset that came.
    why
        Why the way back ends here.
    entity
        Whose address it is, where a label says so.
    """

    kind: SourceKind
    address: Address | None
    units: int
    theft: str = ""
    why: str = ""
    entity: Entity | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where what an address received of an asset came from, under one rule.

    Attributes
    ----------
    received
        All that came, as far as the record goes. The sources sum to it, to the unit.
    followed
        The addresses that were looked through on the way back.
    """

    address: Address
    asset: Asset
    rule: Rule
    received: int
    sources: tuple[Source, ...]
    followed: tuple[Address, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the rule tells each unit's own source; else the shares are an attribution in proportion."""
        return self.rule in ORDERED_RULES
