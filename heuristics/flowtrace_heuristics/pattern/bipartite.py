"""Bipartite: several addresses each pay the same several others within a day."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.layers import LEAST_SIDE, MOST_PAYEES, WINDOW, layers
from flowtrace_heuristics.pattern.moves import MOST_SHOWN, UNSURE_ROUNDS, moves_of, named, services_of, shown

CARD = RuleCard(
    id="bipartite",
    version=2,
    claim=(
        "Three or more addresses each paid exactly the same three or more addresses, in one asset, all "
        "within 24 hours; none of them is a labelled service."
    ),
    cls=Class.P,
    citation=(
        "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering Models, "
        "NeurIPS Datasets and Benchmarks (the bipartite motif); made exact as a complete graph of two sides"
    ),
    parameters=(
        ("addresses_at_least_each_side", str(LEAST_SIDE)),
        ("window_seconds", str(WINDOW)),
        ("payees_of_one_payer_at_most", str(MOST_PAYEES)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "members of one club who all pay the same suppliers make the same shape",
        "sides that are not complete, one payment missing or one more, are missed",
    ),
    needs=("coinjoin",),
    falsified_by="the payers are shown to be unrelated and the payees to be businesses",
)


@heuristic(CARD)
def bipartite(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each layer of payers and payees."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    for layer in layers(moves, service):
        figures = (
            ("asset", str(ledger.assets[layer.asset])),
            ("payers", str(len(layer.payers))),
            ("payees", str(len(layer.payees))),
            ("transfers", str(len(layer.moves))),
            ("units", str(sum(moves.units[n] for n in layer.moves))),
        )
        detail = f"{len(layer.payers)} addresses each paid the same {len(layer.payees)}"
        because = shown(ledger, moves, layer.moves)
        sides = (*layer.payers[: MOST_SHOWN // 2], *layer.payees[: MOST_SHOWN // 2])
        yield Pattern("bipartite", named(ledger, sides), by(CARD), because, Class.P, figures, detail)
