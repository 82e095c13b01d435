"""Who lends an account energy whenever it moves tokens, and is no marketplace: its operator."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Class,
    Fact,
    FactKind,
    Family,
    Finding,
    Kind,
    Pattern,
    RuleCard,
    SameOwner,
)
from flowtrace_heuristics.account.payments import NOBODY, Columns, code, name

MOST_RECEIVERS = 500
MONTH = 30 * 24 * 3_600  # seconds
LEAST_PACKS = 10
FEW = 20
REPEATS = 3
WITHIN = 600  # seconds from a loan to the move that it serves
_SHOWN = 50

CARD = RuleCard(
    id="tron_resource",
    version=1,
    claim=(
        "An account that lends its energy to few others, and to one of them again and again just before that "
        "one moves tokens, operates it. One that lends to more than five hundred in a month, or in equal "
        "packs to many, is a marketplace and operates nobody."
    ),
    cls=Class.P,
    citation="TRON protocol, DelegateResourceContract; flowtrace algorithms 2.8 (no published error rate)",
    parameters=(
        ("most_receivers_a_month", str(MOST_RECEIVERS)),
        ("equal_packs_of_a_marketplace", str(LEAST_PACKS)),
        ("receivers_of_a_private_lender", str(FEW)),
        ("least_repeats", str(REPEATS)),
        ("within_seconds", str(WITHIN)),
    ),
    failures=(
        "a marketplace seen with few customers looks like a private lender",
        "a payment processor lends to the accounts of its customers",
    ),
    falsified_by="the lender is shown to sell energy to the public, or to another person",
    chains=(Family.TRON,),
)


@heuristic(CARD)
def tron_resource(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the marketplaces, and each private lender with the account that it keeps moving."""
    lent: dict[Address, list[Fact]] = {}
    for fact in ledger.told(FactKind.RESOURCE):
        lender, receiver = fact.party("owner"), fact.party("receiver")
        if lender and receiver and lender != receiver and attribution.service(lender) is None:
            lent.setdefault(lender, []).append(fact)
    receivers = {one for facts in lent.values() for one in _receivers(facts)}
    moves = _moves(ledger, receivers)
    for lender, facts in sorted(lent.items()):
        why = _marketplace(facts)
        if why:
            because = tuple(fact.id for fact in facts[:_SHOWN])
            yield Pattern("energy marketplace", (lender,), by(CARD), because, Class.P, (), why)
        elif len(_receivers(facts)) <= FEW:
            yield from _operated(ledger, lender, facts, moves=moves, attribution=attribution)


def _receivers(facts: Iterable[Fact]) -> dict[Address, list[Fact]]:
    found: dict[Address, list[Fact]] = {}
    for fact in facts:
        for receiver in fact.all_of("receiver"):
            found.setdefault(receiver, []).append(fact)
    return found


def _marketplace(facts: Sequence[Fact]) -> str:
    """Return why a lender is a marketplace, or nothing."""
    recent: deque[Fact] = deque()
    held: Counter[Address | None] = Counter()
    for fact in facts:
        recent.append(fact)
        held[fact.party("receiver")] += 1
        while fact.time - recent[0].time > MONTH:
            gone = recent.popleft().party("receiver")
            held[gone] -= 1
            if not held[gone]:
                del held[gone]
        if len(held) > MOST_RECEIVERS:
            return f"lent to more than {MOST_RECEIVERS} accounts within thirty days"
    packs: dict[str, set[Address | None]] = {}
    for fact in facts:
        packs.setdefault(fact.figure("units"), set()).add(fact.party("receiver"))
    packs.pop("", None)
    units, receivers = max(packs.items(), key=lambda one: (len(one[1]), one[0]), default=("", set()))
    return f"lent packs of {units} to {len(receivers)} accounts" if len(receivers) >= LEAST_PACKS else ""


def _moves(ledger: Ledger, receivers: set[Address]) -> dict[Address, list[int]]:
    """Return the places where each receiver sends tokens, in chain order."""
    import numpy as np

    columns = Columns(ledger, Family.TRON)
    ours = np.fromiter((one in receivers for one in [*ledger.addresses, None]), bool)
    kinds = (columns.kind == code(Kind.TOKEN)) | (columns.kind == code(Kind.CALL))
    rows = np.flatnonzero(columns.usable & kinds & ours[columns.source] & (columns.source != NOBODY))
    found: dict[Address, list[int]] = {}
    for place, source in zip(rows.tolist(), columns.source[rows].tolist(), strict=True):
        found.setdefault(ledger.addresses[source], []).append(place)
    return found


def _operated(
    ledger: Ledger,
    lender: Address,
    facts: Sequence[Fact],
    *,
    moves: dict[Address, list[int]],
    attribution: Attribution,
) -> Iterator[SameOwner]:
    for receiver, lent in sorted(_receivers(facts).items()):
        sent = moves.get(receiver, [])
        served = _served(ledger, lent, sent)
        if len(served) >= REPEATS and 2 * len(served) >= len(sent) and not attribution.service(receiver):
            shown = [one for fact, place in served for one in (fact.id, name(ledger, place))][:_SHOWN]
            first, second = sorted((lender, receiver))
            yield SameOwner(first, second, by(CARD), tuple(shown), soft=True)


def _served(ledger: Ledger, lent: Sequence[Fact], sent: Sequence[int]) -> list[tuple[Fact, int]]:
    """Return each loan with the first move after it, where that comes soon; every move once."""
    heights = [(ledger.height[place], ledger.index[place]) for place in sent]
    found: dict[int, Fact] = {}
    for fact in lent:
        at = bisect_left(heights, (fact.height, fact.index))
        if at < len(sent) and ledger.time[sent[at]] - fact.time <= WITHIN:
            found.setdefault(sent[at], fact)
    return [(fact, place) for place, fact in sorted(found.items())]
