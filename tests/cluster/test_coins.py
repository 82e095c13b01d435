"""A ledger's coins as columns: what the compiled path joins is what the verdicts let pass."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.cluster.coins import Coins, coins_of
from flowtrace.kernel import Fired, Joined, Mark, guard, join
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Chain, Fact, FactKind, Transfer
from flowtrace.moves.coin import coin_transfer
from flowtrace.moves.scripts import address_of
from toytown import REGISTER

BITCOIN = Chain.of("bitcoin")
SCRIPTS = (
    (b"\x00\x14", 20, b""),
    (b"\x00\x14", 20, b""),
    (b"\x76\xa9\x14", 20, b"\x88\xac"),
    (b"\xa9\x14", 20, b"\x87"),
    (b"\x00\x20", 32, b""),
    (b"\x51\x20", 32, b""),
    (b"\x52\x20", 32, b""),
)
"""Two witness keys, P2PKH, P2SH, P2WSH, P2TR, and a witness program to come."""


def person(number: int) -> Address | None:
    """Return one of a few addresses of every kind; none below 0."""
    before, size, after = SCRIPTS[number % len(SCRIPTS)]
    return (
        None if number < 0 else address_of(BITCOIN, before + sha256(bytes([number])).digest()[:size] + after)
    )


def spend(number: int, gives: list[tuple[int, int]], takes: list[tuple[int, int]]) -> Transfer:
    """Return a transaction of (who, units); what the outputs leave is its fee."""
    inputs = [(person(who), units, f"before.{number}:{n}") for n, (who, units) in enumerate(gives)]
    outputs = [(person(who), units, f"tx{number}:{n}") for n, (who, units) in enumerate(takes)]
    name = f"tx{number}"
    return coin_transfer(
        BITCOIN, name, height=800_000 + number, index=0, time=0, inputs=inputs, outputs=outputs
    )


ANYBODY = st.integers(-1, 13) | st.integers(0, 1)
ALIKE = st.sampled_from((0, 1, 7, 8, 14, 15))
"""Witness keys all of them."""
UNITS = st.integers(0, 9)
Legs = list[tuple[int, int]]


@st.composite
def deals(draw: st.DrawFn) -> tuple[Legs, Legs]:
    """Draw what a transaction gives and takes: anything; a consolidation; a payment with a needless input."""
    form = draw(st.sampled_from(("any", "consolidation", "needless", "needless")))
    if form == "any":
        legs = st.lists(st.tuples(ANYBODY, UNITS), min_size=1, max_size=4)
        return draw(legs), draw(legs)
    givers = draw(st.lists(ALIKE, min_size=2, max_size=3))
    if form == "consolidation":
        return [(one, 3) for one in givers], [(draw(ALIKE), 5)]
    return [(one, 5 + n) for n, one in enumerate(givers)], [(draw(ANYBODY), 5), (draw(ANYBODY), 6)]


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Draw a ledger of coins: few people, small values, so that clusters meet and inputs are needless."""
    transfers, facts = [], []
    for number, (gives, takes) in enumerate(draw(st.lists(deals(), max_size=16))):
        paid, left = [], sum(units for _, units in gives)
        for one, units in takes:
            paid.append((one, min(units, left)))
            left -= paid[-1][1]
        transfers.append(spend(number, gives, paid))
        if draw(st.sampled_from((True, False, False, False))):
            facts.append(_shape(transfers[-1], draw(st.sampled_from(("1", "2"))), draw(st.booleans())))
    return Ledger(transfers, facts=facts)


def _shape(transfer: Transfer, sequence: str, anyone: bool) -> Fact:  # noqa: FBT001  drawn
    inputs = len(transfer.inputs)
    sequences = ",".join(["1"] * (inputs - 1) + [sequence])
    figures = (("sequences", sequences), ("sighashes", ",".join(["83" if anyone else "01"] * inputs)))
    where = (transfer.chain_id, transfer.tx, transfer.height, 0, 0, 0)
    return Fact(*where, FactKind.SHAPE, figures=figures)


def joined_places(coins: Coins, held: bytes, found: Joined) -> set[int]:
    """Return the places of the transactions whose inputs were joined."""
    doubted = set(found.doubted)
    return {
        place
        for number, place in enumerate(coins.places)
        if held[number] in {0, Fired.NEEDLESS} and number not in doubted
    }


