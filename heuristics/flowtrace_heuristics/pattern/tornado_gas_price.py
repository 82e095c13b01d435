"""Tornado rule T2: a withdrawal without a relayer bears a gas price that one deposit of the pool bore."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Fact, FactKind, Family, Finding, RuleCard
from flowtrace_heuristics.pattern.pools import CITED, FAKE, ODDS, Note, Pools, candidate

LONDON = {"eip155:1": 12_965_000}  # EIP-1559

CARD = RuleCard(
    id="tornado_gas_price",
    version=1,
    claim=(
        "A withdrawal that its recipient sent without a relayer bears a gas price which exactly one deposit "
        "of the pool bore, an earlier one. Where a pair of fee and priority is told, it is compared; "
        "since EIP-1559 a match is weak."
    ),
    cls=Class.P,
    citation=CITED,
    parameters=(
        ("weak_from_block", ", ".join(f"{block} on {chain}" for chain, block in LONDON.items())),
        *ODDS,
        ("p", "(others at this price + 1) / (others + 1), of all transactions whose gas is on record"),
    ),
    failures=(
        FAKE,
        "wallets propose the same price to many: since August 2021 the pair says little",
        "a price is unique only as far as the pool's deposits are on record",
    ),
    falsified_by="the note's secret is shown to be another's",
    chains=(Family.EVM,),
    needs=("tornado_address_match",),
)
_Price = tuple[str, ...]


@heuristic(CARD)
def tornado_gas_price(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each withdrawal with the one earlier deposit at its price."""
    del attribution
    pools = Pools(ledger)
    prices = Counter(price for fact in ledger.told(FactKind.GAS) if (price := _price(fact)))
    for pool, notes in pools.open.items():
        if pool not in pools.deposits:
            continue
        unique = _unique(pools, pools.deposits[pool])
        unlinked = {note.fact.id for note in pools.unlinked[pool]}
        for note in notes:
            gas = pools.gas_of(note)
            price = _price(gas)
            deposit = unique.get(price)
            if deposit is None or gas is None or gas.party("payer") != note.who or deposit.key >= note.key:
                continue
            if deposit.fact.id not in unlinked:
                continue
            chance = Fraction(max(0, prices[price] - 2) + 1, max(0, sum(prices.values()) - 2) + 1)
            figures = (
                ("rule", "T2"),
                ("pool", pool.display),
                ("gas_price", " and ".join(price)),
                ("weak", "yes" if len(price) > 1 or _after_london(note.fact) else "no"),
                *pools.odds(note, 1, chance),
            )
            paid = [fact for fact in (pools.gas_of(deposit), gas) if fact is not None]
            yield candidate(
                "tornado gas price",
                by(CARD),
                (deposit.who, note.who),
                because=(deposit.fact, note.fact, *paid),
                figures=figures,
            )


def _price(gas: Fact | None) -> _Price:
    """Return the gas price, or the pair of fee and priority; nothing where the record does not tell it."""
    if gas is None:
        return ()
    fee, priority = gas.figure("fee"), gas.figure("priority")
    if fee and priority:
        return (fee, priority)
    return (gas.figure("price"),) if gas.figure("price") else ()


def _after_london(fact: Fact) -> bool:
    return fact.height >= LONDON.get(fact.chain_id, 0)


def _unique(pools: Pools, deposits: list[Note]) -> dict[_Price, Note]:
    """Return the deposits whose price no other deposit of the pool has."""
    found: dict[_Price, list[Note]] = {}
    for note in deposits:
        price = _price(pools.gas_of(note))
        if price:
            found.setdefault(price, []).append(note)
    return {price: notes[0] for price, notes in found.items() if len(notes) == 1}
