"""Who paid the rent of a token account, and who got it back when it was closed: a link, not an owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Fact, FactKind, Family, Finding, Nature, Pattern, RuleCard

MOST = 1_000
_SHOWN = 50

CARD = RuleCard(
    id="solana_rent",
    version=1,
    claim=(
        "Who pays the rent of an account funds it, and who gets the rent back when it is closed profits from "
        "it: links that show whom to ask about, no owners. Payers of a thousand accounts or more serve the "
        "public and are left out."
    ),
    cls=Class.D,
    citation="Solana system and associated-token programs, createAccount, CreateIdempotent, CloseAccount",
    parameters=(("accounts_of_a_public_payer", str(MOST)),),
    failures=("who pays somebody a token for the first time pays the rent of the other's account",),
    falsified_by="the transaction's balances show that another paid or received the rent",
    nature=Nature.PROTOCOL,
    chains=(Family.SOLANA,),
)


@heuristic(CARD)
def solana_rent(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield who paid the rent of which accounts, and who got that of which back."""
    paid = _links(ledger.told(FactKind.RENT), giver="payer", account="account")
    got = _links(ledger.told(FactKind.CLOSED), giver="destination", account="account")
    words = "paid the rent of these accounts: it funded them"
    for name, links in (("rent paid", paid), ("rent returned", got)):
        for party, accounts in sorted(links.items()):
            if len(accounts) < MOST and attribution.service(party) is None:
                yield _link(name, party, accounts, words=words)
        words = "got the rent of these accounts back when they were closed"


def _links(facts: Iterable[Fact], *, giver: str, account: str) -> dict[Address, dict[Address, Fact]]:
    found: dict[Address, dict[Address, Fact]] = {}
    for fact in facts:
        party, of = fact.party(giver), fact.party(account)
        if party is not None and of is not None and party != of:
            found.setdefault(party, {}).setdefault(of, fact)
    return found


def _link(name: str, party: Address, accounts: dict[Address, Fact], *, words: str) -> Pattern:
    shown = list(accounts.items())[:_SHOWN]
    owners = dict.fromkeys(owner for _, fact in shown for owner in fact.all_of("owner"))
    figures = (("accounts", str(len(accounts))),)
    because = tuple(dict.fromkeys(fact.id for _, fact in shown))
    whom = (party, *(account for account, _ in shown), *owners)
    return Pattern(name, whom, by(CARD), because, Class.D, figures, words)
