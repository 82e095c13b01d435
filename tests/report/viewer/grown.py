"""Flows of any size, made by rule and not by chance: a theft that spreads over two ledgers, hop by hop."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256

from flowtrace.model import (
    ACCOUNT_RULES,
    ETHEREUM,
    Address,
    Asset,
    Basis,
    Category,
    Chain,
    Class,
    Entity,
    Hop,
    Kind,
    Label,
    Leg,
    Result,
    Rule,
    Stop,
    StopReason,
    Transfer,
    Use,
)
from report.toy_result import toy_result

BNB = Chain.of("eip155:56")
EXCHANGE = Entity("grown", "Grown Exchange", Category.EXCHANGE)
_LEVELS = 8
_STEP = 10**15 + 7


def address(number: int, count: int) -> Address:
    """Return an address; the last fifth of a flow is on the other ledger."""
    chain = BNB if number > count * 4 // 5 else ETHEREUM
    return Address(chain.id, "0x" + sha256(f"grown {number}".encode()).hexdigest()[:40])


def _parents(number: int, count: int) -> tuple[int, ...]:
    """Return who pays an address: one of the level above, and a second one to make the ways cross."""
    level = max(1, count // _LEVELS)
    first = (number - 1) // 3 if number <= level else number - level + (number * 7) % 11
    other = max(0, number - level - (number * 13) % 29)
    return (0,) if number < 4 else tuple(dict.fromkeys((min(first, number - 1), other)))


def _pay(row: int, ends: tuple[Address, Address], depth: int) -> Hop:
    source, target = ends
    asset = Asset.native(Chain.of(target.chain_id))
    units = 10**18 * 250 // row + row * _STEP
    taint = dict.fromkeys(ACCOUNT_RULES, units)
    taint[Rule.PRO_RATA] = units * 3 // 4
    taint[Rule.LIBR] = units // 2
    payer = source if source.chain_id == target.chain_id else Address(target.chain_id, source.account)
    act = Transfer(
        target.chain_id, "0x" + sha256(f"pay {row}".encode()).hexdigest(), "value", 14_000_000 + row, 0, 1,
        1_648_000_000 + row * 613, Kind.VALUE, Basis.RECORDED, ok=True,
        inputs=(Leg(payer, asset, units),), outputs=(Leg(target, asset, units),),
    )  # fmt: skip
    return Hop(row, "eth", act, depth, taint)


@cache
def grown(count: int) -> Result:
    """Return a result of so many addresses and about twice as many payments."""
    depth, hops = {0: 0}, list[Hop]()
    for number in range(1, count):
        for parent in _parents(number, count):
            depth[number] = min(depth.get(number, _LEVELS * 9), depth[parent] + 1)
            ends = address(parent, count), address(number, count)
            hops.append(_pay(len(hops) + 1, ends, depth[parent]))
    toy = toy_result()
    ends_at = [hop for hop in hops if hop.row % 17 == 0 and hop.target]
    stops = tuple(_stop(hop) for hop in {hop.target: hop for hop in ends_at}.values())
    trace = replace(
        toy.trace, hops=tuple(hops), stops=stops, deposits=(), roles=(), set_aside=(), accounts=()
    )
    labels = {stop.address: (_label(stop.address),) for stop in stops}
    return replace(toy, trace=trace, labels=labels, transfers=tuple(hop.transfer for hop in hops))


def _stop(hop: Hop) -> Stop:
    assert hop.target
    return Stop(
        "eth", hop.target, hop.amount.asset, StopReason.DEPOSIT, hop.amount.units, 1, 1, hop.taint, EXCHANGE,
        Class.P, "made by rule",
    )  # fmt: skip


def _label(where: Address) -> Label:
    return Label(
        where, f"Grown: {where.short}", Category.EXCHANGE, Use.DEPOSIT, EXCHANGE, "https://grown.example",
        "web_crawl", "2022-04-01",
    )  # fmt: skip
