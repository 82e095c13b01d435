"""A case that begins at addresses or transactions, with no word yet on what was stolen.

What comes to the seed address from elsewhere is marked and followed as stolen value would be. Nothing here
says that it was stolen: for that, and for a freeze request, the user writes ``incident.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flowtrace.case.target import Target
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Asset, Family, Incident, Kind, Theft, Transfer


def seeded(targets: Sequence[Target], ledger: Ledger) -> Incident:
    """Return the incident that a case's seeds stand for, as far as the ledger shows them."""
    thefts: list[Theft] = []
    for target in targets:
        if target.address is not None:
            thefts += _marks(target.address, ledger.of(target.address))
        else:
            thefts += _payments(ledger.transaction(target.chain.id, target.tx))
    thefts = _told_apart(thefts)
    seeds = dict.fromkeys(theft.thief for theft in thefts)
    seeds |= dict.fromkeys(target.address for target in targets if target.address)
    return Incident(
        id="-".join(target.folder for target in targets)[:64],
        title=", ".join(target.title for target in targets),
        date="",
        victim_party="",
        seeds=tuple(seeds),
        thefts=tuple(thefts),
        attribution=(),
        sources=(),
    )


def _marks(address: Address, transfers: Iterable[Transfer]) -> list[Theft]:
    """Mark the chain's coin, and every token the address itself sent on: the rest is other people's noise."""
    assets = own_assets(address, transfers)
    return [Theft(_name(asset), asset, 0, "", None, address) for asset in assets]


def own_assets(address: Address, transfers: Iterable[Transfer]) -> list[Asset]:
    """Return the chain's coin first, then every token that an address itself sent on.

    At a bank there is no coin, and nobody's noise either: all currencies that moved on the account.
    """
    if address.chain.family is Family.BANK:
        return sorted({leg.asset for one in transfers for leg in (*one.inputs, *one.outputs) if leg.units})
    sent = {
        leg.asset
        for transfer in transfers
        if transfer.ok and transfer.kind is not Kind.FEE
        for leg in transfer.inputs
        if leg.address == address and leg.units
    }
    coin = Asset.native(address.chain)
    return [coin, *sorted(sent - {coin})]


def _payments(transfers: Iterable[Transfer]) -> list[Theft]:
    """Take each payment of a transaction for one to follow, but those to contracts that pass it on in it."""
    moved = [t for t in transfers if t.ok and t.kind is not Kind.FEE]
    givers = {leg.address for transfer in moved for leg in transfer.inputs}
    found: list[Theft] = []
    for transfer in moved:
        paid: dict[tuple[Asset, Address], int] = {}
        for leg in transfer.outputs:
            if leg.address is not None and leg.units and leg.address not in givers:
                key = (leg.asset, leg.address)
                paid[key] = paid.get(key, 0) + leg.units
        for (asset, taker), units in paid.items():
            name = f"{_name(asset)}-{len(found) + 1}"
            found.append(Theft(name, asset, units, transfer.id, transfer.giver_of(asset), taker))
    return found


def _told_apart(thefts: Iterable[Theft]) -> list[Theft]:
    """Number the ids that several seeds share, so that each has its own account."""
    found: dict[str, Theft] = {}
    for theft in thefts:
        count = sum(each.asset == theft.asset for each in found.values())
        name = theft.id if theft.id not in found else f"{_name(theft.asset)}-{count + 1}"
        while name in found:
            name += "-again"
        found[name] = replace(theft, id=name)
    return list(found.values())


def _name(asset: Asset) -> str:
    """Return an id for what is followed: the ticker of a coin, the contract of a token."""
    return asset.contract or asset.symbol.lower()
