"""TRON by TronGrid: an address's history from three lists, the blocks they touch, and what is held now.

``transactions`` shows what an address signed or was named in, ``transactions/trc20`` what tokens' logs say of
it (without their place), ``internal-transactions`` what contracts paid it. Each is known to lose rows, and to
end without saying that it goes on. So a list is walked by time, each question beginning at the last moment of
the answer before; every block that a row names is asked of the node for what happened in it, which gives the
places of transactions and logs and shows rows that a list lost; and what all moves leave is held against the
coin, free and staked, and the token balances that the node states. Where the coin does not add up, what was
sent and what was received are asked for apart.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flowtrace.errors import SourceError
from flowtrace.fetch.paging import walk
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import WHOLE, Asking, Batch, Pin, Step, Together, unreadable
from flowtrace.fetch.tron.held import Held, held, token_held
from flowtrace.fetch.tron.lists import Listed, TimeList, get, listed, node_list, node_object, post
from flowtrace.fetch.tron.moves import (
    KNOWN,
    STAKING,
    Row,
    hex_of,
)
from flowtrace.fetch.tron.transaction import contract_of, height_of, pin_of, told
from flowtrace.model import Address, Answer, Asset, Coverage, Kind, Scope, Transfer

_TXID = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")
_AT_ONCE = 20
_NAMED = 5  # token contracts that a check names
_PERMISSIONS = "AccountPermissionUpdateContract"


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the newest block that is final."""
    answer: Answer = yield get(provider, "/walletsolidity/getnowblock")
    return pin_of(provider.chain, answer)


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction, the node's information about it, and about its block, which tells its place.

    Raises
    ------
    SourceError
        If the node does not know it.
    """
    answer: Answer = yield post(provider, "gettransactionbyid", value=tx)
    sent = node_object(answer)
    about: Answer = yield post(provider, "gettransactioninfobyid", value=tx)
    info = node_object(about)
    if not sent or not info:
        raise SourceError(f"{provider.id} does not know transaction {tx}, or it is not final yet")
    if (sent.get("txID"), info.get("id")) != (tx, tx):
        raise unreadable(about, f"something else than transaction {tx}")
    height = height_of(about, info)
    around: Answer = yield post(provider, "gettransactioninfobyblocknum", num=height)
    for index, one in enumerate(_of_block(around, height)):
        if one.get("id") == tx:
            paid, more = told(around, (index, one), chain=provider.chain, sent=Listed(sent, answer))
            yield Batch(paid.transfers, answer.number, facts=paid.facts)
            yield Batch(more.transfers, around.number)
            return
    raise unreadable(around, f"a block without its transaction {tx}")


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for the three lists side by side, for what happened in their blocks, and for what is held."""
    asked = _History(provider, address, pin)
    until = yield from _until(provider, pin)
    lists = (asked.external, asked.token, asked.internal)
    yield Together(tuple(_walked(one, until) for one in lists))
    yield from asked.told(lists)
    yield from asked.state()
    agrees = yield from asked.agrees(until)
    if agrees is False:
        halves = [asked.narrowed(only) for only in ("only_from", "only_to")]
        yield Together(tuple(_walked(one, until) for one in halves))
        yield from asked.told(halves)
        agrees = asked.fits
    tokens = yield from asked.tokens_checked(until)
    return asked.coverage(tokens, coin=agrees)


def _walked(one: TimeList, until: int) -> Asking[None]:
    """Walk a list; that of internal transactions, which not every service has, may be refused."""
    try:
        yield from walk(one, 0, until)
    except WHOLE:
        raise
    except SourceError as error:
        if one.path != "internal-transactions":
            raise
        one.refused = str(error)


def _until(provider: Provider, pin: Pin) -> Generator[Step, Any, int]:
    """Return the moment of the pin's block, in milliseconds."""
    if pin.time:
        return pin.time * 1000 + 999
    answer: Answer = yield post(provider, "getblockbynum", num=pin.height)
    found = pin_of(provider.chain, answer)
    if found.height != pin.height:
        raise unreadable(answer, f"block {found.height}, where {pin.height} was asked for")
    return found.time * 1000 + 999


