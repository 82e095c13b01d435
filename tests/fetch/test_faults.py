"""What answers complain of: every text and code that services are known to use, and what is no complaint."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.mishaps import PAGE
from flowtrace.fetch.faults import Fault, complaint, fault_of, one_line
from flowtrace.fetch.source import unreadable
from flowtrace.model import Answer, Request

RECORDED = Path(__file__).resolve().parents[2].parent / "shared/data/recorded_apis/rotki_selected"


def answer(body: bytes | str | object, status: int = 200) -> Answer:
    """Return an answer; anything but bytes and text is written as JSON."""
    raw = (
        body
        if isinstance(body, bytes)
        else body.encode()
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    return Answer(Request("GET", "https://service.example/"), raw, "2026-01-01", "a test", status=status)


def etherscan(result: object, message: str = "NOTOK") -> dict[str, object]:
    """Return an answer of Etherscan that is no success."""
    return {"status": "0", "message": message, "result": result}


def rpc(code: object, message: object, **more: object) -> dict[str, object]:
    """Return an error of JSON-RPC."""
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message, **more}}


SAID: list[tuple[Fault, Any, int]] = [
    # Etherscan and its dialects
    (Fault.EMPTY, etherscan([], "No transactions found"), 200),
    (Fault.EMPTY, etherscan([], "No internal transactions found"), 200),
    (Fault.EMPTY, etherscan([], "No token transfers found"), 200),
    (Fault.EMPTY, etherscan([], "No records found"), 200),
    (Fault.RATE, etherscan("Max rate limit reached, please use API Key for higher rate limit"), 200),
    (Fault.RATE, etherscan("Max calls per sec rate limit reached (3/sec)"), 200),
    (Fault.RATE, etherscan("NOTOK", "Max calls rate limit reached"), 200),
    (Fault.RATE, etherscan(None, "Too many requests"), 200),
    (
        Fault.TOO_BIG,
        etherscan("Result window is too large, PageNo x Offset size must be less than 10000"),
        200,
    ),
    (Fault.TOO_BIG, etherscan("Query Timeout occured. Please select a smaller result dataset"), 200),
    (Fault.TOO_BIG, etherscan("Please specify a block range smaller than 10000000 blocks"), 200),
    (
        Fault.PLAN,
        etherscan("Free API access is not supported for this chain. Please upgrade your api plan"),
        200,
    ),
    (Fault.PLAN, etherscan("Sorry, it looks like you are trying to access an API Pro endpoint"), 200),
    (Fault.PLAN, etherscan(None, "chain not supported"), 200),
    (Fault.KEY, etherscan("Invalid API Key"), 200),
    (Fault.KEY, etherscan("Missing/Invalid API Key"), 200),
    (Fault.KEY, etherscan("Too many invalid api key attempts, please try again later"), 200),
    (Fault.MISSING, etherscan("Missing or unsupported chainid parameter (required for v2 api)"), 200),
    (Fault.MISSING, etherscan("Contract source code not verified"), 200),
    (Fault.MISSING, etherscan("Error! Invalid address format"), 200),
    (
        Fault.NONE,
        {"status": "1", "message": "OK-Missing/Invalid API Key, rate limit applied", "result": "5"},
        200,
    ),
    (
        Fault.NONE,
        {"status": "2", "message": "Some internal transactions are not processed", "result": []},
        200,
    ),
    # JSON-RPC of nodes and those who rent them out
    (Fault.TOO_BIG, rpc(-32005, "query returned more than 10000 results"), 200),
    (Fault.TOO_BIG, rpc(-32005, "logs count exceeds the limit 50000"), 200),
    (Fault.TOO_BIG, rpc(-32602, "range 1000000 exceeds limit of 10000"), 200),
    (Fault.TOO_BIG, rpc(-32600, "eth_getLogs is limited to a 10,000 range"), 200),
    (Fault.TOO_BIG, rpc(-32000, "exceed maximum block range: 5000"), 200),
    (Fault.TOO_BIG, rpc(-32602, "Log response size exceeded. You can make eth_getLogs requests with"), 200),
    (Fault.TOO_BIG, rpc(-32000, "block range too high"), 413),
    (Fault.TOO_BIG, rpc(-32000, "requested too many blocks from 1 to 9, maximum is set to 2048"), 200),
    (Fault.TOO_BIG, rpc(-32008, "Response is too big"), 200),
    (Fault.TOO_BIG, rpc(1, "history too large"), 200),
    (Fault.TOO_BIG, b"", 413),
    (Fault.RATE, rpc(-32005, "daily request count exceeded, request rate limited"), 200),
    (Fault.RATE, rpc(-32005, "project ID request rate exceeded"), 200),
    (Fault.RATE, rpc(-32005, ""), 200),
    (Fault.RATE, rpc(-32029, "Please slow down"), 200),
    (Fault.RATE, rpc(429, "Your app has exceeded its compute units per second capacity"), 429),
    (Fault.RATE, rpc(-32000, "Work queue depth exceeded"), 500),
    (Fault.RATE, rpc(-101, "excessive resource usage"), 200),
    (Fault.MISSING, rpc(-32601, "the method trace_filter does not exist/is not available"), 200),
    (Fault.MISSING, rpc(-32601, "Method not found"), 404),
    (Fault.MISSING, rpc(-32000, "unknown method 'getblock'"), 200),
    (Fault.MISSING, rpc(-5, "No such mempool or blockchain transaction. Use gettransaction"), 500),
    (Fault.MISSING, rpc(3, "execution reverted: rate limit reached", data="0x08c379a0"), 200),
    (Fault.MISSING, rpc(-32000, "execution reverted: Invalid API Key, unauthorized, too many requests"), 200),
    (Fault.NOT_INDEXED, rpc(-32000, "missing trie node e583 (path ) state 0xe583 is not available"), 200),
    (Fault.NOT_INDEXED, rpc(-32000, "header not found"), 200),
    (Fault.NOT_INDEXED, rpc(-1, "Block not available (pruned data)"), 500),
    (Fault.NOT_INDEXED, rpc(-8, "Block height out of range"), 500),
    (Fault.NOT_INDEXED, rpc(1, "height 9,999,999 out of range"), 200),
    (
        Fault.NOT_INDEXED,
        rpc(
            -5,
            "No such mempool transaction. Blockchain transactions are still in the process of being indexed",
        ),
        500,
    ),
    (Fault.NOT_INDEXED, rpc(-8, 'Scan already in progress, use action "abort" or "status"'), 500),
    (Fault.NOT_INDEXED, rpc(-28, "Verifying blocks..."), 500),
    (Fault.NOT_INDEXED, rpc(-28, ""), 500),
    (Fault.NOT_INDEXED, rpc(-32007, "Slot 5 was skipped, or missing due to ledger jump"), 200),
    (Fault.NOT_INDEXED, rpc(-32009, "Slot 5 was skipped, or missing in long-term storage"), 200),
    (Fault.SERVER, rpc(-32603, "something broke"), 200),
    (Fault.SERVER, rpc(-32000, "request timed out"), 200),
    (Fault.SERVER, rpc(3, "RPC Request failed."), 500),
    (Fault.KEY, rpc(-32000, "Unauthorized: You must authenticate your request with an API key"), 200),
    (Fault.PLAN, rpc(-32600, "debug_traceTransaction is not available on the Free tier - upgrade"), 200),
    # Bitcoin Core without words, the Portal, TronGrid, Blockchair, plain text and pages
    (Fault.KEY, b"", 401),
    (Fault.BLOCKED, b"", 403),
    (Fault.RATE, b"", 402),
    (Fault.RATE, b"", 429),
    (Fault.RATE, b"", 430),
    (Fault.RATE, b"", 503),
    (Fault.RATE, b"", 529),
    (Fault.SERVER, b"", 500),
    (Fault.SERVER, b"", 504),
    (Fault.SERVER, b"", 408),
    (Fault.MISSING, b"", 404),
    (Fault.MISSING, b"", 400),
    (Fault.REORG, {"previousBlocks": [{"number": 5, "hash": "0x5"}]}, 409),
    (Fault.REORG, rpc("base_block_mismatch", "the base block was not found"), 409),
    (Fault.NOT_INDEXED, b"", 204),
    (
        Fault.RATE,
        {"Error": "The key exceeds the frequency limit(3), and the query server is suspended for 30s"},
        403,
    ),
    (Fault.RATE, {"success": False, "error": "request rate exceeds the allowed_rps(15), rate limit"}, 429),
    (Fault.MISSING, {"success": False, "error": "A valid account address is required."}, 400),
    (Fault.TOO_BIG, b"Too many history entries", 400),
    (Fault.MISSING, b"Transaction not found", 404),
    (Fault.BLOCKED, PAGE, 403),
    (Fault.BLOCKED, PAGE, 200),
    (Fault.BLOCKED, b"\xef\xbb\xbf \n<HTML><body>" + b"x" * 50_000, 200),
    (Fault.SERVER, b"<html><head><title>502 Bad Gateway</title></head></html>", 502),
    (
        Fault.SERVER,
        b"<html><script>var authentication = 'unauthorized, invalid api key'</script></html>",
        500,
    ),
    (Fault.RATE, b"<html><title>429 Too Many Requests</title></html>", 429),
    (Fault.RATE, b"<html><title>429 Too Many Requests</title></html>", 200),
]


@pytest.mark.parametrize(("fault", "body", "status"), SAID)
def test_what_a_service_says_is_understood(fault: Fault, body: object, status: int) -> None:
    """Text decides before code, and code before status."""
    assert fault_of(answer(body, status)) is fault


def test_every_fault_is_in_the_table() -> None:
    """No kind of complaint is left without a text that services really use; what broke off is the door's."""
    assert {fault for fault, _, _ in SAID} == set(Fault) - {Fault.TRUNCATED}


