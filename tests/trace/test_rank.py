"""The rank of the crawl: the vectors, and mass that neither appears nor vanishes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import Address
from flowtrace.trace.rank import LEAST, ONE, Paid, Rank, SwapRank
from toytown import ETH, USDC, who

ASSETS = {"ETH": ETH, "USDT": USDC}


def paid(text: str) -> list[Paid]:
    """Read payments as the vectors write them: ``S->A 60 ETH@10``, several of one transaction joined by +."""
    found = []
    for n, line in enumerate(text.split(";")):
        for part in line.split("+"):
            ends, amount, rest = part.split()
            (source, target), (asset, when) = ends.split("->"), rest.split("@")
            one = Paid(f"tx{n}", (int(when),), who(source), who(target), ASSETS[asset], int(amount))
            found.append(one)
    return found


ONE_ASSET = paid(
    "S->A 60 ETH@10; S->B 40 ETH@20; X->A 100 ETH@5; A->C 100 ETH@15; A->D 60 ETH@30; B->E 40 ETH@25"
)
SWAP = paid("S->A 100 ETH@1; A->P 100 ETH@2 + P->A 200000 USDT@2; A->Z 200000 USDT@3")


def told(ranks: Mapping[Address, int]) -> dict[str, float]:
    """Return ranks by name as numbers, for comparison with the vectors only."""
    names = {who(name): name for name in "SABCDEPXZ"}
    return {names[node]: mass / ONE for node, mass in ranks.items()}


def touching(way: list[Paid], node: Address) -> list[Paid]:
    """Return the payments that touch a node."""
    return [one for one in way if node in {one.source, one.target}]


NAMES = "ABCDESX"
BASE = (0.068468, 0.063962, 0.023228, 0.023228, 0.043494, 0.166681, 0.005734)
WEIGHT = (0.082014, 0.050307, 0.034856, 0.020821, 0.034209, 0.163704, 0.008591)
REDIRECT = (0.0612, 0.049116, 0.172444, 0.103106, 0.221662, 0.319063, 0.068498)


def named(ranks: tuple[float, ...]) -> object:
    """Return a vector's ranks by name, to be met to a millionth."""
    return pytest.approx(dict(zip(NAMES, ranks, strict=True)), abs=1e-6)


@pytest.mark.parametrize(("by_amount", "expected", "pushes"), [(False, BASE, 29), (True, WEIGHT, 27)])
def test_vector_ttr_1_without_order(expected: tuple[float, ...], pushes: int, *, by_amount: bool) -> None:
    """Algorithms 3.3, vector TTR-1: TTRBase and TTRWeight, with as many pushes."""
    rank = Rank(who("S"), by_amount)
    found = told(rank.run(lambda node: touching(ONE_ASSET, node)))
    assert found == named(expected)
    assert rank.pushes == pushes


def test_vector_ttr_1_with_order() -> None:
    """Algorithms 3.3, vector TTR-1: TTRRedirect, with as many pushes; and A has a rank of its own."""
    rank = SwapRank(who("S"))
    rank.run(lambda node: touching(ONE_ASSET, node))
    assert told(rank.rank) == named(REDIRECT)
    assert rank.pushes == 168


def test_vector_ttr_2() -> None:
    """Algorithms 3.3, vector TTR-2: "Base/Weight leak to the pool [...] Redirect gives [...] P absent"."""
    for by_amount, leak in ((False, 0.0826), (True, 0.0234)):
        ranks = Rank(who("S"), by_amount).run(lambda node: touching(SWAP, node))
        assert told(ranks)["P"] == pytest.approx(leak, abs=5e-5)
    rank = SwapRank(who("S"))
    rank.run(lambda node: touching(SWAP, node))
    assert told(rank.rank) == pytest.approx({"A": 0.122789, "S": 0.319063, "Z": 0.555705}, abs=1e-6)


PEOPLE = st.sampled_from([who(name) for name in "SABC"])


@st.composite
def ways(draw: st.DrawFn) -> list[Paid]:
    """Draw payments in two assets, several to a transaction at times."""
    found = []
    for n in range(draw(st.integers(1, 12))):
        when = (draw(st.integers(0, 8)), n)
        for _ in range(draw(st.integers(1, 2))):
            ends = draw(st.tuples(PEOPLE, PEOPLE))
            asset = draw(st.sampled_from((ETH, USDC)))
            found.append(Paid(f"tx{n}", when, *ends, asset, draw(st.integers(0, 9))))
    return found


@given(way=ways())
def test_no_mass_appears_or_vanishes(way: list[Paid]) -> None:
    """One unit of mass per asset at the source: ranks and residuals sum to it, to the last part."""
    rank = SwapRank(who("S"))
    whole = rank.run(lambda node: touching(way, node))
    assert sum(whole.values()) % ONE == 0
    assert all(sum(chips.values()) <= LEAST for chips in rank.chips.values())
    assert all(mass >= 0 for mass in whole.values())


@given(way=ways())
def test_who_is_not_known_keeps_its_mass(way: list[Paid]) -> None:
    """Where payments are not known yet nothing is pushed, so the mass says how much came there."""
    rank = SwapRank(who("S"))
    whole = rank.run(lambda node: touching(way, node), can=lambda node: node == who("S"))
    assert sum(whole.values()) % ONE == 0
    assert set(rank.rank) <= {who("S")}


@given(way=ways(), data=st.data())
def test_the_same_whatever_the_order(way: list[Paid], data: st.DataObject) -> None:
    """The order in which payments are listed changes no rank."""
    mixed = data.draw(st.permutations(way))
    one, other = SwapRank(who("S")), SwapRank(who("S"))
    assert one.run(lambda n: touching(way, n)) == other.run(lambda n: touching(mixed, n))
