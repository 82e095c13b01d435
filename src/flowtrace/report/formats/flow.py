"""The flow that the graph and intelligence formats write: addresses, and one payment per hop, all as text.

It is the graph of `flowtrace.report.graph` with what a stranger wrote made harmless, with the amounts at each
stop, and with the payments that went to no address: to an end of their own, one per ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowtrace.model import Address, Chain, Hop, Label, Result, Stop, envelope, frozen_at
from flowtrace.report.cells import plain
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.frozen import told
from flowtrace.report.graph import addresses_of, edge_data, edge_key, node_data

NOWHERE = "no-address"
"""Stands for the address in the id of an end that no address stands for."""

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the flow; ``address`` is None where value left all addresses of a ledger."""

    id: str
    address: Address | None
    chain: Chain
    data: Texts
    stops: tuple[Stop, ...] = ()

    @property
    def account(self) -> str:
        """The address in its canonical case (EVM: lower), or words where there is none."""
        return self.address.account if self.address else "no address"

    @property
    def name(self) -> str:
        """What a person calls it: its owner where known, else its part."""
        owner = self.data.get("entity") or self.data.get("counterparty", "")
        return f"{owner} ({self.data['role']})" if owner else self.data["role"]

    @property
    def known_as(self) -> str:
        """What is known of it, in one line: part, class, and what rests there under each rule."""
        said = [f"{name}: {value}" for name, value in self.data.items() if value and name not in _PLACED]
        return "; ".join(said)


_PLACED = frozenset({"chain", "address"})


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment of the flow: a hop, between two places."""

    id: str
    source: Place
    target: Place
    hop: Hop
    data: Texts

    @property
    def words(self) -> str:
        """The payment in one line: exact amounts, the range over the rules, class, place in the chain."""
        d = self.data
        taint = "; ".join(f"{r.value} {d[f'taint_{r.value}_base_units']}" for r in self.hop.taint)
        return (
            f"[{d['row']}] {d['amount']} {d['symbol'] or d['asset']} = {d['amount_base_units']} base units "
            f"of {d['asset']}; tainted base units: {taint}; range {d['low_base_units']} to "
            f"{d['high_base_units']}; class {d['cls']}, {d['basis']}; {d['tx']} {d['position']}, "
            f"block {d['block']}, {d['time']}"
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """The places of a flow by id, and its payments in the order of their rows."""

    places: Mapping[str, Place]
    paid: tuple[Paid, ...]


def flow_of(result: Result) -> Flow:
    """Return the flow of a result."""
    facts = Facts.of(result)
    places = {str(address): _place(address, facts) for address in addresses_of(result)}
    paid: dict[str, Paid] = {}
    for hop in result.trace.hops:
        one = _paid(hop, places)
        key = one.id if one.id not in paid else f"{one.id}#{one.data['theft']}"
        paid[key] = Paid(key, one.source, one.target, one.hop, one.data)
    return Flow(dict(sorted(places.items())), tuple(paid.values()))


def _place(address: Address, facts: Facts) -> Place:
    stops = facts.stops.get(address, ())
    clean = {name: plain(text) for name, text in node_data(address, facts).items()}
    labels = facts.labels.get(address, ())
    data = clean | {"rests": " | ".join(_rests(stop, labels) for stop in stops)}
    return Place(str(address), address, address.chain, data, stops)


def _nowhere(chain: Chain, places: dict[str, Place]) -> Place:
    data = {"chain": chain.id, "role": "no address (fee, or a script without one)", "cls": "D"}
    place = Place(f"{chain.id}:{NOWHERE}", None, chain, data)
    return places.setdefault(place.id, place)


def _rests(stop: Stop, labels: Iterable[Label]) -> str:
    low, high = envelope(stop.taint)
    frozen = frozen_at(labels, stop.address, stop.asset)
    taint = ", ".join(f"{rule.value} {units}" for rule, units in stop.taint.items())
    return (
        f"{stop.reason.value} ({plain(stop.theft)}, class {stop.cls.value}): received {stop.received} "
        f"base units of {stop.asset}; tainted: {taint}; range {low} to {high}"
        + (f"; {told(frozen)}" if frozen else "")
    )


def _paid(hop: Hop, places: dict[str, Place]) -> Paid:
    chain = Chain.of(hop.transfer.chain_id)
    ends = [places[str(end)] if end else _nowhere(chain, places) for end in (hop.source, hop.target)]
    source, target = ends
    data = edge_data(hop) | {"block": str(hop.transfer.height), "depth": str(hop.depth)}
    return Paid(edge_key(hop), source, target, hop, {name: plain(str(text)) for name, text in data.items()})