ROWS = st.sampled_from(
    [
        *("rate limit reached", "Invalid API Key", "too many requests", "captcha", "<html>", "unauthorized"),
        *("block range", "execution reverted", "No transactions found", "internal error", "not available"),
    ]
)


@given(
    ROWS, st.sampled_from(["tokenSymbol", "error", "message", "status", "Error", "success", "functionName"])
)
def test_a_token_named_like_an_error_is_data(name: str, key: str) -> None:
    """Attacker text within rows complains of nothing, whatever it says and whatever its field is called."""
    row = {key: name, "tokenName": name, "value": "5"}
    for body in (
        {"status": "1", "message": "OK", "result": [row]},
        {"jsonrpc": "2.0", "id": 1, "result": row},
        {"jsonrpc": "2.0", "id": 1, "result": name},
        {"data": [row], "success": True, "meta": {"at": 1}},
        [row, row],
        json.dumps(name),
    ):
        assert fault_of(answer(body)) is Fault.NONE
    lines = b"".join(json.dumps({"header": {"number": n}, "logs": [row]}).encode() + b"\n" for n in range(2))
    assert fault_of(answer(lines)) is Fault.NONE
    padded = {"status": "1", "message": "OK", "result": [row] * 500}
    assert fault_of(answer(padded)) is Fault.NONE


