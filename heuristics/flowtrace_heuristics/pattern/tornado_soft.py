"""Tornado rule T7: soft signs that withdrawals are of one hand: a rare relayer, gas, or blocks in a row."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import NOBODY, Address, Class, Family, Finding, RuleCard
from flowtrace_heuristics.pattern.moves import moves_of, shown
from flowtrace_heuristics.pattern.pools import CITED, FAKE, ODDS, Note, Pools, candidate, odds

MOST_OF_RELAYER = 5
LEAST_IN_ROW = 3

CARD = RuleCard(
    id="tornado_soft",
    version=1,
    claim=(
        "Recipients of withdrawals share a relayer that served only a few; or a recipient's first coin came "
        "from an address that T1 links with a pool; or withdrawals of one pool stand in the same or the next "
        "block, three or more in a row. Each is a sign of one hand, and weak."
    ),
    cls=Class.P,
    citation=CITED,
    parameters=(
        ("withdrawals_by_a_rare_relayer_at_most", str(MOST_OF_RELAYER)),
        ("withdrawals_in_a_row_at_least", str(LEAST_IN_ROW)),
        *ODDS,
        ("n", "a rare relayer, blocks in a row: withdrawals on record; gas: addresses that T1 links"),
        ("p_of_a_rare_relayer", "its share of withdrawals"),
        ("p_of_gas", "recipients so funded by all recipients"),
        ("p_of_blocks_in_a_row", "withdrawals of the pool by the blocks they span"),
    ),
    failures=(
        FAKE,
        "new relayers serve few at first, and strangers share them",
        "gas is sent by friends, faucets and exchanges too",
        "crowded hours bring withdrawals in every block",
    ),
    falsified_by="the recipients are shown to be unrelated",
    chains=(Family.EVM,),
    needs=("tornado_address_match",),
    on=False,
)


@heuristic(CARD)
def tornado_soft(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield what is shared by a rare relayer, what gas tells, and withdrawals in a row."""
    pools = Pools(ledger)
    if not pools.withdrawals:
        return
    notes = sorted(
        (note for held in pools.withdrawals.values() for note in held),
        key=lambda note: (note.fact.chain_id, note.key, note.fact.id),
    )
    yield from _relayers(notes)
    yield from _funded(ledger, attribution, pools, notes=notes)
    for held in pools.open.values():
        yield from _in_a_row(held)


def _relayers(notes: list[Note]) -> Iterator[Finding]:
    served: dict[Address, list[Note]] = {}
    for note in notes:
        relayer = note.fact.party("relayer")
        if relayer is not None and relayer != note.who and relayer.account != NOBODY:
            served.setdefault(relayer, []).append(note)
    for relayer in sorted(served):
        held = served[relayer]
        takers = sorted({note.who for note in held})
        if len(held) > MOST_OF_RELAYER or len(takers) < 2:  # noqa: PLR2004  one and another
            continue
        chance = Fraction(len(held), len(notes))
        told = odds(len(takers), len(notes) - len(held), chance, bursts=len(notes), tried=len(served))
        figures = (("rule", "T7"), ("form", "a rare relayer"), ("relayer", relayer.display), *told)
        facts = [note.fact for note in held]
        yield candidate("tornado rare relayer", by(CARD), takers, because=facts, figures=figures)


def _funded(
    ledger: Ledger, attribution: Attribution, pools: Pools, *, notes: list[Note]
) -> Iterator[Finding]:
    moves = moves_of(ledger, attribution)
    sources = {found[0].who for found in pools.same.values()}
    open_notes = {note.who: note for note in reversed(notes) if note.fact.id not in pools.same}
    first: dict[int, int] = {}
    natives = {n for n, asset in enumerate(ledger.assets) if asset.reference.startswith("slip44:")}
    for move in range(len(moves)):
        if moves.asset[move] in natives:
            first.setdefault(moves.target[move], move)
    found = []
    for number, move in sorted(first.items()):
        taker, payer = ledger.addresses[number], ledger.addresses[moves.source[move]]
        if taker in open_notes and payer in sources and payer != taker and attribution.service(payer) is None:
            found.append((payer, taker, move))
    for payer, taker, move in found:
        chance = Fraction(len(found), len(open_notes))
        told = odds(1, len(sources) - 1, chance, bursts=len(sources), tried=len(open_notes))
        figures = (("rule", "T7"), ("form", "gas from a linked address"), *told)
        yield candidate(
            "tornado gas funding",
            by(CARD),
            (payer, taker),
            because=(open_notes[taker].fact,),
            figures=figures,
            transfers=shown(ledger, moves, (move,)),
        )


def _in_a_row(notes: list[Note]) -> Iterator[Finding]:
    row: list[Note] = []
    for note in [*notes, None]:
        if note is not None and (not row or note.fact.height - row[-1].fact.height <= 1):
            row.append(note)
            continue
        takers = list(dict.fromkeys(one.who for one in row))
        if len(row) >= LEAST_IN_ROW and len(takers) > 1:
            blocks = notes[-1].fact.height - notes[0].fact.height + 1
            chance = min(Fraction(1), Fraction(len(notes), blocks))
            told = odds(len(row), len(notes) - len(row), chance, bursts=len(notes), tried=len(notes))
            figures = (("rule", "T7"), ("form", "blocks in a row"), ("withdrawals", str(len(row))), *told)
            facts = [one.fact for one in row]
            yield candidate(
                "tornado withdrawals in a row", by(CARD), takers[:50], because=facts, figures=figures
            )
        row = [] if note is None else [note]
