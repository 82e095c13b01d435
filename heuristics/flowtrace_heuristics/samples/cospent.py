"""Change whose truth is made by later spending: the one output that is spent together with the payer's coins.

After Möser and Narayanan (2022, section 3). The truth rests on the multi-input rule with its guard, so it is
less sure than a wallet's keys; and it favours owners who join their coins.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flowtrace.cluster import clusters
from flowtrace.ledger import Ledger
from flowtrace.model import Address, SameOwner
from flowtrace_heuristics.samples.coinjoins import NOBODY
from flowtrace_heuristics.samples.dumplings import transactions
from flowtrace_heuristics.utxo.change import Spend
from flowtrace_heuristics.utxo.change_candidates import spends
from flowtrace_heuristics.utxo.coins import Coins
from flowtrace_heuristics.utxo.multi_input import multi_input

LISTS = {
    "coinjoin/dumplings__jm_202406.zip": ("OtherCoinJoins", "OtherCoinJoinPostMixTxs"),
    "coinjoin/dumplings__end_zksnacks_202405.zip": ("Wasabi2CoinJoins", "Wasabi2PostMixTxs"),
    "coinjoin/dumplings__ww1_202405.zip": ("WasabiCoinJoins", "WasabiPostMixTxs"),
    "coinjoin/dumplings__sw_202403.zip": ("SamouraiCoinJoins", "SamouraiPostMixTxs", "SamouraiTx0s"),
}
"""Rounds and what their coins went to, on the main chain."""


@lru_cache(maxsize=1)
def known_change(folder: Path) -> tuple[tuple[Spend, int], ...]:
    """Return each transaction of the lists whose one change is known so, with the number of that output."""
    return tuple(one for file, names in LISTS.items() for one in _known(folder / file, names))


def _known(file: Path, names: tuple[str, ...]) -> list[tuple[Spend, int]]:
    once = {one.id: one for name in names for one in transactions(file, name)}
    ledger = Ledger(once.values())
    owner = _owners(ledger)
    found = []
    for spend in spends(Coins(ledger, NOBODY)):
        payers = {owner.get(leg.address, leg.address) for leg in spend.transfer.inputs if leg.address}
        back = [n for n in spend.outputs if owner.get(address := spend.leg(n).address, address) in payers]
        if len(back) == 1 and not spend.to_itself:
            found.append((spend, back[0]))
    return found


def _owners(ledger: Ledger) -> dict[Address | None, Address]:
    """Return the address that stands for each cluster, by its members."""
    unions = [one for one in multi_input(ledger, NOBODY) if isinstance(one, SameOwner) and not one.soft]
    return {member: group.members[0] for group in clusters(unions).clusters for member in group.members}
