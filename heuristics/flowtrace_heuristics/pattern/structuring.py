"""Structuring: payments kept just below a reporting threshold, or cut to one and the same amount."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.currencies import Worth
from flowtrace_heuristics.pattern.moves import (
    MOST_SHOWN,
    UNSURE_ROUNDS,
    Moves,
    amount_of,
    moves_of,
    named,
    services_of,
    shown,
)

THRESHOLDS = (10_000, 3_000, 1_000)
BAND_PERCENT = 90
LEAST = 3
WINDOW = 7 * 24 * 3600
MODAL_PERCENT = 30
LEAST_FOR_MODAL = 10
ROUNDED_TO = 1_000

CARD = RuleCard(
    id="structuring",
    version=2,
    claim=(
        "An address that no label makes a service made 3 or more payments within 7 days that were each worth "
        "90 % to just under 100 % of 10,000, 3,000 or 1,000 dollars or euros; or 30 % or more of its "
        "payments, of 10 at least, were of one amount."
    ),
    cls=Class.P,
    citation=(
        "31 U.S.C. 5324 and 31 CFR 1010.311 (10,000 dollars), 1010.410 (3,000); Regulation (EU) 2023/1113 "
        "(1,000 euros); band and shares of flowtrace pattern 4.4"
    ),
    parameters=(
        ("thresholds_dollars_or_euros", ", ".join(map(str, THRESHOLDS))),
        ("band_from_percent_of_threshold", str(BAND_PERCENT)),
        ("payments_in_band_at_least", str(LEAST)),
        ("window_seconds", str(WINDOW)),
        ("modal_share_at_least_percent", str(MODAL_PERCENT)),
        ("payments_for_modal_share_at_least", str(LEAST_FOR_MODAL)),
        ("modal_amount_rounded_to_dollars_or_euros", f"{ROUNDED_TO}; to the unit where no worth is told"),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "rents, wages and prices just below a round sum look alike; a fixed price makes one amount",
        "worth is told only of tokens redeemed at par and where a quote is on the ledger",
        "a token that lost its par is still counted at par",
    ),
    needs=("coinjoin",),
    falsified_by="the payments are shown to be for goods or wages priced so",
)


@heuristic(CARD)
def structuring(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield what one address paid in a band below a threshold, and the one amount it paid most often."""
    moves, service, worth = moves_of(ledger, attribution), services_of(ledger, attribution), Worth(ledger)
    for payer, asset, run in moves.sent:
        if len(run) < LEAST or service[payer]:
            continue
        told = worth.told(asset)
        values = [worth(asset, moves.units[n], moves.time[n]) if told else None for n in run]
        for threshold in THRESHOLDS if told else ():
            banded = [
                n
                for n, value in zip(run, values, strict=True)
                if value is not None and threshold * BAND_PERCENT <= value * 100 < threshold * 100
            ]
            for window in _windows(moves, banded):
                figures = (("form", "below a threshold"), ("threshold", f"{threshold} {told}"))
                yield _pattern(ledger, moves, window, figures=figures)
        yield from _modal(ledger, moves, run, values=values, told=told)


def modal(amounts: Iterable[int]) -> tuple[int, int]:
    """Return the commonest amount that is not zero, and how often it comes; the larger of equally common."""
    counted = Counter(amount for amount in amounts if amount)
    return max(counted.items(), key=lambda item: (item[1], item[0]), default=(0, 0))


def rounded(value: Fraction) -> int:
    """Return an amount of money to the nearest thousand, halves up."""
    return int((value + ROUNDED_TO // 2) // ROUNDED_TO) * ROUNDED_TO


def _windows(moves: Moves, banded: Sequence[int]) -> Iterator[list[int]]:
    """Yield stretches of enough payments within the window, each from the earliest on, none overlapping."""
    left = 0
    while left + LEAST <= len(banded):
        end = left
        while end < len(banded) and moves.time[banded[end]] - moves.time[banded[left]] <= WINDOW:
            end += 1
        if end - left >= LEAST:
            yield list(banded[left:end])
            left = end
        else:
            left += 1


def _modal(
    ledger: Ledger, moves: Moves, run: Sequence[int], *, values: Sequence[Fraction | None], told: str
) -> Iterator[Pattern]:
    if len(run) < LEAST_FOR_MODAL:
        return
    worths = [value for value in values if value is not None]
    in_money = len(worths) == len(run)
    amounts = [rounded(value) for value in worths] if in_money else [moves.units[n] for n in run]
    amount, times = modal(amounts)
    if times * 100 < len(run) * MODAL_PERCENT or times < LEAST:
        return
    these = [n for n, held in zip(run, amounts, strict=True) if held == amount]
    figures = (
        ("form", "one amount"),
        ("modal_amount", f"{amount} {told if in_money else 'units'}"),
        ("modal_share", f"{times}/{len(run)}"),
    )
    asset = ledger.assets[moves.asset[these[0]]]
    said = f"{amount} {told}" if in_money else amount_of(asset, int(amount))
    yield _pattern(ledger, moves, these, figures=figures, said=said)


def _pattern(
    ledger: Ledger,
    moves: Moves,
    these: Sequence[int],
    *,
    figures: tuple[tuple[str, str], ...],
    said: str = "",
) -> Pattern:
    told = (
        ("asset", str(ledger.assets[moves.asset[these[0]]])),
        *figures,
        ("payments", str(len(these))),
        ("units", str(sum(moves.units[n] for n in these))),
    )
    addresses = named(ledger, (moves.source[these[0]], *(moves.target[n] for n in these)))
    detail = f"{len(these)} payments {figures[0][1]}: {said or figures[1][1]}"
    return Pattern("structuring", addresses, by(CARD), shown(ledger, moves, these), Class.P, told, detail)
