"""The payments of account chains as columns, so that a rule reads a million of them without making objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Chain, Family, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

NOBODY = -1
"""The number of no address: where new coin comes from, and where a fee goes."""
_KINDS = tuple(Kind)


def code(kind: Kind) -> int:
    """Return the number by which the ledger's columns hold a kind."""
    return _KINDS.index(kind)


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """One row a transfer from one account to one: what moved something, and every fee. In chain order.

    Attributes
    ----------
    place
        Its place on the ledger.
    source, target, asset
        Numbers of the ledger's addresses and assets; `NOBODY` is no address.
    kind, height
        As the ledger's columns hold them.
    units
        Base units, Python integers of any size.
    native
        Of each of the ledger's assets, whether it is its chain's own coin.
    """

    place: Numbers
    source: Numbers
    target: Numbers
    asset: Numbers
    kind: Numbers
    height: Numbers
    units: NDArray[np.object_]
    native: NDArray[np.bool_]

    def where(self, rows: NDArray[Any]) -> Payments:
        """Return some of the rows, by a mask or by their numbers, in the order given."""
        columns = (self.place, self.source, self.target, self.asset, self.kind, self.height)
        return Payments(*(column[rows] for column in columns), self.units[rows], self.native)

    @property
    def sent(self) -> NDArray[np.bool_]:
        """Which rows an address sent: no fees, no new coin."""
        sent: NDArray[np.bool_] = (self.source != NOBODY) & (self.kind != code(Kind.FEE))
        return sent

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Which rows an address sent to an address."""
        moved: NDArray[np.bool_] = self.sent & (self.target != NOBODY)
        return moved

    @property
    def in_coin(self) -> NDArray[np.bool_]:
        """Which rows moved a chain's own coin."""
        coin: NDArray[np.bool_] = self.native[self.asset]
        return coin


def payments(ledger: Ledger, family: Family = Family.EVM) -> Payments:
    """Return what moved on chains of a family, fees of failed transactions among it."""
    import numpy as np

    start = np.asarray(ledger.start)
    kind = np.asarray(ledger.kind)
    place = np.flatnonzero((np.diff(start) == 2) & ((np.asarray(ledger.ok) != 0) | (kind == code(Kind.FEE))))  # noqa: PLR2004
    leg = start[place]
    asset = np.asarray(ledger.leg_asset)[leg]
    count = len(ledger.assets)
    ours = np.fromiter((Chain.of(one.chain_id).family is family for one in ledger.assets), bool, count)
    units = np.fromiter(ledger.leg_units, object, len(ledger.leg_units))[leg]
    kept = ours[asset] & units.astype(bool)
    place, leg, address = place[kept], leg[kept], np.asarray(ledger.leg_address)
    return Payments(
        place,
        address[leg],
        address[leg + 1],
        asset[kept],
        kind[place].astype(np.int64),
        np.asarray(ledger.height)[place],
        units[kept],
        np.fromiter((not one.contract for one in ledger.assets), bool, count),
    )


def name(ledger: Ledger, place: int) -> str:
    """Return the id of the transfer at a place, without making the transfer."""
    return f"{ledger.chain[place]}:{ledger.tx[place]}:{ledger.position[place]}"


def numbers(ledger: Ledger) -> dict[Address, int]:
    """Return the number of each address in the ledger's columns."""
    return {address: number for number, address in enumerate(ledger.addresses)}
