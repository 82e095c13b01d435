"""Solana by JSON-RPC: what an address and its token accounts took part in, by their signatures, and checks.

A node lists the signatures of transactions that name an account. A payment into a token account need not
name its owner, so each token account is asked for, too: those the node lists as open, and those that
transactions show once belonged to the address, until no new one turns up. The end of a list is an empty page.
A node that does not have a transaction any more answers null: that is an error, never "no transaction".

Each transaction states the balance of each account before and after. So the history is checked: what an
account held before each transaction must be what it held after the one before, from nothing on; and the last
must be what the node says it holds, where nothing moved since. A lost signature breaks the chain.

The place of a transaction in its block comes with the signatures (nodes from Agave 4.0 on), else from a
block's own list of them, one request for each block.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from flowtrace.errors import InputError, SourceError, UnreadableError
from flowtrace.fetch.jsonrpc import call, result
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.solana.balances import Held, State, checked, state_of
from flowtrace.fetch.solana.facts import facts
from flowtrace.fetch.solana.moves import NATIVE_MINTS, SolanaTransaction, told
from flowtrace.fetch.solana.transaction import TOKEN_PROGRAMS, read
from flowtrace.fetch.source import Asking, Batch, Pin, Step, Together, unreadable
from flowtrace.model import Address, Answer, Coverage, Fact, Request, Scope, Transfer, read_units

_FINAL = "finalized"
_PAGE, _AT_ONCE = 1000, 50
_SIGNATURE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{64,90}")
_UNKNOWN = -1


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the newest finalized slot, and its block."""
    answer: Answer = yield call(provider, "getSlot", [{"commitment": _FINAL}])
    slot = result(answer)
    if type(slot) is not int or slot < 0:
        raise unreadable(answer, f"{slot!r:.40} for a slot")
    try:
        answer = yield _block_call(provider, slot, "none")
        block = result(answer)
    except SourceError:
        return Pin(provider.chain.id, slot)
    if not isinstance(block, dict):
        return Pin(provider.chain.id, slot)
    time = block.get("blockTime")
    return Pin(provider.chain.id, slot, str(block.get("blockhash") or ""), time if type(time) is int else 0)


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction, and for its block's signatures, which tell its place.

    Raises
    ------
    SourceError
        If the node does not have it.
    """
    answer: Answer = yield _transaction_call(provider, tx)
    found = _transaction(answer, provider, tx)
    places, block = yield from _places(provider, found.slot)
    if tx not in places:
        raise unreadable(answer, f"slot {found.slot}, whose block does not have transaction {tx}")
    yield block
    moves, told_beside, _ = _moves(answer, found, places[tx])
    yield Batch(moves, answer.number, facts=told_beside)


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for all that an address and its token accounts took part in, and check it."""
    asked = _History(provider, address, pin)
    yield from asked.state_now()
    new = {address.account, *asked.open}
    while new:
        yield Together(tuple(asked.listed(name) for name in sorted(new)))
        wanted = sorted(asked.wanted())
        for start in range(0, len(wanted), _AT_ONCE):
            yield Together(tuple(asked.read(name) for name in wanted[start : start + _AT_ONCE]))
        new = asked.owned - set(asked.accounts)
    yield from asked.placed()
    return asked.coverage()


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a list of signatures."""

    signature: str
    slot: int
    failed: bool
    index: int


@dataclass
class _Account:
    """One account whose signatures are listed; ``later`` is whether it has any after the pin."""

    rows: list[_Row] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    later: bool = False


@dataclass
class _History:
    """What is read of one address."""

    provider: Provider
    address: Address
    pin: Pin
    accounts: dict[str, _Account] = field(default_factory=dict)
    owned: set[str] = field(default_factory=set)
    open: dict[str, Held] = field(default_factory=dict)
    balance: int | None = None
    enumerated: bool = True
    fetched_at: str = ""
    _rows: dict[str, _Row] = field(default_factory=dict)
    _names: dict[str, list[str]] = field(default_factory=dict)
    _states: dict[str, dict[str, State]] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)
    _index: dict[str, int] = field(default_factory=dict)
    _waiting: dict[str, Batch] = field(default_factory=dict)
    _nets: int = 0
    _master: str = ""

    def state_now(self) -> Asking[None]:
        """Ask what is held now, before the lists: then whatever moves in between stands in a list."""
        me, options = self.address.account, self._options()
        found = yield from self._stated("getBalance", [me, options], int)
        self.balance = found and found[0]
        for program in TOKEN_PROGRAMS:
            parameters = [me, {"programId": program}, {**options, "encoding": "jsonParsed"}]
            found = yield from self._stated("getTokenAccountsByOwner", parameters, list)
            self.enumerated &= found is not None
            self.open |= _open(found[0], found[1], owner=me) if found else {}

    def _options(self) -> dict[str, object]:
        """Return what keeps an answer from being of before the pin."""
        return {"commitment": _FINAL, "minContextSlot": self.pin.height}

    def _stated(self, method: str, parameters: Sequence[object], kind: type) -> Generator[Step, Any, Any]:
        """Ask what is held now; return the value and its answer, None where the node does not say."""
        try:
            answer: Answer = yield call(self.provider, method, parameters)
            return _value(answer, kind), answer
        except UnreadableError:
            raise
        except SourceError:
            return None

    def listed(self, name: str) -> Asking[None]:
        """Ask for an account's signatures, newest first, until a page is empty."""
        account = self.accounts.setdefault(name, _Account())
        account.states = self._states.setdefault(name, {})
        seen: set[str] = set()
        options = {**self._options(), "limit": self.provider.page or _PAGE}
        slot = 1 << 63
        while True:
            answer: Answer = yield call(self.provider, "getSignaturesForAddress", [name, options])
            self.fetched_at = max(self.fetched_at, answer.fetched_at)
            rows = _rows(answer)
            if not rows:
                return
            for row in rows:
                if row.slot > slot or row.signature in seen:
                    raise unreadable(answer, f"signature {row.signature} again, or out of order")
                slot = row.slot
                seen.add(row.signature)
                self._list(answer, name, row=row)
            options = {**options, "before": rows[-1].signature}

    def _list(self, answer: Answer, name: str, *, row: _Row) -> None:
        account = self.accounts[name]
        account.later |= row.slot > self.pin.height
        if row.slot > self.pin.height:
            return
        held = self._rows.setdefault(row.signature, row)
        if replace(held, index=row.index) != row:
            raise unreadable(answer, f"transaction {row.signature} in another slot than before")
        if row.index != _UNKNOWN and self._index.setdefault(row.signature, row.index) != row.index:
            raise unreadable(answer, f"transaction {row.signature} at another place than before")
        account.rows.append(row)
        self._names.setdefault(row.signature, []).append(name)

    def wanted(self) -> set[str]:
        """Return which transactions to read: those that tell a listed account's balance.

        A failed one moves only the fee of its payer, which a token account cannot be.
        """
        return {
            row.signature
            for name, account in self.accounts.items()
            for row in account.rows
            if row.signature not in account.states and not (row.failed and name != self.address.account)
        }

    def read(self, signature: str) -> Asking[None]:
        """Ask for a transaction, keep what it says its accounts hold, and tell what it moves."""
        answer: Answer = yield _transaction_call(self.provider, signature)
        tx, row = _transaction(answer, self.provider, signature), self._rows[signature]
        if (tx.slot, not tx.ok) != (row.slot, row.failed):
            raise unreadable(answer, f"transaction {signature} otherwise than the list of signatures")
        self.fetched_at = max(self.fetched_at, answer.fetched_at)
        self._keep(answer, tx)
        if signature in self._read:
            return
        self._read.add(signature)
        index = self._index.get(signature, _UNKNOWN)
        transfers, beside, nets = _moves(answer, tx, max(index, 0))
        self._nets += bool(nets)
        if index == _UNKNOWN:
            self._waiting[signature] = Batch(transfers, answer.number, facts=beside)
        else:
            yield Batch(transfers, answer.number, facts=beside)

    def _keep(self, answer: Answer, tx: SolanaTransaction) -> None:
        me = self.address.account
        for one in tx.holdings:
            if me in (one.owner_before, one.owner_after):
                self.owned.add(one.account)
            if one.account == me:
                self._master = one.owner_after or one.owner_before or ""
        for name in tx.lamports:
            if name in self.owned or name in self.accounts:
                self._states.setdefault(name, {})[tx.signature] = state_of(tx, name)
        for name in self._names[tx.signature]:
            if tx.signature not in self.accounts[name].states:
                raise unreadable(answer, f"transaction {tx.signature} without account {name}")

    def placed(self) -> Asking[None]:
        """Ask for the blocks of transactions whose place is not known yet, and tell these."""
        slots: dict[int, list[str]] = {}
        for signature in self._waiting:
            slots.setdefault(self._rows[signature].slot, []).append(signature)
        for slot, signatures in sorted(slots.items()):
            places, block = yield from _places(self.provider, slot)
            yield block
            for signature in sorted(signatures):
                batch = self._waiting.pop(signature)
                if signature not in places:
                    raise SourceError(f"block {slot} of {self.provider.id} does not have {signature}")
                self._index[signature] = places[signature]
                yield _at(batch, places[signature])

    def coverage(self) -> tuple[Coverage, ...]:
        """Return how complete the history is, and by which check."""
        me = self.address.account
        whole, words = self._checked(me, (self.balance, None, None))
        names = sorted({*self.owned, *self.open} - {me})
        found = [self._checked(name, self.open.get(name)) for name in names]
        broken = [f"{name}: {why}" for name, (fine, why) in zip(names, found, strict=True) if not fine]
        tokens = f"{len(names)} token accounts, {len(self.open)} of them open"
        tokens += "; " + ("; ".join(broken) or "what each holds is continuous from nothing to now or the pin")
        if not self.enumerated:
            tokens += "; the node does not list open ones, so only those that transactions show are read"
        count = f"{len(self.accounts[me].rows)} transactions"
        if self._nets:
            tokens += f"; {self._nets} transactions hold an asset told as a net of balances"
        if self._master:
            words += f"; a token account: what is on it is told as its owner's, {self._master}"
        return tuple(
            Coverage(
                address=self.address, scope=scope, first=0, last=self.pin.height, complete=complete,
                check=check, fetched_at=self.fetched_at, source=f"{self.provider.id} getSignaturesForAddress",
            )
            for scope, complete, check in (
                (Scope.EXTERNAL, whole, f"{count}; {words}"),
                (Scope.INTERNAL, whole, f"inner instructions of {count}; {words}"),
                (Scope.TOKEN, self.enumerated and not broken, tokens),
            )
        )  # fmt: skip

    def _checked(self, name: str, now: Held | None) -> tuple[bool, str]:
        account = self.accounts[name]
        order = sorted(account.states, key=lambda one: (self._rows[one].slot, self._index[one]))
        states = [(one, account.states[one]) for one in order]
        return checked(states, now, owner=self.address.account, later=account.later)


