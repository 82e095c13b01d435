"""One EVM transaction, by its hash: what it pays, its fee, and what its logs say moved.

Coin that contracts paid in its course is not among these: that takes a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowtrace.errors import SourceError
from flowtrace.fetch.evm.logs import moved
from flowtrace.fetch.jsonrpc import result
from flowtrace.fetch.source import Asking, Batch
from flowtrace.model import Address, Answer, Chain, Request, Transfer
from flowtrace.moves.evm import EvmTransaction

Call = Callable[..., Request]
"""Returns the call of a JSON-RPC method with parameters by name, in the method's order."""


def ask(chain: Chain, tx: str, call: Call) -> Asking[None]:
    """Ask for a transaction, its receipt and its block.

    Raises
    ------
    SourceError
        If the service does not know the transaction.
    """
    answer: Answer = yield call("eth_getTransactionByHash", txhash=tx)
    sent = result(answer)
    answer = yield call("eth_getTransactionReceipt", txhash=tx)
    receipt, number = result(answer), answer.number
    if not sent or not receipt or not sent.get("blockNumber"):
        raise SourceError(f"transaction {tx} is not known, or not in a block yet")
    answer = yield call("eth_getBlockByNumber", tag=sent["blockNumber"], boolean="false")
    block = result(answer)
    found = transfers(chain, sent, receipt, time=int(block["timestamp"], 16))
    yield Batch(tuple(found), number, ((int(block["number"], 16), block["hash"].lower()),))


def transfers(
    chain: Chain, sent: Mapping[str, Any], receipt: Mapping[str, Any], *, time: int
) -> list[Transfer]:
    """Return the fee, the value and the token moves of a transaction from its JSON-RPC objects."""
    at = EvmTransaction(
        chain=chain,
        hash=sent["hash"].lower(),
        height=int(sent["blockNumber"], 16),
        index=int(sent["transactionIndex"], 16),
        time=time,
        ok=int(receipt.get("status", "0x1"), 16) == 1,
    )
    sender = Address.parse(chain, sent["from"])
    target = Address.parse(chain, sent.get("to") or receipt["contractAddress"])
    found = [at.fee(sender, fee(sent, receipt)), at.value(sender, target, int(sent["value"], 16))]
    for log in receipt.get("logs", ()):
        found += moved(at, log)
    return found


def fee(sent: Mapping[str, Any], receipt: Mapping[str, Any]) -> int:
    """Return what a transaction cost: gas at the effective price, blobs, and a rollup's charge for data."""
    price = receipt.get("effectiveGasPrice") or sent.get("gasPrice") or "0x0"
    gas = int(receipt["gasUsed"], 16) * int(price, 16)
    blobs = int(receipt.get("blobGasUsed") or "0x0", 16) * int(receipt.get("blobGasPrice") or "0x0", 16)
    return gas + blobs + int(receipt.get("l1Fee") or "0x0", 16)