def _of_block(answer: Answer, height: int) -> list[Row]:
    """Return what an answer tells of the transactions of a block: their order is their place in it."""
    rows = node_list(answer)
    if any(height_of(answer, one) != height for one in rows):
        raise unreadable(answer, f"a transaction of another block than {height}")
    return rows


@dataclass
class _History:
    """What is read of one address."""

    provider: Provider
    address: Address
    pin: Pin
    _sent: dict[str, Listed] = field(default_factory=dict)
    _heights: dict[str, int] = field(default_factory=dict)
    _at: dict[int, set[str]] = field(default_factory=dict)
    _tokens: dict[str, tuple[str, int]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _paid: set[str] = field(default_factory=set)
    _gave: set[str] = field(default_factory=set)
    _coin: int = 0
    _stated: Held | None = None
    _units: Counter[Asset] = field(default_factory=Counter)
    _kinds: Counter[str] = field(default_factory=Counter)
    _unread: Counter[str] = field(default_factory=Counter)
    _numbered: Counter[str] = field(default_factory=Counter)
    _items: set[Asset] = field(default_factory=set)
    _lost: set[str] = field(default_factory=set)
    _found_apart: int = 0

    def __post_init__(self) -> None:
        top = {"search_internal": "false"}
        self.external = TimeList(self.provider, self.address, "transactions", top)
        self.token = TimeList(self.provider, self.address, "transactions/trc20")
        self.internal = TimeList(self.provider, self.address, "internal-transactions")

    def narrowed(self, only: str) -> TimeList:
        """Return the list of transactions again, of one direction."""
        more = {**self.external.only, only: "true"}
        return TimeList(self.provider, self.address, "transactions", more)

    def told(self, lists: Iterable[TimeList]) -> Asking[None]:
        """Ask for the blocks of all rows of some lists, and tell what happened in them."""
        before = len(self._sent)
        names = list(dict.fromkeys(name for one in lists for name in self._gathered(one)))
        self._found_apart += len(self._sent) - before if self._done else 0
        for part in _parts([name for name in names if name not in self._heights]):
            yield Together(tuple(self._located(name) for name in part))
        yield from self._blocks(name for name in names if not self._is_told(name))
        gave = sorted(self._gave - self._sent.keys())
        for part in _parts(gave):
            yield Together(tuple(self._sender(name) for name in part))
        self._gave.clear()
        yield from self._blocks(name for name in gave if not self._is_told(name))

    def _is_told(self, name: str) -> bool:
        return name in self._done and (name in self._paid or name not in self._sent)

    def _blocks(self, names: Iterable[str]) -> Asking[None]:
        heights = sorted({self._heights[name] for name in names})
        for some in _parts([height for height in heights if height <= self.pin.height]):
            yield Together(tuple(self._block(height) for height in some))

    def _gathered(self, one: TimeList) -> Iterator[str]:
        for item in one.rows:
            row = item.row
            name = row.get("txID") or row.get("transaction_id") or row.get("tx_id")
            if not isinstance(name, str) or not _TXID.fullmatch(name):
                raise unreadable(item.answer, f"{name!r:.80} for a transaction")
            if "txID" in row:
                self._sent.setdefault(name, item)
                height = height_of(item.answer, row)
                self._place(item.answer, name, height)
            token = row.get("token_info")
            if isinstance(token, dict) and isinstance(token.get("address"), str):
                decimals = token.get("decimals")
                decimals = decimals if type(decimals) is int and 0 <= decimals <= 255 else 0  # noqa: PLR2004
                self._tokens[token["address"]] = (str(token.get("symbol") or ""), decimals)
            yield name

    def _located(self, name: str) -> Asking[None]:
        answer: Answer = yield post(self.provider, "gettransactioninfobyid", value=name)
        info = node_object(answer)
        if info.get("id") != name:
            raise unreadable(answer, f"nothing of transaction {name}, which a list shows")
        self._place(answer, name, height_of(answer, info))

    def _place(self, answer: Answer, name: str, height: int) -> None:
        if self._heights.setdefault(name, height) != height:
            raise unreadable(answer, f"transaction {name} in another block than before")
        self._at.setdefault(height, set()).add(name)

    def _sender(self, name: str) -> Asking[None]:
        """Ask who signed a transaction by which it gave something, and that its list does not have."""
        answer: Answer = yield post(self.provider, "gettransactionbyid", value=name)
        sent = Listed(node_object(answer), answer)
        if sent.row.get("txID") != name:
            raise unreadable(answer, f"nothing of transaction {name}, which is in a block")
        if contract_of(sent)[1].get("owner_address") == hex_of(self.address):
            self._sent[name] = sent
            self._lost.add(name)

    def _block(self, height: int) -> Asking[None]:
        """Ask what happened in a block; tell of the transactions that rows name, and of those they lost."""
        answer: Answer = yield post(self.provider, "gettransactioninfobyblocknum", num=height)
        wanted = set(self._at[height])
        mine = hex_of(self.address)[2:]
        for index, info in enumerate(_of_block(answer, height)):
            name = str(info.get("id"))
            if name in wanted:
                wanted.discard(name)
            elif mine not in json.dumps(info).lower():
                continue
            if not self._is_told(name):
                yield from self._transaction(answer, index, info=info)
        if wanted:
            raise unreadable(answer, f"block {height} without transaction {min(wanted)}, which a list shows")

    def _transaction(self, answer: Answer, index: int, *, info: Row) -> Asking[None]:
        name, sent = str(info.get("id")), self._sent.get(str(info.get("id")))
        paid, more = told(answer, (index, info), chain=self.address.chain, sent=sent, tokens=self._tokens)
        if name not in self._heights:
            if not any(self.address in (one.source, one.target) for one in more.transfers):
                return
            self._lost.add(name)
            self._place(answer, name, height_of(answer, info))
        if sent is not None and name not in self._paid:
            self._paid.add(name)
            self._kinds[contract_of(sent)[0]] += 1
            yield Batch(paid.transfers, sent.answer.number, facts=paid.facts)
            self._count(name, paid.transfers)
        if name not in self._done:
            self._done.add(name)
            self._unread.update(more.unread)
            yield Batch(more.transfers, answer.number)
            self._count(name, more.transfers)

    def _count(self, name: str, transfers: Iterable[Transfer]) -> None:
        for one in transfers:
            units = one.amount.units * ((one.target == self.address) - (one.source == self.address))
            if one.amount.asset == Asset.native(self.address.chain):
                self._coin += units * (one.ok or one.kind is Kind.FEE)
            elif units and one.amount.asset.reference.startswith("trc20:"):
                self._units[one.amount.asset] += units
            elif units and one.amount.asset.reference.startswith("trc10:"):
                self._numbered[one.amount.asset.contract] += units
            elif units:
                self._items.add(one.amount.asset)
            if units < 0:
                self._gave.add(name)

    @property
    def difference(self) -> int | None:
        """What it holds more than all moves leave; None where that is not told."""
        return None if self._stated is None else self._stated.coin - self._coin

    @property
    def differing(self) -> list[str]:
        """The TRC-10 tokens of which it holds others than all moves leave; none where none are stated."""
        stated = self._stated.tokens if self._stated else None
        if stated is None:
            return []
        return sorted(n for n in {*self._numbered, *stated} if self._numbered[n] != stated.get(n, 0))

    @property
    def fits(self) -> bool:
        """Whether all moves leave the coin that is held, and the TRC-10 tokens that are stated."""
        return self.difference == 0 and not self.differing

    def state(self) -> Asking[None]:
        """Ask for the coin it holds, free and staked; after the lists, so that they show what moved since."""
        self._stated = yield from held(self.provider, self.address)

    def agrees(self, until: int) -> Generator[Step, Any, bool | None]:
        """Return whether the moves leave what is held; None where that cannot be told."""
        if self._stated is None:
            return None
        if self.fits:
            return True
        for one in (self.external, self.internal):
            rows = yield from _after(one, until)
            if rows != []:
                return None
        return False

    def tokens_checked(self, until: int) -> Generator[Step, Any, tuple[bool, str]]:
        """Hold each TRC-20 token's moves against its balance; return whether they agree, and words for it."""
        assets = sorted(self._units)
        stated: list[int | None] = []
        for some in _parts(assets):
            asked = tuple(token_held(self.provider, self.address, asset.contract) for asset in some)
            stated += yield Together(asked)
        both = list(zip(assets, stated, strict=True))
        differ = [asset.contract for asset, units in both if units not in (None, self._units[asset])]
        later: set[str] | None = set()
        if differ:
            rows = yield from _after(self.token, until)
            later = None if rows is None else {_token_of(row) for row in rows}
        moved = [name for name in differ if later is None or name in later]
        wrong = [name for name in differ if name not in moved]
        silent = sum(units is None for _, units in both)
        words = f"{len(both) - len(differ) - silent} of {len(both)} tokens agree with their balance"
        for names, why in ((wrong, "do not"), (moved, "moved after the last block read, or may have")):
            if names:
                more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
                words += f"; {len(names)} {why} ({', '.join(names[:_NAMED])}{more})"
        words += f"; {silent} state none" if silent else ""
        words += f"; {len(self._items)} items (TRC-721) are not checked" if self._items else ""
        return not set(wrong) & set(KNOWN), words

    def coverage(self, tokens: tuple[bool, str], *, coin: bool | None) -> tuple[Coverage, ...]:
        """Return how complete the history is, and by which checks."""
        words = self._words(coin=coin)
        external = f"{len(self._sent)} transactions; {words}"
        if self._found_apart:
            external += (
                f"; {self._found_apart} were shown only when what was sent and received was asked apart"
            )
        staked = sum(self._kinds[name] for name in STAKING)
        if staked:
            external += f"; {staked} stake, unstake or withdraw, which moves nothing to anyone"
        if self._kinds[_PERMISSIONS]:
            external += f"; {self._kinds[_PERMISSIONS]} change who may sign for it"
        for name, count in sorted(self._unread.items()):
            external += f"; {count} move value in a way that is not read: {name:.60}"
        lost = f"{len(self._lost)} transactions were in blocks but in no list; " if self._lost else ""
        internal = f"{lost}{self.internal.refused or words}"
        whole_coin = coin is not False
        return tuple(
            Coverage(
                address=self.address, scope=scope, first=0, last=self.pin.height, complete=complete,
                check=check, fetched_at=one.fetched_at or self.external.fetched_at,
                source=f"{self.provider.id} {one.path}",
            )
            for scope, one, complete, check in (
                (Scope.EXTERNAL, self.external, whole_coin and not self._unread, external),
                (Scope.INTERNAL, self.internal, whole_coin and not self.internal.refused, internal),
                (Scope.TOKEN, self.token, tokens[0], f"{lost}{tokens[1]}"),
            )
        )  # fmt: skip

    def _words(self, *, coin: bool | None) -> str:
        if self._stated is None:
            return "what it holds is not told, so the sum is not checked"
        if coin is None:
            return "coin moved after the last block read, or may have, so the sum is not checked"
        if coin:
            return "what all moves leave is the coin it holds, free and staked, to the sun"
        numbers = ", ".join(self.differing[:_NAMED])
        tokens = f", and another number of the TRC-10 tokens {numbers}" if numbers else ""
        return f"it holds {self.difference} sun more than all moves leave{tokens}: moves are missing"


def _after(one: TimeList, until: int) -> Generator[Step, Any, list[Row] | None]:
    """Return the first rows of a list after a moment; None where it does not say."""
    try:
        answer: Answer = yield one.request(until + 1, None)
        return listed(answer)[0]
    except WHOLE:
        raise
    except SourceError:
        return None


def _token_of(row: Row) -> str:
    token = row.get("token_info")
    return str(token.get("address")) if isinstance(token, dict) else ""


def _parts(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
