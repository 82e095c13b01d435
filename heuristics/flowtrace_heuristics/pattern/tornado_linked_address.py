"""Tornado rule T4: depositor and recipient have paid each other outside the pools."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Family, Finding, RuleCard
from flowtrace_heuristics.pattern.moves import MOST_SHOWN, Moves, moves_of, shown
from flowtrace_heuristics.pattern.pools import CITED, FAKE, ODDS, Pools, candidate

LEAST_TRANSFERS = 3
SHOWN = 20  # direct transfers that a finding names

CARD = RuleCard(
    id="tornado_linked_address",
    version=1,
    claim=(
        "A depositor and the recipient of a later withdrawal from the same pool paid each other 3 times or "
        "more outside the pools, in either direction."
    ),
    cls=Class.P,
    citation=CITED,
    parameters=(
        ("direct_transfers_at_least", str(LEAST_TRANSFERS)),
        ("direct_transfers_counted_at_most", str(MOST_SHOWN)),
        *ODDS,
        ("p", "pairs so linked by all pairs of a depositor and a recipient on the ledger"),
    ),
    failures=(
        FAKE,
        "people who know each other pay each other, and may both use a mixer",
        "an unlabelled service that pays both is no link of theirs, but its own with each",
    ),
    falsified_by="the two addresses are shown to be two persons'",
    chains=(Family.EVM,),
    needs=("tornado_address_match",),
)


@heuristic(CARD)
def tornado_linked_address(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield for each linked pair and pool the first withdrawal that has deposits before it."""
    pools = Pools(ledger)
    givers = {note.who for notes in pools.unlinked.values() for note in notes}
    takers = {note.who for notes in pools.open.values() for note in notes}
    linked = _linked(ledger, moves_of(ledger, attribution), givers=givers, takers=takers)
    chance = Fraction(len(linked), max(1, len(givers) * len(takers)))
    paid: dict[Address, list[Address]] = {}
    for giver, taker in sorted(linked):
        if attribution.service(giver) is None and attribution.service(taker) is None:
            paid.setdefault(taker, []).append(giver)
    done: set[tuple[Address, Address, Address]] = set()
    for pool, notes in pools.open.items():
        for note in notes:
            for giver in paid.get(note.who, ()):
                made = pools.of_depositor.get((pool, giver), [])
                before = made[: bisect_left(made, note.key, key=lambda one: one.key)]
                if not before or (pool, giver, note.who) in done:
                    continue
                done.add((pool, giver, note.who))
                ids = linked[giver, note.who]
                yield candidate(
                    "tornado linked address",
                    by(CARD),
                    (giver, note.who),
                    because=(note.fact, *(one.fact for one in before)),
                    figures=(
                        ("rule", "T4"),
                        ("pool", pool.display),
                        ("direct_transfers", str(len(ids))),
                        *pools.odds(note, len(before), chance),
                    ),
                    transfers=ids[:SHOWN],
                )


def _linked(
    ledger: Ledger, moves: Moves, *, givers: set[Address], takers: set[Address]
) -> dict[tuple[Address, Address], tuple[str, ...]]:
    """Return (depositor, recipient) with the ids of their direct transfers, where these are enough."""
    gives = bytearray(address in givers for address in ledger.addresses)
    takes = bytearray(address in takers for address in ledger.addresses)
    found: dict[tuple[int, int], list[int]] = {}
    for move in range(len(moves)):
        one, other = moves.source[move], moves.target[move]
        if gives[one] and takes[other]:
            found.setdefault((one, other), []).append(move)
        if gives[other] and takes[one]:
            found.setdefault((other, one), []).append(move)
    return {
        (ledger.addresses[pair[0]], ledger.addresses[pair[1]]): shown(ledger, moves, held)
        for pair, held in found.items()
        if len(held) >= LEAST_TRANSFERS
    }
