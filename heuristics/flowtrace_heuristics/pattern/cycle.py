"""Cycles: value goes round through other addresses and comes back to where it began."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.moves import (
    MOST_SHOWN,
    UNSURE_ROUNDS,
    amount_of,
    moves_of,
    named,
    services_of,
    shown,
)
from flowtrace_heuristics.pattern.returns import MOST_BRANCHES, MOST_STEPS, Way, owners_of, ways_back

WAY = Way(least_hops=3, most_hops=10, seconds=30 * 24 * 3600, percent=90)

CARD = RuleCard(
    id="cycle",
    version=2,
    claim=(
        "Payments in chain order lead from an owner through two or more other addresses back to an address "
        "of that owner, in one asset; each is at most the one before, the last at least 90 % of the first."
    ),
    cls=Class.P,
    citation=(
        "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering Models, "
        "NeurIPS Datasets and Benchmarks (the simple cycle motif); thresholds of flowtrace pattern 4.3"
    ),
    parameters=(
        ("hops_at_least", str(WAY.least_hops)),
        ("hops_at_most", str(WAY.most_hops)),
        ("retained_at_least_percent", str(WAY.percent)),
        ("window_seconds", str(WAY.seconds)),
        ("payments_of_one_address_looked_at_at_most", str(MOST_BRANCHES)),
        ("payments_looked_at_from_one_start_at_most", str(MOST_STEPS)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "a debt paid back through others makes the same shape",
        "where a hub pays oftener than the bound before it carries on, the cycle is missed",
        "an entity's two addresses are one owner only where a label says so",
    ),
    needs=("coinjoin",),
    falsified_by="the payments are shown to answer unrelated debts",
)


@heuristic(CARD)
def cycle(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each cycle once, from its first payment."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    for found in ways_back(moves, owners_of(ledger, attribution), service, way=WAY):
        figures = (
            ("asset", str(ledger.assets[moves.asset[found[0]]])),
            ("hops", str(len(found))),
            ("units_first", str(moves.units[found[0]])),
            ("units_last", str(moves.units[found[-1]])),
            ("seconds", str(moves.time[found[-1]] - moves.time[found[0]])),
        )
        around = (moves.source[found[0]], *(moves.target[n] for n in found))
        asset = ledger.assets[moves.asset[found[0]]]
        last, first = (amount_of(asset, moves.units[n]) for n in (found[-1], found[0]))
        detail = f"{last} of {first} came back in {len(found)} hops"
        because = shown(ledger, moves, found[:MOST_SHOWN])
        yield Pattern("cycle", named(ledger, around), by(CARD), because, Class.P, figures, detail)
