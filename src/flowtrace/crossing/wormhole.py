"""Wormhole: messages of the token bridge, and what redeems them.

The key is the message's own identity: (chain that emitted it, emitter, sequence), written as Wormhole's
scanner writes it. Amounts are normalised to at most eight decimals. Only messages that a registered token
bridge emitted are value: anyone can publish a message of the same form under an emitter of their own. Not
read are native token transfers (NTT), the relayer's own messages, and Circle's transfers sent through it:
the last have a key of their own (:mod:`flowtrace.crossing.cctp`).

A redemption names no amount; what it mints or releases its transaction's token logs tell.

Source: wormhole-foundation/wormhole, ``ethereum/contracts/bridge`` (payloads 1 and 3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.numbers import chain_of, number_of
from flowtrace.crossing.seen import Event, Seen
from flowtrace.crossing.words import account

PUBLISHED = Event("LogMessagePublished(address,uint64,uint32,bytes,uint8)", 1)
REDEEMED = Event("TransferRedeemed(uint16,bytes32,uint64)", 3)
EVENTS = (PUBLISHED, REDEEMED)
_TRANSFER = 1  # 3 is a transfer with a payload of its own
_TRANSFERS = (b"\x01", b"\x03")
_HEADER = 133  # kind, amount, token, its chain, recipient, its chain, and a fee or a sender


def ends(seen: Seen, emitters: Collection[str]) -> Iterator[End]:
    """Yield the ends that one transaction tells.

    Parameters
    ----------
    emitters
        Token bridges of this chain, lower case.
    """
    here = number_of("wormhole", seen.chain) if seen.own else 0
    for log, indexed, data in PUBLISHED.among(seen.own):
        sender, sequence = indexed.address(0), data.number(0, 64)
        if sender in emitters:
            key = key_of(here, bytes.fromhex(sender[2:]).rjust(32, b"\0"), sequence)
            yield from transfer(seen, key, payload=data.bytes(2), at=log.index)
    for log, indexed, _ in REDEEMED.among(seen.own):
        emitter = indexed.number(0, 16)
        yield seen.end(
            "wormhole", key_of(emitter, indexed.raw(1), indexed.number(2, 64)), side=Side.PAID, at=log.index,
            other_chain=chain_of("wormhole", emitter),
        )  # fmt: skip


def transfer(seen: Seen, key: str, *, payload: bytes, at: int = 0) -> Iterator[End]:
    """Yield the end that a token bridge's message tells; none where it is no transfer."""
    if payload[:1] not in _TRANSFERS:
        return
    kind, exact = payload[0], len(payload) == _HEADER
    if len(payload) < _HEADER or (kind == _TRANSFER and not exact):
        raise UndecodableError(f"a transfer of Wormhole has {len(payload)} bytes, not {_HEADER}")
    amount, token = int.from_bytes(payload[1:33]), payload[33:65]
    fee = int.from_bytes(payload[101:133]) if kind == _TRANSFER else None
    if fee is not None and fee > amount:
        raise UndecodableError("a transfer of Wormhole pays its relayer more than it moves")
    yield seen.end(
        "wormhole",
        key,
        side=Side.SENT,
        at=at,
        asset=f"{chain_of('wormhole', int.from_bytes(payload[65:67]))}/{account(token)}",
        units=amount,
        recipient=account(payload[67:99]),
        other_chain=chain_of("wormhole", int.from_bytes(payload[99:101])),
        fee=fee,
    )


def key_of(chain: int, emitter: bytes, sequence: int) -> str:
    """Return a message's identity.

    Examples
    --------
    >>> key_of(2, bytes(31) + bytes([5]), 7)
    '2/0000000000000000000000000000000000000000000000000000000000000005/7'
    """
    return f"{chain}/{emitter.hex()}/{sequence}"
