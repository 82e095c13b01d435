"""LayerZero V2: packets of its endpoint, and the tokens (OFT, Stargate V2) that move by them.

The key is the packet's GUID: keccak256(nonce u64, source endpoint u32, sender 32, destination endpoint u32,
receiver 32). A packet that is sent carries it; one that is delivered is hashed again from what the log says
and the chain it stands on. Endpoints are believed where the registry names them. What a token's log says
moved is believed where the packet in the same transaction was sent by that token, or comes to it; or where
the registry names the token's contract: pools of Stargate V2 send by a contract that is shared.

Amounts are in the token's local units, which differ between chains, so the two sides are not held against
each other. Not read: packets of LayerZero V1, and the bus of Stargate V2, where one packet carries many
users.

Source: LayerZero-Labs/LayerZero-v2, PacketV1Codec.sol, ILayerZeroEndpointV2.sol and IOFT.sol.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eth_hash.auto import keccak

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.numbers import chain_of, number_of
from flowtrace.crossing.seen import Event, Log, Seen
from flowtrace.crossing.words import account

SENT = Event("PacketSent(bytes,bytes,address)", 0)
DELIVERED = Event("PacketDelivered((uint32,bytes32,uint64),address)", 0)
OFT_SENT = Event("OFTSent(bytes32,uint32,address,uint256,uint256)", 2)
OFT_RECEIVED = Event("OFTReceived(bytes32,uint32,address,uint256)", 2)
EVENTS = (SENT, DELIVERED, OFT_SENT, OFT_RECEIVED)
_GUID, _MESSAGE = 81, 113  # where they begin in a packet of version 1


def guid(nonce: int, source: int, sender: bytes, *, destination: int, receiver: bytes) -> str:
    """Return a packet's GUID.

    Examples
    --------
    >>> sender, receiver = bytes(12) + bytes([0x11] * 20), bytes(12) + bytes([0x22] * 20)
    >>> guid(1, 30101, sender, destination=30110, receiver=receiver)[:10]
    '0x385573dc'
    """
    parts = (nonce.to_bytes(8), source.to_bytes(4), sender, destination.to_bytes(4), receiver)
    return f"0x{keccak(b''.join(parts)).hex()}"


def ends(seen: Seen) -> Iterator[End]:
    """Yield the ends that one transaction tells."""
    for log, _, data in SENT.among(seen.own):
        yield _sent(seen, data.bytes(0), log.index)
    for log, _, data in DELIVERED.among(seen.own):
        source, sender, nonce, receiver = data.number(0, 32), data.raw(1), data.number(2, 64), data.address(3)
        here = number_of("layerzero", seen.chain)
        key = guid(
            nonce, source, sender, destination=here, receiver=bytes.fromhex(receiver[2:]).rjust(32, b"\0")
        )
        yield seen.end(
            "layerzero", key, side=Side.PAID, at=log.index, other_chain=chain_of("layerzero", source),
            **_received(seen, key, receiver),
        )  # fmt: skip


def _sent(seen: Seen, packet: bytes, at: int) -> End:
    if len(packet) < _MESSAGE or packet[0] != 1:
        raise UndecodableError(f"a packet of LayerZero V2 has {len(packet)} bytes")
    source, destination = int.from_bytes(packet[9:13]), int.from_bytes(packet[45:49])
    sender, key = packet[13:45], f"0x{packet[_GUID:_MESSAGE].hex()}"
    made = guid(
        int.from_bytes(packet[1:9]), source, sender, destination=destination, receiver=packet[49:_GUID]
    )
    if key != made or source != number_of("layerzero", seen.chain):
        raise UndecodableError("a packet of LayerZero V2 is not what its GUID is made of")
    return seen.end(
        "layerzero", key, side=Side.SENT, at=at, other_chain=chain_of("layerzero", destination),
        **_moved(seen, key, account(sender)),
    )  # fmt: skip


def _moved(seen: Seen, key: str, sender: str) -> dict[str, Any]:
    for log, indexed, data in OFT_SENT.among(_by(seen, sender)):
        if indexed.hex(0) == key:
            sent, arrives = data.number(1), data.number(2)
            if arrives > sent:
                raise UndecodableError("a token of LayerZero sends less than it says arrives")
            return {"asset": f"{seen.chain}/{log.address}", "units": sent, "fee": sent - arrives}
    return {}


def _received(seen: Seen, key: str, receiver: str) -> dict[str, Any]:
    for log, indexed, data in OFT_RECEIVED.among(_by(seen, receiver)):
        if indexed.hex(0) == key:
            who = indexed.address(1)
            return {"asset": f"{seen.chain}/{log.address}", "units": data.number(1), "recipient": who}
    return {}


def _by(seen: Seen, party: str) -> list[Log]:
    """Return the logs of a packet's party and of the contracts that the registry names."""
    return [log for log in seen.logs if log.address == party or log.address in seen.named]
