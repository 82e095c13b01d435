"""Fan-in: many pay one address within a day, as when split loot is gathered again."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.bursts import Bound, bursts
from flowtrace_heuristics.pattern.moves import MOST_SHOWN, UNSURE_ROUNDS, moves_of, named, services_of, shown

BOUND = Bound(seconds=24 * 3600, parties=10, per_mille=1)

CARD = RuleCard(
    id="fan_in",
    version=2,
    claim=(
        "An address that no label makes a service was paid by 10 or more distinct addresses in one asset "
        "within 24 hours, each at least 0.1 % of what it got then."
    ),
    cls=Class.P,
    citation=(
        "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering Models, "
        "NeurIPS Datasets and Benchmarks (the fan-in motif); thresholds of flowtrace pattern 4.2"
    ),
    parameters=(
        ("payers_at_least", str(BOUND.parties)),
        ("window_seconds", str(BOUND.seconds)),
        ("share_at_least_per_mille", str(BOUND.per_mille)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "shops, fundraisers and exchanges without a label are paid by many too",
        "a gathering that takes more than a day, or that one contract pays, is missed",
        "coins gathered in one transaction are missed: its inputs have one giver here",
        "in a window of more than 1,000 equal payers none reaches its share: such a hub is no fan-in",
    ),
    needs=("coinjoin",),
    falsified_by="the payers are shown to be customers of a business that they pay",
)


@heuristic(CARD)
def fan_in(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each burst of payments by many; bursts of one address do not overlap."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    for payee, asset, run in moves.got:
        if len(run) < BOUND.parties or service[payee]:
            continue
        for burst in bursts(moves, run, moves.source, bound=BOUND):
            payers = [moves.source[n] for n in burst.moves]
            seconds = moves.time[burst.moves[-1]] - moves.time[burst.moves[0]]
            figures = (
                ("asset", str(ledger.assets[asset])),
                ("payers", str(burst.parties)),
                ("transfers", str(len(burst.moves))),
                ("units", str(burst.units)),
                ("seconds", str(seconds)),
            )
            detail = f"paid by {burst.parties} addresses within {seconds} s, each 0.1 % of it or more"
            addresses = named(ledger, (*payers[: MOST_SHOWN - 1], payee))
            yield Pattern(
                "fan-in",
                addresses,
                by(CARD),
                shown(ledger, moves, burst.moves),
                Class.P,
                figures,
                detail,
            )
