"""Stack: two layers of payments, the payees of the first being the payers of the second."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.layers import LEAST_SIDE, MOST_PAYEES, WINDOW, Layer, layers
from flowtrace_heuristics.pattern.moves import (
    MOST_SHOWN,
    UNSURE_ROUNDS,
    Moves,
    moves_of,
    named,
    services_of,
    shown,
)

GAP = 72 * 3600

CARD = RuleCard(
    id="stack",
    version=2,
    claim=(
        "Two bipartite layers in one asset stand on each other: exactly the payees of the first are the "
        "payers of the second, which begins after the first ended and within 72 hours."
    ),
    cls=Class.P,
    citation=(
        "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering Models, "
        "NeurIPS Datasets and Benchmarks (the stack motif); made exact as two complete layers"
    ),
    parameters=(
        ("addresses_at_least_each_layer", str(LEAST_SIDE)),
        ("window_seconds_each_layer", str(WINDOW)),
        ("gap_at_most_seconds", str(GAP)),
        ("payees_of_one_payer_at_most", str(MOST_PAYEES)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "layers that are not complete are missed",
        "a supply chain of businesses may be layered too",
    ),
    falsified_by="the middle addresses are shown to be unrelated businesses",
    needs=("coinjoin", "bipartite"),
)


@heuristic(CARD)
def stack(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each layer with the first one that stands on it."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    found = layers(moves, service)
    upper: dict[tuple[int, tuple[int, ...]], list[Layer]] = {}
    for layer in found:
        upper.setdefault((layer.asset, tuple(sorted(layer.payers))), []).append(layer)
    for lower in found:
        nxt = next(
            (one for one in upper.get((lower.asset, lower.payees), ()) if _on(moves, lower, one)), None
        )
        if nxt is None:
            continue
        third = MOST_SHOWN // 3
        sides = (*lower.payers[:third], *lower.payees[:third], *nxt.payees[:third])
        figures = (
            ("asset", str(ledger.assets[lower.asset])),
            ("payers", str(len(lower.payers))),
            ("middles", str(len(lower.payees))),
            ("payees", str(len(nxt.payees))),
            ("transfers", str(len(lower.moves) + len(nxt.moves))),
        )
        because = shown(ledger, moves, (*lower.moves[: third + 1], *nxt.moves[: third + 1]))
        detail = f"{len(lower.payers)} addresses paid {len(lower.payees)}, who paid {len(nxt.payees)}"
        yield Pattern("stack", named(ledger, sides), by(CARD), because, Class.P, figures, detail)


def _on(moves: Moves, lower: Layer, upper: Layer) -> bool:
    later = upper.moves[0] > lower.moves[-1]
    return later and moves.time[upper.moves[0]] - moves.time[lower.moves[-1]] <= GAP
