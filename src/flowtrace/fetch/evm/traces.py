"""What a transaction's trace tells: which calls moved coin, and which never did because something failed.

Three forms are read. ``callTracer`` gives a tree of calls, ``trace_transaction`` a list with the place of
each in the tree, ``ots_getInternalOperations`` moves without place or failure. A call that did not fail
itself still moved nothing where any call above it failed, and no form says so: failure is carried down here.

A path counts the calls under one call. Calls of precompiled contracts without value are left out, as most
nodes leave them out of ``trace_transaction``: so each form names a call alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flowtrace.errors import InputError
from flowtrace.fetch.evm.fields import (
    Row,
    account,
    account_or,
    named,
    quantity,
    quantity_or,
    row,
    rows,
    word,
)
from flowtrace.model import Address, Amount, Asset, Transfer
from flowtrace.moves.evm import EvmTransaction

Path = tuple[int, ...]
_MOVING = frozenset({"call", "create", "create2", "selfdestruct"})
_OTHER = frozenset({"callcode", "delegatecall", "staticcall"})
_PRECOMPILED = frozenset(f"0x{number:040x}" for number in (*range(1, 0x12), 0x100))
_MOST_DEPTH = 1025  # the machine nests calls 1024 deep, and the last may still destroy itself
_OPERATIONS = {0: "call", 1: "selfdestruct", 2: "create", 3: "create2"}
_CREATING = frozenset({"create", "create2"})


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a transaction.

    Attributes
    ----------
    path
        Its place in the tree; empty for the transaction's own.
    kind
        ``call``, ``create``, ``selfdestruct`` and so on, in lower case.
    target
        Whom it calls, creates or leaves its coin to; empty where a creation failed.
    failed
        Whether it, or any call above it, failed.
    """

    path: Path
    kind: str
    source: str
    target: str
    units: int
    failed: bool

    @property
    def moves(self) -> bool:
        """Whether coin moved by it."""
        return self.kind in _MOVING and self.units > 0 and not self.failed


def of_tree(found: object) -> list[Frame]:
    """Read what ``callTracer`` gives: a call with its calls in it.

    Raises
    ------
    InputError
        If it is no such thing; the message names the place.
    """
    frames: list[Frame] = []
    waiting: list[tuple[Path, bool, Row]] = [((), False, row(found))]
    while waiting:  # no recursion: how deep it goes, the other side decides
        path, above, call = waiting.pop()
        frame = _of_call(call, path, failed=above)
        frames.append(frame)
        inner = rows(call.get("calls") or [])
        if len(path) > _MOST_DEPTH:
            raise InputError(f"calls nest deeper than {_MOST_DEPTH}")
        counted = [one for one in inner if not _is_left_out(one)]
        waiting += [((*path, place), frame.failed, one) for place, one in enumerate(counted)]
    return sorted(frames, key=lambda frame: frame.path)


def _of_call(call: Row, path: Path, *, failed: bool) -> Frame:
    kind = _kind(call.get("type"))
    failed = failed or bool(call.get("error"))
    source, target = account(call, "from"), account_or(call, "to", "")
    units = quantity_or(call, "value", 0) if kind in _MOVING else 0
    if not target and not failed:
        raise InputError(f"the {kind} at {path} names no account it goes to")
    return Frame(path, kind, source, target, units, failed)


def _is_left_out(call: Row) -> bool:
    precompiled = str(call.get("to")).lower() in _PRECOMPILED and not call.get("calls")
    return precompiled and (_kind(call.get("type")) != "call" or not quantity_or(call, "value", 0))


def _kind(value: object) -> str:
    kind = value.lower() if isinstance(value, str) else ""
    kind = "selfdestruct" if kind == "suicide" else kind
    if kind not in _MOVING | _OTHER:
        raise InputError(f"{named(value)} is no kind of call")
    return kind


def of_list(found: object, tx: str) -> list[Frame]:
    """Read what ``trace_transaction`` gives: the calls of one transaction, each with its place.

    Raises
    ------
    InputError
        If it is no such list, or about another transaction, or not all of one.
    """
    by_place: dict[Path, Row] = {}
    for one in rows(found):
        if word(one, "transactionHash") != tx:
            raise InputError(f"a call is of transaction {one['transactionHash']}")
        place = _place(one)
        if place in by_place:
            raise InputError(f"two calls stand at {place}")
        by_place[place] = one
    inner: dict[Path, list[Path]] = {place: [] for place in by_place}
    for place in sorted(by_place):
        if place and place[:-1] not in by_place:
            raise InputError(f"the call above the one at {place} is missing")
        if place:
            inner[place[:-1]].append(place)
    if () not in by_place:
        raise InputError("the transaction's own call is missing")
    for place, one in by_place.items():
        if len(inner[place]) < quantity_or(one, "subtraces", 0):
            raise InputError(f"calls under the one at {place} are missing")
    return _renumbered(by_place, inner)


