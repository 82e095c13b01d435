"""How fast the fetchers are, as ratios measured side by side in one run.

The service is a process of its own on this machine, so that client and service each have a core. Three
questions: how much of an allowed pace is used while there is work; how many pages of 1,000 rows a minute are
fetched, read and kept where nothing limits it, and what the time goes to; and how much memory the history of
an address with 100,000 transactions takes.

    python benchmarks/fetch.py            all three
    python benchmarks/fetch.py --rows N   with lists of N rows instead of 100,000
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from aiohttp import web

from flowtrace.evidence import EvidenceStore, custody
from flowtrace.fetch import source
from flowtrace.fetch.ask import Ask, ask_of
from flowtrace.fetch.door import transport
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.explorer import lists as explorer_list
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import ETHEREUM, Key, Request

ANN, BEN, TOKEN = "0x" + "a1" * 20, "0x" + "b2" * 20, "0x" + "70" * 20
HOME = "FLOWTRACE_BENCHMARK"
PAGE, PER_BLOCK = 1_000, 7
BEGIN, END = 1_000, 20_000_000  # blocks
PACE = (50, 1.0)


def row(action: str, number: int) -> str:
    """Return a row of a list, as Etherscan writes it."""
    name, other = f"0x{number:064x}", f"0x{number:040x}"
    common = {
        "blockNumber": str(BEGIN + number // PER_BLOCK), "timeStamp": str(1_600_000_000 + number),
        "hash": name, "from": ANN if number % 2 else other, "to": other if number % 2 else ANN,
        "value": str(10**18 + number), "contractAddress": "", "input": "0x", "gas": "21000", "isError": "0",
    }  # fmt: skip
    if action == "txlist":
        common |= {
            "blockHash": f"0x{number // PER_BLOCK:064x}", "nonce": str(number // 2), "transactionIndex": "61",
            "gasPrice": "30000000000", "gasUsed": "21000", "cumulativeGasUsed": "12345678", "methodId": "0x",
            "functionName": "", "txreceipt_status": "1", "confirmations": "1234",
        }  # fmt: skip
    elif action == "txlistinternal":
        common |= {"type": "call", "gasUsed": "0", "traceId": "0_1", "errCode": ""}
    else:
        common |= {
            "blockHash": f"0x{number // PER_BLOCK:064x}", "contractAddress": TOKEN, "tokenName": "A Token",
            "tokenSymbol": "TOK", "tokenDecimal": "18", "transactionIndex": "61", "nonce": "0",
            "gasPrice": "30000000000", "gasUsed": "21000", "cumulativeGasUsed": "1", "confirmations": "1234",
        }  # fmt: skip
    return json.dumps(common)


class Service:
    """The service: lists of an address, or anything at all within a pace."""

    def __init__(self, rows: int) -> None:
        shares = {"txlist": rows, "txlistinternal": rows // 2, "tokentx": rows // 2}
        self.lists = {name: [row(name, number) for number in range(shares[name])] for name in shares}
        self.arrived: deque[float] = deque()
        self.refused = 0

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer a request."""
        query = request.query
        if request.path == "/counts":
            return web.json_response({"times": list(self.arrived), "refused": self.refused})
        if request.path == "/paced":
            return self._paced()
        if query["action"] not in self.lists:
            return web.json_response({"status": "1", "message": "OK", "result": "0"})
        return self._list(query["action"], query)

    def _paced(self) -> web.Response:
        now = time.monotonic()
        self.arrived.append(now)
        if len(self.arrived) > PACE[0] and now - self.arrived[-1 - PACE[0]] < PACE[1]:
            self.refused += 1
            return web.Response(status=429)
        return web.json_response({"good": True})

    def _list(self, action: str, query: Any) -> web.Response:  # noqa: ANN401  aiohttp's mapping
        number, size = int(query["page"]), int(query["offset"])
        begin = max(0, int(query["startblock"]) - BEGIN) * PER_BLOCK + (number - 1) * size
        end = max(0, int(query["endblock"]) + 1 - BEGIN) * PER_BLOCK
        found = self.lists[action][begin : min(begin + size, end)]
        words = ("1", "OK") if found else ("0", "No transactions found")
        body = f'{{"status":"{words[0]}","message":"{words[1]}","result":[{",".join(found)}]}}'
        body = body if query["address"] == ANN else body.replace(ANN, query["address"])
        return web.Response(text=body, content_type="application/json")


