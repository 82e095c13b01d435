"""Tornado rule T6: a burst of withdrawals follows a burst of deposits, in order or in rhythm."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise, permutations
from math import factorial

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Family, Finding, Nature, RuleCard
from flowtrace_heuristics.pattern.pools import FAKE, ODDS, Note, Pools, candidate, odds

GAP = 24 * 3600
WINDOW = 7 * 24 * 3600
LEAST_NOTES = 3
MOST_P = Fraction(1, 100)
MOST_GAPS = 7  # 5,040 orders at most are gone through, all of them
MOST_TRIED = 16

CARD = RuleCard(
    id="tornado_fifo",
    version=1,
    claim=(
        "A burst of withdrawals to one address holds as many notes as an earlier burst of deposits of "
        "another, of the same pools in the same order, and so close in order or rhythm that fewer than 1 % "
        "of all orders of its notes come as close."
    ),
    cls=Class.P,
    citation="arXiv 2510.09433 (2025), first-in first-out temporal matching of Tornado Cash withdrawals",
    parameters=(
        ("gap_within_a_burst_at_most_seconds", str(GAP)),
        ("window_from_deposits_to_withdrawals_seconds", str(WINDOW)),
        ("notes_at_least", str(LEAST_NOTES)),
        ("p_below", str(MOST_P)),
        ("gaps_permuted_at_most", f"the first {MOST_GAPS}: every order is tried, none drawn by chance"),
        ("bursts_of_deposits_tried_at_most", f"{MOST_TRIED}, the latest"),
        *ODDS,
        ("n", "earlier bursts of deposits of as many notes of each pool within the window"),
        (
            "p",
            "several pools: 1 by the orders of its pools; one pool: the orders of gaps that come as close",
        ),
    ),
    failures=(
        FAKE,
        "busy pools bring bursts alike by chance: the look-elsewhere figure tells how many",
        "whoever waits, shuffles or splits to several addresses is missed",
        "blocks' times are rounded to the slot, so short rhythms look alike",
    ),
    falsified_by="the notes' secrets are shown to be another's",
    nature=Nature.STATISTICAL,
    chains=(Family.EVM,),
    needs=("tornado_address_match",),
)
_Holds = tuple[tuple[Address, int], ...]


@heuristic(CARD)
def tornado_fifo(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each burst of withdrawals with the bursts of deposits that it follows."""
    del attribution
    pools = Pools(ledger)
    put_in = bursts_of(pools.unlinked)
    taken = [burst for burst in bursts_of(pools.open) if len(burst) >= LEAST_NOTES]
    alike: dict[_Holds, list[tuple[Note, ...]]] = {}
    for burst in sorted(put_in, key=lambda held: (held[-1].key, held[0].who)):
        alike.setdefault(_holds(burst), []).append(burst)
    for burst in taken:
        held = alike.get(_holds(burst), [])
        end = bisect_left(held, burst[0].key, key=lambda one: one[-1].key)
        near = [one for one in held[max(0, end - MOST_TRIED) : end] if _near(one, burst)]
        found = [(one, p) for one in near if (p := chance_of(one, burst)) < MOST_P]
        for one, p in found:
            told = odds(len(found), len(near) - len(found), p, bursts=len(near), tried=len(taken))
            figures = (("rule", "T6"), ("notes", str(len(burst))), ("p", str(p)), *told)
            facts = [note.fact for note in (*one[:25], *burst[:25])]
            ways = (one[0].who, burst[0].who)
            yield candidate("tornado first-in first-out", by(CARD), ways, because=facts, figures=figures)


def bursts_of(pools: Mapping[Address, Sequence[Note]]) -> list[tuple[Note, ...]]:
    """Return each address's notes cut wherever more than the gap lies between two."""
    notes = sorted(
        (note for held in pools.values() for note in held),
        key=lambda note: (note.who, note.key, note.fact.id),
    )
    found: list[list[Note]] = []
    for note in notes:
        last = found[-1][-1] if found else None
        if last is not None and last.who == note.who and note.fact.time - last.fact.time <= GAP:
            found[-1].append(note)
        else:
            found.append([note])
    return [tuple(burst) for burst in found]


def chance_of(deposits: Sequence[Note], withdrawals: Sequence[Note]) -> Fraction:
    """Return the share of orders that come as close as the one on record; 1 where the pools' differ.

    Of several pools it is one of all the orders in which their notes can come. Of one pool the gaps between
    withdrawals are put in every order, and the sum of their differences from the deposits' gaps compared.
    """
    if [note.pool for note in deposits] != [note.pool for note in withdrawals]:
        return Fraction(1)
    counts = Counter(note.pool for note in withdrawals)
    if len(counts) > 1:
        orders = factorial(len(withdrawals))
        for count in counts.values():
            orders //= factorial(count)
        return Fraction(1, orders)
    return _rhythm(_gaps(deposits), _gaps(withdrawals))


def _rhythm(given: Sequence[int], taken: Sequence[int]) -> Fraction:
    held = _apart(given, taken)
    orders = factorial(len(taken))
    most = orders * MOST_P
    close = 0
    for order in permutations(taken):
        close += _apart(given, order) <= held
        if close >= most:
            return Fraction(1)  # no closer than chance
    return Fraction(close, orders)


def _gaps(notes: Sequence[Note]) -> list[int]:
    return [b.fact.time - a.fact.time for a, b in islice(pairwise(notes), MOST_GAPS)]


def _apart(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _holds(burst: Sequence[Note]) -> _Holds:
    return tuple(sorted(Counter(note.pool for note in burst).items()))


def _near(deposits: Sequence[Note], withdrawals: Sequence[Note]) -> bool:
    other = deposits[0].who != withdrawals[0].who
    return other and withdrawals[0].fact.time - deposits[-1].fact.time <= WINDOW
