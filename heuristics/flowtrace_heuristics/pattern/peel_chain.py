"""Peel chains: hop after hop a little is paid off, and the bulk goes on.

A pattern for a person to look at, under weaker conditions than those by which peel chains cluster coins: it
joins nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Pattern, RuleCard
from flowtrace_heuristics.pattern.hops import Chain, Peel, account_chains, coin_chains
from flowtrace_heuristics.pattern.moves import MOST_SHOWN, UNSURE_ROUNDS, ids, moves_of, named, services_of

PEEL = Peel(percent=10, carried_percent=80, seconds=72 * 3600, payments=16)
LEAST_HOPS = 3

CARD = RuleCard(
    id="peel_chain",
    version=2,
    claim=(
        "Three or more hops in a row each paid off at most 10 % of what came in and passed the bulk on in "
        "the same asset within 72 hours. Coins: a transaction with one input and two outputs, whose larger "
        "output is the next one's only input. Accounts: the largest later payment carries on."
    ),
    cls=Class.P,
    citation=(
        "Kappos et al. 2022, How to Peel a Million, USENIX Security (chains of coins); one input and two "
        "outputs as in BlockSci's isPeelingChain; thresholds of flowtrace pattern 4.1"
    ),
    parameters=(
        ("peel_at_most_percent_of_input", str(PEEL.percent)),
        ("hops_at_least", str(LEAST_HOPS)),
        ("gap_at_most_seconds", str(PEEL.seconds)),
        ("account_carried_at_least_percent_of_input", str(PEEL.carried_percent)),
        ("account_payments_within_gap_at_most", str(PEEL.payments)),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "wallets that pay from one coin after another make the same shape: shopping, payouts",
        "a chain through an address that pools other funds, or pays oftener than the bound, is cut there",
    ),
    needs=("coinjoin",),
    falsified_by="the bulk of a hop is shown to have gone to another person",
)


@heuristic(CARD)
def peel_chain(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the chains of coins, then those of accounts, each as long as it goes."""
    for chain in coin_chains(ledger, PEEL):
        if len(chain.hops) >= LEAST_HOPS:
            yield _pattern(ledger, chain)
    for chain in account_chains(moves_of(ledger, attribution), services_of(ledger, attribution), PEEL):
        if len(chain.hops) >= LEAST_HOPS:
            yield _pattern(ledger, chain)


def _pattern(ledger: Ledger, chain: Chain) -> Pattern:
    peeled = sum(hop.peeled for hop in chain.hops)
    figures = [
        ("asset", str(ledger.assets[chain.asset])),
        ("hops", str(len(chain.hops))),
        ("units_in", str(chain.hops[0].came)),
        ("units_peeled", str(peeled)),
        ("units_carried", str(chain.hops[-1].carried)),
        ("largest_peel_share", str(max(hop.ratio for hop in chain.hops))),
    ]
    if chain.exit is not None:
        figures += [("exit_units", str(chain.exit[0])), ("exit_of_units", str(chain.exit[1]))]
    places = [place for hop in chain.hops for place in hop.places]
    detail = f"{len(chain.hops)} hops, each paying off at most {PEEL.percent} % and passing the bulk on"
    addresses = named(ledger, chain.addresses)
    return Pattern("peel chain", addresses, by(CARD), ids(ledger, places), Class.P, tuple(figures), detail)
