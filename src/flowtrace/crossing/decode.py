"""Every protocol's ends in the logs of one transaction: each log is given to the decoder it belongs to.

A log belongs to a protocol where the registry names its contract. Each is read alone, so that one which is
not of its form hides no other: a router takes any memo from anyone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Known:
    """What a decoder may believe: its protocol's contracts on the chain, the registry, known vaults."""

    there: tuple[Contract, ...]
    book: Registry
    vaults: frozenset[str]

    def those(self, role: str) -> frozenset[str]:
        """Return the contracts of one role."""
        return frozenset(contract.address for contract in self.there if contract.role == role)

    @property
    def others(self) -> dict[str, str]:
        """The chain at the other end of each contract that serves a single one."""
        return {contract.address: contract.of for contract in self.there if contract.of}

    def everywhere(self, protocol: str, role: str) -> frozenset[tuple[str, str]]:
        """Return a protocol's contracts of one role, each with its chain."""
        known = self.book.contracts
        return frozenset((c.chain, c.address) for c in known if (c.protocol, c.role) == (protocol, role))


_Decoder = Callable[[Seen, Known], Iterator[End]]


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
    vaults: Collection[str] = (),
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
    vaults
        Addresses of this chain that are known for vaults of THORChain or Maya, lower case.

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
                shown = Seen(chain, tx, time, seen, named, (log,))
                found += DECODERS[protocol](shown, Known(there, book, frozenset(vaults)))
            except UndecodableError as error:
                faults.append(Fault(protocol, log.index, str(error)))
    return Reading(tuple(found), tuple(faults))


def _plain(ends: Callable[[Seen], Iterator[End]]) -> _Decoder:
    return lambda seen, _: ends(seen)


def _wormhole(seen: Seen, known: Known) -> Iterator[End]:
    """Take messages from the core and redemptions from a token bridge, and neither from the other."""
    bridges = known.those("bridge")
    own = tuple(log for log in seen.own if (log.address in bridges) == (log.topics[:1] == _REDEEMED))
    return wormhole.ends(replace(seen, own=own), bridges)


def _layerzero(seen: Seen, known: Known) -> Iterator[End]:
    """Take packets from the endpoint only: a token's own log is read with the packet it belongs to."""
    packets = tuple(log for log in seen.own if log.address in known.those("endpoint"))
    return layerzero.ends(replace(seen, named=known.those("token"), own=packets))


_REDEEMED = (wormhole.REDEEMED.topic,)
DECODERS: dict[str, _Decoder] = {
    "thorchain": lambda seen, known: thorchain.ends(seen, "thorchain", known.vaults),
    "maya": lambda seen, known: thorchain.maya_ends(seen, known.vaults),
    "chainflip": _plain(chainflip.ends),
    "wormhole": _wormhole,
    "layerzero": _layerzero,
    "cctp": lambda seen, known: cctp.ends(seen, known.everywhere("cctp", "messenger")),
    "cctp2": lambda seen, known: cctp2.ends(seen, known.everywhere("cctp2", "messenger")),
    "across": _plain(across.ends),
    "debridge": _plain(debridge.ends),
    "axelar": _plain(axelar.ends),
    "hop": _plain(hop.ends),
    "synapse": _plain(synapse.ends),
    "cbridge": _plain(cbridge.ends),
    "ren": _plain(ren.ends),
    "avalanche_bridge": _plain(avalanche_bridge.ends),
    "op_stack": lambda seen, known: op_stack.ends(seen, known.others, known.those("bridge")),
    "arbitrum": lambda seen, known: arbitrum.ends(seen, known.others),
}
"""The decoder of each protocol, by the name the registry has it under."""
