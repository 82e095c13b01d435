"""Scatter-gather: one address pays several, who each pass the same amount on to one other address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.moves import (
    MOST_SHOWN,
    UNSURE_ROUNDS,
    Moves,
    moves_of,
    named,
    services_of,
    shown,
)

LEAST_MIDDLES = 5
WINDOW = 7 * 24 * 3600
RETAINED_PERCENT = 90
LOOKED_BACK = 8  # receipts of a middle address looked at before each of its payments

CARD = RuleCard(
    id="scatter_gather",
    version=2,
    claim=(
        "One address paid 5 or more others, and within 7 days each of them passed at least 90 % of its part "
        "on, in the same asset, to one and the same address. No end and no middle is a labelled service."
    ),
    cls=Class.P,
    citation=(
        "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering Models, "
        "NeurIPS Datasets and Benchmarks (the scatter-gather motif); numbers are flowtrace's"
    ),
    parameters=(
        ("middles_at_least", str(LEAST_MIDDLES)),
        ("window_seconds", str(WINDOW)),
        ("retained_at_least_percent", str(RETAINED_PERCENT)),
        ("receipts_looked_back_at_most", str(LOOKED_BACK)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "customers of one unlabelled exchange who all pay another unlabelled one make the same shape",
        "a middle that takes more than a little, waits longer, or mixes in other money is missed",
    ),
    needs=("coinjoin",),
    falsified_by="the middle addresses are shown to belong to unrelated people",
)


@heuristic(CARD)
def scatter_gather(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each pair of ends once, with the middles of its fullest window."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    for (first, last, asset), passed in sorted(_passed(moves, service).items()):
        window = _fullest(moves, passed)
        middles = {moves.source[out] for _, out in window}
        if len(middles) < LEAST_MIDDLES:
            continue
        ways = [n for pair in window for n in pair]
        figures = (
            ("asset", str(ledger.assets[asset])),
            ("middles", str(len(middles))),
            ("units_scattered", str(sum(moves.units[n] for n in {came for came, _ in window}))),
            ("units_gathered", str(sum(moves.units[out] for _, out in window))),
            ("seconds", str(moves.time[window[-1][1]] - min(moves.time[came] for came, _ in window))),
        )
        between = [moves.source[out] for _, out in window][: MOST_SHOWN - 2]
        addresses = named(ledger, (first, *between, last))
        detail = f"{len(middles)} addresses each passed on what one gave to one other"
        because = shown(ledger, moves, ways)
        yield Pattern("scatter-gather", addresses, by(CARD), because, Class.P, figures, detail)


def _passed(moves: Moves, service: Sequence[int]) -> dict[tuple[int, int, int], list[tuple[int, int]]]:
    """Return by (first, last, asset) the pairs of moves: what a middle got, and what it passed on."""
    found: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for out in range(len(moves)):
        middle, last = moves.source[out], moves.target[out]
        if service[middle] or service[last]:
            continue
        came = _came(moves, out)
        if came is None or service[moves.source[came]] or moves.source[came] == last:
            continue
        found.setdefault((moves.source[came], last, moves.asset[out]), []).append((came, out))
    return {key: pairs for key, pairs in found.items() if len(pairs) >= LEAST_MIDDLES}


def _came(moves: Moves, out: int) -> int | None:
    """Return the latest receipt that a payment may be passing on."""
    paid = moves.units[out]
    for looked, came in enumerate(moves.got.before(moves.source[out], moves.asset[out], out)):
        if looked >= LOOKED_BACK or moves.time[out] - moves.time[came] > WINDOW:
            return None
        if paid <= moves.units[came] and paid * 100 >= moves.units[came] * RETAINED_PERCENT:
            return came
    return None


def _fullest(moves: Moves, passed: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Return the pairs of the first window that has the most distinct middles."""
    best, left = (0, 0, 0), 0
    held: dict[int, int] = {}
    for right, (_, out) in enumerate(passed):
        held[moves.source[out]] = held.get(moves.source[out], 0) + 1
        while moves.time[out] - moves.time[passed[left][0]] > WINDOW:
            gone = moves.source[passed[left][1]]
            held[gone] -= 1
            if not held[gone]:
                del held[gone]
            left += 1
        if len(held) > best[0]:
            best = (len(held), left, right + 1)
    return passed[best[1] : best[2]]
