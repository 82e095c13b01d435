"""TronGrid's lists of an address, walked by time, and its node's answers, taken out of their envelopes.

A list goes on as long as its answers carry a fingerprint, says the documentation; some lose it. So a page is
followed by the question that begins at its last moment, and the end is proved as everywhere (see
:mod:`flowtrace.fetch.paging`). The fingerprint is used only within one moment that fills a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flowtrace.errors import InputError, SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.paging import Page
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, unreadable
from flowtrace.fetch.tron.moves import Row, hex_of, whole
from flowtrace.model import Address, Answer, Request

_PAGE = 200
_NEEDED = ("txID", "tx_id", "transaction_id", "blockNumber", "ret", "raw_data", "token_info")


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list, and the answer it stands in."""

    row: Row
    answer: Answer


@dataclass
class _Stream:
    """The rows of one question, as far as its answers were followed.

    ``mark``, or else the moment ``next``, leads on while it is ``open``; ``broken`` where the moment of the
    last row may have more rows than were given.
    """

    next: int
    items: list[Listed] = field(default_factory=list)
    answer: Answer | None = None
    mark: str = ""
    size: int = 0
    open: bool = True
    broken: bool = False


@dataclass
class TimeList:
    """One of an address's lists, while it is read.

    Attributes
    ----------
    path
        Below the account, such as ``transactions/trc20``.
    only
        Parameters that narrow it, the same on every page.
    rows
        What was read so far.
    refused
        Why it could not be read; empty where it could.
    """

    provider: Provider
    address: Address
    path: str
    only: Mapping[str, str] = field(default_factory=dict)
    rows: list[Listed] = field(default_factory=list)
    refused: str = ""
    fetched_at: str = ""
    _streams: dict[tuple[int, int], _Stream] = field(default_factory=dict)
    _full: int = 1 << 60
    _last: list[Listed] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many rows to ask for at once."""
        return self.provider.page or _PAGE

    @property
    def distinct(self) -> bool:
        """Whether no two rows are alike: two equal transfers of a token in one transaction are."""
        return self.path == "transactions"

    def request(self, first: int, last: int | None, *, mark: str = "") -> Request:
        """Return the question for the rows of some moments, in milliseconds, oldest first."""
        asked = {
            "only_confirmed": "true", "limit": str(self.size), "order_by": "block_timestamp,asc",
            "min_timestamp": str(first), **({} if last is None else {"max_timestamp": str(last)}),
            **self.only, **({"fingerprint": mark} if mark else {}),
        }  # fmt: skip
        return get(self.provider, f"/v1/accounts/{self.address.account}/{self.path}", **asked)

    def page(self, first: int, last: int, *, number: int, size: int) -> Asking[Page | None]:
        """Ask for a page; None where that is too much at once, or where what leads to it is lost.

        A page after the first is led to by fingerprints; where there is none, by the moment after the last.
        """
        if number == 1:
            self._streams = {}
        stream = self._streams.setdefault((first, last), _Stream(first))
        while stream.answer is None or (number > 1 and stream.open and len(stream.items) < number * size):
            answer: Answer = yield self.request(stream.next, last, mark=stream.mark)
            if fault_of(answer) is Fault.TOO_BIG:
                return None
            self._follow(stream, answer, last)
        if stream.broken and number > 1 and first == last:
            yield from self._rest(stream)
        self._last = stream.items[(number - 1) * size : number * size]
        if not self._last and stream.broken:
            return None
        rows = [(_whole(item, "block_timestamp"), _text(item.row)) for item in self._last]
        return Page(stream.answer, rows)

    def _follow(self, stream: _Stream, answer: Answer, last: int) -> None:
        """Add an answer to a stream, and learn from it how much one answer holds."""
        rows, mark = listed(answer)
        if mark and not rows:
            raise unreadable(answer, "an empty page that leads on")
        if rows and stream.items and not stream.mark:  # what came before did not lead here, and should have
            self._full = min(self._full, stream.size)
        stream.items += [Listed(row, answer) for row in rows]
        stream.answer, stream.mark, stream.size = answer, mark, len(rows)
        if mark:
            self._full = min(self._full, len(rows))
        else:
            stream.next = _whole(stream.items[-1], "block_timestamp") + 1 if rows else last + 1
            stream.open = stream.next <= last
        stream.broken = bool(rows) and not mark and len(rows) >= min(self._full, self.size)
        self.fetched_at = max(self.fetched_at, answer.fetched_at)

    def _rest(self, stream: _Stream) -> Asking[None]:
        """Take the rest of a moment that fills a page, and does not lead on, from its block itself.

        Of internal transactions and logs the block is asked in any case.
        """
        stream.broken = False
        if not self.distinct or not stream.items:
            return
        place = {name: _whole(stream.items[0], name) for name in ("blockNumber", "block_timestamp")}
        if not place["blockNumber"]:
            raise unreadable(stream.items[0].answer, "a transaction without its block")
        answer: Answer = yield post(self.provider, "getblockbynum", num=place["blockNumber"])
        block = node_object(answer).get("transactions")
        mine, seen = hex_of(self.address), {item.row.get("txID") for item in stream.items}
        for row in block if isinstance(block, list) else ():
            if isinstance(row, dict) and row.get("txID") not in seen and mine in json.dumps(row):
                stream.items.append(Listed({**row, **place}, answer))

    def tell(self, page: Page, places: Sequence[int]) -> Batch:
        """Keep the rows at these places; what they tell waits for their blocks."""
        self.rows += [_spare(self._last[place]) for place in places]
        return Batch((), page.answer.number)


def _spare(item: Listed) -> Listed:
    """Return what is needed later of a row: a long history is held in memory until its blocks are read."""
    row = {name: item.row[name] for name in _NEEDED if name in item.row}
    sent = row.get("raw_data")
    if isinstance(sent, dict):
        row["raw_data"] = {"contract": sent.get("contract")}
    return Listed(row, replace(item.answer, body=b""))


def _whole(item: Listed, name: str) -> int:
    try:
        return whole(item.row, name)
    except InputError as error:
        raise unreadable(item.answer, f"a row whose {error}") from None


def listed(answer: Answer) -> tuple[list[Row], str]:
    """Return the rows of a list's answer, and its fingerprint, empty where there is none.

    Raises
    ------
    SourceError
        If the service complains.
    UnreadableError
        If it is not of that form.
    """
    found = _parsed(answer)
    rows = found.get("data") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unreadable(answer, "no list of rows")
    meta = found.get("meta")
    mark = meta.get("fingerprint") if isinstance(meta, dict) else None
    return rows, mark if isinstance(mark, str) else ""


def node_object(answer: Answer) -> Row:
    """Return what a method of the node gave; an empty object where it knows nothing of it."""
    found = _parsed(answer)
    if not isinstance(found, dict):
        raise unreadable(answer, "no object")
    return found


def node_list(answer: Answer) -> list[Row]:
    """Return the objects a method of the node gave; none where it gave an empty object, as it does."""
    found = _parsed(answer)
    found = [] if found == {} else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise unreadable(answer, "no list of objects")
    return found


def get(provider: Provider, path: str, **parameters: str) -> Request:
    """Return a question by its path and parameters."""
    query = f"?{urlencode(parameters, safe=',')}" if parameters else ""
    return Request("GET", f"{provider.url}{path}{query}", key=provider.key)


def post(provider: Provider, method: str, **fields: object) -> Request:
    """Return the call of a method of the node, of its blocks that are final."""
    body = json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()
    return Request("POST", f"{provider.url}/walletsolidity/{method}", body, key=provider.key)


def _parsed(answer: Answer) -> Any:  # noqa: ANN401  JSON
    if fault_of(answer) is not Fault.NONE:
        raise SourceError(f"{answer.source}: {' '.join(map(str, complaint(answer)))}")
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise unreadable(answer, "no JSON, or not all of it") from None


def _text(row: Row) -> str:
    return json.dumps(row, sort_keys=True)
