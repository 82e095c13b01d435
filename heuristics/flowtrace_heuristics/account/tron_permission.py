"""Who holds the keys of an account on TRON after its permissions were changed: taken over, or shared."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Fact, FactKind, Family, Finding, Nature, Pattern, RuleCard

CARD = RuleCard(
    id="tron_permission",
    version=1,
    claim=(
        "An account whose owner permission names other keys and not its own has been handed over, by its "
        "holder or by a thief: from then on the keys named move it. Where its own key is among several, they "
        "share it."
    ),
    cls=Class.D,
    citation="TRON protocol, AccountPermissionUpdateContract; flowtrace algorithms 2.8",
    parameters=(),
    failures=("whether the holder did it himself or a thief with his key, the record does not tell",),
    falsified_by="a later update gives the owner permission back to the account's own key",
    nature=Nature.PROTOCOL,
    chains=(Family.TRON,),
)


@heuristic(CARD)
def tron_permission(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield every change of an owner permission that gives it to others."""
    del attribution
    for fact in ledger.told(FactKind.PERMISSION):
        yield from _read(fact)


def _read(fact: Fact) -> Iterator[Pattern]:
    owner, keys = fact.party("owner"), fact.all_of("key")
    others = tuple(sorted({key for key in keys if key != owner}))
    if owner is None or not others or fact.figure("permission") not in {"", "owner"}:
        return
    moved = owner not in keys
    name = "owner key moved" if moved else "owner key shared"
    threshold = fact.figure("threshold") or "not told"
    figures = (("keys", str(len(set(keys)))), ("threshold", threshold))
    words = "its own key no longer moves it" if moved else "its own key is one of several that move it"
    yield Pattern(name, (owner, *others), by(CARD), (fact.id,), Class.D, figures, words)
