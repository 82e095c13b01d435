"""A node's answers: blocks with their transactions, in JSON or in bytes, and what its errors are.

Amounts are decimal numbers of coins: they are taken as the text they come in, so they are exact. Where a
transaction's bytes come with it, they must say the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowtrace.errors import InputError, SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.jsonrpc import call
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import unreadable
from flowtrace.fetch.utxo.blocks import merkle_root, read_block
from flowtrace.fetch.utxo.fields import BROKEN, hash_text, whole
from flowtrace.model import Answer, Request, read_decimal
from flowtrace.moves.coin import CoinTransaction, Output, read_transaction

_DECIMALS = 8


@dataclass(frozen=True, slots=True)
class Block:
    """A block as it was read; per transaction, what its inputs spend where the node says so, else nothing."""

    answer: Answer
    name: str
    previous: str
    height: int
    time: int
    transactions: tuple[tuple[CoinTransaction, tuple[Output, ...]], ...]


def of_json(answer: Answer, name: str) -> Block:
    """Read a block with its transactions in JSON, as a node gives it for verbosity 3, or 2."""
    found = result(answer)
    try:
        transactions = tuple(_transaction(one) for one in found["tx"])
        complete = merkle_root([tx.txid for tx, _ in transactions]) == stated_root(found)
        block = Block(
            answer, found["hash"], found.get("previousblockhash", ""), whole(found["height"]),
            whole(found["time"]), transactions,
        )  # fmt: skip
    except BROKEN as error:
        raise unreadable(answer, f"no block ({error!r:.200})") from None
    if block.name != name or not complete:
        raise unreadable(answer, "another block, or not all of it")
    return block


def stated_root(found: Mapping[str, Any]) -> bytes:
    """Return the root of its transactions that a block states."""
    return bytes.fromhex(found["merkleroot"])[::-1]


def _transaction(found: Mapping[str, Any]) -> tuple[CoinTransaction, tuple[Output, ...]]:
    """Read a transaction. What it does inside Litecoin's confidential pool is no coin of the public chain."""
    inputs = [one for one in found["vin"] if not one.get("ismweb") and "coinbase" not in one]
    outputs = [one for one in found["vout"] if not one.get("ismweb")]
    if [one["n"] for one in outputs] != list(range(len(outputs))):
        raise InputError("outputs out of order")
    tx = CoinTransaction(
        hash_text(found["txid"]),
        tuple(f"{hash_text(one['txid'])}:{whole(one['vout'])}" for one in inputs),
        tuple(_output(one) for one in outputs),
    )
    if "hex" in found:
        raw = read_transaction(bytes.fromhex(found["hex"]))
        if raw != tx:
            raise InputError(f"transaction {tx.txid} is another by its bytes")
        tx = raw
    return tx, tuple(_output(one["prevout"]) for one in inputs if "prevout" in one)


def _output(found: Mapping[str, Any]) -> Output:
    return Output(units(found["value"]), bytes.fromhex(found["scriptPubKey"]["hex"]))


def of_bytes(provider: Provider, answer: Answer, where: Answer, *, name: str) -> Block:
    """Read a block in bytes; at which height it is, only its header's own answer says."""
    try:
        header, transactions = read_block(provider.chain, bytes.fromhex(result(answer)))
    except BROKEN as error:
        raise unreadable(answer, f"no block ({error!r:.200})") from None
    if header.name != name:
        raise unreadable(answer, "another block")
    try:
        height = whole(result(where)["height"])
    except BROKEN:
        raise unreadable(where, "no header") from None
    told = tuple((tx, ()) for tx in transactions)
    return Block(answer, name, header.previous, height, header.time, told)


def asked(provider: Provider, method: str, *params: object, as_of: int | None) -> Request:
    """Return a question.

    Where the chain may change the answer, ``as_of`` says up to which block it is wanted, behind a ``#``,
    which is never sent, so that an answer from before that block does not serve.
    """
    url = provider.url if as_of is None else f"{provider.url}#{as_of}"
    return call(provider, method, params, url=url)


def result(answer: Answer) -> Any:  # noqa: ANN401  JSON
    """Return what a call gave, decimal numbers as the text they came in: amounts are exact."""
    if fault_of(answer) is not Fault.NONE:
        raise SourceError(f"{answer.source}: {' '.join(map(str, complaint(answer)))[:300]}")
    try:
        return json.loads(answer.body, parse_float=str)["result"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise unreadable(answer, "no JSON-RPC result") from None


def units(number: object) -> int:
    """Return an amount of coins in base units; floating point has no place on this way."""
    return read_decimal(str(number) if type(number) in (int, str) else "", _DECIMALS)
