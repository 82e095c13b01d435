"""Deposits per exchange: what reached which deposit address, and where it was swept to."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Address, Deposit, Entity, Result, Rule, Taint, envelope
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import grouped, printable
from flowtrace.report.document.typeset import Block, Cell, boxed, heading, para, table
from flowtrace.report.document.words import count, exact, keys, under
from flowtrace.report.tables import stated_rule


def by_entity(result: Result) -> dict[str, tuple[Entity, list[Deposit]]]:
    """Return the deposits that carry taint, per exchange, in order of their ids."""
    found: dict[str, tuple[Entity, list[Deposit]]] = {}
    for deposit in result.trace.deposits:
        if any(deposit.hop.taint.values()):
            found.setdefault(deposit.entity.id, (deposit.entity, []))[1].append(deposit)
    return dict(sorted(found.items()))


def by_address(deposits: Iterable[Deposit]) -> dict[Address, list[Deposit]]:
    """Return deposits per deposit address."""
    found: dict[Address, list[Deposit]] = {}
    for deposit in deposits:
        target = deposit.hop.transfer.target
        if target:
            found.setdefault(target, []).append(deposit)
    return dict(sorted(found.items()))


def summed(deposits: Iterable[Deposit], rules: Iterable[Rule]) -> Taint:
    """Return the taint of deposits, rule by rule."""
    held = list(deposits)
    return {rule: sum(deposit.hop.taint[rule] for deposit in held) for rule in rules}


def deposits(result: Result) -> list[Block]:
    """One table per exchange."""
    found = by_entity(result)
    if not found:
        return [heading("Deposits per exchange"), para("No exchange deposit address was found.")]
    body = [block for entity, held in found.values() for block in _entity(result, entity, held)]
    return [heading("Deposits per exchange"), *body]


def _entity(result: Result, entity: Entity, held: list[Deposit]) -> list[Block]:
    taint = summed(held, result.trace.rules)
    asset = held[0].hop.transfer.amount.asset
    said = assumption(result)
    why = [para(said)] if said else []
    warning = [
        boxed("The result depends on the rule", [para(f"Nothing traced arrived {under(taint, 0)}."), *why]),
    ]
    return [
        heading(printable(entity.name), 2),
        para(
            f"{count(len(held), 'deposit')} at {count(len(by_address(held)), 'address')}, in all "
            f"{exact(asset, sum(d.hop.transfer.amount.units for d in held))}. Each row stands in Annex B and "
            "deposits.csv."
        ),
        *(warning if not envelope(taint)[0] else []),
        address_table(result, held),
    ]


def address_table(result: Result, held: Iterable[Deposit]) -> Block:
    """Return one row per deposit address: what came, what of it is traced, why it is the exchange's."""
    return table(
        ["deposit address; why (class P)", "rows", "received; traced; low; high"],
        [_address(result, address, found) for address, found in by_address(held).items()],
        columns=["1fr", "35mm", "46mm"], right=[2], mono=[2], size=7.5,
    )  # fmt: skip


def _address(result: Result, address: Address, held: list[Deposit]) -> list[Cell]:
    asset = held[0].hop.transfer.amount.asset
    taint = summed(held, result.trace.rules)
    received = sum(deposit.hop.transfer.amount.units for deposit in held)
    bases = dict.fromkeys(printable(deposit.basis) for deposit in held)
    sweeps = dict.fromkeys(f"first sweep: {deposit.sweep.tx}" for deposit in held[:1] if deposit.sweep)
    amounts = amount_lines(received, taint, stated_rule(result))
    return [
        [address.display, *bases, *sweeps],
        [f"{len(held)}: {keys(deposit.hop.row for deposit in held)}"],
        [f"{name}\u00a0{grouped(asset, units)}" for name, units in amounts],
    ]


def amount_lines(received: int, taint: Taint, rule: Rule) -> list[tuple[str, int]]:
    """Return received, traced under a rule, and the range, each with its name."""
    low, high = envelope(taint)
    return [("received", received), ("traced", taint[rule]), ("low", low), ("high", high)]
