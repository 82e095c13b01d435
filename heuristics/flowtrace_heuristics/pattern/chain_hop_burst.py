"""Chain-hop bursts: one set of addresses floods bridges with payments, faster than anybody can follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Category, Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.moves import (
    MOST_SHOWN,
    UNSURE_ROUNDS,
    Moves,
    moves_of,
    named,
    services_of,
    shown,
)

LEAST_A_DAY, DAY = 50, 24 * 3600
LEAST_TARGETS_AN_HOUR, HOUR = 20, 3600

CARD = RuleCard(
    id="chain_hop_burst",
    version=2,
    claim=(
        "Addresses that payments connect, no service between them, paid labelled bridges 50 times or more "
        "within 24 hours, or 20 or more distinct bridge addresses within one hour."
    ),
    cls=Class.P,
    citation=(
        "FBI 2025, North Korea Responsible for $1.5 Billion Bybit Hack, PSA I-022625-PSA (dispersal across "
        "thousands of addresses on multiple blockchains); thresholds of flowtrace pattern 4.9"
    ),
    parameters=(
        ("payments_to_bridges_a_day_at_least", str(LEAST_A_DAY)),
        ("bridge_addresses_an_hour_at_least", str(LEAST_TARGETS_AN_HOUR)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "addresses that an unlabelled service connects are taken for one set",
        "swaps across chains through services that no label makes a bridge are not seen",
        "the addresses that were paid on the other chain are not on this ledger and not counted",
    ),
    needs=("coinjoin",),
    falsified_by="the payers are shown to be unrelated customers of one bridge",
)


@heuristic(CARD)
def chain_hop_burst(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each burst of a set; bursts of one set do not overlap."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    bridge = bytearray(len(ledger.addresses))
    for number, address in enumerate(ledger.addresses):
        label = attribution.service(address) if service[number] else None
        bridge[number] = label is not None and label.category is Category.BRIDGE
    hops = [n for n in range(len(moves)) if bridge[moves.target[n]] and not service[moves.source[n]]]
    if len(hops) < LEAST_TARGETS_AN_HOUR:
        return
    sets: dict[int, list[int]] = {}
    roots = connected(moves, service)
    for hop in sorted(hops, key=lambda n: (moves.time[n], n)):  # a set may pay on several chains
        sets.setdefault(roots[moves.source[hop]], []).append(hop)
    for root in sorted(sets):
        for burst in _bursts(moves, sets[root]):
            yield _pattern(ledger, moves, burst)


def connected(moves: Moves, service: Sequence[int]) -> list[int]:
    """Return for each address the smallest number of those it is connected with, no service between them."""
    parent = list(range(len(service)))
    for one, other in zip(moves.source, moves.target, strict=True):
        if service[one] or service[other]:
            continue
        first, second = sorted((_root(parent, one), _root(parent, other)))
        parent[second] = first
    return [_root(parent, number) for number in range(len(parent))]


def _root(parent: list[int], number: int) -> int:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


def _bursts(moves: Moves, hops: Sequence[int]) -> Iterator[list[int]]:
    """Yield stretches of a day with payments enough, or with targets enough in its first hour."""
    left = 0
    while left < len(hops):
        start = moves.time[hops[left]]
        end, targets = left, set[int]()
        while end < len(hops) and moves.time[hops[end]] - start <= DAY:
            if moves.time[hops[end]] - start <= HOUR and len(targets) < LEAST_TARGETS_AN_HOUR:
                targets.add(moves.target[hops[end]])
            end += 1
            if end - left >= LEAST_A_DAY or len(targets) >= LEAST_TARGETS_AN_HOUR:
                break
        else:
            left += 1
            continue
        while end < len(hops) and moves.time[hops[end]] - start <= DAY:
            end += 1
        yield list(hops[left:end])
        left = end


def _pattern(ledger: Ledger, moves: Moves, burst: Sequence[int]) -> Pattern:
    seconds = moves.time[burst[-1]] - moves.time[burst[0]]
    targets, payers = {moves.target[n] for n in burst}, {moves.source[n] for n in burst}
    figures = (
        ("payments", str(len(burst))),
        ("payers", str(len(payers))),
        ("bridge_addresses", str(len(targets))),
        ("seconds", str(seconds)),
    )
    addresses = named(ledger, [n for move in burst for n in (moves.source[move], moves.target[move])])
    detail = (
        f"{len(burst)} payments by {len(payers)} addresses to {len(targets)} of bridges within {seconds} s"
    )
    because = shown(ledger, moves, burst)
    return Pattern("chain-hop burst", addresses, by(CARD), because, Class.P, figures, detail)
