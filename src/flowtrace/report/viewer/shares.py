"""Where an address's stolen value came from, as shares in proportion: worked out here, in whole numbers.

For each payment and rule: which part of the tainted units that had come to its taker by then it brought.
Going back through the payments in their order, a viewer multiplies these parts into the way of any address.
Where an asset was exchanged, or crossed ledgers, the payment that came goes on from those that left.
The parts are an attribution in proportion, not an identity of units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.model import Address, Asset, Hop, Rule, Theft, Trace

MILLION = 10**6
_FINE = 10**60  # so that no rate loses what the division leaves over, whatever the decimals
Place = tuple[str, int]
"""The id of a transfer, and which of its outputs."""

Pot = tuple[str, Address | None, Asset]
"""A theft, an address and an asset: what tainted units are added up in."""

Worth = Mapping[tuple[str, Asset], Sequence[int]]
"""What one unit of an asset is of a theft under each rule, in very small parts."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Of a payment, under each rule, in millionths.

    Attributes
    ----------
    brought
        Its part of what had come to its taker by then.
    of_theft
        Its part of what was stolen; what was exchanged counts as what it was exchanged for.
    sold
        The payments that this one goes on from by an exchange, by their numbers from 0, and the part of each.
    """

    brought: tuple[int, ...]
    of_theft: tuple[int, ...]
    sold: tuple[tuple[int, tuple[int, ...]], ...]


def in_order(hops: Iterable[Hop], followed: Collection[Address]) -> list[Hop]:
    """Return hops by their rows, but a receipt behind its sale where a transaction tells it first.

    Of two that pay each other, the one who is followed sells; the pool is not followed.
    """
    rows = list(hops)
    paid = {(hop.theft, hop.transfer.tx, hop.source, hop.target): hop.row for hop in rows}

    def place(hop: Hop) -> tuple[int, int]:
        sale = paid.get((hop.theft, hop.transfer.tx, hop.target, hop.source), 0)
        bought = hop.target in followed and hop.source not in followed
        return (sale, 1) if bought and sale > hop.row else (hop.row, 0)

    return sorted(rows, key=place)


def payer(hop: Hop) -> Address | None:
    """Return whom a payment is drawn from: where it came by a crossing, the bridge that took it."""
    return hop.drawn_from


def came_by(trace: Trace) -> dict[Place, Place]:
    """Return, for each payment that came from another ledger, the one by which it left."""
    return {place: crossed.gave for crossed in trace.crossings for place in crossed.got}


def shares_of(
    hops: Sequence[Hop],
    thefts: Iterable[Theft],
    rules: Sequence[Rule],
    *,
    crossed: Mapping[Place, Place],
) -> tuple[list[Shares], Worth]:
    """Return the shares of payments that are in the order of the way, and what units are worth of a theft."""
    came: dict[Pot, list[int]] = defaultdict(lambda: [0] * len(rules))
    worth: dict[tuple[str, Asset], Sequence[int]] = {
        (t.id, t.asset): [_FINE * MILLION // max(t.units, 1)] * len(rules) for t in thefts
    }
    ways = _Ways(hops, crossed)
    found: list[Shares] = []
    for number, hop in enumerate(hops):
        asset, taint = hop.amount.asset, [hop.taint[rule] for rule in rules]
        sold = ways.sold(number, is_fresh=(hop.theft, payer(hop), asset) not in came)
        if sold and (hop.theft, asset) not in worth:
            worth[hop.theft, asset] = _rate([found[n].of_theft for n in sold], taint)
        pot = came[hop.theft, hop.target, asset]
        pot[:] = [a + b for a, b in zip(pot, taint, strict=True)]
        brought = tuple(MILLION * t // p if p else 0 for t, p in zip(taint, pot, strict=True))
        of_theft = worth_of(worth, (hop.theft, asset), taint)
        found.append(Shares(brought, of_theft, _parts(sold, found, len(rules))))
    return found, worth


def worth_of(worth: Worth, what: tuple[str, Asset], units: Sequence[int]) -> tuple[int, ...]:
    """Return which part of a theft tainted units of an asset are, in millionths, under each rule."""
    rates = worth.get(what, [0] * len(units))
    return tuple(each * rate // _FINE for each, rate in zip(units, rates, strict=True))


class _Ways:
    """Which payments one goes on from that are not of its own asset."""

    def __init__(self, hops: Sequence[Hop], crossed: Mapping[Place, Place]) -> None:
        self._hops, self._crossed = hops, crossed
        self._deals: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._places: dict[tuple[str, Place], int] = {}
        for number, hop in enumerate(hops):
            self._deals[hop.theft, hop.transfer.tx].append(number)
            self._places[hop.theft, (hop.transfer.id, hop.leg)] = number

    def sold(self, number: int, *, is_fresh: bool) -> tuple[int, ...]:
        """Return what a payment goes on from: what left for it, or what was sold in its transaction."""
        hop = self._hops[number]
        gave = self._crossed.get((hop.transfer.id, hop.leg))
        left = self._places.get((hop.theft, gave), number) if gave else number
        if left < number:
            return (left,)
        return self._exchanged(number, hop, is_fresh=is_fresh)

    def _exchanged(self, number: int, hop: Hop, *, is_fresh: bool) -> tuple[int, ...]:
        """Return what its taker gave in other assets; else, where its payer had none of it, what that got.

        A pool may have had of the asset before, from another deal: it is the taker's own deal that counts.
        """
        beside = [(n, self._hops[n]) for n in self._deals[hop.theft, hop.transfer.tx] if n < number]
        others = [(n, h) for n, h in beside if h.amount.asset != hop.amount.asset]
        own = tuple(n for n, h in others if h.source == hop.target)
        return own or tuple(n for n, h in others if is_fresh and h.target == hop.source)


def _parts(
    sold: Sequence[int], found: Sequence[Shares], rules: int
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    whole = [sum(found[n].of_theft[rule] for n in sold) for rule in range(rules)]
    return tuple(
        (
            n,
            tuple(
                MILLION * part // all_ if all_ else 0
                for part, all_ in zip(found[n].of_theft, whole, strict=True)
            ),
        )
        for n in sold
    )


def _rate(sold: Iterable[tuple[int, ...]], bought: Sequence[int]) -> list[int]:
    """Return what one unit bought is worth of the theft, in fine millionths, under each rule."""
    gave = [sum(parts) for parts in zip(*sold, strict=True)]
    return [_FINE * g // b if b else 0 for g, b in zip(gave, bought, strict=True)]


def once(parts: Sequence[int]) -> int | list[int]:
    """Return parts under each rule, as one where all rules agree."""
    return parts[0] if len(set(parts)) == 1 else list(parts)
