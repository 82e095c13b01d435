"""A round that several made together, entered by stolen coins: where those may be among its outputs."""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model.address import Address
from flowtrace.model.asset import Asset


@dataclass(frozen=True, slots=True)
class Entered:
    """An input that carries stolen value: which one, what it gives, and how much of it is stolen.

    ``low`` and ``high`` are over the rules that conserve; ``into`` are the outputs it may have paid for, by
    number, each with the most of its stolen units that can be there.
    """

    number: int
    coin: str
    units: int
    low: int
    high: int
    into: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Left:
    """An output, and the least and the most stolen units that it can hold over all feasible mappings.

    ``solved`` says that the sums tell which inputs paid for it. The network's fee has no address and no coin.
    """

    number: int
    address: Address | None
    coin: str
    units: int
    least: int
    most: int
    solved: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """One round that coins of a theft enter.

    Attributes
    ----------
    transfer
        The transaction's transfer, by its id.
    design, verdict
        What the detectors take it for.
    rows
        Rows of the trace that it is.
    """

    theft: str
    transfer: str
    chain_id: str
    tx: str
    asset: Asset
    design: str
    verdict: str
    by: str
    entered: tuple[Entered, ...]
    left: tuple[Left, ...]
    rows: tuple[int, ...] = ()
