"""Who paid whom on a ledger, as columns in chain order; and what each address paid and got, by asset.

A move is one payment of a transfer that succeeded: fees, payments of nothing and to oneself are none. Of a
transaction of coins the giver is the address that gives most, and what comes back to a giver is change; what
several parties made together, as the verdict of coinjoin has it, is nobody's payment.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from weakref import WeakKeyDictionary

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Asset, Kind, decimal_text
from flowtrace_heuristics.utxo.collaboration import Collaborative, by_place

MOST_SHOWN = 50
"""How many transfers and addresses a finding names; its figures count all of them."""
_FEE, _COIN = tuple(Kind).index(Kind.FEE), tuple(Kind).index(Kind.COIN)
_SHORT = 12
UNSURE_ROUNDS = "of a round of coins that no detector is sure of, the largest giver is taken for the payer"
"""How every rule of payments fails on coins."""


class Moves:
    """Columns by move, in chain order; addresses and assets are the ledger's numbers."""

    def __init__(self) -> None:
        self.place, self.source, self.target = array("q"), array("q"), array("q")
        self.asset, self.time = array("q"), array("q")
        self.units: list[int] = []

    def __len__(self) -> int:
        return len(self.place)

    def add(self, place: int, pair: tuple[int, int], amount: tuple[int, int], *, time: int) -> None:
        """Add a move: (source, target), (asset, units)."""
        self.place.append(place)
        self.source.append(pair[0])
        self.target.append(pair[1])
        self.asset.append(amount[0])
        self.units.append(amount[1])
        self.time.append(time)

    @cached_property
    def sent(self) -> Runs:
        """What each address paid, by asset."""
        return Runs(self.source, self.asset)

    @cached_property
    def got(self) -> Runs:
        """What each address was paid, by asset."""
        return Runs(self.target, self.asset)


class Runs:
    """The moves of each (address, asset), in chain order: one sorted list of numbers."""

    def __init__(self, addresses: Sequence[int], assets: Sequence[int]) -> None:
        self._most = len(addresses) + 1
        self._width = max(assets, default=0) + 1
        keys = zip(addresses, assets, strict=True)
        self._sorted = sorted((a * self._width + s) * self._most + i for i, (a, s) in enumerate(keys))

    def __iter__(self) -> Iterator[tuple[int, int, list[int]]]:
        """Yield (address, asset, moves), by address and asset."""
        most = self._most
        for key, group in groupby(self._sorted, key=lambda n: n // most):
            yield key // self._width, key % self._width, [n % most for n in group]

    def after(self, address: int, asset: int, move: int) -> Iterator[int]:
        """Yield the address's moves in the asset that come after a move, the next one first."""
        key = (address * self._width + asset) * self._most
        most, end = self._most, key + self._most
        place = bisect_right(self._sorted, key + move)
        while place < len(self._sorted) and self._sorted[place] < end:
            yield self._sorted[place] % most
            place += 1

    def before(self, address: int, asset: int, move: int) -> Iterator[int]:
        """Yield the address's moves in the asset that come before a move, the latest one first."""
        key = (address * self._width + asset) * self._most
        place = bisect_left(self._sorted, key + move) - 1
        while place >= 0 and self._sorted[place] >= key:
            yield self._sorted[place] % self._most
            place -= 1


_READ: WeakKeyDictionary[Ledger, tuple[Attribution | None, Moves]] = WeakKeyDictionary()
"""A ledger never changes: each is read once, for as long as the same attribution asks."""


def moves_of(ledger: Ledger, attribution: Attribution | None = None) -> Moves:
    """Return who paid whom on a ledger; without attribution no round of several parties is known for one."""
    held = _READ.get(ledger)
    if held is None or held[0] is not attribution:
        held = _READ[ledger] = (attribution, _read(ledger, _rounds(ledger, attribution)))
    return held[1]


def _rounds(ledger: Ledger, attribution: Attribution | None) -> set[int]:
    """Return the places of transactions that several parties made together: YES, not SUSPECT."""
    if attribution is None or _COIN not in ledger.kind:
        return set()
    judged = by_place(ledger, attribution).items()
    return {place for place, one in judged if one.collaborative is Collaborative.YES}


def _read(ledger: Ledger, rounds: set[int]) -> Moves:
    moves = Moves()
    start, address, units = ledger.start, ledger.leg_address, ledger.leg_units
    for place in range(len(ledger)):
        if not ledger.ok[place] or ledger.kind[place] == _FEE:
            continue
        first = start[place]
        if start[place + 1] - first > 2:  # noqa: PLR2004  a giver and a taker
            if place not in rounds:
                _add_several(moves, ledger, place)
            continue
        pair = (address[first], address[first + 1])
        if pair[0] != pair[1] and min(pair) >= 0 and units[first]:
            moves.add(place, pair, (ledger.leg_asset[first], units[first]), time=ledger.time[place])
    return moves


def _add_several(moves: Moves, ledger: Ledger, place: int) -> None:
    given: dict[int, dict[int, int]] = {}
    taken: dict[tuple[int, int], int] = {}
    for leg in range(ledger.start[place], ledger.start[place + 1]):
        address, asset, units = ledger.leg_address[leg], ledger.leg_asset[leg], ledger.leg_units[leg]
        if ledger.leg_side[leg]:
            taken[asset, address] = taken.get((asset, address), 0) + units
        else:
            givers = given.setdefault(asset, {})
            givers[address] = givers.get(address, 0) + units
    for (asset, address), units in taken.items():
        givers = {number: gave for number, gave in given.get(asset, {}).items() if number >= 0}
        if address < 0 or address in givers or not givers or not units:
            continue
        most = max(givers.values())
        giver = min((n for n, gave in givers.items() if gave == most), key=ledger.addresses.__getitem__)
        moves.add(place, (giver, address), (asset, units), time=ledger.time[place])


def services_of(ledger: Ledger, attribution: Attribution) -> bytearray:
    """Return for each address of a ledger whether a label makes it a service."""
    return bytearray(attribution.service(address) is not None for address in ledger.addresses)


def shown(ledger: Ledger, moves: Moves, numbers: Iterable[int]) -> tuple[str, ...]:
    """Return the ids of the transfers of some moves, the first few in chain order, each once."""
    return ids(ledger, (moves.place[number] for number in numbers))


def ids(ledger: Ledger, numbers: Iterable[int]) -> tuple[str, ...]:
    """Return the ids of the transfers at some places of a ledger, the first few in chain order, each once."""
    places = sorted(set(numbers))[:MOST_SHOWN]
    return tuple(f"{ledger.chain[n]}:{ledger.tx[n]}:{ledger.position[n]}" for n in places)


def named(ledger: Ledger, numbers: Iterable[int]) -> tuple[Address, ...]:
    """Return the first few addresses of some numbers, in their order, each once."""
    return tuple(ledger.addresses[n] for n in list(dict.fromkeys(numbers))[:MOST_SHOWN])


def amount_of(asset: Asset, units: int) -> str:
    """Return an amount as exact decimal text with what it is of, for a reader.

    A token's symbol is what its maker wrote, "ETH" perhaps: its contract stands beside it.
    """
    contract = asset.contract if asset.symbol else ""
    short = contract if len(contract) <= _SHORT else f"{contract[:6]}…{contract[-4:]}"
    return f"{decimal_text(units, asset.decimals)} {asset.unit}" + (f" (token {short})" if contract else "")
