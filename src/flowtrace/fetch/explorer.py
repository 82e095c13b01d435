"""Etherscan and its dialects (Blockscout, Routescan): an address's history from three lists, and checks.

What ``txlist`` shows: top-level transactions an address sent or received, failed ones too.
``txlistinternal``: coin that contracts paid it or took from it. ``tokentx``: moves of ERC-20 tokens, without
their log's index. What none shows: the chain's own payments (block rewards, withdrawals of staked coin), and
for some services traces that they index late. So the history is checked: outgoing nonces against each other,
and the sum of all moves against the balance the service states, where nothing moved since.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from flowtrace.errors import InputError, SourceError
from flowtrace.fetch import evm_transaction
from flowtrace.fetch.explorer_rows import Row, rows_of, told, whole
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.jsonrpc import call, result
from flowtrace.fetch.paging import Page, walk
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Step, Together, unreadable
from flowtrace.model import Address, Answer, Asset, Coverage, Kind, Request, Scope

_SCOPES = {"txlist": Scope.EXTERNAL, "txlistinternal": Scope.INTERNAL, "tokentx": Scope.TOKEN}
_END = 999_999_999


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the block so many below the newest that it counts as final."""
    newest: Answer = yield _proxied(provider, "eth_blockNumber")
    height = max(0, int(result(newest), 16) - provider.depth)
    answer: Answer = yield _proxied(provider, "eth_getBlockByNumber", tag=hex(height), boolean="false")
    block = result(answer)
    return Pin(provider.chain.id, height, str(block["hash"]), int(block["timestamp"], 16))


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction: what it pays and what its logs say."""
    yield from evm_transaction.ask(provider.chain, tx, partial(_proxied, provider))


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for the three lists of an address, side by side, and for what they can be checked by."""
    lists = [_List(provider, address, action) for action in _SCOPES]
    yield Together(tuple(_walked(one, pin) for one in lists))
    external, internal, token = lists
    agrees, balance = yield from _balance(external, internal, pin)
    gap, nonces = _nonces(external)
    whole_coin = agrees is not False
    return (
        external.coverage(pin, f"{nonces}; {balance}", complete=whole_coin and not gap),
        internal.coverage(pin, balance, complete=whole_coin),
        token.coverage(pin, "paged to its end; token balances are not checked", complete=True),
    )


@dataclass
class _List:
    """One of an address's lists, while it is read."""

    provider: Provider
    address: Address
    action: str
    rows: int = 0
    unread: int = 0
    net: int = 0
    fetched_at: str = ""
    nonces: set[int] = field(default_factory=set)
    _seen: Counter[str] = field(default_factory=Counter)
    _last: tuple[int, list[dict[str, str]]] = (0, [])

    def request(self, first: int, last: int, *, number: int, size: int) -> Request:
        return _get(
            self.provider, module="account", action=self.action, address=self.address.account,
            startblock=str(first), endblock=str(last), page=str(number), offset=str(size), sort="asc",
        )  # fmt: skip

    def page(self, first: int, last: int, number: int) -> Asking[Page | None]:
        size = self.provider.page
        if number * size > self.provider.window:
            return None
        answer: Answer = yield self.request(first, last, number=number, size=size)
        rows = _listed(answer, self.action)
        if rows is None:
            return None
        self._last = answer.number, rows
        self.fetched_at = max(self.fetched_at, answer.fetched_at)
        try:
            return Page(answer, [(whole(row, "blockNumber"), _text(row)) for row in rows])
        except InputError as error:
            raise unreadable(answer, str(error)) from None

    def tell(self, page: Page, places: Sequence[int]) -> Batch:
        number, rows = self._last
        fresh = [rows[place] for place in places]
        try:
            found = told(self.action, self.address, fresh, seen=self._seen)
            if self.action == "txlist":
                mine = self.address.account
                self.nonces |= {whole(row, "nonce") for row in fresh if row["from"].lower() == mine}
        except InputError as error:
            raise unreadable(page.answer, str(error)) from None
        self.rows += len(fresh)
        self.unread += found.unread
        coin = Asset.native(self.address.chain)
        for transfer in found.transfers:
            if transfer.amount.asset == coin and (transfer.ok or transfer.kind is Kind.FEE):
                self.net += transfer.amount.units * (transfer.target == self.address)
                self.net -= transfer.amount.units * (transfer.source == self.address)
        return Batch(found.transfers, number, found.blocks)

    def coverage(self, pin: Pin, check: str, *, complete: bool) -> Coverage:
        if self.unread:
            check += f"; {self.unread} calls have broken arguments and are not decoded"
        return Coverage(
            address=self.address, scope=_SCOPES[self.action], first=0, last=pin.height, complete=complete,
            check=f"{self.rows} rows; {check}", fetched_at=self.fetched_at,
            source=f"{self.provider.id} {self.action}",
        )  # fmt: skip


