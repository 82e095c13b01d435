"""The payments of account chains as columns: a million are read without making an object of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowtrace.ledger import Ledger
from flowtrace.model import Chain, Family, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Kinds = NDArray[np.int8]
    Mask = NDArray[np.bool_]
    Units = NDArray[np.object_]

NOBODY = -1
"""The number of no address: where new coin comes from, and where a fee goes."""
_KINDS = tuple(Kind)
_LEGS = 2


def code(kind: Kind) -> int:
    """Return the number by which the ledger's columns hold a kind."""
    return _KINDS.index(kind)


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """Some rows of a ledger that move one thing from one account to one: fees and failed ones' fees too.

    Attributes
    ----------
    place
        Their places on the ledger.
    source, target, asset
        Numbers of the ledger's addresses and assets; `NOBODY` is no address.
    kind, height
        As the ledger's columns hold them.
    units
        Base units, Python integers of any size, none of them 0.
    coin
        Whether it is a chain's own coin.
    """

    place: Numbers
    source: Numbers
    target: Numbers
    asset: Numbers
    kind: Kinds
    height: Numbers
    units: Units
    coin: Mask

    def where(self, rows: Numbers | Mask) -> Payments:
        """Return some of the rows, by a mask or by their numbers, in the order given."""
        place, source, target = self.place[rows], self.source[rows], self.target[rows]
        asset, kind, height = self.asset[rows], self.kind[rows], self.height[rows]
        return Payments(place, source, target, asset, kind, height, self.units[rows], self.coin[rows])

    @property
    def moved(self) -> Mask:
        """Which rows an address sent to an address: no fees, no new coin."""
        moved: Mask = (self.source != NOBODY) & (self.target != NOBODY) & (self.kind != code(Kind.FEE))
        return moved


class Columns:
    """A ledger's transfers on chains of one family: row by row as the ledger has them, nothing copied.

    Attributes
    ----------
    source, target, asset, kind, height, coin
        As of `Payments`; only rows in ``usable`` mean anything.
    usable
        Which rows are of that family, from one account to one, and took place: fees, and all that did not
        fail. Amounts of 0 are among them.
    """

    def __init__(self, ledger: Ledger, family: Family = Family.EVM) -> None:
        import numpy as np

        self._units = ledger.leg_units
        start, address = np.asarray(ledger.start), np.asarray(ledger.leg_address)
        self._start, asset = start[:-1], np.asarray(ledger.leg_asset)
        self.kind, self.height = np.asarray(ledger.kind), np.asarray(ledger.height)
        two = np.diff(start) == _LEGS
        if two.all():
            self.source, self.target, self.asset = address[::_LEGS], address[1::_LEGS], asset[::_LEGS]
        else:
            self.source, self.asset = address[self._start], asset[self._start]
            self.target = address[self._start + 1]
        ours = np.fromiter((Chain.of(one.chain_id).family is family for one in ledger.assets), bool)
        native = np.fromiter((not one.contract for one in ledger.assets), bool)
        self.usable: Mask = two & ((np.asarray(ledger.ok) != 0) | (self.kind == code(Kind.FEE)))
        if not ours.all():
            self.usable &= ours[self.asset]
        self.coin: Mask = native[self.asset]

    def units(self, rows: Numbers) -> Units:
        """Return the base units of some rows."""
        import numpy as np

        units = map(self._units.__getitem__, self._start[rows].tolist())
        return np.fromiter(units, object, len(rows))

    def worth(self, rows: Numbers) -> Numbers:
        """Return those of some rows that moved more than nothing."""
        worth: Numbers = rows[self.units(rows).astype(bool)]
        return worth

    def payments(self, rows: Numbers) -> Payments:
        """Return some rows as payments, without those that moved nothing."""
        units = self.units(rows)
        kept = units.astype(bool)
        rows = rows[kept]
        ends, height = (self.source[rows], self.target[rows]), self.height[rows]
        return Payments(rows, *ends, self.asset[rows], self.kind[rows], height, units[kept], self.coin[rows])

    def minted(self) -> list[int]:
        """Return who was paid new coin: block rewards, withdrawals of staked coin."""
        import numpy as np

        new = self.usable & (self.kind == code(Kind.MINT)) & (self.target != NOBODY)
        found: list[int] = np.unique(self.target[new]).tolist()
        return found


def name(ledger: Ledger, place: int) -> str:
    """Return the id of the transfer at a place, without making the transfer."""
    return f"{ledger.chain[place]}:{ledger.tx[place]}:{ledger.position[place]}"
