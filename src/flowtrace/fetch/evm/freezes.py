"""Issuers' freezes on an EVM chain: the events of their contracts, and what these answer of the case's block.

The events are few, so all of a contract are asked for at once, whoever they name: one answer serves every
address, and it makes no difference which contract has the address as a topic and which among the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flowtrace.errors import InputError, ReorgError
from flowtrace.fetch.evm.block import log_of
from flowtrace.fetch.evm.fields import Row, ordinal, quantity, rows, word
from flowtrace.fetch.evm.node import Node, attempt, read
from flowtrace.fetch.evm.spans import spans
from flowtrace.fetch.faults import Fault, fault_of
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Together
from flowtrace.model import Address, Answer, Asset, Freeze, FreezeState
from flowtrace.moves.freezes import freezes_of, function_of, issued_on, issuer_of, question, topics_of

OF_PIN = True
_AT_ONCE = 32


def freezes(provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:
    """Ask for the events of every issuer's contract up to the pin.

    Raises
    ------
    ReorgError
        If the chain was rewritten since the pin was asked for.
    """
    node = Node(provider, pin)
    yield from _stands(node, pin)
    tokens = issued_on(provider.chain)
    yield Together(tuple(_events(node, asset, frozenset(addresses)) for asset in tokens))


def _stands(node: Node, pin: Pin) -> Asking[None]:
    last = yield from node.header(pin.height)
    if pin.hash and last.hash != pin.hash.lower():
        what = f"block {pin.height} of {pin.chain_id} is {last.hash}, not {pin.hash}"
        raise ReorgError(f"{what}: the chain was rewritten since its head was asked for", pin.height)


def _events(node: Node, asset: Asset, addresses: frozenset[Address]) -> Asking[int]:
    def one(first: int, last: int) -> Asking[int | None]:
        asked = {
            "address": asset.contract, "fromBlock": hex(first), "toBlock": hex(last),
            "topics": [sorted(topics_of(asset).values())],
        }  # fmt: skip
        answer: Answer = yield node.request("eth_getLogs", asked)
        if fault_of(answer) is Fault.TOO_BIG:
            return None
        logs = read(answer, lambda found: checked(asset, rows(found), (first, last)))
        found = [act for act in freezes_of(node.provider.chain, logs) if act.address in addresses]
        named = {(ordinal(log, "blockNumber"), word(log, "blockHash")) for log in logs}
        yield replace(node.batch((), answer.number, named), frozen=(yield from _dated(node, found)))
        return len(logs)

    last = node.pin.height if node.pin else 0
    return (yield from spans(0, last, one, widest=int(node.provider.options.get("range", "0"))))


def _dated(node: Node, acts: Iterable[Freeze]) -> Asking[tuple[Freeze, ...]]:
    """Return acts with the times of their blocks: not every node tells them with a log."""
    dated = []
    for act in acts:
        time = act.time or (yield from node.header(act.height)).time
        dated.append(replace(act, time=time))
    return tuple(dated)


def checked(asset: Asset, logs: Sequence[Row], span: tuple[int, int]) -> list[Row]:
    """Return logs in chain order, each one that was asked for.

    Raises
    ------
    InputError
        If one is not.
    """
    topics = set(topics_of(asset).values())
    found = []
    for raw in logs:
        log, height = log_of(raw), ordinal(raw, "blockNumber")
        asked = log["address"].lower() == asset.contract and log["topics"][:1] and log["topics"][0] in topics
        if not asked or not span[0] <= height <= span[1] or log.get("removed") is True:
            raise InputError(f"a log of block {height} was not asked for")
        found.append((height, ordinal(log, "logIndex"), {**log, "topics": list(log["topics"])}))
    return [log for _, _, log in sorted(found, key=lambda one: one[:2])]


def states(provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:
    """Ask every issuer's contract, as of the pin, whether addresses are frozen; a node may have forgotten."""
    node = Node(provider, pin)
    yield from _stands(node, pin)
    asked = [(asset, address) for asset in issued_on(provider.chain) for address in addresses]
    if not asked or not (yield from _state(node, *asked[0])):
        return  # who refuses one such question refuses all
    for first in range(1, len(asked), _AT_ONCE):
        yield Together(tuple(_state(node, *one) for one in asked[first : first + _AT_ONCE]))


def _state(node: Node, asset: Asset, address: Address) -> Asking[bool]:
    """Ask for one state; return whether it was told."""
    height = node.pin.height if node.pin else 0
    call = {"data": question(asset, address), "to": asset.contract}
    answer = yield from attempt(node.request("eth_call", call, hex(height)))
    if answer is not None:
        yield from stated(answer, asset, address, pin=node.pin)
    return answer is not None


def stated(answer: Answer, asset: Asset, address: Address, *, pin: Pin | None) -> Asking[None]:
    """Read what a contract answered; nothing where there is no such contract, which answers with no bytes."""

    def truth(found: Any) -> bool | None:  # noqa: ANN401  JSON
        return None if found in ("0x", None) else quantity({"it": found}, "it") == 1

    frozen = read(answer, truth)
    if frozen is not None:
        time = datetime.fromtimestamp(pin.time, UTC).isoformat() if pin and pin.time else ""
        said = FreezeState(
            address=address, asset=asset, issuer=issuer_of(asset), function=function_of(asset),
            frozen=frozen, height=pin.height if pin else 0, at=time or answer.fetched_at,
        )  # fmt: skip
        yield Batch((), answer.number, frozen=(said,))
