"""Links as swaps: what left by one payment and came by others, on other ledgers or on the same.

What was given is the giver's net of the asset in its transaction, what came the taker's: routers on the way
hold nothing. A coin is what it is. Where one payment came in several, each is sold for its part: by units
where all came in one asset; what came back of the asset sent is its own part, and the rest is shared equally.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.kernel.division import split
from flowtrace.model import Address, Asset, Kind, Leg, Link, Transfer
from flowtrace.trace.swap import Place, Swap


@dataclass(frozen=True, slots=True)
class Joined:
    """A link as a swap: the ids of its payment and of its receipt; ``givers`` are whose value it was."""

    paid: str
    came: str
    swap: Swap
    givers: frozenset[Address]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a link: whose, of what, how much, and by which outputs."""

    name: str
    address: Address
    asset: Asset
    places: tuple[tuple[Place, int], ...]
    units: int
    coin: str
    taken: frozenset[str]
    givers: frozenset[Address]


def linked(links: Iterable[Link], transfers: Iterable[Transfer]) -> Iterator[Joined]:
    """Yield what links join, as swaps; nothing of one of which a payment is not among the transfers."""
    groups: dict[Place, list[Link]] = {}
    for link in links:
        groups.setdefault(link.gave, []).append(link)
    if not groups:
        return
    book = _Book(groups, transfers)
    for gave, group in groups.items():
        sent = book.side(gave, gives=True)
        came = [side for link in group if (side := book.side(link.got, gives=False)) is not None]
        if sent is None or not came:
            continue
        for side, out in zip(came, _parts(sent, came), strict=True):
            shares = split(out, [units for _, units in sent.places])
            places = tuple((place, share) for (place, _), share in zip(sent.places, shares, strict=True))
            swap = Swap(
                address=sent.address, sold=sent.asset, out=out, bought=side.asset, come=side.units,
                gave=places, got=side.places, taken=sent.taken | side.taken, taker=side.address,
                coin=sent.coin, into_coin=side.coin,
            )  # fmt: skip
            yield Joined(sent.name, side.name, swap, sent.givers)


def _parts(sent: _Side, came: Sequence[_Side]) -> list[int]:
    """Return how much of what was sent each payment that came stands for: all of it, to the unit."""
    if len({side.asset for side in came}) == 1:
        return split(sent.units, [side.units for side in came])
    back = [side.units if side.asset == sent.asset else 0 for side in came]
    if sum(back) > sent.units:
        return split(sent.units, [1] * len(came))
    others = split(sent.units - sum(back), [int(not units) for units in back])
    return [own or share for own, share in zip(back, others, strict=True)]


class _Book:
    """The transactions that links name, and which of their payments are named."""

    def __init__(self, groups: Mapping[Place, Sequence[Link]], transfers: Iterable[Transfer]) -> None:
        self._named = {*groups, *(link.got for group in groups.values() for link in group)}
        ids = {name for name, _ in self._named}
        txs = {name.rpartition(":")[0] for name in ids}
        self._by_tx: dict[str, list[Transfer]] = {}
        self._known: dict[str, Transfer] = {}
        for transfer in transfers:
            tx = transfer.id.rpartition(":")[0]
            if tx in txs:
                self._by_tx.setdefault(tx, []).append(transfer)
                if transfer.id in ids:
                    self._known[transfer.id] = transfer

    def side(self, place: Place, *, gives: bool) -> _Side | None:
        """Return the side of a link that a payment is; None where it is not there, or of nobody."""
        name, number = place
        transfer = self._known.get(name)
        if transfer is None or number >= len(transfer.outputs):
            return None
        leg = transfer.outputs[number]
        if leg.coin:
            return None if leg.address is None else _coin(transfer, place, leg)
        address = transfer.source if gives else leg.address
        if address is None or not leg.units:
            return None
        together = self._by_tx[name.rpartition(":")[0]]
        own = [t for t in together if t.ok and t.kind is not Kind.FEE and _moves(t, leg.asset, address)]
        if self._alone(place, own):
            net = sum(_net(t, leg.asset, address) for t in own) * (-1 if gives else 1)
            places = tuple(_outputs(own, leg.asset, address, gives=gives))
            if net > 0 and all(len(t.outputs) == 1 for t in own):
                taken = frozenset(t.id for t in own)
                return _Side(name, address, leg.asset, places, net, "", taken, frozenset({address}))
        if len(transfer.outputs) > 1:
            return None
        one = ((place, leg.units),)
        return _Side(name, address, leg.asset, one, leg.units, "", frozenset({name}), frozenset({address}))

    def _alone(self, place: Place, own: Iterable[Transfer]) -> bool:
        """Tell whether no other link is of these payments."""
        others = {(t.id, n) for t in own for n in range(len(t.outputs))} & self._named - {place}
        return not others


def _coin(transfer: Transfer, place: Place, leg: Leg) -> _Side:
    givers = frozenset(one.address for one in transfer.inputs if one.address is not None)
    assert leg.address is not None  # noqa: S101  the caller saw to it; for the reader and the type checker
    return _Side(
        transfer.id, leg.address, leg.asset, ((place, leg.units),), leg.units, leg.coin, frozenset(), givers
    )


def _moves(transfer: Transfer, asset: Asset, address: Address) -> bool:
    legs = (*transfer.inputs, *transfer.outputs)
    return any((leg.address, leg.asset) == (address, asset) for leg in legs)


def _net(transfer: Transfer, asset: Asset, address: Address) -> int:
    """Return what an address got of an asset by a transfer, less what it gave."""
    got, gave = (
        sum(leg.units for leg in legs if (leg.address, leg.asset) == (address, asset))
        for legs in (transfer.outputs, transfer.inputs)
    )
    return got - gave


def _outputs(
    own: Iterable[Transfer], asset: Asset, address: Address, *, gives: bool
) -> Iterator[tuple[Place, int]]:
    """Yield the outputs of an asset by an address to others, or to it."""
    for transfer in own:
        for number, leg in enumerate(transfer.outputs):
            mine = leg.address == address
            if leg.asset == asset and leg.units and mine is not gives:
                yield (transfer.id, number), leg.units
