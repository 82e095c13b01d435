"""Whose a token account is after SetAuthority: its whole balance moves, with no transfer."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Fact, FactKind, Family, Finding, Nature, Pattern, RuleCard

_OWNER = "accountowner"

CARD = RuleCard(
    id="solana_authority",
    version=1,
    claim=(
        "A token account whose owner is changed by SetAuthority goes to the new owner with all it holds: to "
        "be read as a transfer of the whole balance, though none is recorded. Other authorities (to mint, to "
        "freeze, to close) move nothing."
    ),
    cls=Class.D,
    citation="SPL Token program, instruction SetAuthority; flowtrace algorithms 2.9",
    parameters=(),
    failures=(
        "what the account held is known only where the fact tells it",
        "an owner may move an account between wallets of his own",
    ),
    falsified_by="the account's owner in the balances after the transaction is still the old one",
    nature=Nature.PROTOCOL,
    chains=(Family.SOLANA,),
)


@heuristic(CARD)
def solana_authority(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield every token account that changed hands."""
    del attribution
    for fact in ledger.told(FactKind.AUTHORITY):
        yield from _read(fact)


def _read(fact: Fact) -> Iterator[Pattern]:
    account, old, new = (fact.party(role) for role in ("account", "old", "new"))
    kind = fact.figure("type").replace("_", "").lower()
    if account is None or old is None or new is None or old == new or kind != _OWNER:
        return
    figures = (("asset", fact.figure("asset") or "not told"), ("units", fact.figure("units") or "not told"))
    words = "the account goes to the new owner with all it holds: a transfer of its whole balance"
    yield Pattern("whole balance moved", (old, new, account), by(CARD), (fact.id,), Class.D, figures, words)
