"""One list an explorer keeps of an address: asked for page by page, read, and summed up for the checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlencode, urlsplit, urlunsplit

from flowtrace.errors import InputError, SourceError
from flowtrace.fetch.explorer.rows import Row, listed, told, whole
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.jsonrpc import call
from flowtrace.fetch.paging import Page
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, unreadable
from flowtrace.model import (
    DEPOSIT,
    WITHDRAWAL,
    Address,
    Answer,
    Asset,
    Coverage,
    Kind,
    Request,
    Scope,
    Transfer,
    wrapped_coin,
)
from flowtrace.moves.tokens import known_token

SCOPES = {"txlist": Scope.EXTERNAL, "txlistinternal": Scope.INTERNAL, "tokentx": Scope.TOKEN}
_PAGE, _WINDOW = 1_000, 10_000  # what most give, where a provider does not say


@dataclass
class AddressList:
    """One of an address's lists, while it is read.

    Attributes
    ----------
    net
        Per asset that can be checked, what came in less what went out.
    repeated
        Moves that are told more than once, by their id: how often, the transfer, and the answer that tells.
    partial
        What the service says where it knows that the list is not all there yet.
    wrapped
        Of a list of coin: per wrapped coin and topic of its log, the units paid to its contract or by it.
    wraps
        Of a list of token moves: the wrapped coins of which it has rows that are not believed.
    """

    provider: Provider
    address: Address
    action: str
    rows: int = 0
    unread: int = 0
    fetched_at: str = ""
    partial: str = ""
    nonces: set[int] = field(default_factory=set)
    net: Counter[Asset] = field(default_factory=Counter)
    unchecked: set[Asset] = field(default_factory=set)
    repeated: dict[str, tuple[int, Transfer, Answer]] = field(default_factory=dict)
    wrapped: Counter[tuple[Asset, str]] = field(default_factory=Counter)
    wraps: set[Asset] = field(default_factory=set)
    _seen: Counter[str] = field(default_factory=Counter)
    _last: tuple[int, list[dict[str, str]]] = (0, [])

    @property
    def size(self) -> int:
        """How many rows to ask for at once."""
        return self.provider.page or _PAGE

    @property
    def distinct(self) -> bool:
        """Whether no two rows are alike: each names a transaction, or a place in one."""
        traced = (row.get("traceId") or row.get("index") for row in self._last[1])
        return self.action == "txlist" or (self.action == "txlistinternal" and all(traced))

    def request(self, first: int, last: int, *, number: int, size: int, contract: str = "") -> Request:
        """Return the question for a page of the list, oldest rows first; of one token's, if one is named."""
        token = {"contractaddress": contract} if contract else {}
        return get(
            self.provider, module="account", action=self.action, address=self.address.account, **token,
            startblock=str(first), endblock=str(last), page=str(number), offset=str(size), sort="asc",
        )  # fmt: skip

    def page(self, first: int, last: int, *, number: int, size: int) -> Asking[Page | None]:
        """Ask for a page; None where that is too much at once."""
        if number * size > (self.provider.window or _WINDOW):
            return None
        answer: Answer = yield self.request(first, last, number=number, size=size)
        rows = self.read(answer)
        if rows is None:
            return None
        self._last = answer.number, rows
        self.fetched_at = max(self.fetched_at, answer.fetched_at)
        try:
            return Page(answer, [(whole(row, "blockNumber"), _text(row)) for row in rows])
        except InputError as error:
            raise unreadable(answer, str(error)) from None

    def read(self, answer: Answer) -> list[dict[str, str]] | None:
        """Return the rows of an answer, none where there are none, None where that was too much at once."""
        fault = fault_of(answer)
        if fault is Fault.TOO_BIG:
            return None
        if fault not in (Fault.NONE, Fault.EMPTY):
            raise SourceError(f"{answer.source}: {complaint(answer)[1]}")
        try:
            found = listed(answer.body, self.action)
        except InputError as error:
            raise unreadable(answer, f"an answer that {error}") from None
        if found.rows and fault is Fault.EMPTY:
            raise unreadable(answer, "rows, and the words that there are none")
        self.partial = self.partial or found.partial
        return found.rows

    def tell(self, page: Page, places: Sequence[int]) -> Batch:
        """Return what the rows at these places of the page just read tell."""
        number, rows = self._last
        fresh = [rows[place] for place in places]
        try:
            found = told(self.action, self.address, fresh, seen=self._seen)
            if self.action == "txlist":
                self.nonces.update(self._own_nonces(fresh))
        except InputError as error:
            raise unreadable(page.answer, str(error)) from None
        self.rows += len(fresh)
        self.unread += found.unread
        self.wraps |= found.wraps
        bare = replace(page.answer, body=b"")
        for transfer in found.transfers:
            self.count_in(transfer)
            count = int(transfer.position.rpartition(" ")[2]) + 1 if self.action == "tokentx" else 1
            if count > 1:
                self.repeated[transfer.id.rpartition(" ")[0]] = count, transfer, bare
        return Batch(found.transfers, number, found.blocks, found.facts)

    def _own_nonces(self, rows: Sequence[Row]) -> Iterator[int]:
        return (whole(row, "nonce") for row in rows if row["from"].lower() == self.address.account)

    def count_in(self, transfer: Transfer) -> None:
        """Add a move to the sums that the checks are made with."""
        one, other, kind = transfer.inputs[0], transfer.outputs[0], transfer.kind
        if kind is Kind.CALL or not (transfer.ok or kind is Kind.FEE):
            return
        if kind is Kind.TOKEN and not _checkable(other.asset):
            self.unchecked.add(other.asset)
            return
        if other.address == self.address:
            self.net[other.asset] += other.units
            self._wrap(one.address, WITHDRAWAL, transfer)
        if one.address == self.address:
            self.net[other.asset] -= other.units
            self._wrap(other.address, DEPOSIT, transfer)

    def _wrap(self, other: Address | None, topic: str, transfer: Transfer) -> None:
        """Note coin that the contract of a wrapped coin got or gave: it wraps or unwraps as much."""
        coin = wrapped_coin(other) if other is not None and transfer.kind is not Kind.TOKEN else None
        if coin is not None and transfer.amount.units:
            self.wrapped[coin, topic] += transfer.amount.units

    def leave_unchecked(self, tokens: Sequence[Asset]) -> None:
        """Leave out tokens of whose moves some are not told: their sums prove nothing."""
        self.unchecked.update(tokens)
        for token in tokens:
            self.net.pop(token, None)

    def coverage(self, pin: Pin, check: str, *, complete: bool) -> Coverage:
        """Return how complete the list is."""
        if self.partial:
            check += f"; the service says: {self.partial}"
        if self.unread:
            check += f"; {self.unread} calls have broken arguments and are not decoded"
        return Coverage(
            address=self.address, scope=SCOPES[self.action], first=0, last=pin.height, complete=complete,
            check=f"{self.rows} rows; {check}", fetched_at=self.fetched_at,
            source=f"{self.provider.id} {self.action}",
        )  # fmt: skip


def _text(row: Row) -> str:
    """Return what tells a row from every other: all of it but what changes with the time of asking."""
    told = [value for key, value in row.items() if key != "confirmations"]
    try:
        return "\n".join(told)
    except TypeError:  # something else than text
        return repr(told)


@lru_cache(maxsize=1 << 12)
def _checkable(asset: Asset) -> bool:
    """Whether the moves of a token are all that changes its balances, as far as is known of it."""
    return known_token(Address(asset.chain_id, asset.contract)) is not None


def get(provider: Provider, **parameters: str) -> Request:
    """Return a question with these parameters."""
    sign = "&" if "?" in provider.url else "?"
    return Request("GET", f"{provider.url}{sign}{urlencode(parameters)}", key=provider.key)


def proxied(provider: Provider, method: str, **parameters: str) -> Request:
    """Return the call of a JSON-RPC method: at the service's own endpoint for them, or wrapped in a GET."""
    path = provider.options.get("rpc")
    if path:
        parts = urlsplit(provider.url)
        url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        values = [value == "true" if value in ("true", "false") else value for value in parameters.values()]
        return call(provider, method, values, url=url)
    return get(provider, module="proxy", action=method, **parameters)