def serve(rows: int, ready: Any) -> None:  # noqa: ANN401  a connection
    """Run the service until the process is ended."""

    async def run() -> None:
        runner = web.ServerRunner(web.Server(Service(rows).answer, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def serving(rows: int) -> Iterator[str]:
    """Start the service; give its address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(rows, there), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()


def provider(requests: int, seconds: float) -> Provider:
    """Return the service as flowtrace knows it."""
    return Provider(
        id="benchmark@ethereum", service="benchmark", kind="explorer", chain=ETHEREUM,
        url="https://service.example/api?x=1", key=Key(HOME, "base"), needs_key=True, requests=requests,
        seconds=seconds, concurrent=8, page=PAGE, window=10_000, depth=0, verified_on="", source="",
        options={}, private=True,
    )  # fmt: skip


async def paced(count: int) -> tuple[float, int]:
    """Ask so many times at a fixed pace; return the share of it that was used, and how many were refused."""
    slow, free = provider(*PACE), provider(10_000, 1.0)
    with tempfile.TemporaryDirectory() as folder, EvidenceStore(Path(folder) / "evidence.sqlite") as store:
        async with Door(store) as door:
            asked = [
                Request("GET", f"https://service.example/paced?n={n}", key=slow.key) for n in range(count)
            ]
            await asyncio.gather(*(door.ask(one, slow) for one in asked))
        async with Door(store) as door:
            told = await door.ask(Request("GET", "https://service.example/counts", key=free.key), free)
    counts = json.loads(told.body)
    times = counts["times"]
    return (len(times) - 1) / (times[-1] - times[0]) / (PACE[0] / PACE[1]), counts["refused"]


SPENT: dict[str, float] = {}


def timed(holder: Any, name: str, what: str) -> None:  # noqa: ANN401  a module or class
    """Count the time that a function takes as spent for something."""
    plain: Callable[..., Any] = getattr(holder, name)

    @wraps(plain)
    def counted(*args: Any, **named: Any) -> Any:  # noqa: ANN401  whatever it takes
        begun = time.process_time()
        try:
            return plain(*args, **named)
        finally:
            SPENT[what] = SPENT.get(what, 0.0) + time.process_time() - begun

    setattr(holder, name, counted)


def instrument() -> None:
    """Take the time of each part of the work."""
    timed(explorer_list, "listed", "parsing: JSON and its fields")
    timed(explorer_list, "told", "parsing: rows into transfers")
    timed(explorer_list, "_text", "parsing: telling rows apart")
    timed(custody.hashlib, "sha256", "hashing")
    timed(custody.Custody, "put", "storing: bodies (hash, zstd, insert)")
    timed(custody.Custody, "append", "storing: the log")
    timed(source.Rows, "take", "gathering transfers")
    timed(transport, "fault_of", "looking for complaints")


async def history(address: str, last: int, door: Door) -> tuple[int, int]:
    """Fetch the history of an address; return how many rows it has, and how many transfers they tell."""
    pin = Pin(ETHEREUM.id, last)
    rows = await ask_of(Ask(provider(100_000, 1.0), f"{ETHEREUM.id}:{address}", pin), door)
    return sum(int(one.check.partition(" ")[0]) for one in rows.coverage), len(rows.transfers)


async def histories(*wanted: tuple[str, int]) -> list[tuple[int, int]]:
    """Fetch histories side by side, into one evidence store: each of an address, up to a block."""
    with tempfile.TemporaryDirectory() as folder, EvidenceStore(Path(folder) / "evidence.sqlite") as store:
        async with Door(store) as door:
            return await asyncio.gather(*(history(*one, door) for one in wanted))


def throughput(rows: int) -> None:
    """Fetch two histories side by side, as a crawl does, and print pages per minute."""
    page = json.dumps({"result": [json.loads(row("txlist", n)) for n in range(PAGE)]}).encode()
    begun, own = time.perf_counter(), time.process_time()
    half = BEGIN + rows // 4 // PER_BLOCK
    found = asyncio.run(histories((ANN, half), (BEN, half)))
    took, used = time.perf_counter() - begun, time.process_time() - own
    count, transfers = (sum(one) for one in zip(*found, strict=True))
    own = time.process_time()
    for _ in range(20):
        json.loads(page)
    plain = (time.process_time() - own) / 20
    pages = count / PAGE
    print(f"(b) {pages:.0f} pages of {PAGE:,} rows, {transfers:,} transfers, in {took:.1f} s")
    print(f"    {60 * pages / took:,.0f} pages a minute (2,000 wanted)")
    print(f"    {60 * pages / used:,.0f} pages a minute of this process's own time")
    print(f"    {used / pages / plain:.1f} times what it takes json.loads to read such a page, all in all")


def shares() -> None:
    """Do it again with clocks in it, and print what the time goes to."""
    instrument()
    begun = time.process_time()
    asyncio.run(histories((ANN, END)))
    used = time.process_time() - begun
    print("    of its own time, with clocks in it:")
    for what, seconds in sorted(SPENT.items()):
        print(f"    {100 * seconds / used:5.1f} %  {what}")


def memory() -> None:
    """Fetch the history, and print the most memory this process ever held."""
    asyncio.run(histories((ANN, END)))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", choices=["memory"])
    chosen = parser.parse_args()
    if chosen.only:
        memory()
        return
    with serving(chosen.rows) as url:
        os.environ[HOME] = url
        share, refused = asyncio.run(paced(500))
        print(f"(a) {100 * share:.1f} % of {PACE[0]} requests a second used (95 wanted), {refused} refused")
        throughput(chosen.rows)
        shares()
        command = [sys.executable, __file__, "--only", "memory"]
        peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
        print(f"(c) {peak / 1024:.0f} MB at most for {chosen.rows:,} transactions (500 wanted)")


if __name__ == "__main__":
    main()
