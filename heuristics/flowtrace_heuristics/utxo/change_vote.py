"""Change by vote: the output that clearly more rules name than the other, with a score; and who is not it."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Distinct, Family, Finding, Nature, RuleCard, SameOwner
from flowtrace_heuristics.utxo.change import VOTERS, Spend, Vote, candidates, vote
from flowtrace_heuristics.utxo.change_candidates import spends
from flowtrace_heuristics.utxo.coins import Coins, payer_of
from flowtrace_heuristics.utxo.owners import Owners

THRESHOLD = 3
"""Votes by which the change must lead."""
_PLACES = 10**4

CARD = RuleCard(
    id="change_vote",
    version=1,
    claim=(
        "Of two outputs of a transaction that one party made, the one that at least three more of the rules "
        "C2 to C9, C11 and C12 name is that party's change; the other is another's, unless it signs with the "
        "payer. The score is (votes + 1) / (deciding rules + 2), an order of sureness and no measured rate."
    ),
    cls=Class.P,
    citation=(
        "Möser and Narayanan 2022, Resurrecting Address Clustering in Bitcoin, Financial Cryptography, "
        "sections 4 and 5 (threshold vote, constrained clustering)"
    ),
    parameters=(("margin_votes", str(THRESHOLD)), ("outputs", "2"), ("voters", ", ".join(VOTERS))),
    failures=(
        "the rules are not independent: one habit of a payee may move several votes",
        "every failure of a single rule, as change_candidates lists them",
        "both outputs may be payments, or both the payer's own: then the link or the cut is wrong",
        "one wrong link joins two owners with all their addresses: cluster collapse",
    ),
    falsified_by="the owner's wallet shows that the output was the payment, or that the other was its own",
    nature=Nature.STATISTICAL,
    chains=(Family.UTXO,),
    needs=("change_candidates", "coinjoin", "multi_input"),
    on=False,
)


@heuristic(CARD)
def change_vote(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield, for each decided transaction: payer and change are one owner, payer and payee are not."""
    coins, owners = Coins(ledger, attribution), Owners(ledger, attribution)
    for spend in spends(coins):
        won = elected(spend)
        if won is not None:
            yield from _findings(spend, won, owners)


def elected(spend: Spend) -> Vote | None:
    """Return the vote on a transaction of two outputs, where it passes the threshold.

    Where an output pays an input's address the change is known, and there is nothing to vote on.
    """
    if len(spend.outputs) != 2 or spend.to_itself:  # noqa: PLR2004  change and payee
        return None
    won = vote(candidates(spend))
    return won if won is not None and won.margin >= THRESHOLD else None


def score(won: Vote) -> str:
    """Return (votes + 1) / (deciding + 2) to four places, rounded down: Laplace's rule of succession."""
    units = (len(won.rules) + 1) * _PLACES // (won.deciding + 2)
    return f"0.{units:04}"


def _findings(spend: Spend, won: Vote, owners: Owners) -> Iterator[Finding]:
    payer = payer_of(spend.transfer)
    change = spend.leg(won.change).address
    other = spend.leg(next(n for n in spend.outputs if n != won.change)).address
    if payer is None or change is None or change == other:
        return
    if other is not None and owners.same(payer, other):
        return  # they sign together: the vote contradicts what is surer
    at = spend.spenders[won.change]
    because = (spend.transfer.id, *(() if at is None else (spend.coins.id_of(at),)))
    yield SameOwner(payer, change, by(CARD), because, score=score(won))
    if other is not None:
        yield Distinct(payer, other, by(CARD), because, score=score(won))
