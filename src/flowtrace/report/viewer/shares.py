"""Where an address's stolen value came from, as shares in proportion: worked out here, in whole numbers.

For each payment and rule: which part of the tainted units that had come to its taker by then it brought. Going
backward through the payments in chain order, a viewer multiplies these parts into the way of any address. Where
an asset was exchanged, the payment that bought goes on from those that sold. The parts are an attribution in
proportion, not an identity of units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.model import Address, Asset, Hop, Rule, Theft

MILLION = 10**6
_FINE = 10**18
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


def in_chain_order(hops: Iterable[Hop]) -> list[Hop]:
    """Return hops as they happened; across ledgers only the time tells."""
    return sorted(hops, key=lambda h: (h.transfer.time, h.transfer.key, h.leg, h.row))


def shares_of(
    hops: Sequence[Hop], thefts: Iterable[Theft], rules: Sequence[Rule]
) -> tuple[list[Shares], Worth]:
    """Return the shares of payments that are in chain order, and what units are worth of a theft."""
    came: dict[Pot, list[int]] = defaultdict(lambda: [0] * len(rules))
    worth: dict[tuple[str, Asset], list[int]] = {(t.id, t.asset): [_FINE * MILLION // max(t.units, 1)] * len(rules) for t in thefts}
    deals = _by_transaction(hops)
    found: list[Shares] = []
    for number, hop in enumerate(hops):
        asset, taint = hop.amount.asset, [hop.taint[rule] for rule in rules]
        fresh = (hop.theft, hop.source, asset) not in came
        sold = _sold(number, hop, [(n, hops[n]) for n in deals[hop.theft, hop.transfer.tx]]) if fresh else ()
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


def _by_transaction(hops: Sequence[Hop]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, hop in enumerate(hops):
        found[hop.theft, hop.transfer.tx].append(number)
    return found


def _sold(number: int, hop: Hop, beside: Iterable[tuple[int, Hop]]) -> tuple[int, ...]:
    """Return what was sold for what a payment brings: same transaction, other asset, of its taker or payer."""
    others = [(n, h) for n, h in beside if n < number and h.amount.asset != hop.amount.asset]
    own = tuple(n for n, h in others if h.source == hop.target)
    return own or tuple(n for n, h in others if h.target == hop.source)


def _parts(
    sold: Sequence[int], found: Sequence[Shares], rules: int
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    whole = [sum(found[n].of_theft[rule] for n in sold) for rule in range(rules)]
    return tuple(
        (n, tuple(MILLION * part // all_ if all_ else 0 for part, all_ in zip(found[n].of_theft, whole, strict=True)))
        for n in sold
    )


def _rate(sold: Iterable[tuple[int, ...]], bought: Sequence[int]) -> list[int]:
    """Return what one unit bought is worth of the theft, in fine millionths, under each rule."""
    gave = [sum(parts) for parts in zip(*sold, strict=True)]
    return [_FINE * g // b if b else 0 for g, b in zip(gave, bought, strict=True)]


def once(parts: Sequence[int]) -> int | list[int]:
    """Return parts under each rule, as one where all rules agree."""
    return parts[0] if len(set(parts)) == 1 else list(parts)
