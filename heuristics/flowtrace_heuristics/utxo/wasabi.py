"""Rounds of Wasabi: of its first coordinator's address, of its one denomination, and of WabiSabi's many.

After Stütz et al. (AFT 2022), Ficsor's Dumplings and the clean-up of both by crocs-muni/coinjoin-analysis.
They hold on Bitcoin only, each from its height on.
"""

from __future__ import annotations

from itertools import pairwise

from flowtrace_heuristics.utxo.sides import TAPROOT, WITNESS_KEY, Sides, most_common

FIRST_HEIGHT, SECOND_HEIGHT, WABISABI_HEIGHT = 530_500, 610_000, 741_213
OTHERS_HEIGHT = 842_000
"""From May 2024 coordinators beside zkSNACKs' own ran smaller rounds."""
COORDINATORS = (
    "bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew",
    "bc1qa24tsgchvuxsaccp8vrnkfd85hrcpafg20kmjw",
)
BASE, NEAR, EDGE = 10_000_000, 2_000_000, 1_500_000
ROUND = (8_000_000, 9_000_000, 10_000_000, 11_000_000, 12_000_000)
_GAMES = ("1lucky", "1dice")
EQUALS, UNIQUE = 10, 2
MANY_INPUTS, SOME_INPUTS, FEW_INPUTS = 50, 15, 5
LEAST, MOST = 5_000, 134_375_000_000


def _denominations() -> frozenset[int]:
    found = set[int]()
    for base, factors in ((2, (1,)), (3, (1, 2)), (10, (1, 2, 5))):
        power = 1
        while power <= MOST:
            found |= {factor * power for factor in factors}
            power *= base
    return frozenset(value for value in found if LEAST <= value <= MOST)


DENOMINATIONS = _denominations()


def first(sides: Sides) -> bool:
    """D1, Wasabi 1.0: pays the coordinator's address, and one value more than twice."""
    if not (sides.on_bitcoin and FIRST_HEIGHT <= sides.height < SECOND_HEIGHT):
        return False
    return any(payee in COORDINATORS for payee in sides.payees) and most_common(sides.counts)[1] > 2  # noqa: PLR2004


def second(sides: Sides) -> int:
    """D2, Wasabi 1.1 and later: ten or more equal outputs of about 0.1 BTC, and change.

    Return 2 where the clean-up leaves it, 1 where the clean-up takes it for another service's payout, else 0.
    """
    if not (sides.on_bitcoin and sides.height >= SECOND_HEIGHT) or len(sides.paid) < EQUALS:
        return 0
    counts = sides.counts
    value, number = most_common(counts)
    fits = (
        EQUALS <= number <= len(sides.gives)
        and abs(value - BASE) <= NEAR
        and all(kind == WITNESS_KEY for kind in (*sides.gives, *sides.pays))
        and sum(1 for times in counts.values() if times == 1) >= UNIQUE
    )
    return (1 if _looks_alike(sides, value) else 2) if fits else 0


def _looks_alike(sides: Sides, value: int) -> bool:
    """Stütz et al.: what other services' payouts of about 0.1 BTC look like."""
    counts = sides.counts
    return (
        any(payee.startswith(_GAMES) for payee in sides.payees)
        or len({*sides.payees}) < len(sides.payees)
        or any(counts[units] >= EQUALS for units in ROUND)
        or abs(value - BASE) > EDGE
    )


def wabisabi(sides: Sides) -> int:
    """D3, Wasabi 2: return 2 where it is a round, 1 where only the number of inputs falls short, else 0.

    Inputs and outputs stand largest first, and more than four in five outputs are standard denominations.
    Where the inputs' values are not known their order is not judged, and no more than 1 is said.
    """
    if not has_form(sides, inputs=FEW_INPUTS) or reuses(sides):
        return 0
    enough = SOME_INPUTS if sides.height >= OTHERS_HEIGHT else MANY_INPUTS
    return 2 if len(sides.gives) >= enough and sides.given is not None else 1


def has_form(sides: Sides, *, inputs: int) -> bool:
    """Tell whether it has a round's form, and so many inputs at the least."""
    if not (sides.on_bitcoin and sides.height >= WABISABI_HEIGHT) or len(sides.gives) < inputs:
        return False
    if not all(kind in (WITNESS_KEY, TAPROOT) for kind in sides.gives):
        return False
    if not (_falls(sides.paid) and (sides.given is None or _falls(sides.given))):
        return False
    standard = sum(1 for units in sides.paid if units in DENOMINATIONS)
    return standard * 5 > len(sides.paid) * 4


def _falls(values: tuple[int, ...]) -> bool:
    return all(one >= other for one, other in pairwise(values))


def reuses(sides: Sides) -> bool:
    """Tell whether on both sides fewer than 3 in 10 scripts are different ones: somebody pays himself."""
    return all(len({*side}) * 10 < len(side) * 3 for side in (sides.givers, sides.payees))
