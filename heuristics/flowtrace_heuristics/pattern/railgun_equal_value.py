"""Railgun: what was shielded and what was unshielded later are of one token and one value."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Fact, FactKind, Family, Finding, RuleCard
from flowtrace_heuristics.pattern.pools import candidate

WINDOW = 90 * 24 * 3600
MOST = 16

CARD = RuleCard(
    id="railgun_equal_value",
    version=1,
    claim=(
        "What was unshielded from Railgun is, with its fee, exactly the value of a note that was shielded "
        "there before, of the same token: the two may be one."
    ),
    cls=Class.P,
    citation=(
        "flowtrace: equal value, token rarity and time; the events Shield and Unshield of Railgun's smart "
        "wallet, as github.com/l2beat/l2beat reads them"
    ),
    parameters=(
        ("window_seconds", str(WINDOW)),
        ("notes_matching_at_most", f"{MOST}: with more, the value is too common to say anything"),
        ("fees", "as the events tell them (0.25 % each way as published is not assumed, and not checked)"),
        ("posterior", "1 / (k + b): k equal notes shielded before, b coincidences expected"),
        (
            "expected_coincidences",
            "(unshields of the value before + 1) / (unshields of the token before + 1), times those after",
        ),
        ("look_elsewhere", "the expected coincidences times the notes of the token that the rule tries"),
    ),
    failures=(
        "a note spent in parts, or joined with others, or sent on inside, matches nothing, or another's",
        "round values are shielded and unshielded by many",
        "unshields that are not on the ledger are not counted, so the coincidences are more than it tells",
        "any contract can write the events of Railgun",
    ),
    falsified_by="a viewing key shows that the note was another's",
    chains=(Family.EVM,),
)
_Pool = tuple[str, Address, Address]


@dataclass(frozen=True, slots=True)
class _Note:
    who: Address
    units: int
    fact: Fact


@heuristic(CARD)
def railgun_equal_value(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each shielded note with each unshield of its value."""
    del attribution
    shields = _notes(ledger, FactKind.SHIELD, "depositor")
    unshields = _notes(ledger, FactKind.UNSHIELD, "recipient")
    for pool, notes in shields.items():
        yield from _matched(notes, unshields.get(pool, []))


def _matched(notes: Sequence[_Note], out: Sequence[_Note]) -> Iterator[Finding]:
    times = [one.fact.key for one in out]
    for note in notes:
        start = bisect_left(times, note.fact.key)
        last = note.fact.time + WINDOW
        after = [one for one in out[start:] if one.fact.time <= last]
        equal = [one for one in after if one.units == note.units]
        if not equal or len(equal) > MOST:
            continue
        before = Counter(one.units for one in out[:start])
        chance = Fraction(before[note.units] + 1, start + 1)
        expected = chance * len(after)
        for one in equal:
            alike = [n for n in notes if n.units == note.units and n.fact.key < one.fact.key]
            figures = (
                ("rule", "Railgun equal value"),
                ("value_base_units", str(note.units)),
                ("posterior", str(1 / (len(alike) + expected))),
                ("candidates", str(len(after))),
                ("matching", str(len(equal))),
                ("notes_alike", str(len(alike))),
                ("expected_coincidences", str(expected)),
                ("look_elsewhere", str(expected * len(notes))),
                ("seconds_between", str(one.fact.time - note.fact.time)),
            )
            facts = (note.fact, one.fact)
            yield candidate(
                "railgun equal value", by(CARD), (note.who, one.who), because=facts, figures=figures
            )


def _notes(ledger: Ledger, kind: FactKind, role: str) -> dict[_Pool, list[_Note]]:
    """Return the notes of each pool and token in chain order; an unshield with its fee, as the note was."""
    found: dict[_Pool, list[_Note]] = {}
    for fact in ledger.told(kind):
        who, pool, token = fact.party(role), fact.party("pool"), fact.party("token")
        if who is None or pool is None or token is None:
            continue
        fee = fact.figure("fee")
        for units in fact.figure("units").split(","):
            if units.isdecimal() and fee.replace(",", "").isdecimal():
                value = int(units) + (int(fee) if kind is FactKind.UNSHIELD else 0)
                found.setdefault((fact.chain_id, pool, token), []).append(_Note(who, value, fact))
    return found
