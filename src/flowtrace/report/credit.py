"""Credits to exchanges: into deposit addresses found by their sweeps, or straight into an exchange's wallet.

A wallet in which an exchange pools its customers' funds is never named as something to freeze. A credit into
it is still where a customer's account begins: the transaction tells the exchange which account that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.model import (
    Address,
    Asset,
    Category,
    Chain,
    Class,
    Entity,
    Family,
    Hop,
    Label,
    Result,
    Rule,
    Stop,
    StopReason,
    Taint,
    Transfer,
    Use,
)
from flowtrace.report.cells import plain

_HASH = {Family.EVM: r"0x[0-9a-f]{64}", Family.UTXO: r"[0-9a-f]{64}", Family.TRON: r"[0-9a-f]{64}",
         Family.BANK: r"[0-9A-Za-z_.-]{8,128}"}  # fmt: skip
_ANY_HASH = r"[1-9A-HJ-NP-Za-km-z]{64,88}"
_POOLED_USE = frozenset({Use.HOT_WALLET, Use.COLD_WALLET})
_POOLED = frozenset({Category.MIXER, Category.BRIDGE, Category.DEX, Category.TOKEN})
_POOLED_STOP = frozenset({StopReason.MIXER, StopReason.SERVICE})


@dataclass(frozen=True, slots=True)
class Credit:
    """One payment to an exchange that carries traced value.

    Attributes
    ----------
    basis
        Why the recipient is the exchange: the sweeps of the deposit address, or the label of the wallet.
    pooled
        Whether it went straight into a wallet that labels name as the exchange's own. ``hot_wallet`` is that
        wallet then; else it is the one that the deposit address was swept into.
    place
        What the address is, in words, where it is neither a deposit address nor a wallet of an exchange.
    cls
        How it is known whose address it is, where that is not what the trace says.
    """

    hop: Hop
    entity: Entity
    basis: str
    sweep: Transfer | None
    hot_wallet: Address | None
    pooled: bool = False
    place: str = ""
    cls: Class | None = None

    @property
    def deposit_address(self) -> Address | None:
        """The customer's deposit address; None where the credit went into a pooled wallet."""
        return None if self.pooled else self.hop.target


def credits_of(result: Result) -> tuple[Credit, ...]:
    """Return every credit to an exchange, in order of rows."""
    gone = passed_on(result)
    found = [Credit(d.hop, d.entity, d.basis, d.sweep, d.hot_wallet) for d in result.trace.deposits]
    for stop in result.trace.stops:
        if stop.entity and is_exchange_wallet(stop):
            at = (stop.theft, stop.address, stop.asset)
            hops = (h for h in result.trace.hops if (h.theft, h.target, h.amount.asset) == at)
            basis = _named(wallet_label(result, stop.address, stop.entity)) or stop.basis
            found += [Credit(hop, stop.entity, basis, None, stop.address, pooled=True) for hop in hops]
    left = (one for one in found if (one.hop.transfer.id, one.hop.leg) not in gone)
    return tuple(sorted(left, key=lambda credit: credit.hop.row))


def passed_on(result: Result) -> frozenset[tuple[str, int]]:
    """Return the payments whose value is followed out of the service again: it is no longer there."""
    return frozenset(one.gave for one in result.trace.crossings)


def is_exchange_wallet(stop: Stop) -> bool:
    """Tell whether a trace ended at an exchange's own wallet, not at a customer's deposit address."""
    exchange = stop.entity is not None and stop.entity.category is Category.EXCHANGE
    return stop.reason is StopReason.SERVICE and exchange


def wallet_label(result: Result, address: Address, entity: Entity) -> Label | None:
    """Return the strongest label, no mere assertion, that names an address as an exchange's own."""
    labels = (one for one in result.labels.get(address, ()) if not one.asserted)
    return next((one for one in labels if one.entity and one.entity.id == entity.id), None)


def _named(label: Label | None) -> str:
    return f"labelled {label.text!r} ({label.confidence}, {label.date}) by {label.source}" if label else ""


