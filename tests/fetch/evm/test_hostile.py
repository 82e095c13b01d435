"""A node that errs, cuts its lists, changes its chain or lies: never a silent gap, nor a crash."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.rpc_asking import LACKS, TRACED, Told, history, outcome
from fetch.rpc_chain import NOBODY, Json
from fetch.rpc_service import Rpc, chain, service
from fetch.services import Reply
from flowtrace.errors import ReorgError, SourceError, UnreadableError
from flowtrace.model import Request


def lists(told: Told) -> list[int]:
    """Return the places of answers that are lists one could cut."""
    found = []
    for place, answer in enumerate(told.answers):
        result = json.loads(answer.body).get("result")
        if isinstance(result, list) and result and b"trace_transaction" not in answer.request.body:
            found.append(place)
    return found


@pytest.mark.parametrize("method", ["eth_getLogs", "trace_filter"])
def test_silent_clamping(method: str) -> None:
    """No list that was cut silently passes for whole: an error names it, or the coverage does."""
    whole = history(service())
    places = [n for n in lists(whole) if method.encode() in whole.answers[n].request.body]
    assert len(places) > 3
    for place in places:
        victim = whole.answers[place].request

        def cut(request: Request, body: bytes, victim: Request = victim) -> bytes:
            found = json.loads(body)
            if request.body == victim.body:
                found["result"] = found["result"][:-1]
            return json.dumps(found).encode()

        told = outcome(partial(history, service(), bend=cut))
        if isinstance(told, Told):
            complete = all(one.complete for one in told.coverage)
            assert told.transfers == whole.transfers or not complete
        else:
            assert isinstance(told, UnreadableError)


def test_cut_logs_name_the_answer() -> None:
    """Logs that a receipt has and the list has not, are asked for again: the error names that very answer."""
    whole = history(service())
    node = service()
    mine = {log["blockNumber"] for one in node.chain.receipts.values() for log in one["logs"]}
    assert mine

    def cut(request: Request, body: bytes) -> bytes:
        found = json.loads(body)
        if b"eth_getLogs" in request.body and found.get("result"):
            found["result"] = []
        return json.dumps(found).encode()

    with pytest.raises(UnreadableError, match="fewer logs of block") as raised:
        history(node, bend=cut)
    assert b"eth_getLogs" in whole.answers[raised.value.answer - 1].request.body


def test_pin_gone() -> None:
    """A history of a chain whose pinned block was replaced is not read at all."""
    node = service()
    with pytest.raises(ReorgError, match="rewritten since its head"):
        history(node, pin=replace(node.pin, hash="0x" + "99" * 32))


@dataclass
class Turning(Rpc):
    """A node whose chain is another one after so many questions."""

    other: Rpc = field(default_factory=service)
    left: int = 0

    def answer(self, request: Request) -> Reply:
        """Answer of one chain, then of the other."""
        self.left -= 1
        return super().answer(request) if self.left >= 0 else self.other.answer(request)


@given(st.integers(0, 300), st.integers(0, 45), st.booleans())
def test_rewritten_between(place: int, turn: int, named: bool) -> None:  # noqa: FBT001  drawn
    """A chain that is rewritten between any two questions is never read as one.

    From one question on it is another chain from some block on; below that, it is the same.
    """
    old, new = service(), Rpc(chain(turn=turn))
    pin = old.pin if named else replace(old.pin, hash="")
    turning = Turning(old.chain, other=new, left=place)
    told = outcome(partial(history, turning, pin=pin))
    if isinstance(told, Told):
        of_new = place == 0 and not named
        assert turn > pin.height or turning.left >= 0 or of_new
        assert told.transfers == history(new if of_new else old, pin=pin).transfers
    else:
        assert isinstance(told, ReorgError | UnreadableError)  # then what was seen is asked for again


WEIRD: st.SearchStrategy[object] = st.sampled_from(
    [None, True, -1, 0, 1 << 300, 1.5, "", "0x", "0xzz", "0x" + "f" * 64, "0x" + "f" * 65, "\ud800", [],
     {}, [[]], [None], {"a": 1}, "0x" + "ab" * 20, NOBODY, "latest"]
)  # fmt: skip


@given(st.integers(0, 280), st.randoms(use_true_random=False), WEIRD, st.sampled_from(TRACED))
def test_hostile_answers(place: int, chance: Random, weird: object, lacks: str) -> None:  # noqa: PLR0917  drawn
    """Whatever stands in whatever place of an answer, the history is read, or an error names it."""
    asked = 0

    def bent(_: Request, body: bytes) -> bytes:
        nonlocal asked
        asked += 1
        found = json.loads(body)
        if asked - 1 == place:
            _put(found, weird, chance)
        return json.dumps(found).encode()

    told = outcome(partial(history, Rpc(chain(), lacks=LACKS[lacks]), bend=bent))
    assert isinstance(told, Told | SourceError)
    assert b"\n" not in str(told).encode()  # one line, which the custody log can hold


@pytest.mark.parametrize(
    ("key", "of"), [("timestamp", "parentHash"), ("number", "parentHash"), ("blockNumber", "nonce")]
)
def test_what_is_further_than_any_chain_goes_is_named(key: str, of: str) -> None:
    """A ledger has no room for such a time or height: the answer is no good, whatever is made of it."""

    def bent(_: Request, body: bytes) -> bytes:
        found = json.loads(body)
        if isinstance(found.get("result"), dict) and {key, of} <= found["result"].keys():
            found["result"][key] = "0x" + "ab" * 20
        return json.dumps(found).encode()

    told = outcome(partial(history, Rpc(chain()), bend=bent))
    assert isinstance(told, UnreadableError | SourceError)
    assert f"{key} is" in str(told)


def _put(found: Json, weird: object, chance: Random) -> None:
    """Put a value into a place of an answer that is chosen by chance."""
    at: Any = found
    key: Any = "result"
    while isinstance(at.get(key) if isinstance(at, dict) else at[key], dict | list) and chance.random() < 0.8:
        inner = at[key]
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        if not keys:
            break
        at, key = inner, chance.choice(keys)
    at[key] = weird


@given(st.binary(max_size=200), st.integers(0, 60))
def test_hostile_bytes(body: bytes, place: int) -> None:
    """Bytes that are no answer at all are named as such."""
    asked = 0

    def bent(_: Request, good: bytes) -> bytes:
        nonlocal asked
        asked += 1
        return body if asked - 1 == place else good

    told = outcome(partial(history, service(), bend=bent))
    assert isinstance(told, Told | SourceError)
    assert b"\n" not in str(told).encode()  # one line, which the custody log can hold