def _walked(one: _List, pin: Pin) -> Asking[None]:
    yield from walk(one, 0, pin.height)


def _text(row: Row) -> str:
    """Return what tells a row from every other: all of it but what changes with the time of asking."""
    return json.dumps({key: row[key] for key in row if key != "confirmations"}, sort_keys=True)


def _listed(answer: Answer, action: str) -> list[dict[str, str]] | None:
    """Return the rows of an answer, none where there are none, None where that was too much at once."""
    fault = fault_of(answer)
    if fault is Fault.EMPTY:
        return []
    if fault is Fault.TOO_BIG:
        return None
    if fault is not Fault.NONE:
        raise SourceError(f"{answer.source}: {complaint(answer)[1]}")
    try:
        rows = rows_of(answer.body, action)
    except InputError as error:
        raise unreadable(answer, f"an answer that {error}") from None
    for row in rows:
        row.setdefault("hash", row.get("transactionHash", ""))
    return rows


def _nonces(external: _List) -> tuple[bool, str]:
    """Return whether an outgoing transaction is missing, and what the nonces say."""
    held = external.nonces
    if not held:
        return False, "no outgoing transaction, so no nonce to check by"
    lacking = sorted(set(range(max(held) + 1)) - held)
    if lacking:
        return True, f"outgoing transactions are missing: nonce {lacking[0]} and {len(lacking) - 1} more"
    return False, f"{len(held)} outgoing transactions, nonces 0 to {max(held)} all present"


def _balance(external: _List, internal: _List, pin: Pin) -> Generator[Step, Any, tuple[bool | None, str]]:
    """Return whether the moves sum to the balance (None where that cannot be told), and words for it."""
    provider, address = external.provider, external.address
    try:
        answer: Answer = yield _get(
            provider, module="account", action="balance", address=address.account, tag="latest"
        )
        stated = int(json.loads(answer.body)["result"])
    except (SourceError, ValueError, KeyError, TypeError):
        return None, "the balance was not told, so the sum is not checked"
    difference = stated - external.net - internal.net
    if not difference:
        return True, "the sum of all moves is the balance, to the wei"
    for one in (external, internal):
        later: Answer = yield one.request(pin.height + 1, _END, number=1, size=1)
        if _listed(later, one.action) != []:
            return None, "coin moved after the last block read, so the balance is not checked"
    return False, f"the balance is {difference} wei more than the sum of all moves"


def _get(provider: Provider, **parameters: str) -> Request:
    sign = "&" if "?" in provider.url else "?"
    return Request("GET", f"{provider.url}{sign}{urlencode(parameters)}", key=provider.key)


def _proxied(provider: Provider, method: str, **parameters: str) -> Request:
    """Return the call of a JSON-RPC method: at the service's own endpoint for them, or wrapped in a GET."""
    path = provider.options.get("rpc")
    if path:
        parts = urlsplit(provider.url)
        url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        values = [value == "true" if value in ("true", "false") else value for value in parameters.values()]
        return call(provider, method, values, url=url)
    return _get(provider, module="proxy", action=method, **parameters)
