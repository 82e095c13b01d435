"""What the portal's TRON dataset tells of an address: payments, calls, internal transactions, logs.

Its rows are the node's own objects under other names: :mod:`flowtrace.fetch.tron.moves` reads them. Only
payments and calls are found by address: what an account does by transactions of other kinds (staking,
rewards, orders, creations) is not, and no balance is told that would show it. So the list of its transactions
is never complete here, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError
from flowtrace.fetch.evm.logs import TRANSFER
from flowtrace.fetch.portal.family import Finding, Query, Reader, fields
from flowtrace.fetch.portal.lines import Block, Row, inner, rows_of, text, whole, whole_or_none
from flowtrace.fetch.tron.moves import (
    TronTransaction,
    address_of,
    contract_moves,
    hex_of,
    internal_moves,
    log_moves,
)
from flowtrace.model import Address, Scope, Transfer

PARTS = 1000
"""The dataset's times count milliseconds."""
_FIELDS = {
    "block": ("number", "hash", "timestamp"),
    "transaction": (
        *("transactionIndex", "hash", "type", "parameter", "ret", "result", "fee"),
        *("contractAddress", "withdrawAmount"),
    ),
    "log": ("transactionIndex", "logIndex", "address", "topics", "data"),
    "internalTransaction": (
        *("transactionIndex", "internalTransactionIndex", "callerAddress", "transferToAddress"),
        *("callValueInfo", "note", "rejected"),
    ),
}
_INTERNAL = {
    "callerAddress": "caller_address",
    "transferToAddress": "transferTo_address",
    "callValueInfo": "callValueInfo",
    "note": "note",
    "rejected": "rejected",
}
_RESULTS = {"contractAddress": "contract_address", "withdrawAmount": "withdraw_amount"}
_DONE = (None, "", "SUCCESS", "DEFAULT")  # nodes leave the result out where it is the usual one


def reader(address: Address) -> Reader:
    """Return the reader for an address."""
    return _Tron(address)


@dataclass
class _Tron:
    """The history of an account while it is read; ``unread`` counts what moves value in a way not read."""

    address: Address
    counts: dict[Scope, int] = field(default_factory=lambda: dict.fromkeys(Scope, 0))
    unread: dict[Scope, int] = field(default_factory=lambda: dict.fromkeys(Scope, 0))

    def queries(self) -> Sequence[Query]:
        account = hex_of(self.address)
        event, topic = TRANSFER.removeprefix("0x"), account[2:].rjust(64, "0")
        with_it = {"transaction": True}
        asked: dict[str, Any] = {
            "fields": fields(_FIELDS),
            "transferTransactions": [{"owner": [account]}, {"to": [account]}],
            "transferAssetTransactions": [{"owner": [account]}, {"to": [account]}],
            "triggerSmartContractTransactions": [{"owner": [account]}, {"contract": [account]}],
            "logs": [
                {"topic0": [event], "topic1": [topic], **with_it},
                {"topic0": [event], "topic2": [topic], **with_it},
            ],
            "internalTransactions": [{"caller": [account], **with_it}, {"transferTo": [account], **with_it}],
        }
        return [Query(asked)]

    def lacks(self, what: Sequence[str]) -> None:
        """Nothing can be left out: there is only one question."""

    def read(self, block: Block) -> list[Transfer]:
        rows = block.transactions()
        tables = [block.by_transaction(name) for name in ("internalTransactions", "logs")]
        strays = {index for table in tables for index in table} - set(rows)
        if strays:
            raise InputError(f"transaction {min(strays)} is not told, though something of it is")
        found: list[Transfer] = []
        for index, row in rows.items():
            at = self._place(block, row)
            inside, logs = (table.get(index, []) for table in tables)
            found += [*self._paid(at, row), *self._internal(at, inside), *self._logged(at, logs)]
        return found

    def _place(self, block: Block, row: Row) -> TronTransaction:
        results = [one.get("contractRet") for one in rows_of(row, "ret")]
        return TronTransaction(
            chain=self.address.chain,
            hash=text(row, "hash").lower(),
            height=block.number,
            index=whole(row, "transactionIndex"),
            time=block.time // PARTS,
            ok=all(result in _DONE for result in (*results, row.get("result"))),
        )

    def _paid(self, at: TronTransaction, row: Row) -> list[Transfer]:
        """Return the fee and what the transaction's contract pays, if the address sent or received it."""
        value = inner(inner(row, "parameter"), "value")
        owner = address_of(at.chain, value.get("owner_address"))
        results = {name: row[key] for key, name in _RESULTS.items() if row.get(key) is not None}
        moved = contract_moves(at, text(row, "type"), value, results=results)
        mine = self._mine(moved.transfers)
        if not mine and owner != self.address:
            return []
        self.counts[Scope.EXTERNAL] += 1
        self.unread[Scope.EXTERNAL] += len(moved.unread)
        return [at.fee(owner, whole_or_none(row, "fee") or 0), *mine]

    def _internal(self, at: TronTransaction, rows: Sequence[Row]) -> list[Transfer]:
        found: list[Transfer] = []
        for row in _distinct(rows, "internalTransactionIndex"):
            named = {name: row[key] for key, name in _INTERNAL.items() if row.get(key) is not None}
            moved = internal_moves(at, whole(row, "internalTransactionIndex"), named)
            found += self._mine(moved.transfers)
            self.unread[Scope.INTERNAL] += len(moved.unread)
        self.counts[Scope.INTERNAL] += len(found)
        return found

    def _logged(self, at: TronTransaction, rows: Sequence[Row]) -> list[Transfer]:
        found: list[Transfer] = []
        for row in _distinct(rows, "logIndex"):
            found += self._mine(log_moves(at, whole(row, "logIndex"), row))
        self.counts[Scope.TOKEN] += len(found)
        return found

    def _mine(self, transfers: Sequence[Transfer]) -> list[Transfer]:
        return [one for one in transfers if self.address in (one.source, one.target)]

    def findings(self) -> list[Finding]:
        """Return how complete the history is; no balance is told that could show a loss."""
        paid, inside, moved = (self.counts[scope] for scope in Scope)
        other = "transactions of other kinds than payments and calls cannot be asked for by address"
        ends = "streamed to the end; balances are not told"
        return [
            Finding(
                Scope.EXTERNAL,
                complete=False,
                check=f"{paid} transactions{self._untold(Scope.EXTERNAL)}; {other}",
            ),
            Finding(
                Scope.INTERNAL,
                complete=not self.unread[Scope.INTERNAL],
                check=f"{inside} internal payments{self._untold(Scope.INTERNAL)}, {ends}",
            ),
            Finding(Scope.TOKEN, complete=True, check=f"{moved} moves in logs, {ends}"),
        ]

    def _untold(self, scope: Scope) -> str:
        count = self.unread[scope]
        return f", {count} more of a form that is not read" if count else ""


def _distinct(rows: Sequence[Row], key: str) -> Sequence[Row]:
    """Return the rows of one transaction, each of which must have a place of its own."""
    if len({whole(row, key) for row in rows}) != len(rows):
        raise InputError(f"two rows of one transaction have one {key}")
    return rows