def judged(ledger: Ledger) -> dict[int, Any]:
    """Return the heuristics' verdicts by place; the test is skipped where that pack is not here."""
    collaboration = pytest.importorskip("flowtrace_heuristics.utxo.collaboration")
    told = collaboration.verdicts(ledger, REGISTER)
    return {place: told[ledger[place].id] for place in range(len(ledger)) if ledger[place].id in told}


@given(ledgers())
def test_nothing_is_joined_that_the_verdicts_hold(ledger: Ledger) -> None:
    """The guard over columns alone is never laxer than the verdicts, those of the neighbours among them."""
    verdicts = judged(ledger)
    coins = coins_of(ledger)
    held = bytes(guard(coins.given, coins.paid, mark=coins.mark))
    found = join(coins.given.inputs, len(ledger.addresses), held=held)
    for place in joined_places(coins, held, found):
        assert verdicts[place].merges, (ledger[place], verdicts[place])


@given(ledgers())
def test_with_the_verdicts_of_each_it_is_the_verdicts_of_all(ledger: Ledger) -> None:
    """Once each flagged transaction is judged by itself, the compiled path joins what the verdicts let pass.

    Not one more and not one less; the components are those of networkx.
    """
    verdicts = judged(ledger)
    coins = coins_of(ledger)
    fired = guard(coins.given, coins.paid, mark=coins.mark)
    held = bytearray(one & Fired.NEEDLESS for one in fired)
    for number, place in enumerate(coins.places):
        if set(verdicts[place].detectors) - {"D7 clusters"}:
            held[number] = Fired.MARKED
    found = join(coins.given.inputs, len(ledger.addresses), held=held, strict=False)
    merged = {place for place, verdict in verdicts.items() if verdict.merges}
    assert joined_places(coins, bytes(held), found) == merged
    graph: nx.Graph[int] = nx.empty_graph(len(ledger.addresses))
    for place in merged:
        givers = [ledger.addresses.index(leg.address) for leg in ledger[place].inputs if leg.address]
        graph.add_edges_from((givers[0], giver) for giver in givers[1:])
    lows = [min(nx.node_connected_component(graph, one)) for one in range(len(ledger.addresses))]
    assert list(found.component) == lows


@given(ledgers())
def test_columns_are_the_sides_of_the_transfers(ledger: Ledger) -> None:
    """The columns hold what the heuristics read: values, kinds of script, and no fee."""
    sides = pytest.importorskip("flowtrace_heuristics.utxo.sides")
    coins = coins_of(ledger)
    starts = [0, 0]
    for number, place in enumerate(coins.places):
        read = sides.sides_of(ledger[place])
        ends = [coins.given.ends[number], coins.paid.ends[number]]
        given, paid = (slice(one, other) for one, other in zip(starts, ends, strict=True))
        assert tuple(coins.given.units[given]) == read.given
        assert tuple(coins.given.kind[given]) == read.gives
        assert tuple(coins.paid.units[paid]) == read.paid
        assert tuple(coins.paid.kind[paid]) == read.pays
        accounts = ["" if one < 0 else ledger.addresses[one].account for one in coins.paid.address[paid]]
        assert tuple(accounts) == read.payees
        starts = ends


def test_what_is_marked() -> None:
    """Held are what a caller says and what is wider than a column; sequences and signatures are read."""
    wide = spend(0, [(0, 1 << 70), (1, 5)], [(2, 7)])
    plain, odd, open_to_all = (spend(n, [(0, 9), (1, 5)], [(2, 7)]) for n in (1, 2, 3))
    facts = [_shape(odd, "2", anyone=False), _shape(open_to_all, "1", anyone=True)]
    ledger = Ledger([wide, plain, odd, open_to_all], facts=facts)
    assert list(coins_of(ledger).mark) == [Mark.HOLD, 0, Mark.MIXED, Mark.HOLD]
    assert list(coins_of(ledger, hold=[1]).mark) == [Mark.HOLD, Mark.HOLD, Mark.MIXED, Mark.HOLD]


def test_no_coins() -> None:
    """A ledger without transactions of coins has no columns to join."""
    coins = coins_of(Ledger(()))
    assert len(coins.places) == len(coins.given) == len(coins.paid) == len(coins.mark) == 0
    assert list(join(coins.given.inputs, 0).component) == []
