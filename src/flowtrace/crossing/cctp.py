"""Circle's CCTP, first version: USDC burnt here and minted there. The key is (source domain, nonce).

Both sides carry the message's body, so that token, amount and recipient are told twice and must agree;
nothing is kept. Anyone can send a message of the same form: it is a burn where Circle's token messenger
is its sender, and no one vouches for it where another is, or a messenger that the registry does not name.
On Solana the recipient is a token account, not its owner.

Source: circlefin/evm-cctp-contracts, Message.sol (header of 116 bytes) and BurnMessage.sol (132 bytes).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.numbers import chain_of, number_of
from flowtrace.crossing.seen import Event, Seen
from flowtrace.crossing.words import account

SENT = Event("MessageSent(bytes)", 0)
RECEIVED = Event("MessageReceived(address,uint32,uint64,bytes32,bytes)", 2)
EVENTS = (SENT, RECEIVED)
_VERSION, _HEADER, _BODY = 0, 116, 132


def ends(seen: Seen, messengers: Collection[tuple[str, str]]) -> Iterator[End]:
    """Yield the ends that one transaction tells.

    Parameters
    ----------
    messengers
        Circle's token messengers, each with its chain: a body is a burn where one of them wrote it.
    """
    for log, _, data in SENT.among(seen.own):
        message = data.bytes(0)
        if len(message) < _HEADER:
            raise UndecodableError(f"a message of CCTP has {len(message)} bytes, not {_HEADER} and more")
        version, source, goes = (int.from_bytes(message[n : n + 4]) for n in (0, 4, 8))
        moved = burnt(source, message[_HEADER:])
        if version == _VERSION and moved:
            if source != number_of("cctp", seen.chain):
                raise UndecodableError("a message of CCTP names another source than the chain it is on")
            key = f"{source}/{int.from_bytes(message[12:20])}"
            there = chain_of("cctp", goes)
            moved["vouched"] = (seen.chain, account(message[20:52])) in messengers
            yield seen.end("cctp", key, side=Side.SENT, at=log.index, other_chain=there, **moved)
    for log, indexed, data in RECEIVED.among(seen.own):
        source, nonce = data.number(0, 32), indexed.number(1, 64)
        moved = burnt(source, data.bytes(2))
        if moved:
            there = chain_of("cctp", source)
            moved["vouched"] = (there, account(data.raw(1))) in messengers
            key = f"{source}/{nonce}"
            yield seen.end("cctp", key, side=Side.PAID, at=log.index, other_chain=there, **moved)


def burnt(source: int, body: bytes) -> dict[str, Any]:
    """Return what a message's body moves; nothing where it is no burn."""
    if len(body) != _BODY or int.from_bytes(body[:4]) != _VERSION:
        return {}
    who = account(body[36:68])
    return {
        "asset": f"cctp:{source}/{account(body[4:36])}",
        "units": int.from_bytes(body[68:100]),
        "recipient": who,
        "terms": (("recipient", who),),
    }
