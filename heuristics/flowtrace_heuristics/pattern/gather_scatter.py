"""Gather-scatter: many pay one address, and within a day it pays many."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.bursts import Burst, bursts
from flowtrace_heuristics.pattern.fan_out import BOUND
from flowtrace_heuristics.pattern.moves import MOST_SHOWN, UNSURE_ROUNDS, moves_of, named, services_of, shown

GAP = 24 * 3600
LOOKED_AHEAD = 5_000  # payments of a hub looked at after each gathering

CARD = RuleCard(
    id="gather_scatter",
    version=2,
    claim=(
        "An address that no label makes a service was paid by 10 or more addresses in one asset within 24 "
        "hours, and afterwards, beginning within 24 hours, paid 10 or more addresses within 24 hours."
    ),
    cls=Class.P,
    citation=(
        "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering Models, "
        "NeurIPS Datasets and Benchmarks (the gather-scatter motif); numbers of flowtrace pattern 4.2"
    ),
    parameters=(
        ("parties_at_least_each_side", str(BOUND.parties)),
        ("window_seconds_each_side", str(BOUND.seconds)),
        ("gap_at_most_seconds", str(GAP)),
        ("share_at_least_per_mille", str(BOUND.per_mille)),
        ("payments_looked_ahead_at_most", str(LOOKED_AHEAD)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "exchanges, payment processors and pools that nobody labelled do this every day",
    ),
    falsified_by="the address is shown to be a business that takes in and pays out for many people",
    needs=("coinjoin", "fan_in", "fan_out"),
)


@heuristic(CARD)
def gather_scatter(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each gathering with the first scattering that follows it in time."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    gathered: dict[tuple[int, int], list[Burst]] = {}
    for hub, asset, run in moves.got:
        if len(run) >= BOUND.parties and not service[hub]:
            gathered[hub, asset] = list(bursts(moves, run, moves.source, bound=BOUND))
    for hub, asset, run in moves.sent:
        for came in gathered.get((hub, asset), ()):
            begin = bisect_left(run, came.moves[-1])
            later = next(bursts(moves, run[begin : begin + LOOKED_AHEAD], moves.target, bound=BOUND), None)
            if later is None or moves.time[later.moves[0]] - moves.time[came.moves[-1]] > GAP:
                continue
            half = MOST_SHOWN // 2 - 1
            payers = [moves.source[n] for n in came.moves][:half]
            payees = [moves.target[n] for n in later.moves][:half]
            figures = (
                ("asset", str(ledger.assets[asset])),
                ("payers", str(came.parties)),
                ("payees", str(later.parties)),
                ("units_gathered", str(came.units)),
                ("units_scattered", str(later.units)),
            )
            because = shown(ledger, moves, (*came.moves[:half], *later.moves[:half]))
            detail = f"paid by {came.parties} addresses, then paid {later.parties}"
            addresses = named(ledger, (*payers, hub, *payees))
            yield Pattern("gather-scatter", addresses, by(CARD), because, Class.P, figures, detail)
