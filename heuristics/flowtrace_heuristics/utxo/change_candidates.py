"""What each of the change rules says of a transaction, rule by rule, for a reader who weighs them."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Family, Finding, Pattern, RuleCard
from flowtrace_heuristics.utxo.change import (
    DIGITS,
    FEW_OUTPUTS,
    ROUNDER_BY,
    Spend,
    candidates,
    decided,
    the_one,
)
from flowtrace_heuristics.utxo.coins import AGAIN_WITHIN, Coins, is_new_coin
from flowtrace_heuristics.utxo.fingerprint import SURE_ORDERS, SURE_SIGNATURES
from flowtrace_heuristics.utxo.round_fiat import LEAST, NEAR

MOST_OUTPUTS = 50
"""A payout to more is not weighed: its operator's change shows in other ways."""

CARD = RuleCard(
    id="change_candidates",
    version=1,
    claim=(
        "Of a transaction that one party made, each rule C1 to C12 names the outputs that it cannot rule out "
        "as change, by number; a rule has a verdict only where one output remains. Nothing is joined."
    ),
    cls=Class.P,
    citation=(
        "Kalodner et al. 2020, BlockSci, USENIX Security (candidate sets, C3 to C6, C12); Meiklejohn et al. "
        "2013, IMC (C1, C2); Nick 2015, ETH Zurich (C9); Möser and Narayanan 2022, Financial Cryptography "
        "(C7, C8, C10, C11)"
    ),
    parameters=(
        ("c2_look_ahead_seconds", str(AGAIN_WITHIN)),
        ("c5_zeros", str(DIGITS)),
        ("c5f_margin", str(NEAR)),
        ("c5f_least_sum", str(LEAST)),
        ("c6_zeros_more", str(ROUNDER_BY)),
        ("c8_signatures_to_tell_low_r", str(SURE_SIGNATURES)),
        ("c8_orders_to_tell_bip69", str(SURE_ORDERS)),
        ("c9_most_outputs", str(FEW_OUTPUTS)),
        ("most_outputs", str(MOST_OUTPUTS)),
    ),
    failures=(
        "C1 self-change: markets and games pay from and to one address",
        "C2 fresh: a payee who gives each payer a new address looks like change; later payments undo it",
        "C3 optimal change: nothing with one input; wallets that add inputs for privacy or to gather coin",
        "C4 script kind: a payee's wallet of the same kind; what a script hash holds is not looked into",
        "C5 round value: payments agreed in money are not round in coin",
        "C5f round money: no price, no verdict; change may be near a round sum by chance (4 % and more)",
        "C6 less round: as C5",
        "C7 lock time: a payee with the same habit; the payee's wallet may set none by chance",
        "C8 fingerprint: two owners with one program; one owner with two programs",
        "C9 consumer: a payee who is a consumer too; change that is spent in a batch",
        "C10 fee rate: two owners at one estimate; needs the transaction's weight",
        "C11 peeling: a payee who peels as well",
        "C12 BlockSci's first rule: as C2 and C3, without the look-ahead",
        "a ledger without the spending transactions or without the shapes leaves C7 to C11 unsaid",
    ),
    falsified_by="the owner's wallet shows that the output a rule names was the payment",
    chains=(Family.UTXO,),
    needs=("coinjoin",),
    on=False,
)


@heuristic(CARD)
def change_candidates(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield a pattern for each transaction of which at least one rule has a verdict."""
    coins = Coins(ledger, attribution)
    for spend in spends(coins):
        found = candidates(spend)
        named = [number for number in map(decided, found.values()) if number is not None]
        if not named:
            continue
        common = the_one(found)
        figures = [(name, ",".join(map(str, remaining))) for name, remaining in found.items()]
        figures.append(("all_that_speak", "" if common is None else str(common)))
        legs = (spend.leg(number).address for number in sorted(set(named)))
        addresses: tuple[Address, ...] = tuple(dict.fromkeys(one for one in legs if one is not None))
        yield Pattern("change candidates", addresses, by(CARD), (spend.transfer.id,), Class.P, tuple(figures))


def spends(coins: Coins) -> Iterator[Spend]:
    """Yield each transaction of one party that spends coin into two outputs or more, but not very many."""
    for place in coins.places:
        if not coins.alone(place):
            continue
        spend = Spend.at(coins, place)
        if not is_new_coin(spend.transfer) and 1 < len(spend.outputs) <= MOST_OUTPUTS:
            yield spend
