"""Swaps for the tests of traces: transactions of several moves, and histories with swaps in them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from flowtrace.model import ETHEREUM, Address, Asset, Basis, Kind, Leg, Transfer
from toytown import ALICE, CAROL, ETH, IDA, JON, MALLORY, USDC, Pay, who

POOL, ROUTER = who("pool"), who("router")
DAI = Asset.token(who("dai"), "DAI", 18)
Move = tuple[Address, Address, int, Asset]


def deal(name: str, height: int, *moves: Move, sender: Address = MALLORY, gas: int = 0) -> list[Transfer]:
    """Return one transaction of several moves, its gas first, as logs and internal payments tell them."""
    fee = Transfer(
        ETHEREUM.id, name, "fee", height, 0, 0, 1_650_000_000, Kind.FEE, Basis.RECORDED, ok=True,
        inputs=(Leg(sender, ETH, gas),), outputs=(Leg(None, ETH, gas),),
    )  # fmt: skip
    found = [fee]
    for n, (source, target, units, asset) in enumerate(moves):
        kind = Kind.TOKEN if asset.contract else Kind.INTERNAL
        found.append(
            replace(
                fee, position=f"log {n}", order=1 + n, kind=kind,
                inputs=(Leg(source, asset, units),), outputs=(Leg(target, asset, units),),
            )
        )  # fmt: skip
    return found


def swap(name: str, height: int, *, sold: tuple[int, Asset], bought: tuple[int, Asset]) -> list[Transfer]:
    """Return a swap by mallory at the pool."""
    return deal(name, height, (MALLORY, POOL, *sold), (POOL, MALLORY, *bought))


@st.composite
def lives(draw: st.DrawFn) -> list[Transfer]:
    """Draw payments to and from mallory and ida in three assets, and swaps by them, after a theft."""
    assets = st.sampled_from((ETH, USDC, DAI))
    people = st.sampled_from((MALLORY, IDA))
    units = st.integers(0, 9) | st.integers(0, 1 << 90)
    found = Pay("heist", ALICE, MALLORY, draw(st.integers(1, 9) | st.integers(1, 1 << 90)), gas=0).transfers(
        1
    )
    for height in range(2, 2 + draw(st.integers(1, 12))):
        one, asset = draw(people), draw(assets)
        if draw(st.booleans()):
            other = draw(st.sampled_from([a for a in (ETH, USDC, DAI) if a != asset]))
            moves: tuple[Move, ...] = (
                (one, POOL, 1 + draw(units), asset),
                (POOL, one, 1 + draw(units), other),
            )
        else:
            other_side = draw(st.sampled_from((MALLORY, IDA, CAROL, JON)))
            moves = ((one, other_side, draw(units), asset),)
            if draw(st.booleans()):
                moves = ((CAROL, one, draw(units), asset),)
        found += deal(f"tx-{height}", height, *moves, sender=one, gas=draw(st.integers(0, 3)))
    return found
