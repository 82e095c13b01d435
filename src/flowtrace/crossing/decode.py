"""Every protocol's ends in the logs of one transaction: each log is given to the decoder it belongs to.

A log belongs to a protocol where the registry names its contract. Each is read alone, so that one which is
not of its form hides no other: a router takes any memo from anyone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowtrace.crossing import (
    across,
    arbitrum,
    avalanche_bridge,
    axelar,
    cbridge,
    cctp,
    cctp2,
    chainflip,
    debridge,
    hop,
    layerzero,
    op_stack,
    ren,
    synapse,
    thorchain,
    wormhole,
)
from flowtrace.crossing.ends import End, UndecodableError
from flowtrace.crossing.registry import Contract, Registry, shipped
from flowtrace.crossing.seen import Log, Seen

_Decoder = Callable[[Seen, tuple[Contract, ...]], Iterator[End]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A log of a bridge that could not be read: its place, the protocol, and why."""

    protocol: str
    position: int
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the logs of a transaction tell, and which of them could not be read."""

    ends: tuple[End, ...]
    faults: tuple[Fault, ...]


def read(
    logs: Iterable[Mapping[str, Any]],
    *,
    chain: str,
    tx: str,
    time: int | None = None,
    registry: Registry | None = None,
) -> Reading:
    """Read the ends that one transaction's logs tell.

    Parameters
    ----------
    logs
        All logs of the transaction, as a node's receipt has them.
    chain, tx, time
        The chain's CAIP-2 id, the transaction's hash, its block's time.
    registry
        Which contracts are believed; the shipped one where none is given.

    Raises
    ------
    UndecodableError
        If something given is no log at all.
    """
    seen, book = tuple(Log.of(log) for log in logs), registry or shipped()
    found: list[End] = []
    faults: list[Fault] = []
    for log in seen:
        for protocol in dict.fromkeys(contract.protocol for contract in book.at(chain, log.address)):
            there = book.of(protocol, chain)
            named = frozenset(contract.address for contract in there)
            try:
                found += DECODERS[protocol](Seen(chain, tx, time, seen, named, (log,)), there)
            except UndecodableError as error:
                faults.append(Fault(protocol, log.index, str(error)))
    return Reading(tuple(found), tuple(faults))


def _plain(ends: Callable[[Seen], Iterator[End]]) -> _Decoder:
    return lambda seen, _: ends(seen)


def _wormhole(seen: Seen, there: tuple[Contract, ...]) -> Iterator[End]:
    """Take messages from the core and redemptions from a token bridge, and neither from the other."""
    bridges = {contract.address for contract in there if contract.role == "bridge"}
    published = tuple(log for log in seen.own if (log.address in bridges) == (log.topics[:1] == _REDEEMED))
    return wormhole.ends(Seen(seen.chain, seen.tx, seen.time, seen.logs, seen.named, published), bridges)


def _arbitrum(seen: Seen, there: tuple[Contract, ...]) -> Iterator[End]:
    return arbitrum.ends(seen, {contract.address: contract.of for contract in there if contract.of})


def _op_stack(seen: Seen, there: tuple[Contract, ...]) -> Iterator[End]:
    return op_stack.ends(seen, {contract.address: contract.of for contract in there if contract.of})


def _layerzero(seen: Seen, there: tuple[Contract, ...]) -> Iterator[End]:
    """Take packets from the endpoint only: a token's own log is read with the packet it belongs to."""
    endpoints = {contract.address for contract in there if contract.role == "endpoint"}
    packets = tuple(log for log in seen.own if log.address in endpoints)
    named = seen.named - endpoints
    return layerzero.ends(Seen(seen.chain, seen.tx, seen.time, seen.logs, named, packets))


_REDEEMED = (wormhole.REDEEMED.topic,)
DECODERS: dict[str, _Decoder] = {
    "thorchain": _plain(thorchain.ends),
    "maya": _plain(thorchain.maya_ends),
    "chainflip": _plain(chainflip.ends),
    "wormhole": _wormhole,
    "layerzero": _layerzero,
    "cctp": _plain(cctp.ends),
    "cctp2": _plain(cctp2.ends),
    "across": _plain(across.ends),
    "debridge": _plain(debridge.ends),
    "axelar": _plain(axelar.ends),
    "hop": _plain(hop.ends),
    "synapse": _plain(synapse.ends),
    "cbridge": _plain(cbridge.ends),
    "ren": _plain(ren.ends),
    "avalanche_bridge": _plain(avalanche_bridge.ends),
    "op_stack": _op_stack,
    "arbitrum": _arbitrum,
}
"""The decoder of each protocol, by the name the registry has it under."""