def by_entity(result: Result) -> dict[str, tuple[Entity, list[Credit]]]:
    """Return the credits that carry taint, per exchange, in order of their ids."""
    found: dict[str, tuple[Entity, list[Credit]]] = {}
    for credit in credits_of(result):
        if any(credit.hop.taint.values()):
            found.setdefault(credit.entity.id, (credit.entity, []))[1].append(credit)
    return dict(sorted(found.items()))


def by_address(held: Iterable[Credit]) -> dict[tuple[Address, Asset], list[Credit]]:
    """Return credits per address that was paid, and per asset."""
    found: dict[tuple[Address, Asset], list[Credit]] = {}
    for credit in held:
        if credit.hop.target:
            found.setdefault((credit.hop.target, credit.hop.amount.asset), []).append(credit)
    return dict(sorted(found.items()))


def received(held: Iterable[Credit]) -> dict[Asset, int]:
    """Return what credits brought, per asset; a payment that carries taint of two thefts counts once."""
    paid = {(c.hop.transfer.id, c.hop.leg): c.hop.amount for c in held}
    sums: dict[Asset, int] = {}
    for amount in paid.values():
        sums[amount.asset] = sums.get(amount.asset, 0) + amount.units
    return sums


def summed(held: Iterable[Credit], rules: Iterable[Rule]) -> Taint:
    """Return the taint of credits, rule by rule."""
    listed = list(held)
    return {rule: sum(credit.hop.taint[rule] for credit in listed) for rule in rules}


def feeding(hops: Iterable[Hop], ends: Iterable[Address | None]) -> list[Hop]:
    """Return every hop on any way to some addresses, in order: walked back, each hop before what it feeds."""
    reached, found = set(ends), []
    for hop in sorted(hops, key=lambda h: -h.row):
        if hop.target in reached:
            reached |= {leg.address for leg in hop.transfer.inputs}
            found.append(hop)
    return found[::-1]


def fed(result: Result, held: Iterable[Credit]) -> list[Hop]:
    """Return every hop by which value can have come to credits, each theft by itself, in order of rows."""
    ends: dict[str, set[Address | None]] = {}
    for credit in held:
        ends.setdefault(credit.hop.theft, set()).add(credit.hop.target)
    found = [
        hop
        for theft, addresses in ends.items()
        for hop in feeding((h for h in result.trace.hops if h.theft == theft), addresses)
    ]
    return sorted(found, key=lambda hop: hop.row)


def fault(result: Result, held: Iterable[Credit]) -> str:
    """Return why no request can be written about credits, an identifier that intake refuses, or nothing."""
    listed = list(held)
    if any(Chain.of(one.hop.transfer.chain_id).family is Family.BANK for one in listed):
        return "part of it came to an account at a bank: a request as written here is for addresses on chains"
    for credit in listed:
        why = pooled_because(result, credit.deposit_address) if credit.deposit_address else ""
        if why:
            return (
                f"{credit.hop.target} is pooled ({plain(why)}); a freeze of it would strike other customers"
            )
    transfers = [hop.transfer for hop in fed(result, listed)]
    transfers += [credit.sweep for credit in listed if credit.sweep]
    cut = next((t.tx for t in transfers if not is_full_hash(t)), "")
    return f"transaction {plain(cut)!r} is not a full hash: intake refuses cut identifiers" if cut else ""


def pooled_because(result: Result, address: Address) -> str:
    """Return why an address holds the funds of many, by labels, sweeps or the trace; empty if it does not.

    Nobody is ever asked to freeze such an address: it would strike those who have nothing to do with it.
    """
    held = result.labels.get(address, ())
    why = next((one.text for one in held if one.use in _POOLED_USE or one.category in _POOLED), "")
    if why:
        return why
    if any(deposit.hot_wallet == address for deposit in result.trace.deposits):
        return "a hot wallet that deposits are swept to"
    stops = (stop for stop in result.trace.stops if stop.address == address)
    ends = any(stop.reason in _POOLED_STOP for stop in stops)
    return "a service or mixer where the trace ends" if ends else ""


def is_full_hash(transfer: Transfer) -> bool:
    """Tell whether a transaction is named by its whole hash, in its chain's form."""
    pattern = _HASH.get(Chain.of(transfer.chain_id).family, _ANY_HASH)
    return re.fullmatch(pattern, transfer.tx) is not None
