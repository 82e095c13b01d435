"""What the ledger records of mixer pools with fixed denominations, and the odds of a link between two notes.

A deposit and a withdrawal of one pool are joined by no record: the pool hides which note is which. A rule can
only say that two of them look alike, so each candidate is told with its odds: the share of the weight of all
deposits that the withdrawal may be of, and the number of coincidences to be expected.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Fact, FactKind, Pattern
from flowtrace_heuristics.pattern.moves import MOST_SHOWN

BURST = 24 * 3600
"""Seconds from a depositor's deposit to his next in the pool, within which the two are one burst."""
CITED = (
    "Wu et al. 2022, Tutela: An Open-Source Tool for Assessing User-Privacy on Ethereum and Tornado Cash, "
    "arXiv 2201.06811 (github.com/TutelaLabs/tutela-app)"
)
ODDS = (
    ("posterior", "1 / (k + (n - k) p): k deposits match of n before the withdrawal that are not linked"),
    ("expected_coincidences", "p times the bursts of deposits (one depositor, 24 h) before the withdrawal"),
    ("look_elsewhere", "the expected coincidences times the withdrawals of the pool that the rule tries"),
)
"""How the figures of each candidate come about; p is stated by each rule."""

FAKE = "any contract can write the events of a pool: a withdrawal to somebody proves nothing unless it is one"
"""How every rule of pools fails."""

Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Note:
    """One deposit or withdrawal: of whom, at which pool, by which fact."""

    who: Address
    pool: Address
    fact: Fact

    @property
    def key(self) -> Key:
        """Its place in the chain."""
        return self.fact.key


class Pools:
    """Deposits and withdrawals of every pool in chain order, and those that one address made both of."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.deposits = _notes(ledger, FactKind.MIXER_DEPOSIT, "depositor")
        self.withdrawals = _notes(ledger, FactKind.MIXER_WITHDRAWAL, "recipient")
        self.of_depositor: dict[tuple[Address, Address], list[Note]] = {}
        for notes in self.deposits.values():
            for note in notes:
                self.of_depositor.setdefault((note.pool, note.who), []).append(note)
        self.same = {note.fact.id: found for note, found in self._same()}
        linked = {found[0].fact.id for found in self.same.values() if len(found) == 1}
        self.unlinked = {
            pool: [note for note in notes if note.fact.id not in linked]
            for pool, notes in self.deposits.items()
        }
        self.open = {
            pool: [note for note in notes if note.fact.id not in self.same]
            for pool, notes in self.withdrawals.items()
        }
        self._keys = {pool: [note.key for note in notes] for pool, notes in self.unlinked.items()}
        self._bursts = {pool: _burst_keys(notes) for pool, notes in self.unlinked.items()}

    def _same(self) -> Iterator[tuple[Note, Sequence[Note]]]:
        """Yield each withdrawal to an address that deposited in the pool before, with those deposits."""
        for notes in self.withdrawals.values():
            for note in notes:
                made = self.of_depositor.get((note.pool, note.who), [])
                before = made[: bisect_left(made, note.key, key=lambda one: one.key)]
                if before:
                    yield note, before

    def candidates(self, withdrawal: Note) -> int:
        """Return how many deposits, not linked, the pool took before a withdrawal."""
        return bisect_left(self._keys.get(withdrawal.pool, ()), withdrawal.key)

    def odds(self, withdrawal: Note, matching: int, chance: Fraction) -> tuple[tuple[str, str], ...]:
        """Return the figures of a candidate: ``chance`` is that of a match by coincidence."""
        others = max(0, self.candidates(withdrawal) - matching)
        bursts = bisect_left(self._bursts.get(withdrawal.pool, ()), withdrawal.key)
        tried = len(self.open.get(withdrawal.pool, ())) or 1
        return odds(matching, others, chance, bursts=bursts, tried=tried)

    def gas_of(self, note: Note) -> Fact | None:
        """Return what is recorded of the gas of a note's transaction."""
        facts = self.ledger.facts_of(note.fact.chain_id, note.fact.tx)
        return next((fact for fact in facts if fact.kind is FactKind.GAS), None)


def odds(
    matching: int, others: int, chance: Fraction, *, bursts: int, tried: int
) -> tuple[tuple[str, str], ...]:
    """Return posterior, candidates, expected coincidences and the look-elsewhere figure, exact."""
    expected = chance * bursts
    return (
        ("posterior", str(1 / (matching + others * chance))),
        ("candidates", str(matching + others)),
        ("matching", str(matching)),
        ("expected_coincidences", str(expected)),
        ("look_elsewhere", str(expected * tried)),
    )


def candidate(
    name: str,
    by: str,
    ends: Sequence[Address],
    *,
    because: Iterable[Fact],
    figures: Sequence[tuple[str, str]],
    transfers: Sequence[str] = (),
) -> Pattern:
    """Return a candidate link as a pattern: depositor, then recipient; shown, never a merge."""
    posterior = next((value for held, value in figures if held == "posterior"), "")
    facts = sorted({fact.id: fact for fact in because}.values(), key=lambda fact: (fact.chain_id, *fact.key))
    return Pattern(
        name,
        tuple(dict.fromkeys(ends)),
        by,
        _few([*transfers, *(fact.id for fact in facts)]),
        Class.P,
        tuple(figures),
        f"a candidate, posterior {posterior}; no claim that the two notes are one",
    )


def _few(ids: Sequence[str]) -> tuple[str, ...]:
    """Return some ids; of too many the first ones and the last, which is the withdrawal's."""
    return tuple(ids) if len(ids) <= MOST_SHOWN else (*ids[: MOST_SHOWN - 1], ids[-1])


def _notes(ledger: Ledger, kind: FactKind, role: str) -> dict[Address, list[Note]]:
    found: dict[Address, list[Note]] = {}
    for fact in ledger.told(kind):
        who, pool = fact.party(role), fact.party("pool")
        if who is not None and pool is not None:
            found.setdefault(pool, []).append(Note(who, pool, fact))
    return {pool: found[pool] for pool in sorted(found)}


def _burst_keys(notes: Sequence[Note]) -> list[Key]:
    latest: dict[Address, int] = {}
    keys = []
    for note in notes:
        before = latest.get(note.who)
        if before is None or note.fact.time - before > BURST:
            keys.append(note.key)
        latest[note.who] = note.fact.time
    return keys
