"""Explorers: the recorded answers of the real services, read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flowtrace.errors import InputError
from flowtrace.fetch.evm.logs import WRAPS, moved
from flowtrace.fetch.explorer import dialect as explorer
from flowtrace.fetch.explorer.rows import listed, told
from flowtrace.fetch.provider import providers
from flowtrace.fetch.source import Rows, drive
from flowtrace.model import NOBODY, Address, Answer, Chain, Kind, Request, wrapped_coin, wrapped_coins
from flowtrace.moves.evm import EvmTransaction

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis/rotki_selected"
HOSTS = (
    "api.etherscan.io",
    "api.blockscout.com",
    "base.blockscout.com",
    "eth.blockscout.com",
    "api.routescan.io",
)


def recorded(action: str) -> Iterator[tuple[Chain, dict[str, str], bytes]]:
    """Return recorded answers of an action, as (chain, parameters, body)."""
    for host in HOSTS:
        for path in sorted((RECORDED / host / action).glob("*.json")):
            found = json.loads(path.read_text(encoding="utf-8"))
            parts = urlsplit(found["request"]["uri"])
            query = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
            number = query.get("chainid") or next((p for p in parts.path.split("/") if p.isdigit()), "8453")
            try:
                chain = Chain.of(f"eip155:{number}")
            except InputError:
                continue  # a chain that flowtrace does not know
            yield chain, query, json.dumps(found["body"]).encode()


real = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside the project")


@pytest.mark.real
@real
@pytest.mark.parametrize(("action", "least"), [("txlist", 900), ("txlistinternal", 4), ("tokentx", 30)])
def test_recorded_lists_are_read(action: str, least: int) -> None:
    """Every row of the recorded lists of real services is read, and says which block it is of."""
    rows = 0
    for chain, query, body in recorded(action):
        try:
            found = listed(body, action)
        except InputError as error:
            assert "is an error answer" in str(error)  # noqa: PT017  one of many, each to be held to it
            continue
        if "address" not in query or not found.rows:
            continue
        read = told(action, Address.parse(chain, query["address"]), found.rows)
        rows += len(found.rows)
        assert bool(read.blocks) == any(row.get("blockHash") for row in found.rows)
        if action == "txlist":
            begun = sum(row["from"] == "GENESIS" for row in found.rows)
            assert len(read.transfers) >= 2 * len(found.rows) - begun
            assert sum(one.kind is Kind.MINT for one in read.transfers) == begun
    assert rows >= least


@pytest.mark.real
@real
def test_recorded_calls_of_blockscout_move_coin_once() -> None:
    """A real withdrawal through a proxy: three rows state the same coin, two of them moved it."""
    wanted = "0xcc6297f8"
    for chain, _, body in recorded("txlistinternal"):
        rows = [row for row in listed_or_none(body) if row.get("transactionHash", "").startswith(wanted)]
        if rows:
            proxy = next(row["to"] for row in rows if row["index"] == "4")
            found = told("txlistinternal", Address.parse(chain, proxy), rows).transfers
            assert [row["callType"] for row in rows] == ["call", "delegatecall", "call"]
            assert len(found) == 2
            assert {one.amount.units for one in found} == {9_804_674_568_982_550}
            return
    pytest.fail("the recorded transaction is gone")


def listed_or_none(body: bytes) -> list[dict[str, str]]:
    """Return the rows of an answer; none of an error."""
    try:
        return listed(body, "txlistinternal").rows
    except InputError:
        return []


@pytest.mark.real
@real
def test_recorded_answers_that_are_not_whole_say_so() -> None:
    """Blockscout's status 2 is no success and no error: rows, and the words that more will come."""
    words = Counter(
        listed(body, "txlistinternal").partial for _, _, body in recorded("txlistinternal") if b'"2"' in body
    )
    assert sum(count for said, count in words.items() if "not" in said) >= 6


