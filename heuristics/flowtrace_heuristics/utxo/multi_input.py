"""Addresses whose coins are spent together are one owner's, unless several parties made the transaction.

Whoever signs an input holds its key, and an ordinary wallet signs all inputs of a transaction itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, Nature, RuleCard, SameOwner
from flowtrace_heuristics.utxo.collaboration import by_place
from flowtrace_heuristics.utxo.detectors import NOBODY, Collaborative
from flowtrace_heuristics.utxo.neighbours import Columns

CARD = RuleCard(
    id="multi_input",
    version=1,
    claim="The addresses whose coins a transaction spends together are under one control.",
    cls=Class.P,
    citation=(
        "Nakamoto 2008, section 10; Meiklejohn et al., IMC 2013, heuristic 1; Harrigan and Fretter 2016; "
        "guarded by the verdict of coinjoin"
    ),
    parameters=(
        ("joined", "the first input's address with each other one, where the verdict is no"),
        ("shown_only", "the same where the verdict is suspect; nothing where it is yes"),
    ),
    failures=(
        "a CoinJoin of a design that no detector knows, or a PayJoin, joins strangers",
        "an exchange spends its customers' coins together: right for the service, wrong for the customer",
        "a key that was imported or sold serves two owners",
    ),
    falsified_by="the keys of two inputs are shown to be held by two owners at the time",
    nature=Nature.BEHAVIOURAL,
    chains=(Family.UTXO,),
    needs=("coinjoin",),
)


@heuristic(CARD)
def multi_input(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield one union of the first input's address with each other, for each transaction.

    New coin has no giver, and an input to which no address belongs is passed over.
    """
    judged, columns, name = by_place(ledger, attribution), Columns(ledger), by(CARD)
    for place in columns:
        verdict = judged.get(place, NOBODY)
        givers = columns.givers(place)
        if verdict.collaborative is Collaborative.YES or len(givers) < 2:  # noqa: PLR2004
            continue
        because = (f"{ledger.chain[place]}:{ledger.tx[place]}:{ledger.position[place]}",)
        first = ledger.addresses[givers[0]]
        for number in givers[1:]:
            yield SameOwner(first, ledger.addresses[number], name, because, soft=not verdict.merges)
