"""What real nodes answered: blocks, transactions and receipts are read, and errors are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from flowtrace.errors import SourceError
from flowtrace.fetch.evm.block import Header, Mined, header_of, receipt_of, sent_of
from flowtrace.fetch.evm.bloom import bloom, unexplained
from flowtrace.fetch.evm.fields import Row, quantity, word
from flowtrace.fetch.evm.node import read
from flowtrace.fetch.faults import Fault, fault_of
from flowtrace.model import ETHEREUM, Answer, Kind, Request

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis/rotki_selected"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside this checkout"),
]


def recorded(method: str) -> Iterator[tuple[Answer, Any]]:
    """Return the recorded answers to a method, with their results."""
    for path in sorted(RECORDED.glob(f"*/{method}/*.json")):
        body = json.loads(path.read_bytes())["body"]
        told = json.dumps(body).encode()
        yield (
            Answer(Request("POST", f"https://{path.parts[-3]}"), told, "", path.parts[-3]),
            body.get("result"),
        )


def blocks() -> list[Header]:
    """Return every block, with or without its transactions as it was asked for."""
    found = []
    for answer, told in recorded("eth_getBlockByNumber"):
        whole = any(isinstance(one, dict) for one in told["transactions"])
        found.append(read(answer, partial(header_of, answer=1, whole=whole)))
    return found


def test_blocks() -> None:
    """Blocks are read, with the staked coin they pay out, in wei."""
    found = blocks()
    assert len(found) == 25
    withdrawals = [one for block in found for one in block.withdrawals]
    assert len(withdrawals) > 100
    assert all(0 < units < 100 * 10**18 for _, _, units in withdrawals)


def test_transactions() -> None:
    """Transactions and their receipts are read, and what they tell of one another agrees."""
    sent: dict[str, Row] = {}
    for answer, told in recorded("eth_getTransactionByHash"):
        sent[told["hash"]] = read(answer, partial(sent_of, tx=told["hash"]))
    assert len(sent) >= 20
    headers = {block.height: block for block in blocks()}
    pairs = fees = 0
    for answer, told in recorded("eth_getTransactionReceipt"):
        tx = told["transactionHash"]
        if tx in sent:
            receipt = read(answer, partial(receipt_of, sent=sent[tx]))
            pairs += 1
            assert word(receipt, "blockHash") == word(sent[tx], "blockHash")
            header = headers.get(quantity(receipt, "blockNumber"))
            if header is not None:
                moves = Mined(sent[tx], receipt, header, answer).moves(ETHEREUM, ok=True)
                fees += sum(one.amount.units > 0 for one in moves if one.kind is Kind.FEE)
    assert pairs >= 5
    assert fees >= 1


def test_bloom_filters() -> None:
    """The bloom filters of real receipts hold exactly their logs; with one log less, that shows."""
    checked = 0
    for _, told in recorded("eth_getTransactionReceipt"):
        entries = [[log["address"], *log["topics"]] for log in told["logs"]]
        stated = int(told["logsBloom"], 16)
        assert bloom(chain.from_iterable(entries)) == stated
        if len({tuple(one) for one in entries}) > 1:
            checked += unexplained(stated, chain.from_iterable(entries[1:]))
    assert checked > 5


def test_pruned_state() -> None:
    """A node that no longer has a state says so, and is not asked again for it."""
    faults = [fault_of(answer) for answer, told in recorded("eth_getBalance") if told is None]
    assert faults == [Fault.NOT_INDEXED, Fault.NOT_INDEXED]
    answer = next(answer for answer, told in recorded("eth_getBalance") if told is None)
    with pytest.raises(SourceError, match="missing trie node"):
        read(answer, lambda found: found)
