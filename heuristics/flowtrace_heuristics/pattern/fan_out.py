"""Fan-out: one address pays many within a day, as when loot is split among fresh addresses."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.bursts import Bound, bursts
from flowtrace_heuristics.pattern.moves import MOST_SHOWN, UNSURE_ROUNDS, moves_of, named, services_of, shown

BOUND = Bound(seconds=24 * 3600, parties=10, per_mille=1)

CARD = RuleCard(
    id="fan_out",
    version=2,
    claim=(
        "An address that no label makes a service paid 10 or more distinct addresses in one asset within 24 "
        "hours, each at least 0.1 % of what it paid then."
    ),
    cls=Class.P,
    citation=(
        "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering Models, "
        "NeurIPS Datasets and Benchmarks (the fan-out motif); thresholds of flowtrace pattern 4.2"
    ),
    parameters=(
        ("payees_at_least", str(BOUND.parties)),
        ("window_seconds", str(BOUND.seconds)),
        ("share_at_least_per_mille", str(BOUND.per_mille)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "payrolls, airdrops, mining pools and exchanges without a label pay many too",
        "a splitter that takes more than a day, or pays by one contract, is missed",
        "in a window of more than 1,000 equal payees none reaches its share: such a hub is no fan-out",
    ),
    needs=("coinjoin",),
    falsified_by="the payees are shown to be customers or staff of a business that pays them",
)


@heuristic(CARD)
def fan_out(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each burst of payments to many; bursts of one address do not overlap."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    for payer, asset, run in moves.sent:
        if len(run) < BOUND.parties or service[payer]:
            continue
        for burst in bursts(moves, run, moves.target, bound=BOUND):
            payees = [moves.target[n] for n in burst.moves]
            seconds = moves.time[burst.moves[-1]] - moves.time[burst.moves[0]]
            figures = (
                ("asset", str(ledger.assets[asset])),
                ("payees", str(burst.parties)),
                ("transfers", str(len(burst.moves))),
                ("units", str(burst.units)),
                ("seconds", str(seconds)),
            )
            detail = f"paid {burst.parties} addresses within {seconds} s, each 0.1 % of it or more"
            addresses = named(ledger, (payer, *payees))
            yield Pattern(
                "fan-out",
                addresses,
                by(CARD),
                shown(ledger, moves, burst.moves),
                Class.P,
                figures,
                detail,
            )
