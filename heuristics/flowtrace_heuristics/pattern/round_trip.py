"""Round trips: value that leaves an owner and is back within a month, nearly whole."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.moves import UNSURE_ROUNDS, amount_of, moves_of, named, services_of, shown
from flowtrace_heuristics.pattern.returns import MOST_BRANCHES, MOST_STEPS, Way, owners_of, ways_back

WAY = Way(least_hops=2, most_hops=10, seconds=30 * 24 * 3600, percent=95)

CARD = RuleCard(
    id="round_trip",
    version=2,
    claim=(
        "Value that an owner paid away came back, through one or more other addresses, to an address of the "
        "same owner in the same asset within 30 days, with a net loss of at most 5 %."
    ),
    cls=Class.P,
    citation=(
        "FATF 2020, Virtual Assets Red Flag Indicators of Money Laundering and Terrorist Financing "
        "(transactions without economic sense); thresholds of flowtrace pattern 4.7"
    ),
    parameters=(
        ("hops_at_least", str(WAY.least_hops)),
        ("hops_at_most", str(WAY.most_hops)),
        ("loss_at_most_percent", str(100 - WAY.percent)),
        ("window_seconds", str(WAY.seconds)),
        ("payments_of_one_address_looked_at_at_most", str(MOST_BRANCHES)),
        ("payments_looked_at_from_one_start_at_most", str(MOST_STEPS)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "a refund, and a loan paid back, are round trips too",
        "value that comes back through a service, or as another asset, is not followed",
        "an entity's two addresses are one owner only where a label says so",
    ),
    needs=("coinjoin",),
    falsified_by="the payment back is shown to answer another debt, a refund for instance",
)


@heuristic(CARD)
def round_trip(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each round trip once, from its first payment."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    for found in ways_back(moves, owners_of(ledger, attribution), service, way=WAY):
        first, last = moves.units[found[0]], moves.units[found[-1]]
        figures = (
            ("asset", str(ledger.assets[moves.asset[found[0]]])),
            ("hops", str(len(found))),
            ("units_out", str(first)),
            ("units_back", str(last)),
            ("units_lost", str(first - last)),
            ("seconds", str(moves.time[found[-1]] - moves.time[found[0]])),
        )
        around = (moves.source[found[0]], *(moves.target[n] for n in found))
        asset = ledger.assets[moves.asset[found[0]]]
        back, went = amount_of(asset, last), amount_of(asset, first)
        detail = f"{back} of {went} were back after {len(found)} hops"
        because = shown(ledger, moves, found)
        yield Pattern("round trip", named(ledger, around), by(CARD), because, Class.P, figures, detail)
