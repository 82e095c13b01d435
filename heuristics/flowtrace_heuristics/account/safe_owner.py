"""Who controls a Safe, k of n: recorded by its own events, and no identity of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Class,
    Fact,
    FactKind,
    Family,
    Finding,
    Nature,
    Pattern,
    RuleCard,
)

_SHOWN = 50

CARD = RuleCard(
    id="safe_owner",
    version=1,
    claim=(
        "The owners of a Safe control it together, as many of them as its threshold says: control, not "
        "identity. A change of the code that it runs is flagged: whoever changes it takes control."
    ),
    cls=Class.D,
    citation=(
        "Safe contracts, events SafeSetup, AddedOwner, RemovedOwner; the theft from Bybit of 2025-02-21 by a "
        "changed implementation (FBI PSA I-022625-PSA)"
    ),
    parameters=(),
    failures=(
        "any contract can write the events of a Safe, and name as its owners whom it likes",
        "a module or a guard may move what a Safe holds without its owners",
        "an owner added before the record begins is not seen; a threshold changed later only if it is told",
    ),
    falsified_by="the contract's own state at the height shows other owners or another threshold",
    nature=Nature.PROTOCOL,
    chains=(Family.EVM,),
)


@dataclass(slots=True)
class _Safe:
    """A Safe as its events tell it, up to the last one."""

    owners: dict[Address, str] = field(default_factory=dict)
    threshold: str = ""
    shown: list[str] = field(default_factory=list)

    def told(self, fact: Fact) -> None:
        if fact.kind is FactKind.SAFE_SETUP:
            self.owners = {}
        for owner in fact.all_of("owner"):
            if fact.kind is FactKind.SAFE_LEFT:
                self.owners.pop(owner, None)
            else:
                self.owners[owner] = fact.id
        self.threshold = fact.figure("threshold") or self.threshold
        self.shown.append(fact.id)


@heuristic(CARD)
def safe_owner(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield who controls each Safe after the last event on record, and every change of its code."""
    del attribution  # what a contract says of itself needs nobody's label
    safes: dict[Address, _Safe] = {}
    kinds = (FactKind.SAFE_SETUP, FactKind.SAFE_OWNER, FactKind.SAFE_LEFT)
    facts = sorted((fact for kind in kinds for fact in ledger.told(kind)), key=lambda one: (one.key, one.id))
    for fact in facts:
        of = fact.party("safe")
        if of is not None:
            safes.setdefault(of, _Safe()).told(fact)
    for address, safe in sorted(safes.items()):
        if safe.owners:
            yield _controlled(address, safe)
    for fact in ledger.told(FactKind.IMPLEMENTATION):
        yield from _changed(fact, known=safes)


def _controlled(address: Address, safe: _Safe) -> Pattern:
    figures = (("threshold", safe.threshold or "not told"), ("owners", str(len(safe.owners))))
    because = dict.fromkeys((*safe.owners.values(), safe.shown[-1]))
    words = f"{figures[0][1]} of {len(safe.owners)} owners act for it; that is control, not identity"
    addresses = (address, *sorted(safe.owners))
    return Pattern("controlled by", addresses, by(CARD), tuple(because)[:_SHOWN], Class.D, figures, words)


def _changed(fact: Fact, *, known: dict[Address, _Safe]) -> Iterator[Pattern]:
    proxy, new, old = (fact.party(role) for role in ("proxy", "new", "old"))
    if proxy is None or new is None or new == old:
        return
    kind = "safe" if proxy in known else "proxy"
    addresses = tuple(one for one in (proxy, old, new) if one is not None)
    words = "the code it runs was exchanged: from here on it answers to whoever made the new code"
    figures = (("kind", kind),)
    yield Pattern("implementation changed", addresses, by(CARD), (fact.id,), Class.D, figures, words)
