"""Small results made of nothing but transfers, for tests of folding and drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import strategies as st

from flowtrace.model import ACCOUNT_RULES, ETHEREUM, Address, Basis, Hop, Kind, Leg, Result, Transfer
from report.toy_result import ETH, toy_result

Move = tuple[int, int, int]


def wallet(number: int) -> Address:
    """Return the address with this number."""
    return Address(ETHEREUM.id, f"0x{number:040x}")


def moved(moves: Iterable[Move]) -> Result:
    """Return a result whose hops are these moves: giver, taker, units."""
    hops = []
    for n, (giver, taker, units) in enumerate(moves, 1):
        give, take = Leg(wallet(giver), ETH, units), Leg(wallet(taker), ETH, units)
        what, how = Kind.VALUE, Basis.RECORDED
        act = Transfer(
            ETHEREUM.id,
            f"{n:#066x}",
            "value",
            n,
            0,
            0,
            n,
            what,
            how,
            ok=True,
            inputs=(give,),
            outputs=(take,),
        )
        hops.append(Hop(n, "eth", act, 1, dict.fromkeys(ACCOUNT_RULES, units)))
    toy = toy_result()
    trace = replace(toy.trace, hops=tuple(hops), stops=(), deposits=(), roles=(), set_aside=())
    return replace(toy, trace=trace, labels={})


flows = st.lists(
    st.tuples(st.integers(1, 14), st.integers(1, 14), st.integers(1, 10**21)), min_size=1, max_size=40
).map(moved)
