"""Which address to ask about next where taint ties: a local rank from the source, after TRacer. No evidence.

Mass starts at the source and is pushed on: a part stays as rank, most goes along later payments, some back
along earlier ones. Three ways to share it out: evenly, by amount, and by amount and order with swaps
redirected into what they bought. All in whole units of 2^-40, divided by largest remainder, ties by address:
the same on every machine.

Where the published code loses mass or order, this does not: chips begin at the source's neighbours, what
cannot go on in its asset stays where it is, a swap nothing was paid from keeps what it bought, and the way
back through a swap goes by what was given up.

Source: Wu et al., TRacer: Scalable Graph-Based Transaction Tracing for Account-Based Blockchain Trading
Systems (IEEE TIFS 2023).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from flowtrace.kernel.division import split
from flowtrace.model import Address, Asset, Transfer

ONE = 1 << 40
"""The whole mass: ranks are parts of it."""

KEPT, ONWARD, LEAST = (15, 100), (80, 100), ONE // 1000
"""The share that stays as rank; of the rest, what goes forward; the residual too little to push."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment, as a rank sees it; ``when`` is its transaction's place in the chain."""

    tx: str
    when: tuple[int, ...]
    source: Address
    target: Address
    asset: Asset
    units: int


Known = Callable[[Address], Sequence[Paid]]
"""Returns the payments that touch an address."""


def _parts(mass: int) -> tuple[int, int, int]:
    """Divide mass into what stays, what goes forward and what goes back; they sum to it."""
    stays = mass * KEPT[0] // KEPT[1]
    onward = (mass - stays) * ONWARD[0] // ONWARD[1]
    return stays, onward, mass - stays - onward


@dataclass
class Rank:
    """A rank by shares that know no order: evenly over payments, or by their amounts. Dead ends lose mass.

    Parameters
    ----------
    source
        Where the mass begins.
    by_amount
        Whether payments share by amount, else evenly.
    """

    source: Address
    by_amount: bool = False
    rank: dict[Address, int] = field(default_factory=dict)
    left: dict[Address, int] = field(default_factory=dict)
    pushes: int = 0

    def run(self, known: Known) -> Mapping[Address, int]:
        """Push until every residual is small; return the rank of each node that has any."""
        self.left = {self.source: ONE}
        while (node := _largest(self.left)) is not None:
            mass = self.left.pop(node)
            stays, onward, back = _parts(mass)
            self.rank[node] = self.rank.get(node, 0) + stays
            paid = known(node)
            self._share(onward, [(one.target, one.units) for one in paid if one.source == node])
            self._share(back, [(one.source, one.units) for one in paid if one.target == node])
            self.pushes += 1
        return self.rank

    def _share(self, mass: int, ends: Sequence[tuple[Address, int]]) -> None:
        weights = [units if self.by_amount else 1 for _, units in ends]
        if not sum(weights):
            return
        for (node, _), share in zip(ends, split(mass, weights), strict=True):
            self.left[node] = self.left.get(node, 0) + share


def _largest(left: Mapping[Address, int]) -> Address | None:
    """Return the node with the most to push; the first of them where several have as much."""
    most = max(left.values(), default=0)
    return min(node for node, mass in left.items() if mass == most) if most > LEAST else None


When = tuple[int, ...]
_END: When = (1 << 70,)
_BEGIN: When = (-1 << 70,)
Side = tuple[tuple[Asset, Address, int], ...]
"""What went one way within a transaction: asset, the other node, units."""

Chip = tuple[Asset, When]
Chips = dict[Chip, int]
"""Mass by asset and time."""


@dataclass(frozen=True, slots=True)
class _Netted:
    """A transaction as one node sees it: what it gave and got of each asset to and from each other node."""

    when: When
    gave: Side
    got: Side


class _Pools:
    """Mass on its way, by asset: each payment takes its part of what the later ones share."""

    def __init__(self, way: Iterable[_Netted]) -> None:
        self._mass: dict[Asset, int] = {}
        self._ahead: dict[Asset, int] = {}
        for tx in way:
            for asset, _, units in tx.gave:
                self._ahead[asset] = self._ahead.get(asset, 0) + units

    def settle(self, asset: Asset, mass: int) -> int:
        """Take mass in where later payments of its asset are; return what has none and stays."""
        if not self._ahead.get(asset):
            return mass
        self._mass[asset] = self._mass.get(asset, 0) + mass
        return 0

    def take(self, asset: Asset, units: int) -> int:
        """Return the part of a payment."""
        share = split(self._mass.get(asset, 0), [units, self._ahead[asset] - units])[0]
        self._mass[asset] = self._mass.get(asset, 0) - share
        self._ahead[asset] -= units
        return share


