"""Peel chains of one wallet: hop by hop along change that is spent as it was made, forward and backward.

After Kappos et al. (USENIX Security 2022), restated: a hop is followed only where all its software leaves
on it agrees and only one way leads on. The weaker shape of a peel chain is a pattern, and joins nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, Leg, Pattern, RuleCard, SameOwner
from flowtrace_heuristics.utxo.change import Candidates, Spend, consumer, optimal
from flowtrace_heuristics.utxo.coins import Coins, is_new_coin, payer_of
from flowtrace_heuristics.utxo.fingerprint import Fingerprint, alike
from flowtrace_heuristics.utxo.sides import script_kind

LEAST_HOPS = 3
MOST_OUTPUTS = 50
_SHOWN = 25  # hops at each end that a finding cites

CARD = RuleCard(
    id="peel_chain_links",
    version=1,
    claim=(
        "A transaction is followed to the one output to a new address, of the inputs' kind of script, whose "
        "spender is built alike (version, lock time, replacement, script kinds, BIP-69 order, two outputs or "
        "more) and made by one party. Three such transactions or more are one operator's chain."
    ),
    cls=Class.P,
    citation=(
        "Kappos et al. 2022, How to Peel a Million, USENIX Security (arXiv 2205.13882); thresholds are "
        "flowtrace's"
    ),
    parameters=(("least_hops", str(LEAST_HOPS)), ("most_outputs_of_a_hop", str(MOST_OUTPUTS))),
    failures=(
        "the last hop may be the payment to another who uses the same program",
        "a service whose customers spend at once, with its own program, is followed into the customer",
        "an address is new only as far as the ledger goes",
        "a ledger without the shapes of its transactions has no chains",
    ),
    falsified_by="a change address of the chain is shown to be another's than the address before it",
    chains=(Family.UTXO,),
    needs=("change_candidates", "coinjoin"),
    on=False,
)


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a transaction leads: the output that is followed and its spender, or why there is none."""

    output: int = -1
    to: int = -1
    stop: str = ""


@heuristic(CARD)
def peel_chain_links(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each chain of three transactions or more, and its links as soft findings of one owner."""
    coins = Coins(ledger, attribution)
    onward = {place: find_next(coins, place) for place in coins.places}
    before = find_previous(onward)
    for start in coins.places:
        if onward[start].to < 0 or start in before:
            continue  # it leads nowhere, or a chain leads here
        chain, stop = _walk(start, onward, before)
        if len(chain) >= LEAST_HOPS:
            yield from _findings(coins, chain, onward=onward, stop=stop)


def find_next(coins: Coins, place: int) -> Hop:
    """Follow a transaction to the one spender of its change, or say why not."""
    if not coins.alone(place):
        return Hop(stop="collaborative")
    spend = Spend.at(coins, place)
    if is_new_coin(spend.transfer) or not 1 < len(spend.outputs) <= MOST_OUTPUTS:
        return Hop(stop="no change")
    found = tuple(number for number in spend.outputs if _leads_on(spend, number))
    if len(found) > 1:
        found = _narrowed(spend, found)
        if len(found) != 1:
            return Hop(stop="ambiguous")
    at = spend.spenders[found[0]] if found else None
    return Hop(stop="end") if at is None else Hop(found[0], at)


def _leads_on(spend: Spend, number: int) -> bool:
    at, leg = spend.spenders[number], spend.leg(number)
    if at is None or at <= spend.place or not spend.coins.alone(at):
        return False
    return (
        spend.known[number].new
        and spend.known[number].told
        and _of_kind(spend, leg)
        and alike(spend.mark, spend.coins.fingerprint(at))
        and _wide(spend.mark) == _wide(spend.coins.fingerprint(at))
    )


def _of_kind(spend: Spend, leg: Leg) -> bool:
    kinds = spend.mark.kinds
    return len(kinds) != 1 or script_kind(leg.address) == kinds[0]


def _wide(mark: Fingerprint) -> int:
    """Return the class of a number of outputs: one, two, or more."""
    return min(mark.outputs, 3)


def _narrowed(spend: Spend, found: Candidates) -> Candidates:
    """Ask C3 and C9 where several outputs lead on."""
    kept = {*optimal(spend)} & {*consumer(spend)}
    return tuple(number for number in found if number in kept)


def find_previous(onward: dict[int, Hop]) -> dict[int, int]:
    """Return where each transaction's chain comes from: the one that leads to it, if it is the only one."""
    leading: dict[int, list[int]] = {}
    for place, hop in onward.items():
        if hop.to >= 0:
            leading.setdefault(hop.to, []).append(place)
    return {to: places[0] for to, places in leading.items() if len(places) == 1}


def _walk(start: int, onward: dict[int, Hop], before: dict[int, int]) -> tuple[list[int], str]:
    """Return the rows of a chain, and why it ends; where two chains meet, both end."""
    chain, place = [start], start
    while onward[place].to >= 0:
        place = onward[place].to
        if place not in before:
            return chain, "another chain joins"
        chain.append(place)
    return chain, onward[place].stop


def _findings(coins: Coins, chain: list[int], *, onward: dict[int, Hop], stop: str) -> Iterator[Finding]:
    ledger = coins.ledger
    ids = [coins.id_of(place) for place in chain]
    links = []
    for number, place in enumerate(chain[:-1]):
        transfer = ledger[place]
        links.append((number, payer_of(transfer), transfer.outputs[onward[place].output]))
    addresses = tuple(dict.fromkeys(change.address for _, _, change in links if change.address is not None))
    shown = ids if len(ids) <= 2 * _SHOWN else ids[:_SHOWN] + ids[-_SHOWN:]
    figures = (
        ("hops", str(len(chain))),
        ("first_change", str(links[0][2].units)),
        ("last_change", str(links[-1][2].units)),
        ("ends", stop),
    )
    yield Pattern("peel chain of one fingerprint", addresses, by(CARD), tuple(shown), Class.P, figures)
    for number, payer, change in links:
        if payer is not None and change.address is not None and payer != change.address:
            because = (ids[number], ids[number + 1])
            yield SameOwner(payer, change.address, by(CARD), because, soft=True)
