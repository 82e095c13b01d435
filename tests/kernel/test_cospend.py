"""Union-find over the inputs of transactions: the compiled engine, the plain one, and networkx."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.kernel import Inputs, Joined, cospend, join
from flowtrace.kernel.cospend import NEEDLESS, plain

ADDRESSES = 12
transactions = st.lists(
    st.lists(st.integers(-1, ADDRESSES - 1) | st.integers(0, 3), max_size=5), max_size=20
).map(tuple)
Transactions = tuple[list[int], ...]


def columns(made: Transactions) -> Inputs:
    """Return transactions as columns."""
    ends = [sum(map(len, made[: number + 1])) for number in range(len(made))]
    return Inputs.of(ends, [one for each in made for one in each])


def told(found: Joined) -> tuple[list[int], ...]:
    """Return all that an answer says."""
    return list(found.component), list(found.made), list(found.doubted), list(found.met)


def bytes_of(length: int) -> st.SearchStrategy[bytes]:
    """Draw what the guard says of so many transactions."""
    each = st.sampled_from((0, 0, 0, NEEDLESS, NEEDLESS, 1, 64, NEEDLESS + 64))
    return st.lists(each, min_size=length, max_size=length).map(bytes)


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
        assert told(found) == ([0, 0, 0, 3, 4], [1, 3], [], [1] * 5)


@given(made=transactions, data=st.data())
def test_it_is_connected_components(made: Transactions, data: st.DataObject) -> None:
    """Algorithms 1.1: "Transitive closure by union-find", but for what is held, checked against networkx."""
    held = bytes(data.draw(st.lists(st.integers(0, 2), min_size=len(made), max_size=len(made))))
    assert list(plain(columns(made), ADDRESSES, held=held).component) == components(made, held)


@pytest.mark.usefixtures("needs_library")
@given(made=transactions, data=st.data())
def test_compiled_is_plain(made: Transactions, data: st.DataObject) -> None:
    """Both engines say the same of components and of the forest; also from an earlier answer on."""
    held = data.draw(bytes_of(len(made)))
    strict = data.draw(st.booleans())
    inputs = columns(made)
    told_of = [told(one(inputs, ADDRESSES, held=held, strict=strict)) for one in (join, plain)]
    assert told_of[0] == told_of[1]
    cut = data.draw(st.integers(0, len(made)))
    few = tuple(each for each in made[:cut] if all(one < 5 for one in each))
    first = plain(columns(few), 5, held=held[: len(few)])
    rest = columns(made[cut:])
    told_of = [
        told(one(rest, ADDRESSES, held=held[cut:], strict=strict, onto=first)) for one in (join, plain)
    ]
    assert told_of[0] == told_of[1]
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
    held = data.draw(bytes_of(len(made)))
    first = join(columns(made[:cut]), ADDRESSES, held=held[:cut])
    whole = join(columns(made), ADDRESSES, held=held)
    rest = join(columns(made[cut:]), ADDRESSES, held=held[cut:], onto=first)
    assert list(rest.component) == list(whole.component)
    assert list(rest.met) == list(whole.met)
    start = len(columns(made[:cut]).address)
    assert [*first.made, *(row + start for row in rest.made)] == list(whole.made)
    assert [*first.doubted, *(number + cut for number in rest.doubted)] == list(whole.doubted)


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


def test_a_needless_input_that_joins_two_clusters_is_doubted() -> None:
    """Algorithms 1.2, D7: "do not merge inputs of different pre-existing clusters": {0,1}, {2,3}, {1,2}."""
    inputs = Inputs.of([2, 4, 6, 8], [0, 1, 2, 3, 1, 2, 1, 5])
    needless = bytes([0, 0, NEEDLESS, NEEDLESS])
    for engine in (join, plain):
        found = engine(inputs, 6, held=needless)
        assert list(found.component) == [0, 0, 2, 2, 4, 0]
        assert (list(found.doubted), list(found.made)) == ([2], [1, 3, 7])
        assert list(engine(inputs, 6, held=bytes(4)).component) == [0, 0, 0, 0, 4, 0]


def test_what_is_held_counts_as_spending_together_where_strict() -> None:
    """What the guard holds the verdict may yet release: until it does, a needless input is doubted for it."""
    inputs = Inputs.of([2, 4, 6], [0, 1, 2, 3, 1, 2])
    held = bytes([0, 64, NEEDLESS])
    for engine in (join, plain):
        assert list(engine(inputs, 4, held=held).doubted) == [2]
        assert list(engine(inputs, 4, held=held, strict=False).doubted) == []


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
    bent = Joined(memoryview(b"\1\0\0\0\1\0\0\0").cast("i"), *[memoryview(b"")] * 3)
    for engine in (join, plain):
        with pytest.raises(InputError, match="address 0 of the earlier answer"):
            engine(inputs, 3, onto=bent)
    with pytest.raises(InputError, match="2 bytes say what is held of 1"):
        join(inputs, 2, held=b"\0\0")
    with pytest.raises(InputError, match="knows nothing of what was held"):
        join(inputs, 2, held=b"\0", onto=join(inputs, 2))
    with pytest.raises(InputError, match="more addresses"):
        join(inputs, 2, onto=join(inputs, 3))
    with pytest.raises(InputError, match="cannot be joined"):
        join(inputs, 1 << 31)


def test_nothing_to_join() -> None:
    """No transactions, none with two inputs, or no addresses at all: nobody is joined."""
    for engine in (join, plain):
        assert told(engine(Inputs.of([], []), 0)) == ([], [], [], [])
        assert told(engine(Inputs.of([0, 1, 1], [2]), 3)) == ([0, 1, 2], [], [], [])
        assert told(engine(Inputs.of([2], [-1, -1]), 0)) == ([], [], [], [])


def test_no_library_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no compiled library the plain engine serves."""
    monkeypatch.setattr(cospend, "library", lambda: None)
    assert told(join(Inputs.of([2], [1, 0]), 2)) == ([0, 0], [1], [], [])
