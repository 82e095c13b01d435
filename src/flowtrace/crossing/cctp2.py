"""Circle's CCTP, second version: the nonce is given off the chain, so the key is a hash of the message.

A message leaves with an empty nonce; Circle fills it in, with the fee that was taken and the block by which
the message expires. The log that receives it tells the source domain, the sender and the body, and neither
the recipient of the header nor who may call. So the key is keccak256 of what both sides tell: source and
destination domain, sender, and the body with fee and expiry masked. Equal messages have one key: they are
of one sender, token, amount and recipient, and are paired by their order (class P).

Source: circlefin/evm-cctp-contracts, MessageV2.sol (header of 148 bytes) and BurnMessageV2.sol (228 bytes).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from eth_hash.auto import keccak

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.numbers import chain_of, number_of
from flowtrace.crossing.seen import Event, Seen
from flowtrace.crossing.words import account

SENT = Event("MessageSent(bytes)", 0)
RECEIVED = Event("MessageReceived(address,uint32,bytes32,bytes32,uint32,bytes)", 3)
EVENTS = (SENT, RECEIVED)
_VERSION, _HEADER, _BODY = 1, 148, 228
_FEE, _EXPIRY = slice(164, 196), slice(196, 228)


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
        sender, body = message[44:76], message[_HEADER:]
        if version == _VERSION and _is_burn(body):
            if source != number_of("cctp", seen.chain):
                raise UndecodableError("a message of CCTP names another source than the chain it is on")
            yield seen.end(
                "cctp2", key_of(source, goes, sender, body=body), side=Side.SENT, at=log.index,
                other_chain=chain_of("cctp", goes), vouched=(seen.chain, account(sender)) in messengers,
                **_moved(source, body),
            )  # fmt: skip
    for log, _, data in RECEIVED.among(seen.own):
        source, sender, body = data.number(0, 32), data.raw(1), data.bytes(2)
        if _is_burn(body):
            moved, here = _moved(source, body), number_of("cctp", seen.chain)
            fee = int.from_bytes(body[_FEE])
            if fee > moved["units"]:
                raise UndecodableError("a message of CCTP takes a larger fee than it moves")
            moved |= {"units": moved["units"] - fee, "fee": fee}
            moved["vouched"] = (chain_of("cctp", source), account(sender)) in messengers
            yield seen.end(
                "cctp2", key_of(source, here, sender, body=body), side=Side.PAID, at=log.index,
                other_chain=chain_of("cctp", source), **moved,
            )  # fmt: skip


def key_of(source: int, destination: int, sender: bytes, *, body: bytes) -> str:
    """Return the hash of what both sides of a message tell."""
    masked = body[: _FEE.start] + bytes(_EXPIRY.stop - _FEE.start) + body[_EXPIRY.stop :]
    return f"0x{keccak(source.to_bytes(4) + destination.to_bytes(4) + sender + masked).hex()}"


def _is_burn(body: bytes) -> bool:
    return len(body) >= _BODY and int.from_bytes(body[:4]) == _VERSION


def _moved(source: int, body: bytes) -> dict[str, Any]:
    return {
        "asset": f"cctp:{source}/{account(body[4:36])}",
        "units": int.from_bytes(body[68:100]),
        "recipient": account(body[36:68]),
    }
