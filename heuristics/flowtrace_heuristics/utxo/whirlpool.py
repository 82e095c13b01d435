"""Mixes of Whirlpool (Samourai's and Ashigaru's), and the transactions that prepare coins for them.

After Dumplings and Stockinger et al. (AFT 2022). They hold on Bitcoin only.
"""

from __future__ import annotations

from flowtrace_heuristics.utxo.sides import NO_ADDRESS, WITNESS_KEY, Sides

HEIGHT = 570_000
POOLS = (100_000, 1_000_000, 5_000_000, 50_000_000, 2_500_000, 25_000_000)
"""0.001, 0.01, 0.05, 0.5 BTC (Samourai); 0.025, 0.25 BTC (Ashigaru, 2025)."""
LEAST, MOST, MINER_FEE = 5, 10, 110_000
DESIGN = "whirlpool"

GENESIS = frozenset(
    [
        "ac9566a240a5e037471b1a58ea50206062c13e1a75c0c2de3f21c7053573330a",
        "c6c27bef217583cca5f89de86e0cd7d8b546844f800da91d91a74039c3b40fba",
        "4c906f897467c7ed8690576edfcaf8b1fb516d154ef6506a2c4cab2c48821728",
        "a42596825352055841949a8270eda6fb37566a8780b2aec6b49d8035955d060e",
        "94b0da89431d8bd74f1134d8152ed1c7c4f83375e63bc79f19cf293800a83f52",
        "a554db794560458c102bab0af99773883df13bc66ad287c29610ad9bac138926",
        "792c0bfde7f6bf023ff239660fb876315826a0a52fd32e78ea732057789b2be0",
        "e04e5a5932e8d42e4ef641c836c6d08d9f0fff58ab4527ca788485a3fceb2416",
        "b42df707a3d876b24a22b0199e18dc39aba2eafa6dbeaaf9dd23d925bb379c59",
        "737a867727db9a2c981ad622f2fa14b021ce8b1066a001e34fb793f8da833155",
        "7784df1182ab86ee33577b75109bb0f7c5622b9fb91df24b65ab2ab01b27dffa",
    ]
)
"""The first mixes of each pool: every later one descends from them."""


def mix(sides: Sides) -> bool:
    """D4: as many inputs as outputs, 5 to 10, all outputs of one pool's size, at least one input a remix.

    All of them are witness keys' hashes.
    """
    return external_mix(sides) and all(kind == WITNESS_KEY for kind in sides.pays)


def external_mix(sides: Sides) -> bool:
    """D4 with outputs of any kind: a mix may pay a coin out to somebody's wallet of another kind."""
    if not _pays_as_mix(sides) or sides.given is None:
        return False
    pool = sides.paid[0]
    entrants = [units for units in sides.given if units != pool]
    return len(entrants) < len(sides.given) and all(abs(units - pool) <= MINER_FEE for units in entrants)


def likely_mix(sides: Sides) -> bool:
    """Tell whether it pays as a mix does, where the inputs' values are not known."""
    return sides.given is None and _pays_as_mix(sides)


def _pays_as_mix(sides: Sides) -> bool:
    return (
        sides.on_bitcoin
        and sides.height >= HEIGHT
        and LEAST <= len(sides.gives) == len(sides.paid) <= MOST
        and sides.paid[0] in POOLS
        and sides.paid.count(sides.paid[0]) == len(sides.paid)
        and all(kind == WITNESS_KEY for kind in sides.gives)
    )


def strict(sides: Sides) -> bool:
    """Stockinger's rule of 2021: five in, five out, one to three remixes, the others above the pool's size.

    It decides nothing here: it is kept to show what it misses.
    """
    if not external_mix(sides) or sides.given is None or len(sides.given) != LEAST:
        return False
    entrants = [units for units in sides.given if units != sides.paid[0]]
    return 2 <= len(entrants) <= 4 and all(units > sides.paid[0] for units in entrants)  # noqa: PLR2004


def prepares(sides: Sides) -> bool:
    """Tell whether it has a TX0's form: data, and outputs of one pool's size with a miner's fee on top."""
    if not (sides.on_bitcoin and sides.height >= HEIGHT):
        return False
    data = any(kind == NO_ADDRESS and not units for kind, units in zip(sides.pays, sides.paid, strict=True))
    return data and any(is_entry(units) for units in sides.paid)


def is_entry(units: int) -> bool:
    """Tell whether a coin of this value can enter a pool: its size and up to 0.0011 BTC."""
    return any(0 <= units - pool <= MINER_FEE for pool in POOLS)
