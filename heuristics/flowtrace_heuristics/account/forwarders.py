"""Forwarders: contracts that one maker puts up of one code, as exchanges do for deposits (EIP-1014)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Fact, FactKind, Family, Kind, Label
from flowtrace_heuristics.account.exchanges import exchange

Made = tuple[Address, str]
"""Who made contracts, and the hash of the code that they ran when they were made."""


def made_alike(ledger: Ledger) -> dict[Made, list[tuple[Address, Fact]]]:
    """Return the contracts made by CREATE2, by maker and code, with the facts; in chain order."""
    found: dict[Made, list[tuple[Address, Fact]]] = {}
    for fact in ledger.told(FactKind.CREATION):
        creator, contract, code = fact.party("creator"), fact.party("contract"), fact.figure("code")
        if creator and contract and code and fact.figure("salt") and creator.chain.family is Family.EVM:
            found.setdefault((creator, code.lower()), []).append((contract, fact))
    return found


def forwarders(
    ledger: Ledger, attribution: Attribution, known: Mapping[Address, Label]
) -> Iterator[tuple[Address, Label, tuple[str, str]]]:
    """Yield (contract, exchange's label, facts that show it) of what was made like known deposit addresses.

    A maker whose contracts serve two exchanges is a common supplier and tells nothing.
    """
    for _, contracts in sorted(made_alike(ledger).items()):
        owned = {one: known.get(one) or exchange(attribution, one) for one, _ in contracts}
        labels = {one.entity.id: one for one in owned.values() if one is not None and one.entity}
        if len(labels) != 1:
            continue
        ((entity, label),) = labels.items()
        shown = next(fact for one, fact in contracts if owned[one] is not None)
        for contract, fact in contracts:
            stray = owned[contract] is not None or attribution.service(contract) is not None
            if not stray and _pays_only(ledger, contract, entity=entity, attribution=attribution):
                yield contract, label, (shown.id, fact.id)


def _pays_only(ledger: Ledger, contract: Address, *, entity: str, attribution: Attribution) -> bool:
    for transfer in ledger.outgoing(contract):
        if transfer.ok and transfer.amount.units and transfer.kind is not Kind.FEE:
            label = exchange(attribution, transfer.target) if transfer.target else None
            if label is None or label.entity is None or label.entity.id != entity:
                return False
    return True