@pytest.mark.real
@real
def test_recorded_heads_and_transactions_are_read() -> None:
    """Blocks, transactions and receipts as the services wrap them: what belongs together is told."""
    provider = next(one for one in providers() if one.service == "etherscan")
    sent = {
        query["txhash"].lower(): (chain, body)
        for chain, query, body in recorded("eth_getTransactionByHash")
        if "txhash" in query
    }
    got = {
        query["txhash"].lower(): body
        for _, query, body in recorded("eth_getTransactionReceipt")
        if "txhash" in query
    }
    told_of = 0
    for name in sent.keys() & got.keys():
        chain, body = sent[name]
        told_of += _told(replace(provider, chain=chain), name, [body, got[name]])
    assert told_of >= 3


@pytest.mark.real
@real
def test_recorded_rows_of_wrapped_coin_are_not_believed() -> None:
    """Blockscout tells a real ``deposit()`` as if coin had been unwrapped; without such rows all adds up."""
    for chain, query, body in recorded("tokentx"):
        rows = [row for row in listed(body, "tokentx").rows if NOBODY in (row["from"], row["to"])]
        coins = {coin.contract: coin for coin in wrapped_coins(chain)}
        wraps = [row for row in rows if row["contractAddress"] in coins]
        if wraps:
            mine = Address.parse(chain, query["address"])
            assert [(row["methodId"], row["from"], row["to"]) for row in wraps] == [
                ("2e1a7d4d", mine.account, NOBODY), ("d0e30db0", mine.account, NOBODY)
            ]  # fmt: skip
            found = told("tokentx", mine, listed(body, "tokentx").rows)
            assert found.wraps == {coins[wraps[0]["contractAddress"]]}
            net = Counter({True: 0, False: 0})
            for one in found.transfers:
                if one.amount.asset in found.wraps:
                    net[one.target == mine] += one.amount.units
            gone, made = (int(row["value"]) for row in wraps)
            # With the deposit as one, the token goes to zero and then up; as told, it would go below zero.
            assert net[True] + made - gone - net[False] == 775_013_252_215_870
            return
    pytest.fail("the recorded rows are gone")


@pytest.mark.real
@real
def test_recorded_receipts_tell_wrapped_coin_once() -> None:
    """On chains of the OP Stack a wrap is one log, and no transfer from or to nobody beside it."""
    read = 0
    for chain, _, body in recorded("eth_getTransactionReceipt"):
        receipt = json.loads(body).get("result") or {}
        logs = receipt.get("logs", ())
        at = EvmTransaction(chain, "0x" + "00" * 32, 0, 0, 0)
        wraps = [log for log in logs if log["topics"][:1] in ([WRAPS[0]], [WRAPS[1]])]
        for log in wraps:
            (transfer,) = moved(at, log)
            assert wrapped_coin(Address.parse(chain, log["address"])) == transfer.amount.asset
            same = [
                other
                for every in logs
                for other in moved(at, every)
                if (other.source, other.target, other.amount)
                == (transfer.source, transfer.target, transfer.amount)
            ]
            assert same == [transfer]
            read += 1
    assert read == 4


def _told(provider: Any, name: str, bodies: list[bytes]) -> int:  # noqa: ANN401  a provider
    tx = json.loads(bodies[0])["result"]
    block = {
        "number": tx["blockNumber"],
        "hash": tx["blockHash"],
        "parentHash": tx["blockHash"],
        "timestamp": "0x5",
    }
    bodies.append(json.dumps({"jsonrpc": "2.0", "id": 1, "result": block}).encode())
    found = Rows()

    def answer_of(request: Request) -> Answer:
        return Answer(request, bodies.pop(0), "2026-01-01", "recorded", number=3 - len(bodies))

    drive(explorer.transaction(provider, name), answer_of, lambda batch: found.take(batch, provider.chain.id))  # type: ignore[arg-type]
    assert {one.tx for one in found.transfers} == {name}
    assert {one.kind for one in found.transfers} >= {Kind.FEE, Kind.VALUE}
    return 1
