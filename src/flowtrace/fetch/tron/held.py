"""What a TRON account holds now, by the node: its coin, free and staked, and its units of a token."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from flowtrace.errors import InputError, SourceError
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import WHOLE, Step, unreadable
from flowtrace.fetch.tron.lists import node_object, post
from flowtrace.fetch.tron.moves import Row, address_of, hex_of, whole
from flowtrace.model import Address, Answer

_WORD = re.compile(r"[0-9a-fA-F]{64}")
# Where an account states what it has staked: the lists and their fields, then fields of their own.
_LISTS = (("frozen", "frozen_balance"), ("frozenV2", "amount"), ("unfrozenV2", "unfreeze_amount"))
_LENT = ("delegated_frozen_balance_for_bandwidth", "delegated_frozenV2_balance_for_bandwidth")
_LENT_ENERGY = ("delegated_frozen_balance_for_energy", "delegated_frozenV2_balance_for_energy")


@dataclass(frozen=True, slots=True)
class Held:
    """What an account has: coin, free, staked and lent as a stake, and TRC-10 tokens by their number.

    ``tokens`` is None where the node does not state any.
    """

    coin: int
    tokens: dict[str, int] | None


def held(provider: Provider, address: Address) -> Generator[Step, Any, Held | None]:
    """Return what an account has; None where the node does not say."""
    try:
        answer: Answer = yield post(provider, "getaccount", address=hex_of(address))
        found = node_object(answer)
    except WHOLE:
        raise
    except SourceError:
        return None
    try:
        tokens = {str(one.get("key")): whole(one, "value") for one in _objects(found, "assetV2")}
        return Held(whole(found, "balance") + staked(found), tokens or None)
    except InputError as error:
        raise unreadable(answer, f"an account whose {error}") from None


def staked(account: Row) -> int:
    """Return the coin an account has staked, lent out or waiting to be free again.

    ``account`` is the node's own object.
    """
    return sum(_staked(account))


def _staked(account: Row) -> Iterator[int]:
    for name, key in _LISTS:
        for one in _objects(account, name):
            yield whole(one, key)
    for name in _LENT:
        yield whole(account, name)
    for one in _objects(account, "account_resource"):
        for name in _LENT_ENERGY:
            yield whole(one, name)
        for energy in _objects(one, "frozen_balance_for_energy"):
            yield whole(energy, "frozen_balance")
    for one in _objects(account, "tron_power"):
        yield whole(one, "frozen_balance")


def _objects(row: Row, name: str) -> list[Row]:
    """Return the objects of a field that is one object or a list of them, or is left out."""
    found = row.get(name) or []
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InputError(f"{name} is {found!r:.40}, not an object or a list of them")
    return found


def token_held(provider: Provider, address: Address, contract: str) -> Generator[Step, Any, int | None]:
    """Return the units that a token's contract says an account has; None where it does not say."""
    me = hex_of(address)
    try:
        answer: Answer = yield post(
            provider, "triggerconstantcontract", owner_address=me, parameter=me[2:].rjust(64, "0"),
            contract_address=hex_of(address_of(address.chain, contract)),
            function_selector="balanceOf(address)",
        )  # fmt: skip
        words = node_object(answer).get("constant_result")
    except WHOLE:
        raise
    except SourceError:
        return None
    if not isinstance(words, list) or not words or not _WORD.fullmatch(str(words[0])):
        return None
    return int(str(words[0]), 16)
