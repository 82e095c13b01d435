"""A stand-in for a dataset of the SQD Portal: filters, relations and fields as the portal has them.

It knows nothing of what flowtrace makes of the answers. Tables are rows of plain columns; a chain's file says
which filters, relations and fields they have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fetch.services import Reply
from flowtrace.fetch.portal import dialect as portal
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Quote, R, Rows, drive
from flowtrace.model import Address, Answer, Coverage, Request, Scope, Transfer

Row = dict[str, Any]
Found = dict[str, list[Row]]
_ITEMS, _BYTES, _OK = 100, 256 << 10, 200
_FRAME = {"type", "fromBlock", "toBlock", "parentBlockHash", "fields", "includeAllBlocks"}


class Refused(Exception):  # noqa: N818  what the portal calls a malformed request
    """The question is not one that the portal knows."""


@dataclass(frozen=True)
class Table:
    """A table: the name of its fields, its columns, its filters (name: column) and relations (name: rows)."""

    part: str
    columns: tuple[str, ...]
    filters: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, Callable[[Found, Row], Iterator[tuple[str, Row]]]] = field(default_factory=dict)
    shape: Callable[[Row, set[str]], Row] = lambda row, names: {k: row[k] for k in row if k in names}
    of: str = ""  # the table it is another name for
    only: Mapping[str, Any] = field(default_factory=dict)  # and which of its rows


@dataclass
class Block:
    """A block and what is in it."""

    number: int
    hash: str
    time: int
    tables: Found
    parent: str = ""


@dataclass
class Dataset:
    """A dataset and the portal before it.

    Attributes
    ----------
    ends
        Given the first block asked for and the last there is to tell, at which block an answer ends.
    tail
        Whether an answer ends with a line that is cut off.
    newest_first
        How the blocks of a conflict are sorted.
    unknown
        Fields and tables that this portal does not know.
    """

    provider: Provider
    address: Address
    pin: Pin
    kind: str
    tables: Mapping[str, Table]
    blocks: list[Block]
    ends: Callable[[int, int], int] = lambda first, _last: first + 2
    tail: bool = False
    newest_first: bool = False
    unknown: set[str] = field(default_factory=set)
    start: int = 0
    asked: list[Row] = field(default_factory=list)
    piece: int = 1  # blocks in each of the pieces the portal keeps

    def answer(self, request: Request) -> Reply:
        """Answer as the portal would."""
        parts = urlsplit(request.url)
        name = parts.path.rpartition("/")[2]
        if name == "metadata":
            return _json({"dataset": "toy", "aliases": [], "real_time": True, "start_block": self.start})
        if name in ("head", "finalized-head"):
            if name == "finalized-head" and self.provider.depth:
                return _json(None)
            return _json({"number": self.blocks[-1].number, "hash": self.blocks[-1].hash})
        try:
            return self._stream(request, name, int(parse_qs(parts.query)["max_chunks"][0]))
        except Refused as error:
            return _error(400, "malformed_request", str(error))

    def _stream(self, request: Request, mode: str, pieces: int) -> Reply:
        asked = self._checked(request.body)
        first, last = asked["fromBlock"], min(asked["toBlock"], self.blocks[-1].number)
        known = {block.number: block for block in self.blocks}
        before = max((number for number in known if number < first), default=None)
        follows = before is None or known[before].hash == asked.get("parentBlockHash", known[before].hash)
        if mode == "stream" and before is not None and not follows:
            return self._conflict(before)
        if first > self.blocks[-1].number:
            return 204, {}, b""
        self.asked.append(asked)
        end = min(last, max(first, self.ends(first, last)), first + pieces * self.piece - 1)
        end = min((number for number in known if number >= end), default=end)  # an answer ends at a block
        told = [block for block in self.blocks if first <= block.number <= end]
        lines = [self._line(block, asked, edge=block in (told[0], told[-1])) for block in told]
        body = b"".join(json.dumps(line).encode() + b"\n" for line in lines if line)
        return 200, {"content-type": "application/jsonl"}, body + (b'{"header":{"numb' if self.tail else b"")

    def _conflict(self, before: int) -> Reply:
        blocks = [
            {"number": b.number, "hash": b.hash} for b in self.blocks if before - 4 <= b.number <= before
        ]
        previous = blocks[::-1] if self.newest_first else blocks
        if self.newest_first:  # as portals did before they had an envelope for errors
            return 409, {}, json.dumps({"previousBlocks": previous}).encode()
        status, headers, body = _error(409, "base_block_mismatch", "Base block mismatch")
        return status, headers, json.dumps({**json.loads(body), "previousBlocks": previous}).encode()

    def _checked(self, body: bytes) -> Row:
        asked: Row = json.loads(body)
        tables = {name for name in asked if name in self.tables}
        strange = (set(asked) - tables - _FRAME) | (tables & self.unknown)
        fields = {table.part: set(table.columns) for table in self.tables.values() if table.part}
        fields["block"] = {"number", "hash", "parentHash", "timestamp"}
        for name, wanted in asked["fields"].items():
            strange |= set(wanted) - fields.get(name, set()) | set(wanted) & self.unknown
            strange |= {name} - set(fields) | {name} & self.unknown
        for name in tables:
            known = {*self.tables[name].filters, *self.tables[name].relations}
            strange |= {key for item in asked[name] for key in item} - known
        if strange or asked["type"] != self.kind:
            raise Refused(f"unknown field `{', '.join(sorted(strange)) or asked['type']}`")
        if len(body) > _BYTES or sum(len(asked[name]) for name in tables) > _ITEMS:
            raise Refused("the query is too large")
        if not self.start <= asked["fromBlock"] <= asked["toBlock"]:
            raise Refused("the range of blocks is none")
        return asked

    def _line(self, block: Block, asked: Row, *, edge: bool) -> Row | None:
        chosen: dict[str, dict[int, Row]] = {}
        for name in self.tables:
            for item in asked.get(name, ()):
                for table, row in self._matches(block, name, item):
                    chosen.setdefault(table, {})[id(row)] = row
        if not chosen and not edge and not asked.get("includeAllBlocks"):
            return None
        whole = {"number": block.number, "hash": block.hash, "parentHash": block.parent}
        header = {
            k: v for k, v in (whole | {"timestamp": block.time}).items() if k in asked["fields"]["block"]
        }
        line: Row = {"header": header}
        for table, rows in chosen.items():
            spec = self.tables[table]
            names = {key for key, wanted in asked["fields"].get(spec.part, {}).items() if wanted}
            order = [row for row in block.tables.get(table, ()) if id(row) in rows]
            line[table] = [spec.shape(row, names) for row in order]
        return line

    def _matches(self, block: Block, name: str, item: Row) -> Iterator[tuple[str, Row]]:
        spec = self.tables[name]
        real = spec.of or name
        filters = {spec.filters[key]: values for key, values in item.items() if key in spec.filters}
        for row in block.tables.get(real, ()):
            fits = all(_fits(row.get(column), values) for column, values in filters.items())
            if fits and all(row.get(key) == value for key, value in spec.only.items()):
                yield real, row
                for key, wanted in item.items():
                    if wanted and key in spec.relations:
                        yield from spec.relations[key](block.tables, row)


def _fits(value: object, wanted: Sequence[object]) -> bool:
    """Tell whether a column, or one of its many values, is among those wanted."""
    return any(one in wanted for one in value) if isinstance(value, list) else value in wanted


def joined(table: str) -> Callable[[Found, Row], Iterator[tuple[str, Row]]]:
    """Return the relation to the rows of the same transaction in another table."""

    def relation(tables: Found, row: Row) -> Iterator[tuple[str, Row]]:
        for other in tables.get(table, ()):
            if other["transactionIndex"] == row["transactionIndex"]:
                yield table, other

    return relation


def _json(value: object) -> Reply:
    return 200, {"content-type": "application/json"}, json.dumps(value).encode()


def _error(status: int, code: str, message: str) -> Reply:
    error = {"type": "invalid_request_error", "code": code, "message": message}
    return status, {"content-type": "application/json"}, json.dumps({"error": error}).encode()


Answerer = Callable[[Request], Reply]


def run(asking: Asking[R], answer: Answerer, provider: Provider) -> tuple[Rows, R]:
    """Run an asking against a stand-in; every answer has a number, as in the custody log."""
    rows = Rows()
    numbers = iter(range(1, 1 << 30))

    def answer_of(request: Request) -> Answer:
        status, headers, body = answer(request)
        told = tuple(sorted(headers.items()))
        number = next(numbers)
        when = f"2026-01-01T00:00:{number:02}+00:00"
        return Answer(request, body, when, provider.id, "asked", status, told, number=number)

    def take(read: Batch | Quote) -> None:
        assert isinstance(read, Batch)
        rows.take(read, provider.chain.id)

    return rows, drive(asking, answer_of, take)


def batches(asking: Asking[R], answer: Answerer, provider: Provider) -> Sequence[Batch]:
    """Return the batches of an asking."""
    found: list[Batch] = []

    def answer_of(request: Request) -> Answer:
        status, _, body = answer(request)
        return Answer(request, body, "", provider.id, "asked", status, number=len(found) + 1)

    def take(read: Batch | Quote) -> None:
        assert isinstance(read, Batch)
        found.append(read)

    drive(asking, answer_of, take)
    return found


def history(toy: Dataset, answer: Answerer | None = None) -> tuple[Rows, tuple[Coverage, ...]]:
    """Return what a history tells, and how complete it is."""
    return run(portal.history(toy.provider, toy.address, toy.pin), answer or toy.answer, toy.provider)


Spoil = Callable[[Row], None]


def told(toy: Dataset, spoil: Spoil = lambda _line: None) -> tuple[list[Transfer], dict[Scope, Coverage]]:
    """Return what a history tells, where each line of an answer is first changed as told."""

    def answer(request: Request) -> Reply:
        status, headers, body = toy.answer(request)
        if request.method == "GET" or status != _OK:
            return status, headers, body
        *whole, tail = body.split(b"\n")
        lines = [json.loads(line) for line in whole]
        for line in lines:
            spoil(line)
        return status, headers, b"".join(json.dumps(line).encode() + b"\n" for line in lines) + tail

    rows, coverage = history(toy, answer)
    return rows.transfers, {c.scope: c for c in coverage}
