"""A node that speaks Ethereum's JSON-RPC: an address's history, as far as the node can list it, and checks.

Token moves come from the logs, which every node keeps an index of. Coin moves take two things more: a way to
find the transactions that touch an address, and a trace of each, for what contracts pay in its course. Nodes
differ in what they have of these, so it is asked what there is, and said what there is not.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from flowtrace.errors import ReorgError, SourceError
from flowtrace.fetch.evm.block import header_of
from flowtrace.fetch.evm.course import Course
from flowtrace.fetch.evm.facts import facts
from flowtrace.fetch.evm.fields import quantity, row
from flowtrace.fetch.evm.node import Node, attempt, read
from flowtrace.fetch.evm.tracer import OPERATIONS, Tracer
from flowtrace.fetch.jsonrpc import result
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Step
from flowtrace.model import Address, Answer, Coverage

_HEADER = False  # a block without its transactions


def head(provider: Provider) -> Generator[Step, Any, Pin]:
    """Ask for the block the node calls final; where it knows none, for one so far below the newest."""
    node = Node(provider)
    answer = yield from attempt(node.request("eth_getBlockByNumber", "finalized", _HEADER))
    if answer is None or result(answer) is None:
        newest: Answer = yield node.request("eth_blockNumber")
        height = read(newest, lambda found: quantity({"it": found}, "it"))
        answer = yield node.request("eth_getBlockByNumber", hex(max(0, height - provider.depth)), _HEADER)
    number = answer.number
    block = read(answer, lambda found: header_of(row(found), number, whole=False))
    return Pin(provider.chain.id, block.height, block.hash, block.time)


def block(provider: Provider, height: int) -> Asking[str]:
    """Ask for the hash of the block at a height.

    Raises
    ------
    SourceError
        If the node has none there.
    """
    node = Node(provider)
    answer: Answer = yield node.request("eth_getBlockByNumber", hex(height), _HEADER)
    if result(answer) is None:
        raise SourceError(f"{provider.id} has no block {height}")
    return read(answer, lambda found: header_of(row(found), answer.number, whole=False).hash)


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction: what it pays, what contracts pay in its course, and what its logs say.

    Raises
    ------
    SourceError
        If the node does not know the transaction.
    """
    node = Node(provider)
    mined = yield from node.mined(tx.lower())
    if mined is None:
        raise SourceError(f"transaction {tx} is not known to {provider.id}, or not in a block yet")
    trace = yield from Tracer(node).choose(mined)
    ok = mined.status if mined.status is not None else trace is None or not trace.failed
    moves, told = tuple(mined.moves(provider.chain, ok=ok)), tuple(facts(mined, provider.chain))
    yield Batch(moves, mined.answer.number, mined.header.named, told)
    if trace is not None and trace.method != OPERATIONS:
        paid = trace.moves(mined.at(provider.chain, ok=True))
        yield Batch(tuple(paid), trace.answer, mined.header.named)


def history(provider: Provider, address: Address, pin: Pin) -> Generator[Step, Any, tuple[Coverage, ...]]:
    """Ask for every move of an address up to the pin, and hold it against what the node's state says.

    Raises
    ------
    ReorgError
        If the chain was rewritten since the pin was asked for, or while it is read.
    """
    node = Node(provider, pin)
    before = yield from node.header(pin.height)
    if pin.hash and before.hash != pin.hash.lower():
        what = f"block {pin.height} of {pin.chain_id} is {before.hash}, not {pin.hash}"
        raise ReorgError(f"{what}: the chain was rewritten since its head was asked for", pin.height)
    coverage = yield from Course(node, address, pin.height).run()
    # The same question once more, after all else: if the last block is the same, so are all below it.
    yield from node.header(pin.height, mark=address.account)
    return coverage
