"""Rapid pass-through: what comes in goes out again within the hour, nearly to the unit."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.moves import (
    MOST_SHOWN,
    UNSURE_ROUNDS,
    amount_of,
    moves_of,
    named,
    services_of,
    shown,
)
from flowtrace_heuristics.pattern.throughput import throughputs

LEAST_PERCENT, MOST_PERCENT = 95, 105
DWELL = 60 * 60

CARD = RuleCard(
    id="pass_through",
    version=2,
    claim=(
        "An address that no label makes a service paid out 95 to 105 % of what it got in one asset, and half "
        "of its receipts or more were followed by a payment within 60 minutes."
    ),
    cls=Class.P,
    citation=(
        "flowtrace pattern 4.5, after the laundering paths of LaunderNetEvm41 "
        "(github.com/blocksecteam/MFTracer): in its Atomic Wallet part 245 of 270 middle addresses pass on "
        "95 to 105 %, the median after 4.5 minutes"
    ),
    parameters=(
        ("out_by_in_at_least_percent", str(LEAST_PERCENT)),
        ("out_by_in_at_most_percent", str(MOST_PERCENT)),
        ("median_dwell_at_most_seconds", str(DWELL)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "deposit addresses of exchanges, and automatic forwarders, pass everything on too",
        "an address whose history is not whole on record may pass on more, or less, than is seen",
    ),
    needs=("coinjoin",),
    falsified_by="the address is shown to be a forwarder that a service runs",
)


@heuristic(CARD)
def pass_through(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each address that passes an asset on."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    for one in throughputs(moves):
        passes = one.came * LEAST_PERCENT <= one.went * 100 <= one.came * MOST_PERCENT
        if not passes or service[one.address] or one.dwell is None or one.dwell > DWELL:
            continue
        figures = (
            ("asset", str(ledger.assets[one.asset])),
            ("units_in", str(one.came)),
            ("units_out", str(one.went)),
            ("median_dwell_seconds", str(one.dwell)),
            ("first_in_to_first_out_seconds", str(one.first_dwell)),
            ("receipts", str(len(one.receipts))),
            ("payments", str(len(one.payments))),
        )
        half = MOST_SHOWN // 2
        because = shown(ledger, moves, (*one.receipts[:half], *one.payments[:half]))
        went, came = (amount_of(ledger.assets[one.asset], units) for units in (one.went, one.came))
        detail = f"paid out {went} of {came}; median wait {one.dwell} s"
        addresses = named(ledger, (one.address,))
        yield Pattern("rapid pass-through", addresses, by(CARD), because, Class.P, figures, detail)
