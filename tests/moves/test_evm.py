"""What moves in a transaction of an EVM chain: each move has a name of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.moves.evm import short


@given(st.lists(st.integers(0, 300), max_size=40), st.lists(st.integers(0, 300), max_size=40))
def test_paths_are_named_apart(one: list[int], other: list[int]) -> None:
    """Two paths never get one name, long ones neither, and a position has room for each."""
    names = [".".join(map(str, short(tuple(path)))) for path in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    assert all(len("trace " + name) <= 64 for name in names)
