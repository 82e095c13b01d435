"""Which payment of a transaction an end of a crossing is: whose net it was, and by which output.

An end tells a token and an amount as its protocol names them. What the giver gave is their net in the
transaction, whichever routers it went through on the way to the bridge: the message's fee in coin, paid
beside a token, is a payment of its own. Where two payments fit alike, none is taken.

Source: algorithms 6.3 (net per address and asset); dev.thorchain.org, "Sending Transactions" (the vault is
the first output, change goes back to the sender).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from flowtrace.crossing.ends import End
from flowtrace.model import NOBODY, Address, Asset, Kind, Leg, Transfer

Place = tuple[str, int]
_Held = dict[tuple[Address, Asset], int]
_NATIVE = frozenset({"0x" + "0" * 40, "0x" + "e" * 40})


def left(end: End, moved: Sequence[Transfer], bridges: Collection[Address]) -> Place | None:
    """Return the output by which value left by an end that sends; None where it is not told."""
    coin = _coin(moved)
    if coin is not None:
        return _to_vault(coin, bridges)
    nets = _nets(moved)
    takers = {address for (address, _), units in nets.items() if units > 0}
    given = {
        key: -units
        for key, units in nets.items()
        if units < 0 and key[0] not in bridges and not (key[0] in takers or key[0].account == NOBODY)
    }
    found = _fitting(given, end)
    return None if found is None else _largest(moved, found, gives=True)


def came(
    end: End, moved: Sequence[Transfer], bridges: Collection[Address], *, recipient: str
) -> Place | None:
    """Return the output by which value came by an end that pays.

    Parameters
    ----------
    recipient
        Whom either side says to pay; empty where neither does.
    """
    coin = _coin(moved)
    if coin is not None:
        return _from_vault(coin, recipient)
    nets = _nets(moved)
    givers = {address for (address, _), units in nets.items() if units < 0}
    taken = {
        key: units
        for key, units in nets.items()
        if units > 0 and key[0] not in bridges and key[0] not in givers and key[0].account != NOBODY
    }
    named = {key: units for key, units in taken.items() if recipient and _is(key[0], recipient)}
    found = _fitting(named or taken, end)
    return None if found is None else _largest(moved, found, gives=False)


def _fitting(held: _Held, end: End) -> tuple[Address, Asset] | None:
    """Return whose net of what fits an end best: by token and amount, by either, or as the only one."""
    contract = end.asset.rpartition("/")[2].lower() if "/" in end.asset else ""
    native = contract in _NATIVE

    def same(asset: Asset) -> bool:
        return (not asset.contract) if native else asset.contract == contract

    tiers = (
        [key for key, units in held.items() if units == end.units and (contract and same(key[1]))],
        [key for key, units in held.items() if units == end.units],
        [key for key, units in held.items() if contract and same(key[1]) and units >= (end.units or 0)],
        [key for key in held if key[1].contract],
        list(held),
    )
    for tier in tiers:
        if tier:
            return tier[0] if len(tier) == 1 else None
    return None


def _nets(moved: Iterable[Transfer]) -> _Held:
    """Return what each address got less what it gave, per asset, the network's fee apart."""
    nets: _Held = {}
    for transfer in moved:
        if transfer.ok and transfer.kind is not Kind.FEE:
            for sign, legs in ((-1, transfer.inputs), (1, transfer.outputs)):
                for leg in legs:
                    if leg.address is not None:
                        key = (leg.address, leg.asset)
                        nets[key] = nets.get(key, 0) + sign * leg.units
    return nets


def _largest(moved: Sequence[Transfer], whose: tuple[Address, Asset], *, gives: bool) -> Place | None:
    """Return the largest payment of an asset by an address, or to it."""
    address, asset = whose
    found = [
        (leg.units, transfer.id, n)
        for transfer in moved
        if transfer.ok and transfer.kind is not Kind.FEE
        for n, leg in enumerate(transfer.outputs)
        if leg.asset == asset and (_gives(transfer, address) if gives else leg.address == address)
    ]
    if not found:
        return None
    _, name, number = min(found, key=lambda one: (-one[0], one[1:]))
    return name, number


def _gives(transfer: Transfer, address: Address) -> bool:
    return any(leg.address == address for leg in transfer.inputs)


def _coin(moved: Sequence[Transfer]) -> Transfer | None:
    return next((one for one in moved if one.kind is Kind.COIN), None)


def _to_vault(coin: Transfer, bridges: Collection[Address]) -> Place | None:
    own = {leg.address for leg in coin.inputs}
    others = [(n, leg) for n, leg in enumerate(coin.outputs) if _pays(leg, own)]
    known = [n for n, leg in others if leg.address in bridges]
    if len(known) == 1:
        return coin.id, known[0]
    return (coin.id, 0) if not known and others and others[0][0] == 0 else None


def _from_vault(coin: Transfer, recipient: str) -> Place | None:
    own = {leg.address for leg in coin.inputs}
    others = [(n, leg) for n, leg in enumerate(coin.outputs) if _pays(leg, own)]
    named = [n for n, leg in others if leg.address is not None and recipient and _is(leg.address, recipient)]
    found = named or [n for n, _ in others]
    return (coin.id, found[0]) if len(found) == 1 else None


def _pays(leg: Leg, own: Collection[Address | None]) -> bool:
    return bool(leg.coin) and leg.address is not None and leg.address not in own and leg.units > 0


def _is(address: Address, account: str) -> bool:
    """Tell whether a protocol's text for an account is an address; hexadecimal in any case."""
    text = account.strip()
    return address.account == (text.lower() if text[:2].lower() == "0x" else text)
