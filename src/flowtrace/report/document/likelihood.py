"""How likely an inference is, in the words of ICD 203, and only where a rate was measured.

The word is that of the lower end of the 95 % interval of the rule's measured precision, the least over its
samples. A confidence in an analyst's own judgement is another thing, and never stands in the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from flowtrace.model import Class, Result, RuleCard, Stop, StopReason

WORDS = (
    (Decimal(1), "almost no chance", "1–5 %"),
    (Decimal(5), "very unlikely", "5–20 %"),
    (Decimal(20), "unlikely", "20–45 %"),
    (Decimal(45), "roughly even chance", "45–55 %"),
    (Decimal(55), "likely", "55–80 %"),
    (Decimal(80), "very likely", "80–95 %"),
    (Decimal(95), "almost certain", "95–99 %"),
)
"""From which per cent on each word stands, the word, and its span (ICD 203)."""
_MEASURED = re.compile(
    r"precision (\d+/\d+) = [\d.]+ % \(95 % interval ([\d.]+) to ([\d.]+) %\).*?, in .*?, on (.*?)(?: \(|$)",
    re.DOTALL,
)


def word_of(per_cent: Decimal) -> str:
    """Return the word of a likelihood.

    >>> word_of(Decimal("56.55")), word_of(Decimal("99.7"))
    ('likely', 'almost certain')
    """
    return [word for least, word, _ in WORDS if per_cent >= least or least == WORDS[0][0]][-1]


def likelihood(result: Result, stops: Iterable[Stop]) -> str:
    """Return a sentence on how likely it is that inferred addresses are whose they are assessed to be."""
    inferred = [stop for stop in stops if stop.cls is Class.P]
    if not inferred:
        return ""
    found = [stop for stop in inferred if stop.reason is StopReason.DEPOSIT]
    if len(found) < len(inferred):
        return "Likelihood: not stated, as no error rate of the labels it rests on is measured."
    at = {stop.address for stop in found}
    rules = {role.by for role in result.trace.roles if role.address in at}
    cards = [card for card in result.rule_cards if f"{card.id}/{card.version}" in rules]
    least = [rate for card in cards if (rate := _least(card)) is not None]
    if not cards or len(least) < len(cards):
        return "Likelihood: not stated, as the error rate of the rule is unmeasured."
    low, hits, interval, sample = min(least)
    name = " and ".join(sorted(f"{card.id}/{card.version}" for card in cards))
    return (
        f"Likelihood that the inference holds: {word_of(low)}, the lower end of the measured precision of "
        f"{name} ({hits}, 95 % interval {interval}; measured on {sample})."
    )


def _least(card: RuleCard) -> tuple[Decimal, str, str, str] | None:
    """Return the least precision that was measured of a rule: its lower end, hits, interval and sample."""
    found = [
        (Decimal(low), hits, f"{low} to {high} %", sample)
        for rate in card.measured
        for hits, low, high, sample in _MEASURED.findall(rate)
    ]
    return min(found) if found else None
