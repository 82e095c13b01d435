"""deBridge's DLN: an order made on one chain and fulfilled on another. The key is the order's id.

The whole order stands in both logs, so what it gives, what it takes and who receives it must agree. A taker
fulfils it with money of their own: follow the receiver. What is given and what is taken are two assets, and
what was taken may be less where the maker agreed to it, so nothing is held against the amounts. That the id
is the hash of the order is not checked: no recorded order was at hand to check the hash by.

Source: debridge-finance/dln-contracts, DlnSource.sol and DlnDestination.sol (ABI as in
AneraLabs/intents_landscape); docs.debridge.finance, deterministic order id.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.numbers import chain_of, evm
from flowtrace.crossing.seen import Event, Seen
from flowtrace.crossing.words import Words, account

_ORDER = "(uint64,bytes,uint256,bytes,uint256,uint256,bytes,uint256,bytes,bytes,bytes,bytes,bytes,bytes)"
CREATED = Event(f"CreatedOrder({_ORDER},bytes32,bytes,uint256,uint256,uint32,bytes)", 0)
FULFILLED = Event(f"FulfilledOrder({_ORDER},bytes32,address,address)", 0)
EVENTS = (CREATED, FULFILLED)
_WORD = 32


def ends(seen: Seen) -> Iterator[End]:
    """Yield the ends that one transaction tells."""
    for log, _, data in CREATED.among(seen.own):
        order = data.part(0)
        yield seen.end(
            "debridge", data.hex(1), side=Side.SENT, at=log.index, other_chain=_chain(order.number(5)),
            asset=f"{seen.chain}/{_account(order.bytes(3))}", units=order.number(4),
            recipient=_account(order.bytes(8)), terms=_terms(order),
        )  # fmt: skip
    for log, _, data in FULFILLED.among(seen.own):
        order = data.part(0)
        yield seen.end(
            "debridge", data.hex(1), side=Side.PAID, at=log.index, other_chain=_chain(order.number(2)),
            asset=f"{seen.chain}/{_account(order.bytes(6))}", units=None,
            recipient=_account(order.bytes(8)), terms=_terms(order),
        )  # fmt: skip


def _terms(order: Words) -> tuple[tuple[str, str], ...]:
    return (
        ("nonce", str(order.number(0))),
        ("maker", _account(order.bytes(1))),
        ("amount given", str(order.number(4))),
        ("amount asked", str(order.number(7))),
        ("receiver", _account(order.bytes(8))),
    )


def _account(raw: bytes) -> str:
    return account(raw) if len(raw) == _WORD else f"0x{raw[: 2 * _WORD].hex()}"


def _chain(number: int) -> str:
    named = chain_of("debridge", number) if number < 1 << 64 else ""
    return evm(number) if named.startswith("debridge:") or not named else named
