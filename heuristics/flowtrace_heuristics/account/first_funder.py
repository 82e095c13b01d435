"""One operator, because one address alone brought several new ones to life, alike and within a day (F1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, RuleCard, SameOwner
from flowtrace_heuristics.account.funding import Funding, by_funder, first_fundings, recorded
from flowtrace_heuristics.account.payments import NOBODY, Columns, name
from flowtrace_heuristics.account.people import People

MOST_CHILDREN = 20
WITHIN = 24 * 3_600  # seconds
ALIKE = 100  # amounts are equal that differ by no more than one part in so many
SCORE = "0.6"

CARD = RuleCard(
    id="first_funder",
    version=1,
    claim=(
        "A person's address that gave at most twenty new addresses their first coin is of one operator with "
        "those that it funded alike within a day: with equal amounts, or in transactions that follow one "
        "another."
    ),
    cls=Class.P,
    citation="flowtrace algorithms 2.6, rule F1 (no published precision on an independent truth was found)",
    parameters=(
        ("most_children", str(MOST_CHILDREN)),
        ("within_seconds", str(WITHIN)),
        ("equal_to_one_part_in", str(ALIKE)),
        ("score", SCORE),
    ),
    failures=(
        "coin that a contract paid out before is seen only where the record holds what contracts pay",
        "somebody who pays two new friends, or two new customers, on one day is called their owner",
        "a faucet or an exchange that nobody labels, seen with few payments, looks like an operator",
    ),
    falsified_by="funder and funded address are shown to be of different people",
    chains=(Family.EVM,),
)


@heuristic(CARD)
def first_funder(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield a soft finding for each funder and each child that has a sibling alike."""
    columns = Columns(ledger)
    people = People(ledger, attribution, columns)
    groups = by_funder(first_fundings(ledger, columns, people))
    few = {
        funder: children
        for funder, children in groups.items()
        if 1 < len(children) <= MOST_CHILDREN and recorded(ledger, funder)
    }
    turns = _turns(ledger, columns, few)
    for funder, children in few.items():
        for one, other in _alike(ledger, children, turns=turns):
            because = tuple(name(ledger, place) for place in sorted((one.place, other.place)))
            first, second = sorted((ledger.addresses[funder], ledger.addresses[one.child]))
            yield SameOwner(first, second, by(CARD), because, soft=True, score=SCORE)


def _turns(ledger: Ledger, columns: Columns, few: Mapping[int, object]) -> dict[int, int]:
    """Return for each place that a funder sends at, the how manieth of its transactions it is of."""
    import numpy as np

    ours = np.zeros(len(ledger.addresses) + 1, dtype=bool)
    ours[list(few)] = True
    ours[NOBODY] = False
    places = np.flatnonzero(columns.usable & ours[columns.source])
    turn: dict[int, tuple[int, str]] = {}
    found = {}
    for place, funder in zip(places.tolist(), columns.source[places].tolist(), strict=True):
        number, tx = turn.get(funder, (0, ""))
        if ledger.tx[place] != tx:
            turn[funder] = (number + 1, ledger.tx[place])
        found[place] = turn[funder][0]
    return found


def _alike(
    ledger: Ledger, children: Sequence[Funding], *, turns: Mapping[int, int]
) -> Iterator[tuple[Funding, Funding]]:
    """Yield each child with the first sibling that was funded like it."""
    for one in children:
        for other in children:
            near = abs(ledger.time[one.place] - ledger.time[other.place]) <= WITHIN
            turn, next_turn = turns.get(one.place), turns.get(other.place)
            follows = turn is not None and next_turn is not None and abs(turn - next_turn) == 1
            if one is not other and near and (follows or _equal(one, other)):
                yield one, other
                break


def _equal(one: Funding, other: Funding) -> bool:
    return abs(one.units - other.units) * ALIKE <= min(one.units, other.units)
