"""Who paid for an account to exist on TRON: recorded, and neither owner nor funder for that alone."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Fact, FactKind, Family, Finding, Nature, Pattern, RuleCard

MOST = 20

CARD = RuleCard(
    id="tron_activation",
    version=1,
    claim=(
        "An account on TRON exists once somebody paid for it. Who is no service and did so for few accounts "
        "is told for each of them: where it was first seen with whom, not who owns it."
    ),
    cls=Class.D,
    citation="TRON protocol, activation of accounts; flowtrace algorithms 2.8",
    parameters=(("most_accounts", str(MOST)),),
    failures=(
        "somebody who pays a stranger activates the stranger's account",
        "an unlabelled exchange that is seen with few payments looks like a person",
    ),
    falsified_by="an earlier transaction already activated the account",
    nature=Nature.PROTOCOL,
    chains=(Family.TRON,),
)


@heuristic(CARD)
def tron_activation(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each payer of few activations with the accounts, in chain order."""
    made: dict[Address, dict[Address, Fact]] = {}
    for fact in ledger.told(FactKind.ACTIVATION):
        payer, account = fact.party("payer"), fact.party("account")
        if payer is not None and account is not None and payer != account:
            made.setdefault(payer, {}).setdefault(account, fact)
    for payer, accounts in sorted(made.items()):
        if len(accounts) <= MOST and attribution.service(payer) is None:
            because = tuple(fact.id for fact in accounts.values())
            figures = (("accounts", str(len(accounts))),)
            words = "paid for these accounts to exist: a first contact, not an owner"
            yield Pattern("activated", (payer, *accounts), by(CARD), because, Class.D, figures, words)