def test_a_page_may_stand_within_data() -> None:
    """Only what begins as a page is one: a token may call itself one."""
    assert fault_of(answer(b'["<!DOCTYPE html>"]')) is Fault.NONE
    assert fault_of(answer(b"812345")) is Fault.NONE
    assert fault_of(answer(b"")) is Fault.NONE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "status", "message", "result", "code", "data", "success", "Error"]),
            below,
            max_size=5,
        )
    ),
    max_leaves=8,
)


@given(
    JSON | st.binary(max_size=60),
    st.sampled_from([0, 200, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503, 999]),
)
def test_anything_is_understood_as_something(body: object, status: int) -> None:
    """Whatever comes, with whatever status, is some fault and some words; an error status is never data."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = fault_of(answer(raw, status))
    code, text = complaint(answer(raw, status))
    assert isinstance(found, Fault)
    assert isinstance(text, str)
    assert code is None or type(code) is int
    if status != 200:
        assert found is not Fault.NONE


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"error":' * 5_000, b'{"error": {"code": ' + b"9" * 9_000 + b"}}"]
)
def test_depth_and_length_are_no_trap(body: bytes) -> None:
    """Nesting without end and numbers without end are no traceback."""
    assert isinstance(fault_of(answer(body)), Fault)
    assert isinstance(fault_of(answer(body, 500)), Fault)


def recorded() -> Iterator[tuple[str, Answer]]:
    """Return the recorded answers of explorers and nodes, as (name, answer)."""
    hosts = (
        "api.etherscan.io",
        "*blockscout.com",
        "api.routescan.io",
        "ethereum.publicnode.com",
        "eth.merkle.io",
    )
    for host in (*hosts, "api.mainnet-beta.solana.com"):
        for path in sorted(RECORDED.glob(f"{host}/*/*.json")):
            found = json.loads(path.read_text(encoding="utf-8"))
            yield path.parent.name, answer(found["body"], found["status"]["code"])


@pytest.mark.real
@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside the project")
def test_recorded_answers_are_understood() -> None:
    """Of all recorded answers of real services: which complain, and of what."""
    found: Counter[Fault] = Counter()
    errors: Counter[tuple[Fault, str]] = Counter()
    for _, one in recorded():
        fault = fault_of(one)
        found[fault] += 1
        if fault not in (Fault.NONE, Fault.EMPTY):
            errors[fault, complaint(one)[1].removeprefix("refused: ")[:40]] += 1
    assert found[Fault.NONE] > 300
    assert found[Fault.EMPTY] > 60
    assert errors == {
        (Fault.PLAN, "NOTOK Free API access is not supported f"): 5,
        (Fault.PLAN, "chain not supported"): 1,
        (Fault.NOT_INDEXED, "-32000 missing trie node e583a447fd17ebc"): 2,
        (Fault.MISSING, "NOTOK Contract source code not verified"): 3,
        (Fault.MISSING, "Contract source code not verified"): 1,
        (Fault.MISSING, "3 execution reverted: 0x77209fe800000000"): 3,
        (Fault.MISSING, "Missed `to` address"): 3,
        (Fault.MISSING, "No data found"): 1,
        (Fault.SERVER, "3 RPC Request failed."): 2,
    }


@given(st.text())
def test_somebody_elses_words_are_one_line_of_text(text: str) -> None:
    """No control of a terminal, no change of direction, no half character comes through into an error."""
    said = one_line(text)
    assert all(letter.isprintable() for letter in said)
    assert said.encode().decode() == said
    for body in ({"error": {"code": 1, "message": text}}, etherscan(text), {"success": False, "error": text}):
        assert complaint(answer(body, 500))[1].isprintable()
    assert complaint(answer(text.encode(errors="replace"), 500))[1].isprintable()
    assert str(unreadable(answer(b""), text)).isprintable()
