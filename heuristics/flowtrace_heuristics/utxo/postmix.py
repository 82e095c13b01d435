"""Coins of one round spent together later: whoever does so shrinks the crowd of that round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, Pattern, RuleCard, Transfer
from flowtrace_heuristics.utxo.coins import Coins, is_new_coin
from flowtrace_heuristics.utxo.collaboration import Collaborative

LEAST = 2

CARD = RuleCard(
    id="postmix_consolidation",
    version=1,
    claim=(
        "Outputs of one collaborative round that one transaction of a single party spends together are one "
        "owner's. Of so many equal outputs of the round, that many fewer owners are left to each."
    ),
    cls=Class.P,
    citation=(
        "Gavenda et al. 2025, ESORICS (arXiv 2510.17284), post-mix consolidation; Stütz et al. 2022, AFT; "
        "multi-input: Ron and Shamir 2013"
    ),
    parameters=(("least_outputs_together", str(LEAST)),),
    failures=(
        "outputs paid in the round to an exchange or a shop, which sweeps many customers' coins at once",
        "a second round that no detector knows spends outputs of several owners together",
        "an owner of several outputs who never joins them is not seen: what is left is a most, no least",
    ),
    falsified_by="two owners state that they signed the spending transaction together",
    chains=(Family.UTXO,),
    needs=("coinjoin",),
)


@heuristic(CARD)
def postmix_consolidation(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each round whose outputs a later transaction of one party joins, with the set that is left."""
    coins = Coins(ledger, attribution)
    for place in coins.places:
        if coins.verdict(place).collaborative is Collaborative.YES:
            yield from _rounds(coins, place)


def _rounds(coins: Coins, place: int) -> Iterator[Pattern]:
    transfer = coins.ledger[place]
    spent: dict[int, list[int]] = {}
    for number, leg in enumerate(transfer.outputs):
        at = coins.spender(transfer.chain_id, leg.coin) if leg.coin else None
        if at is not None and at != place and coins.alone(at):
            spent.setdefault(at, []).append(number)
    for at, numbers in sorted(spent.items()):
        if len(numbers) >= LEAST and not is_new_coin(transfer):
            yield _pattern(transfer, numbers, by_id=coins.id_of(at), design=coins.verdict(place).design)


def _pattern(transfer: Transfer, numbers: list[int], *, by_id: str, design: str) -> Pattern:
    """Return the finding: of each value joined, how many outputs the round has and how many are left."""
    legs = [transfer.outputs[number] for number in numbers]
    values = Counter(leg.units for leg in transfer.outputs if leg.coin)
    joined = Counter(leg.units for leg in legs)
    sets = " ".join(
        f"{units}:{values[units]}->{values[units] - joined[units] + 1}" for units in sorted(joined)
    )
    figures = (("round", design), ("outputs", ",".join(map(str, numbers))), ("equal_outputs_left", sets))
    addresses = tuple(dict.fromkeys(leg.address for leg in legs if leg.address is not None))
    because = (transfer.id, by_id)
    return Pattern("post-mix consolidation", addresses, by(CARD), because, Class.P, figures)
