"""Asking a node for the trace of a transaction, by whichever method it has."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import KeyRefusedError, SourceError
from flowtrace.fetch.evm.block import Mined
from flowtrace.fetch.evm.fields import quantity
from flowtrace.fetch.evm.node import Node, read
from flowtrace.fetch.evm.traces import Frame, internal, of_list, of_operations, of_tree, unplaced
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.source import Step, unreadable
from flowtrace.model import Answer, Transfer
from flowtrace.moves.evm import EvmTransaction

TREE, LIST, OPERATIONS = "debug_traceTransaction", "trace_transaction", "ots_getInternalOperations"
_CALLS = {"tracer": "callTracer"}
_NO_METHOD = -32601
_GONE = "the node does not have its trace"


@dataclass(frozen=True, slots=True)
class Trace:
    """The calls of one transaction, and the answer that tells them.

    ``method`` is OPERATIONS where reverted moves are not told from others, and moves have no place.
    """

    frames: list[Frame]
    answer: int
    method: str

    @property
    def failed(self) -> bool:
        """Whether the transaction as a whole failed."""
        return self.method != OPERATIONS and self.frames[0].failed

    def touches(self, account_: str) -> bool:
        """Whether any call is from or to an account."""
        return any(account_ in (frame.source, frame.target) for frame in self.frames)

    def moves(self, at: EvmTransaction) -> list[Transfer]:
        """Return the coin that contracts moved; where reverts are not told, all that may have moved."""
        return unplaced(at, self.frames) if self.method == OPERATIONS else internal(at, self.frames)


@dataclass(frozen=True, slots=True)
class _Untold:
    """Why a method gives no trace; ``lacking`` where it never will, for the node does not have it."""

    why: str
    lacking: bool = False


@dataclass
class Tracer:
    """Traces transactions by the methods a node has, best first.

    ``methods`` are those to try; ``why`` says why the last transaction that has no trace has none.
    """

    node: Node
    methods: tuple[str, ...] = (TREE, LIST, OPERATIONS)
    why: str = ""
    used: set[str] = field(default_factory=set)

    @property
    def first(self) -> str:
        """The method that is tried first; empty where none was of use."""
        return self.methods[0] if self.used else ""

    def choose(self, mined: Mined) -> Generator[Step, Any, Trace | None]:
        """Trace one transaction, and learn by it which methods there are, and which to try first.

        Only one that was asked alone decides, so that the same questions are asked again on a replay.
        """
        trace, lacking = yield from self._first(mined)
        left = tuple(method for method in self.methods if method not in lacking)
        self.methods = left if trace is None else tuple(dict.fromkeys((trace.method, *left)))
        return trace

    def of(self, mined: Mined) -> Generator[Step, Any, Trace | None]:
        """Trace a transaction; None where no method can."""
        trace, _ = yield from self._first(mined)
        return trace

    def _first(self, mined: Mined) -> Generator[Step, Any, tuple[Trace | None, set[str]]]:
        """Return the first trace that a method gives, and the methods that the node lacks."""
        lacking: set[str] = set()
        why = ""
        for method in self.methods:
            if method == OPERATIONS and why == _GONE:
                break  # what better methods do not have any more, this one would only guess at
            found = yield from self._tried(method, mined)
            if isinstance(found, Trace):
                return found, lacking
            why = found.why
            lacking |= {method} if found.lacking else set()
        self.why = why or "the node has no method for it"
        return None, lacking

    def _tried(self, method: str, mined: Mined) -> Generator[Step, Any, Trace | _Untold]:
        params: tuple[object, ...] = (mined.hash, _CALLS) if method == TREE else (mined.hash,)
        try:
            answer: Answer = yield self.node.request(method, *params)
        except (SourceError, KeyRefusedError) as error:
            return _Untold(str(error))
        code, text = complaint(answer)
        if fault_of(answer) is not Fault.NONE:
            return _Untold(f"{text!r:.120}", lacking=code == _NO_METHOD or "method" in text.lower())
        why = _unusable(answer, method)
        if why:
            return _Untold(why)
        trace = Trace(read(answer, _READERS[method](mined)), answer.number, method)
        why = _contradiction(trace, mined)
        if why:
            raise unreadable(answer, f"a trace of {mined.hash} that {why}")
        self.used.add(method)
        yield self.node.batch((), answer.number, mined.header.named)
        return trace


def _unusable(answer: Answer, method: str) -> str:
    """Return why a good answer is none that can be read by anyone; empty where it can."""
    try:
        found = json.loads(answer.body)
    except RecursionError:
        return "its calls nest deeper than can be read" if b'"calls"' in answer.body else ""
    except ValueError:
        return ""
    told = found.get("result", "") if isinstance(found, dict) else ""
    if told is None or (told == [] and method == LIST):
        return _GONE
    return "the node knows no callTracer" if isinstance(told, dict) and "structLogs" in told else ""


def _own_frame(mined: Mined) -> Frame:
    """Return the call that a transaction itself is."""
    kind = "call" if mined.sent.get("to") else "create"
    units = quantity(mined.sent, "value")
    return Frame((), kind, mined.sender, mined.target, units, failed=mined.status is False)


def _contradiction(trace: Trace, mined: Mined) -> str:
    """Return how a trace contradicts its transaction; empty where it does not."""
    if trace.method == OPERATIONS:
        return ""
    first, own = trace.frames[0], _own_frame(mined)
    if (first.source, first.units) != (own.source, own.units) or first.target not in ("", own.target):
        return "begins otherwise than the transaction"
    return "failed, where the receipt says it did not" if first.failed and mined.status else ""


def _tree(_: Mined) -> Callable[[Any], list[Frame]]:
    return of_tree


def _list(mined: Mined) -> Callable[[Any], list[Frame]]:
    return lambda found: of_list(found, mined.hash)


def _operations(mined: Mined) -> Callable[[Any], list[Frame]]:
    return lambda found: of_operations(found, _own_frame(mined))


_READERS = {TREE: _tree, LIST: _list, OPERATIONS: _operations}
