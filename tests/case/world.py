"""A small invented world behind a local server that answers as Etherscan does, for live cases.

victim ─▶ thief ─▶ mid ─▶ Tornado Cash's router
              └──▶ payer ─▶ depot ─▶ Huobi's wallet (a shipped label): depot is a deposit address
              └──▶ hub, which has thousands of transfers; and crumb, which gets next to nothing
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from fetch.answers import row

VICTIM, THIEF, MID, PAYER, DEPOT, HUB, CRUMB = (f"0x{digit * 40}" for digit in "1234567")
MIXER = "0xd90e2f925da726b50c4ed8d0fb90ad053324f31b"
HUOBI = "0x28ffe35688ffffd0659aee2e34778b0ae4e193ad"
FIRST, HEAD, GAS = 100, 1000, 210_000
ONE = 10**18
_MANY = 300


def _pay(number: int, source: str, target: str, *, units: int, nonce: int = 0) -> dict[str, object]:
    place = {"hash": f"0x{number:064x}", "blockNumber": str(FIRST + number), "blockHash": f"0x{number:064x}"}
    return row(**place, nonce=str(nonce), value=str(units), **{"from": source, "to": target})


WORLD: list[dict[str, object]] = [
    _pay(1, VICTIM, THIEF, units=50 * ONE),
    _pay(2, THIEF, MID, units=20 * ONE),
    _pay(3, THIEF, PAYER, units=15 * ONE, nonce=1),
    _pay(4, THIEF, HUB, units=5 * ONE, nonce=2),
    _pay(5, THIEF, CRUMB, units=10**15, nonce=3),
    _pay(6, MID, MIXER, units=20 * ONE - GAS),
    _pay(7, PAYER, DEPOT, units=15 * ONE - GAS),
    _pay(8, DEPOT, HUOBI, units=15 * ONE - 2 * GAS),
    *(_pay(20 + n, HUB, f"0x{n:040x}", units=1, nonce=n) for n in range(_MANY)),
]


class Server(ThreadingHTTPServer):
    """Answers as Etherscan, and counts what it was asked.

    Attributes
    ----------
    rows, head
        The transactions, and the newest block; both may be changed as a chain changes.
    fork
        The height from which on blocks have other hashes than before.
    refuses
        Whether it answers nothing any more.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.rows = list(WORLD)
        self.head = HEAD
        self.fork = 1 << 60
        self.refuses = False

    def pay(self, number: int, source: str, target: str, *, units: int) -> None:
        """Add a payment, in the block 100 above its number."""
        nonce = sum(row["from"] == source for row in self.rows)
        self.rows.append(_pay(number, source, target, units=units, nonce=nonce))

    def rewrite(self, number: int) -> None:
        """Take the transactions from a number on out of the chain; their blocks and all above change."""
        self.rows = [row for row in self.rows if int(str(row["blockNumber"])) < FIRST + number]
        self.fork = FIRST + number

    def name(self, height: int) -> str:
        """Return the hash of a block."""
        here = {int(str(row["blockNumber"])): str(row["blockHash"]) for row in self.rows}
        usual = here.get(height, f"0x{'ab' * 32}")
        return usual if height < self.fork else f"0x{'fe' * 30}{usual[-4:]}"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}/api"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        self.server.seen[self.path] += 1
        self.server.keys |= {asked["apikey"]} if "apikey" in asked else set()
        body = json.dumps(_answer(self.server, asked)).encode()
        self.send_response(403 if self.server.refuses else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: a test reads what was asked from the server itself."""


def _answer(server: Server, asked: dict[str, str]) -> dict[str, object]:
    match asked.get("action"):
        case "eth_blockNumber":
            return {"jsonrpc": "2.0", "id": 1, "result": hex(server.head)}
        case "eth_getBlockByNumber":
            name = server.name(int(asked["tag"], 16))
            block = {"number": asked["tag"], "hash": name, "timestamp": "0x65000000"}
            return {"jsonrpc": "2.0", "id": 1, "result": block}
        case "balance":
            return {"status": "1", "message": "OK", "result": str(_balance(server, asked["address"]))}
        case "txlist":
            return _listed(server, asked)
        case _:
            return {"status": "0", "message": "No transactions found", "result": []}


def _balance(server: Server, address: str) -> int:
    """Return what an address holds; the victim and the services hold what they did before, too."""
    got = sum(int(str(one["value"])) for one in server.rows if one["to"] == address)
    sent = [int(str(one["value"])) + GAS for one in server.rows if one["from"] == address]
    return got - sum(sent)


def _listed(server: Server, asked: dict[str, str]) -> dict[str, object]:
    mine = [one for one in server.rows if asked["address"] in (one["from"], one["to"])]
    first, last = int(asked["startblock"]), int(asked["endblock"])
    within = [one for one in mine if first <= int(str(one["blockNumber"])) <= last]
    size = int(asked["offset"])
    start = (int(asked["page"]) - 1) * size
    rows = [one | {"blockHash": server.name(int(str(one["blockNumber"])))} for one in within]
    if not rows[start:]:
        return {"status": "0", "message": "No transactions found", "result": []}
    return {"status": "1", "message": "OK", "result": rows[start : start + size]}


@contextmanager
def served() -> Iterator[Server]:
    """Serve the world on a free port of this machine."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(name="world")
def world_fixture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """The world on a local server that is the user's own explorer, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    with served() as server:
        monkeypatch.setenv("FLOWTRACE_EXPLORER_1", server.url)
        yield server
