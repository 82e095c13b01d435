"""Tornado rule T5: the points paid out for a note tell in how many blocks it lay in the pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Fact, FactKind, Family, Finding, RuleCard
from flowtrace_heuristics.pattern.pools import CITED, FAKE, ODDS, Note, Pools, candidate

# Points a block of each pool with mining (Tutela; pools as in github.com/TutelaLabs/tutela-app at 5a33bfbf).
_RATES = (
    ("0x12D66f87A04A9E220743712cE6d9bB1B5616B8Fc", "0.1 ETH", 4),
    ("0x47CE0C6eD5B0Ce3d3A51fdb1C52DC66a7c3c2936", "1 ETH", 20),
    ("0x910Cbd523D972eb0a6f4cAe4618aD62622b39DbF", "10 ETH", 50),
    ("0xA160cdAB225685dA1d56aa342Ad8841c3b53f291", "100 ETH", 400),
    ("0xD4B88Df4D29F5CedD6857912842cff3b20C8Cfa3", "100 DAI", 2),
    ("0xFD8610d20aA15b7B2E3Be39B396a1bC3516c7144", "1,000 DAI", 10),
    ("0x07687e702b410Fa43f4cB4Af7FA097918ffD2730", "10,000 DAI", 40),
    ("0x23773E65ed146A459791799d01336DB287f25334", "100,000 DAI", 250),
    ("0x22aaA7720ddd5388A3c0A3333430953C68f1849b", "5,000 cDAI", 2),
    ("0x03893a7c7463AE47D46bc7f091665f1893656003", "50,000 cDAI", 10),
    ("0x2717c5e28cf931547B621a5dddb772Ab6A35B701", "500,000 cDAI", 40),
    ("0xD21be7248e0197Ee08E0c20D4a96DEBdaC3D20Af", "5,000,000 cDAI", 250),
    ("0x178169B423a011fff22B9e3F3abeA13414dDD0F1", "0.1 WBTC", 15),
    ("0x610B717796ad172B316836AC95a2ffad065CeaB4", "1 WBTC", 120),
    ("0xbB93e510BbCD0B7beb5A853875f9eC60275CF498", "10 WBTC", 1000),
)
RATES = {Address.parse("ethereum", pool): rate for pool, _, rate in _RATES}

CARD = RuleCard(
    id="tornado_anonymity_mining",
    version=1,
    claim=(
        "Points that an address claimed for one note, divided by the pool's rate, are blocks; its deposit "
        "that many blocks before a withdrawal of the pool, or a withdrawal to it that many after a deposit, "
        "may be the note's."
    ),
    cls=Class.P,
    citation=CITED,
    parameters=(
        ("points_a_block", "; ".join(f"{name}: {rate}" for _, name, rate in _RATES)),
        *ODDS,
        (
            "p",
            "withdrawals of the pool by the blocks from its first deposit to its last withdrawal on record",
        ),
    ),
    failures=(
        FAKE,
        "points are as paid out: where a relayer took a fee of them, they match nothing",
        "points gathered of several notes and claimed at once match nothing, or something by chance",
        "a claim of another chain's pool, or outside December 2020 to 2021, is none",
    ),
    falsified_by="the claim is shown to be of other notes",
    chains=(Family.EVM,),
    needs=("tornado_address_match",),
)


@heuristic(CARD)
def tornado_anonymity_mining(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield for each claim of points the deposits and withdrawals that stand as far apart."""
    del attribution
    claims = ledger.told(FactKind.MIXER_REWARD)
    if not claims:
        return
    pools = Pools(ledger)
    deposited, withdrawn = _by_height(pools.deposits), _by_height(pools.withdrawals)
    received = _by_taker(pools.withdrawals)
    for claim in claims:
        who, points = claim.party("recipient"), claim.figure("points")
        if who is None or not (points.isascii() and points.isdecimal() and len(points) <= 18):  # noqa: PLR2004
            continue
        for pool, rate in RATES.items():
            blocks, rest = divmod(int(points), rate)
            if rest or not blocks:
                continue
            pairs = [
                *((made, taken) for made in pools.of_depositor.get((pool, who), ())
                  for taken in withdrawn.get((pool, made.fact.height + blocks), ())),
                *((made, taken) for taken in received.get((pool, who), ())
                  for made in deposited.get((pool, taken.fact.height - blocks), ())),
            ]  # fmt: skip
            before = [pair for pair in pairs if pair[0].key < pair[1].key and pair[1].key < claim.key]
            yield from _told(pools, claim, before, blocks=blocks)


def _told(pools: Pools, claim: Fact, pairs: Sequence[tuple[Note, Note]], *, blocks: int) -> Iterator[Finding]:
    for made, taken in sorted(dict.fromkeys(pairs), key=lambda pair: (pair[0].key, pair[1].key))[:16]:
        chance = _chance(pools, made.pool)
        figures = (
            ("rule", "T5"),
            ("pool", made.pool.display),
            ("blocks", str(blocks)),
            ("points", claim.figure("points")),
            *pools.odds(taken, len(pairs), chance),
        )
        because = (made.fact, taken.fact, claim)
        yield candidate(
            "tornado anonymity mining", by(CARD), (made.who, taken.who), because=because, figures=figures
        )


def _chance(pools: Pools, pool: Address) -> Fraction:
    """Return the chance that a block holds a withdrawal of the pool."""
    made, taken = pools.deposits[pool], pools.withdrawals[pool]
    blocks = max(taken[-1].fact.height - made[0].fact.height, 0) + 1
    return min(Fraction(1), Fraction(len(taken), blocks))


def _by_height(pools: Mapping[Address, Sequence[Note]]) -> dict[tuple[Address, int], list[Note]]:
    found: dict[tuple[Address, int], list[Note]] = {}
    for pool, notes in pools.items():
        for note in notes:
            found.setdefault((pool, note.fact.height), []).append(note)
    return found


def _by_taker(pools: Mapping[Address, Sequence[Note]]) -> dict[tuple[Address, Address], list[Note]]:
    found: dict[tuple[Address, Address], list[Note]] = {}
    for pool, notes in pools.items():
        for note in notes:
            found.setdefault((pool, note.who), []).append(note)
    return found