class SwapRank:
    """A rank by amount and order: mass follows payments after the time it came, and through swaps.

    Parameters
    ----------
    source
        Where the mass begins, one unit of it per asset.
    """

    def __init__(self, source: Address) -> None:
        self.source = source
        self.rank: dict[Address, int] = {}
        self.chips: dict[Address, Chips] = {}
        self.pushes = 0
        self._left: dict[Address, int] = {}
        self._queue: list[tuple[int, Address]] = []
        self._can: Callable[[Address], bool] = bool

    def run(self, known: Known, *, can: Callable[[Address], bool] = lambda _: True) -> Mapping[Address, int]:
        """Push until every residual is small; return rank and residual of each node.

        Parameters
        ----------
        can
            Tells whether a node's payments are known: where not, its mass stays with it.
        """
        self._can = can
        seen: dict[Address, list[_Netted]] = {}
        self._begin(_netted(self.source, known(self.source)))
        while self._queue:
            mass, node = heappop(self._queue)
            if node in self.chips and -mass == self._left[node]:  # else it has changed since
                if node not in seen:
                    seen[node] = _netted(node, known(node))
                self._push(node, seen[node])
                self.pushes += 1
        whole = dict(self.rank)
        for node, chips in self.chips.items():
            whole[node] = whole.get(node, 0) + sum(chips.values())
        return whole

    def _begin(self, netted: Sequence[_Netted]) -> None:
        """Put the first chips on the source's neighbours, at the time of their payments."""
        self.pushes += 1
        assets = dict.fromkeys(asset for tx in netted for asset, _, _ in (*tx.gave, *tx.got))
        for asset in assets:
            stays, onward, back = _parts(ONE)
            self.rank[self.source] = self.rank.get(self.source, 0) + stays
            for mass, sides, otherwise in (
                (onward, [(tx.when, tx.gave) for tx in netted], _BEGIN),
                (back, [(tx.when, tx.got) for tx in netted], _END),
            ):
                ends = [(node, when, units) for when, side in sides for a, node, units in side if a == asset]
                if not ends:
                    self._put(self.source, (asset, otherwise), mass)
                for (node, when, _), share in zip(
                    ends, split(mass, [units for _, _, units in ends]) if ends else [], strict=True
                ):
                    self._put(node, (asset, when), share)

    def _push(self, node: Address, netted: Sequence[_Netted]) -> None:
        chips = self.chips.pop(node)
        self._left[node] = 0
        onward: Chips = {}
        back: Chips = {}
        for chip, mass in chips.items():
            stays, forward, backward = _parts(mass)
            self.rank[node] = self.rank.get(node, 0) + stays
            onward[chip], back[chip] = forward, backward
        behind = [_Netted(_mirrored(tx.when), tx.got, tx.gave) for tx in reversed(netted)]
        self._along(node, onward, netted, mirrored=False)
        self._along(node, {(a, _mirrored(t)): m for (a, t), m in back.items()}, behind, mirrored=True)

    def _along(self, node: Address, chips: Chips, way: Sequence[_Netted], *, mirrored: bool) -> None:
        """Carry chips along later payments; what a swap takes goes on as what it brings."""
        pools = _Pools(way)
        waiting = sorted(chips.items(), key=lambda chip: (chip[0][1], chip[0][0]), reverse=True)
        staying: list[tuple[Address, Chip, int]] = []
        for tx in way:
            while waiting and waiting[-1][0][1] < tx.when:
                chip, mass = waiting.pop()
                staying += [(node, chip, pools.settle(chip[0], mass))]
            for asset, other, share in [(a, other, pools.take(a, units)) for a, other, units in tx.gave]:
                if len(tx.got) == 1:  # a swap
                    bought = tx.got[0][0]
                    staying += [(node, (bought, tx.when), pools.settle(bought, share))]
                else:
                    staying += [(other, (asset, tx.when), share)]
        staying += [(node, chip, mass) for chip, mass in waiting]
        for at, (asset, when), mass in staying:
            self._put(at, (asset, _mirrored(when) if mirrored else when), mass)

    def _put(self, node: Address, chip: Chip, mass: int) -> None:
        if mass:
            held = self.chips.setdefault(node, {})
            held[chip] = held.get(chip, 0) + mass
            self._left[node] = self._left.get(node, 0) + mass
            if self._left[node] > LEAST and self._can(node):
                heappush(self._queue, (-self._left[node], node))


def _netted(node: Address, paid: Iterable[Paid]) -> list[_Netted]:
    """Return transactions in order, netted per asset and other node."""
    nets: dict[tuple[When, str], dict[tuple[Asset, Address], int]] = {}
    for one in paid:
        if (one.source == node) is not (one.target == node):
            other, sign = (one.target, -1) if one.source == node else (one.source, 1)
            net = nets.setdefault((one.when, one.tx), {})
            net[one.asset, other] = net.get((one.asset, other), 0) + sign * one.units
    found = []
    for (when, _), net in sorted(nets.items(), key=lambda item: item[0]):
        legs = [(asset, other, units) for (asset, other), units in sorted(net.items()) if units]
        gave = tuple((asset, other, -units) for asset, other, units in legs if units < 0)
        found.append(_Netted(when, gave, tuple(leg for leg in legs if leg[2] > 0)))
    return found


def _mirrored(when: When) -> When:
    """Turn time round, so that the way back is carried as the way ahead."""
    return tuple(-part for part in when)


def payments(transfers: Iterable[Transfer]) -> dict[Address, list[Paid]]:
    """Return the payments of transfers, by each address they touch; fees and new coin are none."""
    found: dict[Address, list[Paid]] = {}
    for transfer in transfers:
        for leg in transfer.outputs:
            source = transfer.giver_of(leg.asset)
            if source is None or leg.address is None or not leg.units:
                continue
            when = (transfer.height, transfer.index)
            one = Paid(transfer.tx, when, source, leg.address, leg.asset, leg.units)
            for end in {source, leg.address}:
                found.setdefault(end, []).append(one)
    return found