def _transaction_call(provider: Provider, tx: str) -> Request:
    options = {"commitment": _FINAL, "encoding": "jsonParsed", "maxSupportedTransactionVersion": 0}
    return call(provider, "getTransaction", [tx, options])


def _block_call(provider: Provider, slot: int, details: str) -> Request:
    options = {"commitment": _FINAL, "maxSupportedTransactionVersion": 0}
    return call(provider, "getBlock", [slot, {**options, "rewards": False, "transactionDetails": details}])


def _transaction(answer: Answer, provider: Provider, signature: str) -> SolanaTransaction:
    found = result(answer)
    if found is None:
        raise SourceError(f"{answer.source} does not have transaction {signature}: ask a node that keeps all")
    try:
        tx = read(provider.chain, found)
    except InputError as error:
        raise unreadable(answer, f"a transaction that cannot be read: {error}") from None
    if tx.signature != signature:
        raise unreadable(answer, f"transaction {tx.signature:.90}, where {signature} was asked for")
    return tx


def _at(batch: Batch, index: int) -> Batch:
    """Return a batch of one transaction with its place in its block."""
    moves = tuple(replace(one, index=index) for one in batch.transfers)
    return replace(batch, transfers=moves, facts=tuple(replace(one, index=index) for one in batch.facts))


