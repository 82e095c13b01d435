"""Swaps: one transaction in which an address gives one asset and gets another (algorithms 6.3).

The net of each asset tells what an address gave and got, whichever pools and routers the transaction went
through: they hold no traced value. A wrap (a coin for its token, one to one) is a swap too, and so is what
liquidity of one asset gives for it. Whoever sent the transaction: a solver settles orders that were only
signed (CoW, UniswapX, 1inch Fusion), and an owner sends what a contract account (a Safe) does.

Not told as a swap: what gives or gets several assets (liquidity of two, baskets), for which there is no one
price, and a deal between two addresses that are both followed. Their parts are followed as payments;
:func:`baskets_in` lists the former, so that a report can say so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.model import Address, Asset, Kind, Transfer

Place = tuple[str, int]
"""The id of a transfer, and which of its outputs."""


@dataclass(frozen=True, slots=True)
class Swap:
    """What an address sold and bought within one transaction, net; or what a link joins.

    Attributes
    ----------
    gave, got
        The outputs by which it gave the one and got the other, with their units.
    taken
        Ids of all transfers that the swap stands for, what was handed back among them.
    taker
        Who got what was bought, where a link says that it was another.
    coin, into_coin
        Of a link: the coin by which it was given, and the one by which it came, where they are coins. The
        transfer that gives such a coin is laid as any other, and the coin is sold after it.
    """

    address: Address
    sold: Asset
    out: int
    bought: Asset
    come: int
    gave: tuple[tuple[Place, int], ...]
    got: tuple[tuple[Place, int], ...]
    taken: frozenset[str]
    taker: Address | None = None
    coin: str = ""
    into_coin: str = ""

    @property
    def into(self) -> Address:
        """Who got what was bought: the same address, but where a link says otherwise."""
        return self.taker or self.address


def woven(transfers: Sequence[Transfer], after: Mapping[str, str]) -> list[Transfer]:
    """Return transfers so that each ledger keeps its order and no receipt stands before its payment.

    Ledgers share no clock: where one waits for the other is all that is known of their order.

    Parameters
    ----------
    after
        Per receipt's id, the id of its payment.
    """
    waiting: dict[str, deque[Transfer]] = {}
    for transfer in transfers:
        waiting.setdefault(transfer.chain_id, deque()).append(transfer)
    left = {transfer.id for transfer in transfers}
    found: list[Transfer] = []
    while any(waiting.values()):
        queues = [queue for queue in waiting.values() if queue]
        ready = (queue for queue in queues if after.get(queue[0].id, "") not in left)
        queue = next(ready, queues[0])  # links in a ring would wait for ever: then the first goes
        while queue:
            found.append(queue.popleft())
            left.discard(found[-1].id)
            if queue and after.get(queue[0].id, "") in left:
                break
    return found


def swaps_in(transfers: Sequence[Transfer], followed: Collection[Address]) -> dict[str, Swap]:
    """Return the swaps of followed addresses, by the id of the first transfer each stands for."""
    found: dict[str, Swap] = {}
    for together in _transactions(transfers):
        for address in _givers(together, followed):
            swap = _swap(together, address, followed)
            if swap is not None:
                found.setdefault(next(t.id for t in together if t.id in swap.taken), swap)
    return found


@dataclass(frozen=True, slots=True)
class Basket:
    """What an address gave and got in one transaction, net, where either is of several assets."""

    address: Address
    tx: str
    gave: tuple[tuple[Asset, int], ...]
    got: tuple[tuple[Asset, int], ...]
    places: tuple[Place, ...]


def baskets_in(transfers: Sequence[Transfer], followed: Collection[Address]) -> Iterator[Basket]:
    """Yield what followed addresses exchanged that has no one price: liquidity of two assets, baskets."""
    for together in _transactions(transfers):
        for address in _givers(together, followed):
            own = _own(together, address)
            net = _net(own, address)
            gave = tuple((asset, -units) for asset, units in net.items() if units < 0)
            got = tuple((asset, units) for asset, units in net.items() if units > 0)
            if gave and got and max(len(gave), len(got)) > 1:
                places = [
                    place for asset, _ in gave for place, _ in _outputs(own, asset, address, own=False)
                    if _gives(next(t for t in own if t.id == place[0]), address, asset)
                ]  # fmt: skip
                yield Basket(address, together[0].tx, gave, got, tuple(places))


def _transactions(transfers: Sequence[Transfer]) -> Iterator[Sequence[Transfer]]:
    """Yield transfers in chain order by their transaction, where it moves more than one thing."""
    start = 0
    for end in range(1, len(transfers) + 1):
        if end == len(transfers) or _tx(transfers[end]) != _tx(transfers[start]):
            if end - start > 1:
                yield transfers[start:end]
            start = end


def _tx(transfer: Transfer) -> tuple[str, str]:
    return transfer.chain_id, transfer.tx


def _givers(together: Sequence[Transfer], followed: Collection[Address]) -> list[Address]:
    """Return the followed addresses that gave something besides a fee, in order."""
    gave = dict.fromkeys(
        leg.address for t in together if t.kind is not Kind.FEE and t.ok for leg in t.inputs if leg.units
    )
    return [address for address in gave if address is not None and address in followed]


def _own(together: Sequence[Transfer], address: Address) -> list[Transfer]:
    return [t for t in together if t.kind is not Kind.FEE and _touches(t, address)]


def _swap(together: Sequence[Transfer], address: Address, followed: Collection[Address]) -> Swap | None:
    own = _own(together, address)
    others = {leg.address for t in own for leg in (*t.inputs, *t.outputs)} - {address}
    if not others.isdisjoint(followed) or any(leg.coin for t in own for leg in t.outputs):
        return None
    net = {asset: units for asset, units in _net(own, address).items() if units}
    sold = [asset for asset, units in net.items() if units < 0]
    bought = [asset for asset, units in net.items() if units > 0]
    if len(sold) != 1 or len(bought) != 1:
        return None
    pair = (sold[0], bought[0])
    return Swap(
        address=address,
        sold=sold[0],
        out=-net[sold[0]],
        bought=bought[0],
        come=net[bought[0]],
        gave=tuple(_outputs((t for t in own if _gives(t, address, sold[0])), sold[0], address, own=False)),
        got=tuple(_outputs(own, bought[0], address, own=True)),
        taken=frozenset(t.id for t in own if any(leg.asset in pair for leg in t.outputs)),
    )


def _outputs(
    transfers: Iterable[Transfer], asset: Asset, address: Address, *, own: bool
) -> Iterator[tuple[Place, int]]:
    """Yield the outputs of an asset to an address, or to all others."""
    for transfer in transfers:
        for number, leg in enumerate(transfer.outputs):
            if leg.asset == asset and (leg.address == address) is own and leg.units:
                yield (transfer.id, number), leg.units


def _gives(transfer: Transfer, address: Address, asset: Asset) -> bool:
    return any((leg.address, leg.asset) == (address, asset) for leg in transfer.inputs)


def _touches(transfer: Transfer, address: Address) -> bool:
    return any(leg.address == address for leg in (*transfer.inputs, *transfer.outputs))


def _net(transfers: Iterable[Transfer], address: Address) -> dict[Asset, int]:
    """Return what an address got less what it gave, per asset."""
    net: dict[Asset, int] = {}
    for transfer in transfers:
        for sign, legs in ((-1, transfer.inputs), (1, transfer.outputs)):
            for leg in legs:
                if leg.address == address:
                    net[leg.asset] = net.get(leg.asset, 0) + sign * leg.units
    return net
