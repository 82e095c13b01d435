"""The standard bridge of the OP Stack: messages between a chain and its first layer, both ways.

The key is the message's hash: keccak256 of the call ``relayMessage`` that the other side makes of it. It is
computed from the log that sends and stands in the log that relays. Whom and how much a message of the
standard bridge pays its own calldata says. Messages of version 0 (before Bedrock) are hashed in their older
form.

Source: ethereum-optimism/optimism, CrossDomainMessenger.sol, Hashing.sol, Encoding.sol and
StandardBridge.sol.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from eth_hash.auto import keccak

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.seen import Event, Log, Seen
from flowtrace.crossing.words import Words

SENT = Event("SentMessage(address,address,bytes,uint256,uint256)", 1)
VALUE = Event("SentMessageExtension1(address,uint256)", 1)
RELAYED = Event("RelayedMessage(bytes32)", 1)
EVENTS = (SENT, VALUE, RELAYED)
_WORD, _VERSION_AT = 32, 240
_CALL = keccak(b"relayMessage(uint256,address,address,uint256,uint256,bytes)")[:4]
_CALL_0 = keccak(b"relayMessage(address,address,bytes,uint256)")[:4]
_ETH = keccak(b"finalizeBridgeETH(address,address,uint256,bytes)")[:4]
_TOKEN = keccak(b"finalizeBridgeERC20(address,address,address,address,uint256,bytes)")[:4]


def ends(seen: Seen, origins: Mapping[str, str], bridges: Collection[str]) -> Iterator[End]:
    """Yield the ends that one transaction tells.

    Parameters
    ----------
    origins
        The chain at the other end of each messenger, by its address.
    bridges
        The standard bridges of this chain: another sender's message may look like theirs and pays nobody.
    """
    named = [log for log in seen.logs if log.address in seen.named]
    for log, indexed, data in SENT.among(seen.own):
        following = (
            other for other in named if other.index == log.index + 1 and other.address == log.address
        )
        value = next((more.number(0) for _, _, more in VALUE.among(following)), 0)
        message = data.bytes(1)
        key = message_hash(
            data.number(2),
            data.address(0),
            indexed.address(0),
            value=value,
            gas=data.number(3),
            message=message,
        )
        yield seen.end(
            "op_stack",
            key,
            side=Side.SENT,
            at=log.index,
            other_chain=origins.get(log.address, ""),
            **_moved(seen, log, message if data.address(0) in bridges else b"", value=value),
        )
    for log, indexed, _ in RELAYED.among(seen.own):
        yield seen.end(
            "op_stack", indexed.hex(0), side=Side.PAID, at=log.index, other_chain=origins.get(log.address, "")
        )


def message_hash(nonce: int, sender: str, target: str, *, value: int, gas: int, message: bytes) -> str:
    """Return a message's hash; the first two bytes of its nonce are its version."""
    padded = len(message).to_bytes(_WORD) + message + bytes(-len(message) % _WORD)
    who, whom = (bytes.fromhex(account[2:]).rjust(_WORD, b"\0") for account in (sender, target))
    if nonce >> _VERSION_AT == 0:
        head = (whom, who, (4 * _WORD).to_bytes(_WORD), nonce.to_bytes(_WORD))
        return f"0x{keccak(_CALL_0 + b''.join(head) + padded).hex()}"
    numbers = (value.to_bytes(_WORD), gas.to_bytes(_WORD), (6 * _WORD).to_bytes(_WORD))
    return f"0x{keccak(_CALL + b''.join((nonce.to_bytes(_WORD), who, whom, *numbers)) + padded).hex()}"


def _moved(seen: Seen, log: Log, message: bytes, *, value: int) -> dict[str, Any]:
    """Return what a message moves: by the standard bridge's call, else the value it carries."""
    call = Words(message[4:])
    if message[:4] == _TOKEN:
        return {
            "asset": f"{seen.chain}/{call.address(1)}",  # its remote token is the one of this side
            "units": call.number(4),
            "recipient": call.address(3),
        }
    if message[:4] == _ETH:
        return {"asset": "op_stack:coin", "units": call.number(2), "recipient": call.address(1)}
    return (
        {"asset": "op_stack:coin", "units": value, "recipient": f"0x{log.topics[1][-40:]}"} if value else {}
    )