def _moves(
    answer: Answer, tx: SolanaTransaction, index: int
) -> tuple[tuple[Transfer, ...], tuple[Fact, ...], int]:
    try:
        found, beside = told(tx, index), facts(tx, index)
    except InputError as error:
        raise unreadable(answer, f"a transaction that cannot be read: {error}") from None
    return found.transfers, beside, found.nets


def _places(provider: Provider, slot: int) -> Generator[Step, Any, tuple[Mapping[str, int], Batch]]:
    """Ask for the signatures of a block; return each one's place, and a batch that names the block."""
    answer: Answer = yield _block_call(provider, slot, "signatures")
    block = result(answer)
    signatures = block.get("signatures") if isinstance(block, dict) else None
    if not isinstance(signatures, list):
        raise unreadable(answer, f"no signatures of block {slot}")
    name = str(block.get("blockhash") or "")
    places = {str(signature): index for index, signature in enumerate(signatures)}
    return places, Batch((), answer.number, ((slot, name),) if name else ())


def _rows(answer: Answer) -> list[_Row]:
    found = result(answer)
    if not isinstance(found, list):
        raise unreadable(answer, "no list of signatures")
    return [_row(answer, row) for row in found]


def _row(answer: Answer, row: object) -> _Row:
    fields = row if isinstance(row, dict) else {}
    signature, slot, index = (fields.get(name) for name in ("signature", "slot", "transactionIndex"))
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        raise unreadable(answer, f"{signature!r:.100} for a signature")
    if not _place(slot) or not (index is None or _place(index)):
        raise unreadable(answer, f"{(slot, index)!r:.100} for the place of {signature}")
    index = _UNKNOWN if index is None else index
    return _Row(signature, slot, fields.get("err") is not None, index)


def _place(number: object) -> TypeGuard[int]:
    return type(number) is int and 0 <= number < 1 << 62


def _value(answer: Answer, kind: type) -> Any:  # noqa: ANN401  JSON
    found = result(answer)
    value = found.get("value") if isinstance(found, dict) else None
    if type(value) is not kind:
        raise unreadable(answer, "no value")
    return value


def _open(rows: Iterable[Any], answer: Answer, owner: str) -> dict[str, Held]:
    """Return the open token accounts: their lamports, and their units where these are no lamports."""
    found: dict[str, Held] = {}
    for row in rows:
        try:
            info = row["account"]["data"]["parsed"]["info"]
            units = 0 if info["mint"] in NATIVE_MINTS else read_units(info["tokenAmount"]["amount"])
            name, lamports = Address.parse("solana", row["pubkey"]).account, row["account"]["lamports"]
        except (KeyError, TypeError, AttributeError, InputError):
            raise unreadable(answer, "a token account that cannot be read") from None
        if type(lamports) is not int:
            raise unreadable(answer, "a token account without lamports")
        found[name] = (lamports, units, owner)
    return found
