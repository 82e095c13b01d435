"""A theft that crosses from Ethereum to BNB Chain by a bridge, and one that is exchanged at a pool."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Amount,
    Asset,
    Basis,
    Chain,
    Class,
    Crossed,
    Hop,
    Kind,
    Leg,
    Link,
    Result,
    Transfer,
)
from report.toy_result import ETH, IDA, MALLORY, ONE, USDC, VAULT, at, toy_result

BNB = Chain.of("eip155:56")
BRIDGE, POOL, CASHED = at("b9"), at("90"), at("ca")
PAYER, TARGET = Address(BNB.id, "0x" + "9b" * 20), Address(BNB.id, "0x" + "7a" * 20)
BNB_COIN = Asset.native(BNB)


def _pay(number: int, ends: tuple[Address, Address], amount: Amount) -> Transfer:
    source, target = ends
    asset, units = amount.asset, amount.units
    return Transfer(
        target.chain_id, f"0x{number:064x}", "value", 100 + number, 0, 1, 1_648_000_000 + number * 60,
        Kind.VALUE, Basis.RECORDED, ok=True, inputs=(Leg(source, asset, units),),
        outputs=(Leg(target, asset, units),),
    )  # fmt: skip


def swapped_result() -> Result:
    """Return the case: stolen ETH are sold for USDC, paid on, sold back at the same pool; half is paid on."""
    eth, usdc, half = Amount(ETH, 1000 * ONE), Amount(USDC, 2_000_000 * 10**6), Amount(ETH, 500 * ONE)

    def bought(number: int, taker: Address, amount: Amount) -> Transfer:
        return replace(_pay(number, (POOL, taker), amount), position="token 1", order=2)

    moves = (
        (_pay(1, (VAULT, MALLORY), eth), 0),
        (_pay(2, (MALLORY, POOL), eth), 1),
        (bought(2, MALLORY, usdc), 2),
        (_pay(3, (MALLORY, IDA), usdc), 3),
        (bought(4, IDA, eth), 5),  # told before the sale, as logs may
        (_pay(4, (IDA, POOL), usdc), 4),
        (_pay(5, (IDA, CASHED), half), 6),
    )
    hops = tuple(
        Hop(row, "eth", transfer, depth, dict.fromkeys(ACCOUNT_RULES, transfer.amount.units))
        for row, (transfer, depth) in enumerate(moves, start=1)
    )
    toy = toy_result()
    trace = replace(toy.trace, hops=hops, stops=(), deposits=(), roles=(), set_aside=())
    return replace(toy, trace=trace, labels={}, transfers=tuple(hop.transfer for hop in hops))


def crossed_result() -> Result:
    """Return the case: 1,000 ETH are stolen, sent to a bridge, and come as 9,000 BNB to one address."""
    theft = _pay(1, (VAULT, MALLORY), Amount(ETH, 1000 * ONE))
    left = _pay(2, (MALLORY, BRIDGE), Amount(ETH, 1000 * ONE))
    came = _pay(3, (PAYER, TARGET), Amount(BNB_COIN, 9000 * ONE))
    hops = [
        Hop(row, "eth", transfer, row - 1, dict.fromkeys(ACCOUNT_RULES, transfer.amount.units))
        for row, transfer in enumerate((theft, left, came), start=1)
    ]
    link = Link((left.id, 0), (came.id, 0), Class.C, "bridge_key/1")
    crossed = Crossed("stargate", "0x1", Class.C, "bridge_key/1", (link,))
    hops[2] = replace(hops[2], crossing="stargate 0x1", bridge=BRIDGE, cls=Class.C, worst=Class.C, crossed=1)
    toy = toy_result()
    trace = replace(
        toy.trace, hops=tuple(hops), stops=(), deposits=(), roles=(), set_aside=(), crossings=(crossed,)
    )
    return replace(toy, trace=trace, labels={}, transfers=(theft, left, came))
