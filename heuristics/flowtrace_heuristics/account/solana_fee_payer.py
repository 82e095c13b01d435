"""Who pays the fees of those who sign with him on Solana: perhaps one owner, unless he pays for everybody."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Fact, FactKind, Family, Finding, Pattern, RuleCard, SameOwner

RELAYER = 1_000
_SHOWN = 50

CARD = RuleCard(
    id="solana_fee_payer",
    version=1,
    claim=(
        "Who pays the fee of a transaction that others sign too may be of one owner with them. One who does "
        "so for a thousand different signers or more is a relayer, and linked with none of them."
    ),
    cls=Class.P,
    citation="Solana transactions, the first signer pays; flowtrace algorithms 2.9 (no published error rate)",
    parameters=(("signers_of_a_relayer", str(RELAYER)),),
    failures=(
        "a relayer seen with few signers looks like an owner",
        "two parties to a trade sign one transaction, and one of them pays for it",
    ),
    falsified_by="payer and signer are shown to be of different people, or the payer to serve the public",
    chains=(Family.SOLANA,),
)


@heuristic(CARD)
def solana_fee_payer(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the relayers, and a soft finding for each other payer with each who signs with it."""
    paid: dict[Address, dict[Address, Fact]] = {}
    for fact in ledger.told(FactKind.FEE_PAYER):
        payer = fact.party("payer")
        for signer in fact.all_of("signer"):
            if payer is not None and signer != payer:
                paid.setdefault(payer, {}).setdefault(signer, fact)
    for payer, signers in sorted(paid.items()):
        if attribution.service(payer) is not None:
            continue
        if len(signers) >= RELAYER:
            because = tuple(fact.id for fact in list(signers.values())[:_SHOWN])
            figures = (("signers", str(len(signers))),)
            yield Pattern("relayer", (payer,), by(CARD), tuple(dict.fromkeys(because)), Class.P, figures)
            continue
        for signer, fact in sorted(signers.items()):
            if attribution.service(signer) is None:
                first, second = sorted((payer, signer))
                yield SameOwner(first, second, by(CARD), (fact.id,), soft=True)