def _place(one: Row) -> Path:
    place = one.get("traceAddress")
    if not isinstance(place, list) or not all(type(step) is int and step >= 0 for step in place):
        raise InputError(f"{named(place)} is no place of a call")
    if len(place) > _MOST_DEPTH:
        raise InputError(f"calls nest deeper than {_MOST_DEPTH}")
    return tuple(place)


def _renumbered(by_place: dict[Path, Row], inner: dict[Path, list[Path]]) -> list[Frame]:
    frames: list[Frame] = []
    waiting: list[tuple[Path, Path, bool]] = [((), (), False)]
    while waiting:
        place, path, above = waiting.pop()
        frame = _of_row(by_place[place], path, failed=above)
        frames.append(frame)
        counted = [one for one in inner[place] if inner[one] or not _row_is_left_out(by_place[one])]
        waiting += [(one, (*path, number), frame.failed) for number, one in enumerate(counted)]
    return sorted(frames, key=lambda frame: frame.path)


def _of_row(one: Row, path: Path, *, failed: bool) -> Frame:
    action, kind = row(one.get("action")), _row_kind(one)
    failed = failed or bool(one.get("error"))
    if kind == "selfdestruct":
        given = account(action, "address"), account(action, "refundAddress")
        return Frame(path, kind, *given, quantity(action, "balance"), failed)
    source = account(action, "from")
    units = quantity_or(action, "value", 0) if kind in _MOVING else 0
    if kind != "create":
        return Frame(path, kind, source, account(action, "to"), units, failed)
    made = one.get("result")
    target = account_or(row(made), "address", "") if made is not None else ""
    if not target and not failed:
        raise InputError(f"the creation at {path} names no account it made")
    return Frame(path, kind, source, target, units, failed)


def _row_kind(one: Row) -> str:
    kind = _kind(one.get("type"))
    return _kind(row(one.get("action")).get("callType") or "call") if kind == "call" else kind


def _row_is_left_out(one: Row) -> bool:
    action, kind = row(one.get("action")), _row_kind(one)
    precompiled = kind not in _CREATING and str(action.get("to")).lower() in _PRECOMPILED
    return precompiled and (kind != "call" or not quantity_or(action, "value", 0))


def of_operations(found: object, own: Frame) -> list[Frame]:
    """Read what ``ots_getInternalOperations`` gives: moves in order, reverted ones too, without a place.

    ``own`` is what the transaction itself pays: some nodes list it first, and it is left out.
    """
    frames = []
    for number, one in enumerate(rows(found)):
        kind = _OPERATIONS.get(quantity(one, "type"), "")
        if not kind:
            raise InputError(f"operation {number} is of a kind that is not known")
        frames.append(
            Frame(
                (number,), kind, account(one, "from"), account(one, "to"), quantity(one, "value"), own.failed
            )
        )
    return frames[1:] if frames and _told(frames[0]) == _told(own) else frames


def _told(frame: Frame) -> tuple[bool, str, str, int]:
    return frame.kind in _CREATING, frame.source, frame.target, frame.units


def internal(at: EvmTransaction, frames: Iterable[Frame]) -> list[Transfer]:
    """Return the coin that contracts moved in the course of a transaction, each move with its path."""
    return [
        at.internal(frame.path, source, target=target, units=frame.units)
        for frame, source, target in _moved(at, frames)
        if frame.path
    ]


def unplaced(at: EvmTransaction, frames: Sequence[Frame]) -> list[Transfer]:
    """Return the same for operations that have no place in the tree."""
    coin, seen = Asset.native(at.chain), Counter[str]()
    return [
        at.vague("internal ", seen, legs=(source, target, Amount(coin, frame.units)))
        for frame, source, target in _moved(at, frames)
    ]


def _moved(at: EvmTransaction, frames: Iterable[Frame]) -> list[tuple[Frame, Address, Address]]:
    parse = Address.parse
    return [(f, parse(at.chain, f.source), parse(at.chain, f.target)) for f in frames if f.moves]
