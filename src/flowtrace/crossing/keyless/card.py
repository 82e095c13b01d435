"""The rule card of what is matched without a key: its claim, its parameters, and where it fails."""

from __future__ import annotations

from flowtrace.crossing.keyless.habit import Habit, Steps
from flowtrace.crossing.keyless.match import CLEAR, LIMIT
from flowtrace.crossing.keyless.placebo import LEAST
from flowtrace.crossing.keyless.rates import NEAR
from flowtrace.model import Class, Nature, RuleCard

USUAL = Habit(Steps.level(0, 50_000), Steps.level(60, 3600))
"""What is taken of a swapper of which nothing was learnt: it keeps 5 % at most, and pays within the hour."""

CARD = RuleCard(
    id="keyless",
    version=1,
    claim=(
        "Of all payouts of a swapper that publishes no key, one alone fits a deposit by amount and time, and "
        "hardly any payout of other customers would: the two are assessed to be one order."
    ),
    cls=Class.P,
    citation=(
        "Yousaf, Kappos and Meiklejohn, Tracing Transactions Across Cryptocurrency Ledgers, USENIX Security "
        "2019, with the number of coincidences in place of a fixed window"
    ),
    parameters=(
        ("kept_millionths", "0 to 50,000 unless the case states a learnt habit"),
        ("delay_seconds", "60 to 3,600 unless the case states a learnt habit"),
        ("expected_coincidences_at_most", f"{LIMIT}, with one payout more than was seen, over all assets"),
        ("share_at_least", f"{CLEAR} of the evidence among all candidates"),
        ("quote_seconds_away_at_most", str(NEAR)),
        ("decoys", f"{LEAST:,} where the record is long enough"),
    ),
    failures=(
        "a payout from a wallet that no label names, or in an asset without a price, is not tried",
        "an order paid out in parts, or held up for longer than the bounds, matches nothing, or another's",
        "the rate is a market's quote, not the service's own: a quote too far off moves every payout aside",
        "amounts and times of payouts are taken as independent",
        "a wrong label makes another's payments the service's",
    ),
    falsified_by="the service's own record of the order",
    nature=Nature.STATISTICAL,
)
