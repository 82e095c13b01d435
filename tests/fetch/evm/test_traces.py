"""Traces: a call that failed moves nothing, nor does any call under it, whatever form tells of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.rpc_chain import Call, Chain, Json
from fetch.rpc_service import COPIER, rows_of
from flowtrace.errors import InputError
from flowtrace.fetch.evm.traces import Frame, internal, of_list, of_operations, of_tree, unplaced
from flowtrace.model import ETHEREUM, Transfer
from flowtrace.moves.evm import EvmTransaction

ANN, BEN, CLEO, DAN = ("0x" + pair * 20 for pair in ("a1", "b2", "c3", "d4"))
TX = "0x" + "7" * 64
AT = EvmTransaction(ETHEREUM, TX, height=5, index=2, time=1_700_000_000)

ACCOUNTS = st.sampled_from([ANN, BEN, CLEO, DAN])
UNITS = st.integers(0, 1 << 100)
LEAVES = st.one_of(
    st.builds(Call, ACCOUNTS, UNITS, fails=st.booleans()),
    st.builds(Call, ACCOUNTS, UNITS, kind=st.just("SELFDESTRUCT")),
    st.builds(Call, st.just(COPIER), kind=st.just("STATICCALL")),
)


def inner(calls: st.SearchStrategy[Call]) -> st.SearchStrategy[Call]:
    """Return calls that make calls."""
    kinds = st.sampled_from(["CALL", "CREATE", "DELEGATECALL", "STATICCALL", "CALLCODE"])
    inside = st.lists(calls, max_size=4).map(tuple)
    return st.builds(Call, ACCOUNTS, UNITS, inside, kinds, fails=st.booleans())


CALLS = st.recursive(LEAVES, inner, max_leaves=20)
OWN = st.builds(Call, ACCOUNTS, UNITS, st.lists(CALLS, max_size=4).map(tuple), fails=st.booleans())


def ran(call: Call) -> tuple[Json, Counter[str]]:
    """Run a transaction on a toy chain; return its trace, and what it changed beside the fee."""
    chain = Chain()
    chain.mine([(ANN, call, ())])
    (tx,) = chain.sent
    changed = chain.after[1].copy()
    changed[ANN] += 50_000 * 7
    return chain.trees[tx], Counter({account: units for account, units in changed.items() if units})


def moved(transfers: list[Transfer]) -> Counter[str]:
    """Return what transfers change."""
    found: Counter[str] = Counter()
    for one in transfers:
        assert one.source is not None
        assert one.target is not None
        found[one.source.account] -= one.amount.units
        found[one.target.account] += one.amount.units
    return found


def listed(tree: Json) -> list[Json]:
    """Return a tree as ``trace_transaction`` gives it."""
    return [{**row, "transactionHash": TX} for row in rows_of(tree, ())]


@given(OWN)
def test_failure_is_carried_down(call: Call) -> None:
    """Value inside a call whose ancestor reverted never moved: the moves are what the balances changed by."""
    tree, changed = ran(call)
    for frames in (of_tree(tree), of_list(listed(tree), TX)):
        found = moved(internal(AT, frames))
        if not frames[0].failed:
            found[ANN] -= call.value
            found[call.to] += call.value
        assert {account: units for account, units in found.items() if units} == changed


@given(OWN)
def test_forms_agree(call: Call) -> None:
    """A tree of calls and a list of them tell the same, though the list lacks precompiled contracts."""
    tree, _ = ran(call)
    one, other = of_tree(tree), of_list(listed(tree), TX)
    assert internal(AT, one) == internal(AT, other)
    assert len({transfer.id for transfer in internal(AT, one)}) == len(internal(AT, one))


def test_precompiled_contracts_do_not_count() -> None:
    """Calls of precompiled contracts take no place among the calls, unless they carry value."""
    inside = (Call(COPIER, kind="STATICCALL"), Call(BEN, 1), Call(COPIER, 2), Call(COPIER), Call(CLEO, 3))
    tree, _ = ran(Call(DAN, 0, inside))
    found = {one.position: one.amount.units for one in internal(AT, of_tree(tree))}
    assert found == {"trace 0": 1, "trace 1": 2, "trace 2": 3}


def test_only_some_calls_move() -> None:
    """A call that runs another's code in one's own name carries its value nowhere."""
    borrowed: list[Json] = [
        {"type": kind, "from": BEN, "to": CLEO, "value": "0x9"}
        for kind in ("DELEGATECALL", "CALLCODE", "STATICCALL")
    ]
    tree: Json = {"type": "CALL", "from": ANN, "to": BEN, "value": "0x9", "calls": borrowed}
    assert not internal(AT, of_tree(tree))


def test_creation_that_failed() -> None:
    """A creation that failed names no account, and moves nothing."""
    failed: Json = {"type": "CREATE2", "from": BEN, "value": "0x5", "error": "out of gas"}
    tree: Json = {"type": "CALL", "from": ANN, "to": BEN, "value": "0x0", "calls": [failed]}
    assert not internal(AT, of_tree(tree))
    row = {"type": "create", "action": {"from": BEN, "value": "0x5"}, "error": "out of gas", "result": None}
    rows = [*listed({**tree, "calls": []}), {**row, "traceAddress": [0], "transactionHash": TX}]
    assert not internal(AT, of_list(rows, TX))


@pytest.mark.parametrize("own_first", [True, False])
def test_operations(own_first: bool) -> None:  # noqa: FBT001  drawn
    """Operations have no place; the transaction's own, which some nodes list first, is left out."""
    own = Frame((), "call", ANN, BEN, 9, failed=False)
    told: list[Json] = [
        {"type": 0, "from": BEN, "to": CLEO, "value": "0x4"},
        {"type": 0, "from": BEN, "to": CLEO, "value": "0x4"},
        {"type": 2, "from": BEN, "to": DAN, "value": "0x1"},
        {"type": 1, "from": DAN, "to": ANN, "value": "0x1"},
    ]
    first: list[Json] = [{"type": 0, "from": ANN, "to": BEN, "value": "0x9"}] if own_first else []
    found = unplaced(AT, of_operations([*first, *told], own))
    assert [one.amount.units for one in found] == [4, 4, 1, 1]
    assert all(one.position.startswith("internal ") for one in found)
    assert len({one.id for one in found}) == 4


