"""Whirlpool's TX0: the transaction by which one owner cuts coins to a pool's size before they are mixed.

It looks like a round and is none: all its inputs are one owner's, and so is what enters the pool.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Family, Finding, Nature, Pattern, RuleCard
from flowtrace_heuristics.utxo import whirlpool
from flowtrace_heuristics.utxo.collaboration import by_place
from flowtrace_heuristics.utxo.neighbours import TX0, Columns

_REASONS = 50

CARD = RuleCard(
    id="whirlpool_tx0",
    version=1,
    claim="One owner cut these coins to a pool's size, paid the coordinator, and had them mixed.",
    cls=Class.P,
    citation="Stütz et al., AFT 2022; Ficsor's Dumplings (Samourai TX0s)",
    parameters=(
        ("height", str(whirlpool.HEIGHT)),
        ("pools_base_units", ", ".join(map(str, sorted(whirlpool.POOLS)))),
        ("over_the_pool_base_units", str(whirlpool.MINER_FEE)),
        ("data", "an output of data"),
        ("feeds", "one mix or more on the ledger"),
    ),
    failures=(
        "only one that feeds a mix on the ledger is found",
        "one owner may cut coins for another, who mixes them",
    ),
    falsified_by="the keys of its inputs, or of two coins that enter the pool, are shown to be two owners'",
    nature=Nature.BEHAVIOURAL,
    chains=(Family.UTXO,),
    needs=("coinjoin",),
)


@heuristic(CARD)
def whirlpool_tx0(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each TX0 that feeds a mix, with the owner's addresses: those that give, those that enter."""
    columns, judged = Columns(ledger), by_place(ledger, attribution)
    found = {(ledger.chain[place], ledger.tx[place]): place for place, v in judged.items() if v.design == TX0}
    fed: dict[int, list[str]] = {place: [] for place in found.values()}
    for place in sorted(place for place, verdict in judged.items() if verdict.design == whirlpool.DESIGN):
        for tx in dict.fromkeys(tx for tx, _ in columns.parents(place)):
            if (ledger.chain[place], tx) in found:
                fed[found[ledger.chain[place], tx]].append(ledger[place].id)
    for place, mixes in fed.items():
        yield _pattern(columns, place, mixes)


def _pattern(columns: Columns, place: int, mixes: list[str]) -> Pattern:
    ledger = columns.ledger
    transfer = ledger[place]
    entries = [
        leg for leg in transfer.outputs if leg.address is not None and whirlpool.is_entry(leg.units)
    ]  # fmt: skip
    who: dict[Address, None] = {ledger.addresses[number]: None for number in columns.givers(place)}
    who.update((leg.address, None) for leg in entries if leg.address is not None)
    return Pattern(
        name="Whirlpool TX0",
        addresses=tuple(who),
        by=by(CARD),
        because=(transfer.id, *mixes[: _REASONS - 1]),
        cls=Class.P,
        figures=(
            ("entries", str(len(entries))),
            ("entering_units", str(sum(leg.units for leg in entries))),
            ("mixes_fed", str(len(mixes))),
        ),
        detail=f"{len(entries)} coins of a pool's size; it feeds {len(mixes)} mixes on the ledger",
    )
