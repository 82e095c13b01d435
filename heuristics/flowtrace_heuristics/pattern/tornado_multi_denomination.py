"""Tornado rule T3: a day's withdrawals of one address are the very portfolio that one depositor put in."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Family, Finding, RuleCard
from flowtrace_heuristics.pattern.pools import CITED, FAKE, ODDS, Note, Pools, candidate, odds

WINDOW = 24 * 3600
LEAST_NOTES = 5
LEAST_POOLS = 2

CARD = RuleCard(
    id="tornado_multi_denomination",
    version=1,
    claim=(
        "The withdrawals that one address received within a day are of 2 or more pools and 5 or more in all, "
        "and exactly one other address had earlier, within a day, deposited the same number in each pool."
    ),
    cls=Class.P,
    citation=CITED,
    parameters=(
        ("window_seconds", str(WINDOW)),
        ("notes_at_least", str(LEAST_NOTES)),
        ("pools_at_least", str(LEAST_POOLS)),
        *ODDS,
        ("n", "the portfolios that depositors put in earlier, none of an address linked by T1"),
        ("p", "1 by the number of distinct portfolios that depositors put in"),
    ),
    failures=(
        FAKE,
        "common portfolios (one round sum in the fewest notes) are put in by many",
        "a portfolio withdrawn in parts, or to several addresses, is missed",
        "days are counted from an address's first note, and do not overlap",
    ),
    falsified_by="the notes' secrets are shown to be another's",
    chains=(Family.EVM,),
    needs=("tornado_address_match",),
)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What one address put in, or took out, within a day."""

    who: Address
    notes: tuple[Note, ...]

    @property
    def holds(self) -> tuple[tuple[Address, int], ...]:
        """How many notes of each pool."""
        return tuple(sorted(Counter(note.pool for note in self.notes).items()))

    @property
    def words(self) -> str:
        """As a reader takes it."""
        return ", ".join(f"{count} of {pool.display}" for pool, count in self.holds)


@heuristic(CARD)
def tornado_multi_denomination(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each portfolio withdrawn with the one depositor who put the same in."""
    del attribution
    pools = Pools(ledger)
    linked = {found[0].who for found in pools.same.values()}
    put_in = [one for one in portfolios(pools.deposits) if one.who not in linked]
    alike: dict[tuple[tuple[Address, int], ...], list[Portfolio]] = {}
    for one in put_in:
        alike.setdefault(one.holds, []).append(one)
    ends = sorted((one.notes[-1].fact.chain_id, one.notes[-1].key) for one in put_in)
    taken = [one for one in portfolios(pools.withdrawals) if _large(one)]
    for one in taken:
        first = one.notes[0]
        same = [held for held in alike.get(one.holds, ()) if held.notes[-1].key < first.key]
        if len({held.who for held in same}) != 1 or same[0].who == one.who:
            continue
        chain = first.fact.chain_id
        before = bisect_left(ends, (chain, first.key)) - bisect_left(ends, (chain, (0, 0, 0)))
        chance = Fraction(1, len(alike))
        told = odds(len(same), before - len(same), chance, bursts=before, tried=len(taken))
        figures = (("rule", "T3"), ("portfolio", one.words), ("depositors_alike", "1"), *told)
        facts = [note.fact for note in (*same[-1].notes[:25], *one.notes[:25])]
        ways = (same[-1].who, one.who)
        yield candidate("tornado multi-denomination", by(CARD), ways, because=facts, figures=figures)


def _large(one: Portfolio) -> bool:
    return len(one.notes) >= LEAST_NOTES and len(one.holds) >= LEAST_POOLS


def portfolios(pools: Mapping[Address, Sequence[Note]]) -> list[Portfolio]:
    """Return each address's notes of all pools of a chain, day by day from its first one on."""
    notes = sorted(
        (note for held in pools.values() for note in held),
        key=lambda note: (note.who, note.key, note.fact.id),
    )
    found: list[list[Note]] = []
    for note in notes:
        last = found[-1] if found else []
        if last and last[0].who == note.who and note.fact.time - last[0].fact.time <= WINDOW:
            last.append(note)
        else:
            found.append([note])
    return [Portfolio(held[0].who, tuple(held)) for held in found]
