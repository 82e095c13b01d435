"""What an EVM dataset of the portal tells of an address: transactions, traces, logs, differences of state.

A call that pays, below a call that was reverted, carries no error of its own; so the calls above are asked
for too, and what failed is handed down to all below. Not every portal has a filter for the account that
destroys itself, but it does so in the course of a call to it, so the calls below those to the address are
asked for as well. A dataset may keep differences of state and no traces, or the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError
from flowtrace.fetch.evm import logs as evm_logs
from flowtrace.fetch.portal.balance import BalanceChain, Difference
from flowtrace.fetch.portal.evm_calls import Calls
from flowtrace.fetch.portal.family import Finding, Query, Reader, fields
from flowtrace.fetch.portal.lines import Block, Row, text, whole, whole_or_none
from flowtrace.model import Address, Chain, Kind, Scope, Transfer, wrapped_coins
from flowtrace.moves.evm import EvmTransaction

NO_BLOBS, NO_DIFFERENCES, NO_TRACES = "what blobs cost", "differences of state", "traces"
_HASH, _TOPIC = re.compile(r"0x[0-9a-f]{64}"), re.compile(r"0x[0-9a-fA-F]{64}")
_DATA = re.compile(r"0x[0-9a-fA-F]*")
_MOST_TOPICS = 4
_BLOBS = 3  # the type of a transaction that carries blobs, EIP-4844
_DEPOSIT = 126  # the type of a deposit from the chain below, which pays no fee
_ROLLUPS = ("optimism", "base")  # they charge for data in a field of its own

_FIELDS: Mapping[str, Sequence[str]] = {
    "block": ("number", "hash", "timestamp"),
    "transaction": (
        *("transactionIndex", "hash", "from", "to", "value", "nonce", "status", "type", "gasUsed"),
        *("gasPrice", "effectiveGasPrice", "contractAddress", "l1Fee"),
    ),
    "log": ("logIndex", "transactionIndex", "address", "topics", "data"),
    "trace": (
        *("transactionIndex", "traceAddress", "type", "error", "callFrom", "callTo", "callValue"),
        *("callCallType", "createFrom", "createValue", "createResultAddress"),
        *("suicideAddress", "suicideRefundAddress", "suicideBalance"),
    ),
    "stateDiff": ("transactionIndex", "address", "key", "kind", "prev", "next"),
}
_BLOB_FIELDS = ("blobGasUsed", "blobGasPrice")  # newer than the others: not every portal knows them


def reader(address: Address) -> Reader:
    """Return the reader for an address."""
    return _Evm(address)


def questions(address: Address) -> list[Query]:
    """Return the questions about an address, best first."""
    filters = _filters(address)
    plain = dict(_FIELDS)
    blobs = {**plain, "transaction": (*plain["transaction"], *_BLOB_FIELDS)}
    flat = {table: names for table, names in plain.items() if table != "stateDiff"}
    bare = {table: names for table, names in flat.items() if table != "trace"}
    untraced = {table: names for table, names in plain.items() if table != "trace"}
    untold: tuple[tuple[Mapping[str, Sequence[str]], tuple[str, ...], tuple[str, ...]], ...] = (
        (blobs, (), ()),
        (plain, (NO_BLOBS,), ()),
        (flat, (NO_BLOBS, NO_DIFFERENCES), ("stateDiffs",)),
        (untraced, (NO_BLOBS, NO_TRACES), ("traces",)),
        (bare, (NO_BLOBS, NO_DIFFERENCES, NO_TRACES), ("stateDiffs", "traces")),
    )
    return [
        Query({"fields": fields(names), **{k: v for k, v in filters.items() if k not in without}}, lacks)
        for names, lacks, without in untold
    ]


def _filters(address: Address) -> dict[str, list[dict[str, Any]]]:
    """Return what to look for; the portal compares text as it stands, so all is in lower case.

    No type of trace is named: the columns of one type are empty for the others.
    """
    account = address.account
    topic = "0x" + account[2:].rjust(64, "0")
    items = [evm_logs.SINGLE, evm_logs.BATCH]
    coins, wraps = [coin.contract for coin in wrapped_coins(address.chain)], [*evm_logs.WRAPS]
    with_it = {"transaction": True}
    above = {**with_it, "parents": True}
    below = {**above, "subtraces": True}
    return {
        "transactions": [{"from": [account]}, {"to": [account]}],
        "logs": [
            {"topic0": [evm_logs.TRANSFER], "topic1": [topic], **with_it},
            {"topic0": [evm_logs.TRANSFER], "topic2": [topic], **with_it},
            {"topic0": items, "topic2": [topic], **with_it},
            {"topic0": items, "topic3": [topic], **with_it},
            *({"address": [coin], "topic0": wraps, "topic1": [topic], **with_it} for coin in coins),
        ],
        "traces": [
            {"callFrom": [account], **above},
            {"callTo": [account], **below},
            {"createFrom": [account], **above},
            {"createResultAddress": [account], **below},
            {"suicideRefundAddress": [account], **above},
        ],
        "stateDiffs": [{"address": [account], "key": ["balance"], "kind": ["+", "*", "-"], **with_it}],
    }


@dataclass
class _Evm:
    """The history of an account while it is read.

    ``untraced`` counts transactions told without their traces, ``cheap`` fees of which a part is not told;
    ``gap`` names the first nonce that is missing.
    """

    address: Address
    lacking: list[str] = field(default_factory=list)
    balance: BalanceChain = field(default_factory=lambda: BalanceChain(0))
    counts: dict[Scope, int] = field(default_factory=lambda: dict.fromkeys(Scope, 0))
    nonce: int = 0
    gap: str = ""
    untraced: int = 0
    cheap: int = 0

    def queries(self) -> Sequence[Query]:
        return questions(self.address)

    def lacks(self, what: Sequence[str]) -> None:
        self.lacking = list(what)

    def read(self, block: Block) -> list[Transfer]:
        rows = block.transactions()
        tables = [block.by_transaction(name) for name in ("traces", "logs", "stateDiffs")]
        strays = {index for table in tables for index in table} - set(rows)
        if strays:
            raise InputError(f"transaction {min(strays)} is not told, though something of it is")
        found: list[Transfer] = []
        for index, row in rows.items():
            traces, logs, differences = (table.get(index, []) for table in tables)
            calls = Calls(traces)
            at = _place(self.address.chain, block, row, ok=not calls.reverted)
            coin = [*self._paid(at, row, calls), *self._internal(at, calls)]
            gone = calls.destroyed(self.address.account)
            self.balance.step(at.hash, self._net(coin), self._difference(differences), gone=gone)
            found += [*coin, *self._logged(at, logs)]
        return found

    def _paid(self, at: EvmTransaction, row: Row, calls: Calls) -> list[Transfer]:
        """Return the fee and the value of a transaction, if the address sent or received it."""
        sender = Address.parse(at.chain, text(row, "from"))
        named = next((key for key in ("to", "contractAddress") if row.get(key)), None)
        target = None if named is None else Address.parse(at.chain, text(row, named))
        if self.address not in (sender, target):
            return []
        self.counts[Scope.EXTERNAL] += 1
        self.untraced += not calls.known
        fee, entire = _fee(at.chain, row)
        if sender == self.address:
            self._count_nonce(whole(row, "nonce"))
            self.cheap += not entire
        value = whole(row, "value")
        if target is not None:
            return [at.fee(sender, fee), at.value(sender, target, value)]
        if at.ok and value:
            raise InputError(f"transaction {at.hash} pays a contract that is not named")
        return [at.fee(sender, fee)]

    def _internal(self, at: EvmTransaction, calls: Calls) -> list[Transfer]:
        found = []
        for paid in calls.payments(self.address.account) if at.ok else ():
            source, target = (Address.parse(at.chain, end) for end in (paid.source, paid.target))
            found.append(at.internal(paid.path, source, target=target, units=paid.units))
        self.counts[Scope.INTERNAL] += len(found)
        return found

    def _logged(self, at: EvmTransaction, logs: Sequence[Row]) -> list[Transfer]:
        found = [
            move
            for log in logs
            for move in evm_logs.moved(at, _checked(log))
            if self.address in (move.source, move.target)
        ]
        self.counts[Scope.TOKEN] += len(found)
        return found

    def _difference(self, rows: Sequence[Row]) -> Difference | None:
        mine = [
            (whole_or_none(row, "prev") or 0, whole_or_none(row, "next") or 0)
            for row in rows
            if text(row, "address").lower() == self.address.account
            and row.get("key") == "balance" and row.get("kind") != "="
        ]  # fmt: skip
        if len(mine) > 1:
            raise InputError("two differences of one balance in one transaction")
        return mine[0] if mine else None

    def _net(self, transfers: Sequence[Transfer]) -> int:
        moving = [t for t in transfers if t.ok or t.kind is Kind.FEE]
        gets = sum(t.amount.units for t in moving if t.target == self.address)
        return gets - sum(t.amount.units for t in moving if t.source == self.address)

    def _count_nonce(self, nonce: int) -> None:
        if nonce != self.nonce and not self.gap:
            self.gap = f"nonce {self.nonce} is not among the outgoing transactions"
        self.nonce = nonce + 1

    def findings(self) -> list[Finding]:
        """Return how complete the history is; the balance decides where it is told, else the nonces do.

        A gap in the nonces alone is no proof of a loss: an authorisation by EIP-7702 takes one too.
        """
        checked = NO_DIFFERENCES not in self.lacking
        agrees = self.balance.agrees if checked else None
        traced = NO_TRACES not in self.lacking and not self.untraced
        paid_whole = agrees if agrees is not None else not self.gap and not self.cheap
        inside_whole = agrees if agrees is not None else traced
        words = self._words(checked=checked, traced=traced)
        paid, inside, moved = (self.counts[scope] for scope in Scope)
        nonces = self.gap or (f"nonces 0 to {self.nonce - 1} all present" if self.nonce else "none outgoing")
        logs = f"{moved} moves in logs, streamed to the end; token balances are not checked"
        return [
            Finding(Scope.EXTERNAL, paid_whole, f"{paid} transactions, {nonces}{words}"),
            Finding(Scope.INTERNAL, inside_whole, f"{inside} payments by calls{words}"),
            Finding(Scope.TOKEN, complete=True, check=logs),
        ]

    def _words(self, *, checked: bool, traced: bool) -> str:
        words = [self.balance.words] if checked else []
        words += [f"the dataset does not tell {what}" for what in self.lacking]
        if not traced:
            words.append(f"{self.untraced} transactions are told without traces")
        if self.cheap:
            words.append(f"{self.cheap} fees are told in part")
        return "".join(f"; {word}" for word in words)


def _place(chain: Chain, block: Block, row: Row, *, ok: bool) -> EvmTransaction:
    """Return where a transaction stands; ``ok`` is what its traces say, for those older than a status."""
    name = text(row, "hash").lower()
    if not _HASH.fullmatch(name):
        raise InputError(f"a transaction's hash is {name!r:.80}")
    status = whole_or_none(row, "status")
    return EvmTransaction(
        chain=chain,
        hash=name,
        height=block.number,
        index=whole(row, "transactionIndex"),
        time=block.time,
        ok=ok if status is None else status == 1,
    )


def _fee(chain: Chain, row: Row) -> tuple[int, bool]:
    """Return what a transaction cost, and whether that is all: gas, blobs, a rollup's charge for data."""
    price = whole_or_none(row, "effectiveGasPrice")
    gas = whole(row, "gasUsed") * (whole(row, "gasPrice") if price is None else price)
    kind, charge = whole_or_none(row, "type"), whole_or_none(row, "l1Fee")
    used, blob_price = (whole_or_none(row, name) for name in _BLOB_FIELDS)
    no_blobs = kind == _BLOBS and None in (used, blob_price)
    no_charge = chain.name in _ROLLUPS and charge is None and kind != _DEPOSIT
    return gas + (used or 0) * (blob_price or 0) + (charge or 0), not no_blobs and not no_charge


def _checked(log: Row) -> Row:
    """Return a log whose fields are what they must be."""
    topics, data = log.get("topics"), log.get("data")
    if not isinstance(topics, list) or len(topics) > _MOST_TOPICS or not all(map(_is_topic, topics)):
        raise InputError("a log's topics are none")
    if not isinstance(data, str) or not _DATA.fullmatch(data):
        raise InputError("a log's data are none")
    place = {"address": text(log, "address"), "logIndex": whole(log, "logIndex")}
    return {**place, "topics": topics, "data": data}


def _is_topic(value: object) -> bool:
    return isinstance(value, str) and _TOPIC.fullmatch(value) is not None
