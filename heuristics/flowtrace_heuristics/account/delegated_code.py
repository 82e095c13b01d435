"""Whose account runs somebody's code (EIP-7702): a delegate known for sweeping means the key is taken."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Category,
    Class,
    Distinct,
    Fact,
    FactKind,
    Family,
    Finding,
    Nature,
    Pattern,
    RuleCard,
)

MANY = 10
_SWEEPING = ("sweeper", "drainer")
_NOBODY = "0x" + 40 * "0"

CARD = RuleCard(
    id="delegated_code",
    version=1,
    claim=(
        "An account that delegates to code labelled as a thief's or as a sweeper is compromised: what leaves "
        "it, leaves by somebody else's transaction. Who sponsors an authorisation is not its signer: where "
        "the delegate sweeps, or the sponsor serves ten accounts or more, the two are distinct."
    ),
    cls=Class.P,
    citation="EIP-7702, set code for accounts; labels as cited with each",
    parameters=(("accounts_of_a_public_sponsor", str(MANY)), ("words", ", ".join(_SWEEPING))),
    failures=(
        "a wrong label on the delegate calls an account compromised that is not",
        "a sweeper that nobody has labelled yet is not seen",
        "an owner may rescue what he has with a sweeper of his own",
    ),
    falsified_by="the signer states that he delegated to it and still holds the key alone",
    nature=Nature.ATTRIBUTION,
    chains=(Family.EVM,),
)


@heuristic(CARD)
def delegated_code(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the accounts that run others' code, and their sponsors as distinct from them."""
    told = [fact for fact in ledger.told(FactKind.AUTHORISATION) if fact.party("authority")]
    sponsored: dict[Address, set[Address]] = {}
    for fact in told:
        authority, sponsor = fact.party("authority"), fact.party("sponsor")
        if authority and sponsor and sponsor != authority:
            sponsored.setdefault(sponsor, set()).add(authority)
    public = {sponsor for sponsor, accounts in sponsored.items() if len(accounts) >= MANY}
    for fact in told:
        yield from _read(fact, attribution, public=public)


def _read(fact: Fact, attribution: Attribution, *, public: set[Address]) -> Iterator[Finding]:
    authority, delegate, sponsor = (fact.party(role) for role in ("authority", "delegate", "sponsor"))
    if authority is None or delegate is None or delegate.account == _NOBODY:
        return  # a delegation to nobody takes the last one back
    why = _sweeps(attribution, delegate)
    name = "compromised by delegation" if why else "delegated code"
    everywhere = "every chain" if fact.figure("chain") == "0" else "this chain"
    words = f"{why or 'the account runs code of the delegate'}; the authorisation holds on {everywhere}"
    cls, pair = Class.P if why else Class.D, (authority, delegate)
    figures = (("chain", fact.figure("chain")),)
    yield Pattern(name, pair, by(CARD), (fact.id,), cls, figures, words)
    if sponsor is not None and sponsor != authority and (why or sponsor in public):
        first, second = sorted((authority, sponsor))
        yield Distinct(first, second, by(CARD), (fact.id,))


def _sweeps(attribution: Attribution, delegate: Address) -> str:
    """Return why a delegate is known to sweep, by whose label; empty if it is not."""
    for label in attribution.of(delegate):
        says = any(word in label.text.lower() for word in _SWEEPING)
        if not label.asserted and (label.category is Category.PERPETRATOR or says):
            return f"the delegate is labelled {label.text!r} by {label.source}, {label.date}"
    return ""
