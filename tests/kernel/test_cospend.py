"""Union-find over the inputs of transactions: the compiled engine, the plain one, and networkx."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.kernel import Inputs, Joined, cospend, join
from flowtrace.kernel.cospend import plain

ADDRESSES = 12
transactions = st.lists(
    st.lists(st.integers(-1, ADDRESSES - 1) | st.integers(0, 3), max_size=5), max_size=20
).map(tuple)
Transactions = tuple[list[int], ...]


def columns(made: Transactions) -> Inputs:
    """Return transactions as columns."""
    ends = [sum(map(len, made[: number + 1])) for number in range(len(made))]
    return Inputs.of(ends, [one for each in made for one in each])


def told(found: Joined) -> tuple[list[int], list[int]]:
    """Return all that an answer says."""
    return list(found.component), list(found.made)


def components(made: Transactions, held: Sequence[int]) -> list[int]:
    """Return the smallest address that each is joined with, after networkx."""
    graph: nx.Graph[int] = nx.empty_graph(ADDRESSES)
    for each, apart in zip(made, held, strict=True):
        known = [one for one in each if one >= 0]
        if not apart:
            graph.add_edges_from((known[0], one) for one in known[1:])
    return [min(nx.node_connected_component(graph, one)) for one in range(ADDRESSES)]


def test_vector_mi_1() -> None:
    """Algorithms 1.1, vector MI-1: {a1,a2}, {a2,a3}, and {b1,b2} that is held: {a1,a2,a3},{b1},{b2}."""
    for engine in (join, plain):
        found = engine(Inputs.of([2, 4, 6], [0, 1, 1, 2, 3, 4]), 5, held=b"\0\0\1")
        assert told(found) == ([0, 0, 0, 3, 4], [1, 3])


@given(made=transactions, data=st.data())
def test_it_is_connected_components(made: Transactions, data: st.DataObject) -> None:
    """Algorithms 1.1: "Transitive closure by union-find", but for what is held, checked against networkx."""
    held = bytes(data.draw(st.lists(st.integers(0, 2), min_size=len(made), max_size=len(made))))
    assert list(plain(columns(made), ADDRESSES, held=held).component) == components(made, held)


@pytest.mark.usefixtures("needs_library")
@given(made=transactions, data=st.data())
def test_compiled_is_plain(made: Transactions, data: st.DataObject) -> None:
    """Both engines say the same of components and of the forest; also from an earlier answer on."""
    held = bytes(data.draw(st.lists(st.integers(0, 1), min_size=len(made), max_size=len(made))))
    inputs = columns(made)
    assert told(join(inputs, ADDRESSES, held=held)) == told(plain(inputs, ADDRESSES, held=held))
    cut = data.draw(st.integers(0, len(made)))
    first = plain(columns(tuple(each for each in made[:cut] if all(one < 5 for one in each))), 5)
    rest = columns(made[cut:])
    assert told(join(rest, ADDRESSES, onto=first)) == told(plain(rest, ADDRESSES, onto=first))


@given(made=transactions, data=st.data())
def test_order_changes_no_component(made: Transactions, data: st.DataObject) -> None:
    """Which addresses are together does not depend on the order of transactions, nor of inputs within one."""
    turned = tuple(data.draw(st.permutations(each)) for each in data.draw(st.permutations(made)))
    first, second = (join(columns(one), ADDRESSES) for one in (made, turned))
    assert list(first.component) == list(second.component)
    assert len(first.made) == len(second.made)


@given(made=transactions, data=st.data())
def test_in_parts_as_in_one(made: Transactions, data: st.DataObject) -> None:
    """A ledger that grows: what comes later is joined onto the earlier answer, as if all came at once."""
    cut = data.draw(st.integers(0, len(made)))
    first = join(columns(made[:cut]), ADDRESSES)
    whole, rest = join(columns(made), ADDRESSES), join(columns(made[cut:]), ADDRESSES, onto=first)
    assert list(rest.component) == list(whole.component)
    start = len(columns(made[:cut]).address)
    assert [*first.made, *(row + start for row in rest.made)] == list(whole.made)


@given(made=transactions)
def test_the_forest_says_why(made: Transactions) -> None:
    """Every union names the row that made it: the rows between two addresses lead from one to the other."""
    inputs = columns(made)
    found = join(inputs, ADDRESSES)
    assert len(found.made) == ADDRESSES - len(set(found.component))
    for a in range(ADDRESSES):
        for b in range(ADDRESSES):
            way = found.why(inputs, a, b)
            assert (way is not None) == (found.component[a] == found.component[b])
            here = a
            for row in way or ():
                ends = {cospend.first_of(inputs, row), inputs.address[row]}
                assert here in ends
                (here,) = ends - {here}
            assert way is None or here == b


@given(made=transactions)
def test_revoking_is_building_without(made: Transactions) -> None:
    """Any transaction can be held back by rebuilding: as if it had never been."""
    for number in range(len(made)):
        held = bytes(one == number for one in range(len(made)))
        without = (*made[:number], *made[number + 1 :])
        assert list(join(columns(made), ADDRESSES, held=held).component) == list(
            join(columns(without), ADDRESSES).component
        )


@pytest.mark.parametrize(
    ("ends", "address", "words"),
    [
        ([2], [0, 5], "input 1 is of an address out of range"),
        ([2], [0, -2], "input 1 is of an address out of range"),
        ([2, 1], [0, 1], "transaction 1 does not end"),
        ([-1], [0, 1], "transaction 0 does not end"),
        ([3], [0, 1], "transaction 0 does not end"),
        ([1], [0, 1], "transaction 0 does not end"),
        ([], [0, 1], "transaction 0 does not end"),
    ],
)
def test_malformed_columns(ends: list[int], address: list[int], words: str) -> None:
    """Columns that lead out of their rows or addresses are refused by both engines in the same words."""
    for engine in (join, plain):
        with pytest.raises(InputError, match=words):
            engine(Inputs.of(ends, address), 5)


def test_what_does_not_go_together() -> None:
    """An earlier answer that is none, too few bytes of what is held, too many addresses: each is refused."""
    inputs = Inputs.of([2], [0, 1])
    bent = Joined(memoryview(b"\1\0\0\0\1\0\0\0").cast("i"), inputs.ends)
    for engine in (join, plain):
        with pytest.raises(InputError, match="address 0 of the earlier answer"):
            engine(inputs, 3, onto=bent)
    with pytest.raises(InputError, match="2 bytes say what is held of 1"):
        join(inputs, 2, held=b"\0\0")
    with pytest.raises(InputError, match="more addresses"):
        join(inputs, 2, onto=join(inputs, 3))
    with pytest.raises(InputError, match="cannot be joined"):
        join(inputs, 1 << 31)


def test_nothing_to_join() -> None:
    """No transactions, none with two inputs, or no addresses at all: nobody is joined."""
    for engine in (join, plain):
        assert told(engine(Inputs.of([], []), 0)) == ([], [])
        assert told(engine(Inputs.of([0, 1, 1], [2]), 3)) == ([0, 1, 2], [])
        assert told(engine(Inputs.of([2], [-1, -1]), 0)) == ([], [])


def test_no_library_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no compiled library the plain engine serves."""
    monkeypatch.setattr(cospend, "library", lambda: None)
    assert told(join(Inputs.of([2], [1, 0]), 2)) == ([0, 0], [1])
