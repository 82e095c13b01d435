"""Which addresses share a box: siblings of the same shape, until the figure has few enough boxes.

Two addresses have the same shape if they are the same kind of box in the same role, most of their value goes
to boxes of one shape and most of it comes from boxes of one shape. The shapes are refined as states of an
automaton are minimised; only the main neighbour counts, so one stray transfer splits no group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from flowtrace.model import Address, Asset, Hop, RoleName
from flowtrace.report.diagram.kinds import ENDS, Facts
from flowtrace.report.diagram.picture import BoxKind

Shape: TypeAlias = tuple[object, ...]
Groups: TypeAlias = Mapping[Address, str]
"""The group of every address; the group's name is its first member's CAIP-10 text."""

_ROUNDS = 4
_MANY = 3
_ALONE = frozenset({BoxKind.VICTIM, BoxKind.THEFT, BoxKind.DEPOSIT})
_KEPT = frozenset({BoxKind.VICTIM, BoxKind.THEFT, BoxKind.MIXER, BoxKind.DEPOSIT, BoxKind.FROZEN})


def partition(
    hops: Iterable[Hop], facts: Facts, most: int, *, tight: bool = False
) -> tuple[Groups, frozenset[str]]:
    """Put every address of the hops in a group, at most ``most`` groups where the protected kinds allow it.

    Parameters
    ----------
    tight
        Whether no kind is protected: then there are never more groups than ``most``, or one for each chain.

    Returns
    -------
    tuple
        The group of each address, and the groups that are "others": merged because there was no room.
    """
    way = Way(hops, facts, tight=tight)
    groups = way.grouped(_MANY)
    if len(set(groups.values())) > most:
        groups = way.grouped(2)
    return way.merged(groups, most)


class Way:
    """The flow between addresses, and the value on it in the case's own order of assets."""

    def __init__(self, hops: Iterable[Hop], facts: Facts, *, tight: bool = False) -> None:
        self._facts, self._tight = facts, tight
        self._value: dict[tuple[Address, Address], dict[Asset, int]] = defaultdict(dict)
        seen: dict[Address, None] = {}
        for hop in hops:
            source, target = hop.drawn_from, hop.target
            if source is None or target is None:
                continue
            seen.update({source: None, target: None})
            amount, flow = hop.amount, self._value[source, target]
            flow[amount.asset] = flow.get(amount.asset, 0) + amount.units
        self.addresses = tuple(seen)
        self._kinds = {address: facts.kind(address) for address in seen}
        self._next = _neighbours(self._value)
        self._previous = _neighbours({(b, a): flow for (a, b), flow in self._value.items()})

    def grouped(self, many: int) -> Groups:
        """Group addresses of one shape where they are many, or where their neighbours are the very same."""
        shapes = self._shapes()
        classes: dict[Shape, list[Address]] = defaultdict(list)
        for address in self.addresses:
            classes[shapes[address]].append(address)
        groups = {}
        for members in classes.values():
            together = len(members) >= many or self._twins(members, shapes)
            groups.update({a: str(members[0] if together else a) for a in members})
        return groups

    def merged(self, groups: Groups, most: int) -> tuple[Groups, frozenset[str]]:
        """Merge the least into "others" of their chain until no more than ``most`` groups are left."""
        merged, others = dict(groups), dict[str, str]()
        number = len(set(groups.values()))
        for least in self._by_weight(groups):
            if number <= most:
                break
            lane = least[0].chain_id
            number -= lane in others
            name = others.setdefault(lane, str(least[0]))
            merged.update(dict.fromkeys(least, name))
        return merged, frozenset(others.values())

    def _by_weight(self, groups: Groups) -> list[list[Address]]:
        """Return the groups that may be merged, the least first; kinds that a reader acts on come last."""
        members: dict[str, list[Address]] = defaultdict(list)
        for address in self.addresses:
            members[groups[address]].append(address)
        weights = self._weights(groups)
        order = sorted(
            (self._kinds[group[0]] in _KEPT, weights[name], str(group[0]), name)
            for name, group in members.items()
        )
        return [members[name] for kept, _, _, name in order if self._tight or not kept]

    def _weights(self, groups: Groups) -> Mapping[str, int]:
        # Different assets have no common measure without prices; the largest flow stands for the group.
        weights: dict[str, int] = defaultdict(int)
        for (a, b), flow in self._value.items():
            if groups[a] != groups[b]:
                most = max(units * 10**18 // 10**asset.decimals for asset, units in flow.items())
                for name in (groups[a], groups[b]):
                    weights[name] = max(weights[name], most)
        return weights

    def _shapes(self) -> dict[Address, Shape]:
        shapes: dict[Address, Shape] = {a: self._own(a) for a in self.addresses}
        for _ in range(_ROUNDS):
            number = {shape: i for i, shape in enumerate(dict.fromkeys(shapes.values()))}
            of = {a: number[shapes[a]] for a in self.addresses}
            shapes = {a: (of[a], *self._around(a, of)) for a in self.addresses}
        return shapes

    def _around(self, address: Address, of: Mapping[Address, int]) -> Shape:
        """Return the shapes of the main neighbours; to a mixer's depositors only the mixer matters."""
        if self._facts.role(address) is RoleName.MIXER_DEPOSITOR:
            mixers = {a: v for a, v in self._next[address].items() if self._kinds[a] is BoxKind.MIXER}
            return (_main(mixers, of.__getitem__),)
        return _main(self._next[address], of.__getitem__), _main(self._previous[address], of.__getitem__)

    def _own(self, address: Address) -> Shape:
        kind, entity = self._kinds[address], self._facts.entity(address)
        alone = str(address) if kind in _ALONE and not self._tight else ""
        owner = entity.id if entity and kind is not BoxKind.WALLET else ""
        if (frozen := self._facts.frozen(address)) and kind is BoxKind.FROZEN:
            owner = frozen.issuer
        said = self._facts.claims(address) if kind in ENDS else ()
        return (
            kind,
            self._facts.role(address),
            address.chain_id,
            alone,
            owner,
            said,
            self._facts.frozen(address) is not None,
        )

    def _twins(self, members: list[Address], shapes: Mapping[Address, Shape]) -> bool:
        def around(address: Address) -> tuple[frozenset[Address], frozenset[Address]]:
            return frozenset(self._next[address]), frozenset(self._previous[address])

        return (
            len(members) > 1
            and len({around(a) for a in members}) == 1
            and len({shapes[a] for a in members}) == 1
        )


def _neighbours(
    value: Mapping[tuple[Address, Address], dict[Asset, int]],
) -> dict[Address, dict[Address, int]]:
    found: dict[Address, dict[Address, int]] = defaultdict(dict)
    for (a, b), flow in value.items():
        if a != b:
            found[a][b] = max(units * 10**18 // 10**asset.decimals for asset, units in flow.items())
    return found


def _main(neighbours: Mapping[Address, int], of: Callable[[Address], int]) -> int:
    totals: dict[int, int] = defaultdict(int)
    for address, value in neighbours.items():
        totals[of(address)] += value
    return max(totals, key=lambda shape: (totals[shape], -shape), default=-1)
