"""What a flow diagram shows, before it has a place on a page: boxes, arrows, folds, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.model import Address, Asset, Class


class BoxKind(StrEnum):
    """What a box stands for; each kind has its own shape and colour. The words head the legend."""

    VICTIM = "victim"
    THEFT = "theft address"
    WALLET = "address of no known service"
    SWAP = "swap"
    BRIDGE = "bridge"
    MIXER = "mixer"
    DEPOSIT = "exchange deposit"
    EXCHANGE = "exchange wallet"
    BROKER = "OTC broker"
    BANK = "bank"
    SERVICE = "service"
    NO_DATA = "no data"
    INCOMPLETE = "incomplete record"
    AT_REST = "at rest"
    FROZEN = "frozen by the issuer of the token"
    CROWDED = "too many transfers"
    MINIMUM = "stolen part below minimum"
    BUDGET = "budget reached"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Box:
    """One address, or several of the same shape under one fold id.

    ``frozen`` is whether an issuer keeps it from moving a token; ``listed`` the sanctions list that has it,
    and the list's date. ``far`` is by how many columns it stands further on than it must.
    """

    key: str
    kind: BoxKind
    lane: str
    members: tuple[Address, ...]
    title: str
    lines: tuple[str, ...]
    fold: str = ""
    frozen: bool = False
    listed: str = ""
    far: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """All transfers of one asset from one box to another.

    ``each`` is the common amount where all transfers move the same; None otherwise. ``rows`` are the hops'
    numbers in the annex.
    """

    source: str
    target: str
    asset: Asset
    units: int
    count: int
    each: int | None
    first: int
    last: int
    rows: tuple[int, ...]
    cls: Class
    decoded: bool
    fold: str = ""


@dataclass(frozen=True, slots=True)
class Fold:
    """What one mark in the figure stands for: the annex lists its addresses or its rows."""

    id: str
    title: str
    addresses: tuple[Address, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """The whole figure in words and numbers.

    Every hop is in exactly one of ``arrows``, ``inner`` (between members of one fold) or ``fees``. ``words``
    are what the legend calls each kind of box. ``listed`` is where the reader finds what a fold stands for.
    """

    title: str
    subtitle: str
    footer: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    inner: tuple[Arrow, ...]
    fees: tuple[int, ...]
    folds: tuple[Fold, ...]
    notes: tuple[str, ...]
    words: Mapping[BoxKind, str]
    listed: str = "Annex C"
