"""What a TRON transaction's contract records beside the value it moves: lent resources, keys, new accounts.

Source: the protocol's contract types (DelegateResourceContract 57, UnDelegateResourceContract 58,
AccountPermissionUpdateContract 46, AccountCreateContract 0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowtrace.errors import InputError
from flowtrace.fetch.tron.moves import Row, TronTransaction, address_of, whole
from flowtrace.model import Address, Fact, FactKind

_MOST_KEYS = 64  # far above the five that a permission may have
Told = tuple[FactKind, list[tuple[str, Address]], list[tuple[str, str]]]


def contract_facts(at: TronTransaction, name: str, value: Row) -> tuple[Fact, ...]:
    """Return the fact that a contract records; none where it failed, records another thing, or is broken.

    Facts move nothing, so one that cannot be read takes nothing from a history.
    """
    reader = _CONTRACTS.get(name)
    if not at.ok or reader is None:
        return ()
    try:
        kind, parties, figures = reader(at, value)
    except InputError:
        return ()
    return (
        Fact(
            chain_id=at.chain.id,
            tx=at.hash,
            height=at.height,
            index=at.index,
            order=0,
            time=at.time,
            kind=kind,
            parties=tuple(parties),
            figures=tuple(figures),
        ),
    )


def _lent(kind: FactKind) -> Callable[[TronTransaction, Row], Told]:
    def read(at: TronTransaction, value: Row) -> Told:
        names = (("owner", "owner_address"), ("receiver", "receiver_address"))
        parties = [(role, address_of(at.chain, value.get(key))) for role, key in names]
        resource = str(value.get("resource") or "BANDWIDTH")  # the protocol leaves out what is its default
        return kind, parties, [("resource", resource[:32]), ("units", str(whole(value, "balance")))]

    return read


def _permission(at: TronTransaction, value: Row) -> Told:
    parties = [("owner", address_of(at.chain, value.get("owner_address")))]
    owner: Any = value.get("owner")
    keys = owner.get("keys") if isinstance(owner, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= _MOST_KEYS:
        raise InputError("a permission without its keys")
    for key in keys:
        if not isinstance(key, dict):
            raise InputError("a permission whose key is no object")
        parties.append(("key", address_of(at.chain, key.get("address"))))
    figures = [("permission", "owner"), ("threshold", str(whole(owner, "threshold")))]
    return FactKind.PERMISSION, parties, figures


def _account(at: TronTransaction, value: Row) -> Told:
    names = (("payer", "owner_address"), ("account", "account_address"))
    return FactKind.ACTIVATION, [(role, address_of(at.chain, value.get(key))) for role, key in names], []


_CONTRACTS: Mapping[str, Callable[[TronTransaction, Row], Told]] = {
    "DelegateResourceContract": _lent(FactKind.RESOURCE),
    "UnDelegateResourceContract": _lent(FactKind.RESOURCE_ENDED),
    "AccountPermissionUpdateContract": _permission,
    "AccountCreateContract": _account,
}