def chained(depth: int) -> Json:
    """Return calls one in another, so deep, the last of which pays."""
    call: Json = {"type": "CALL", "from": BEN, "to": CLEO, "value": "0x1"}
    for _ in range(depth):
        call = {"type": "CALL", "from": BEN, "to": BEN, "value": "0x0", "calls": [call]}
    return call


def test_deepest_calls() -> None:
    """Calls are read as deep as the machine nests them, and no deeper."""
    (transfer,) = internal(AT, of_tree(chained(1024)))
    assert transfer.amount.units == 1
    rows = [
        {"type": "call", "action": {"from": BEN, "to": CLEO, "value": hex(depth == 1024)}, "result": None,
         "traceAddress": [0] * depth, "subtraces": int(depth < 1024), "transactionHash": TX}
        for depth in range(1025)
    ]  # fmt: skip
    assert internal(AT, of_list(rows, TX)) == [transfer]
    with pytest.raises(InputError, match="deeper"):
        of_tree(chained(1100))
    with pytest.raises(InputError, match="deeper"):
        of_list([{**rows[0], "traceAddress": [0] * 1100}], TX)


ROW: Json = {
    "type": "call", "action": {"from": ANN, "to": BEN, "value": "0x1", "callType": "call"}, "result": {},
    "traceAddress": [], "subtraces": 0, "transactionHash": TX,
}  # fmt: skip
UNDER: Json = {**ROW, "traceAddress": [0]}
TREE: Json = {"type": "CALL", "from": ANN, "to": BEN, "value": "0x1"}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (None, "a list must be"),
        ([[]], "an object must be"),
        ([], "own call is missing"),
        ([UNDER], "above"),
        ([{**ROW, "subtraces": 1}], "are missing"),
        ([ROW, ROW], "two calls"),
        ([ROW, {**ROW, "traceAddress": [1, 0]}], "above"),
        ([{**ROW, "transactionHash": "0x" + "8" * 64}], "is of transaction"),
        ([{**ROW, "type": "reward"}], "no kind of call"),
        ([{**ROW, "action": None}], "an object must be"),
        ([{**ROW, "traceAddress": [-1]}], "no place"),
        ([{**ROW, "traceAddress": "0"}], "no place"),
        ([{**ROW, "type": "create", "action": {"from": ANN, "value": "0x1"}, "result": {}}], "no account"),
        ([{**ROW, "type": "suicide", "action": {"address": ANN}}], "refundAddress"),
        ([{**ROW, "action": {"from": ANN, "to": BEN, "value": "1e18"}}], "value is '1e18'"),
    ],
)
def test_broken_lists(rows: Any, why: str) -> None:  # noqa: ANN401  anything a node may send
    """A list that is not whole, or not of this transaction, is refused in words."""
    with pytest.raises(InputError, match=why):
        of_list(rows, TX)


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        (None, "an object must be"),
        ([], "an object must be"),
        ({}, "no kind of call"),
        ({**TREE, "type": "JUMP"}, "no kind of call"),
        ({**TREE, "from": "0x12"}, "from is '0x12'"),
        ({**TREE, "to": None}, "names no account"),
        ({**TREE, "value": -5}, "value is"),
        ({**TREE, "calls": "many"}, "a list must be"),
        ({**TREE, "calls": [7]}, "an object must be"),
        ({**TREE, "calls": [{**TREE, "value": "0x" + "f" * 65}]}, "value is"),
    ],
)
def test_broken_trees(tree: Any, why: str) -> None:  # noqa: ANN401  anything a node may send
    """A tree with anything but calls in it is refused in words."""
    with pytest.raises(InputError, match=why):
        of_tree(tree)


def test_broken_operations() -> None:
    """An operation of an unknown kind is refused."""
    with pytest.raises(InputError, match="of a kind that is not known"):
        of_operations(
            [{"type": 9, "from": ANN, "to": BEN, "value": "0x1"}],
            Frame((), "call", ANN, BEN, 0, failed=False),
        )
