"""One TRON transaction, from the node's objects: what was sent, and what the node says came of it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from flowtrace.errors import InputError
from flowtrace.fetch.source import Pin, unreadable
from flowtrace.fetch.tron.facts import contract_facts
from flowtrace.fetch.tron.lists import Listed, node_object
from flowtrace.fetch.tron.moves import (
    Moved,
    Row,
    Tokens,
    TronTransaction,
    address_of,
    contract_moves,
    info_moves,
    succeeded,
    whole,
)
from flowtrace.model import Answer, Chain


def told(
    answer: Answer,
    place: tuple[int, Row],
    *,
    chain: Chain,
    sent: Listed | None,
    tokens: Tokens = MappingProxyType({}),
) -> tuple[Moved, Moved]:
    """Return what a transaction's sender pays, nothing where unknown, and what happened in its course.

    Parameters
    ----------
    answer
        The one in which the node's information stands.
    place
        The transaction's index in its block, and the node's information about it.
    sent
        The transaction itself, where it is known.
    tokens
        Symbols and decimals of tokens by their contract.
    """
    index, info = place
    try:
        name, value, ok = ("", {}, True) if sent is None else contract_of(sent)
        at = TronTransaction(
            chain=chain, hash=str(info.get("id")), height=height_of(answer, info), index=index,
            time=whole(info, "blockTimeStamp") // 1000, ok=ok and succeeded(info),
        )  # fmt: skip
        more = info_moves(at, info, tokens=tokens)
        if sent is None:
            return Moved(), more
        fee = at.fee(address_of(chain, value.get("owner_address")), whole(info, "fee"))
        paid = contract_moves(at, name, value, results=info)
        sends = Moved((fee, *paid.transfers), facts=contract_facts(at, name, value))
        return sends, Moved(more.transfers, (*paid.unread, *more.unread))
    except InputError as error:
        raise unreadable(answer, f"transaction {info.get('id')!r:.80} that cannot be read: {error}") from None


def contract_of(sent: Listed) -> tuple[str, Row, bool]:
    """Return a transaction's one contract, its value, and whether it succeeded, by the transaction itself."""
    row: Any = sent.row
    try:
        (contract,) = row["raw_data"]["contract"]
        name, value = contract["type"], contract["parameter"]["value"]
        results = {one.get("contractRet") for one in row.get("ret") or ()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise unreadable(sent.answer, "a transaction without its contract") from None
    if not isinstance(name, str) or not isinstance(value, dict):
        raise unreadable(sent.answer, "a transaction without its contract")
    return name, value, results <= {None, "", "DEFAULT", "SUCCESS"}


def height_of(answer: Answer, row: Row) -> int:
    """Return the block of a transaction, or of the node's information about one."""
    try:
        return whole(row, "blockNumber")
    except InputError as error:
        raise unreadable(answer, f"a transaction whose {error}") from None


def pin_of(chain: Chain, answer: Answer) -> Pin:
    """Return the block that an answer holds."""
    found = node_object(answer)
    header = found.get("block_header")
    data = header.get("raw_data") if isinstance(header, dict) else None
    if not isinstance(data, dict):
        raise unreadable(answer, "no block")
    try:
        height, time = whole(data, "number"), whole(data, "timestamp") // 1000
    except InputError as error:
        raise unreadable(answer, f"a block whose {error}") from None
    return Pin(chain.id, height, str(found.get("blockID") or ""), time)
