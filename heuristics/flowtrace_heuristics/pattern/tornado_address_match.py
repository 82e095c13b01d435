"""Tornado rule T1: the address that a withdrawal pays had itself deposited in the pool before."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, RuleCard
from flowtrace_heuristics.pattern.pools import CITED, FAKE, ODDS, Pools, candidate

CARD = RuleCard(
    id="tornado_address_match",
    version=1,
    claim=(
        "A withdrawal from a mixer pool paid the very address that had deposited in the same pool earlier: "
        "the withdrawal may be of one of its deposits."
    ),
    cls=Class.P,
    citation=CITED,
    parameters=(
        *ODDS,
        ("p", "1 by the number of addresses on the ledger: an address of the record drawn at random"),
    ),
    failures=(
        FAKE,
        "a note can be given away: the recipient may be paid with another's note",
        "of several deposits by one address it is not known which one was withdrawn",
        "where the record of the pool is not whole, the candidates are more than it shows",
    ),
    falsified_by="the note's secret is shown to be another's",
    chains=(Family.EVM,),
)


@heuristic(CARD)
def tornado_address_match(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each withdrawal with the earlier deposits of the address that it paid."""
    del attribution
    pools = Pools(ledger)
    chance = Fraction(1, max(1, len(ledger.addresses)))
    for notes in pools.withdrawals.values():
        for note in notes:
            made = pools.same.get(note.fact.id)
            if not made:
                continue
            before = pools.candidates(note)
            own = len(made) if len(made) > 1 else 0  # a single one is linked, and no longer a candidate
            others = max(0, before - own)
            figures = (
                ("rule", "T1"),
                ("pool", note.pool.display),
                ("posterior", str(1 / (len(made) + others * chance))),
                ("candidates", str(len(made) + others)),
                ("matching", str(len(made))),
                *pools.odds(note, len(made), chance)[3:],
            )
            because = (note.fact, *(one.fact for one in made))
            yield candidate("tornado address match", by(CARD), (note.who,), because=because, figures=figures)
