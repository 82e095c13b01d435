"""A Litecoin chain of one's own: litecoind made for tests, ElectrumX over it, and an Esplora over both.

There is no Esplora to be had from a package registry, so its answers are made here out of the node's and the
index's, in the form its documentation gives: the data are real, the form is ours.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from flowtrace.fetch.provider import Provider, own_provider
from flowtrace.fetch.scripts import electrum_hash, script_of
from flowtrace.model import Address, Chain

CHAIN = Chain.of("litecoin-regtest")
COIN = 10**8
PAGE = 5
_USER = "ft:ft"
# ElectrumX holds small answers back for a second, so that who listens cannot tell them by their size. The
# tests wait for no one: otherwise it is run as it is, padding and all.
_PROMPT = """
from electrumx.cli.electrumx_server import main
from electrumx.server.transport import PaddedRSTransport
PaddedRSTransport.WAIT_FOR_BUFFER_GROWTH_SECONDS = 0.005
main()
"""
_CONFIGURATION = """regtest=1
server=1
txindex=1
listen=0
dnsseed=0
fallbackfee=0.0001
rpcuser=ft
rpcpassword=ft
[regtest]
rpcport={port}
rpcbind=127.0.0.1
rpcallowip=127.0.0.1
"""


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass
class Node:
    """The node."""

    port: int

    @property
    def url(self) -> str:
        """Where it answers, with its password."""
        return f"http://{_USER}@127.0.0.1:{self.port}"

    def call(self, method: str, *params: object, wallet: str = "") -> Any:  # noqa: ANN401  JSON
        """Call a method; decimals come as Decimal."""
        url = f"http://127.0.0.1:{self.port}" + (f"/wallet/{wallet}" if wallet else "")
        body = json.dumps({"id": 1, "method": method, "params": params}).encode()
        secret = base64.b64encode(_USER.encode()).decode()
        request = urllib.request.Request(url, body, {"Authorization": f"Basic {secret}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  the same
                return json.loads(answer.read(), parse_float=Decimal)["result"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method}: {error.read()!r}") from None

    def mine(self, count: int, to: str) -> list[str]:
        """Make blocks whose reward goes to an address; return their hashes."""
        found: list[str] = self.call("generatetoaddress", count, to)
        return found

    @property
    def height(self) -> int:
        """The height of the newest block."""
        found: int = self.call("getblockcount")
        return found

    def coins(self, address: Address) -> dict[str, int]:
        """Return the coins of an address in the node's own set, and their units."""
        found = self.call("scantxoutset", "start", [f"raw({script_of(address).hex()})"])
        return {f"{one['txid']}:{one['vout']}": int(one["amount"] * COIN) for one in found["unspents"]}


def _until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except (OSError, RuntimeError):
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{what} did not come up")


@contextmanager
def node(folder: Path, program: Path) -> Iterator[Node]:
    """Run a node."""
    found = Node(free_port())
    folder.mkdir()
    (folder / "litecoin.conf").write_text(_CONFIGURATION.format(port=found.port), encoding="utf-8")
    with _running([str(program), f"-datadir={folder}"], {}):
        _until(lambda: found.height >= 0, "litecoind")
        yield found


@dataclass
class Index:
    """The index."""

    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"tcp://127.0.0.1:{self.port}"

    def call(self, method: str, *params: object) -> Any:  # noqa: ANN401  JSON
        """Call a method over a connection of its own."""
        answer: Any = None
        asked = [("server.version", ["a test", ["1.4", "1.6"]]), (method, list(params))]
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as one,
            one.makefile("rwb") as file,
        ):
            for name, values in asked:
                line = json.dumps({"id": name, "jsonrpc": "2.0", "method": name, "params": values})
                file.write(line.encode() + b"\n")
                file.flush()
                answer = json.loads(file.readline())
            return answer["result"]

    def follow(self, height: int) -> None:
        """Wait until the index has read the block at a height."""
        _until(lambda: self.call("blockchain.headers.subscribe")["height"] == height, "ElectrumX")


@contextmanager
def index(folder: Path, over: Node, program: Path, **settings: str) -> Iterator[Index]:
    """Run an index over a node."""
    found = Index(free_port())
    folder.mkdir()
    environment = {
        "COIN": "Litecoin", "NET": "regtest", "DB_DIRECTORY": str(folder), "DAEMON_URL": over.url,
        "SERVICES": f"tcp://127.0.0.1:{found.port}", "ALLOW_ROOT": "1", "PEER_DISCOVERY": "off",
        "COST_SOFT_LIMIT": "0", "COST_HARD_LIMIT": "0", "DB_ENGINE": "leveldb", "CACHE_MB": "50",
        "DAEMON_POLL_INTERVAL_BLOCKS": "50", "DAEMON_POLL_INTERVAL_MEMPOOL": "50", **settings,
    }  # fmt: skip
    with _running([str(program), "-c", _PROMPT], environment):
        found.follow(over.height)
        yield found


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=os.environ | environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@dataclass
class Esplora:
    """An Esplora, its answers made from a node and an index."""

    over: Node
    by: Index
    port: int = field(default_factory=free_port)
    proofs: bool = True
    _best: str = ""
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Esplora]:
        """Serve it while the context lasts."""
        async with ClientSession() as self.session:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.by.port, limit=1 << 24)
            await self._indexed("server.version", "a test", ["1.4", "1.6"])
            application = web.Application()
            application.add_routes([web.get("/{path:.*}", self._answer)])
            runner = web.AppRunner(application)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            try:
                yield self
            finally:
                await runner.cleanup()
                self.writer.close()
                await self.writer.wait_closed()

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            found = await self._told(*request.match_info["path"].split("/"))
        except (RuntimeError, KeyError) as error:
            return web.Response(status=404, text=str(error))
        plain = isinstance(found, str)
        kind = "text/plain" if plain else "application/json"
        return web.Response(text=found if plain else json.dumps(found), content_type=kind)

    async def _told(self, *path: str) -> Any:  # noqa: ANN401  JSON
        found = await (self._of_block(*path) if path[0].startswith("block") else self._of_script(*path))
        if found is None:
            raise KeyError("/".join(path))
        return found

    async def _of_block(self, *path: str) -> Any:  # noqa: ANN401  JSON
        found: Any = None
        match path:
            case ["blocks", "tip", "height"]:
                found = str(await self._node("getblockcount"))
            case ["block-height", height]:
                found = await self._node("getblockhash", int(height))
            case ["block", name]:
                block = await self._node("getblock", name)
                found = {"id": block["hash"], "height": block["height"], "timestamp": block["time"]}
            case ["block", name, "txids"]:
                found = (await self._node("getblock", name))["tx"]
            case ["block", name, "header"]:
                found = await self._node("getblockheader", name, False)  # noqa: FBT003  the node's own form
        return found

    async def _of_script(self, *path: str) -> Any:  # noqa: ANN401  JSON
        found: Any = None
        match path:
            case ["tx", txid, "merkleblock-proof"] if self.proofs:
                found = await self._node("gettxoutproof", [txid])
            case ["tx", txid]:
                found = await self._transaction(txid)
            case ["scripthash", name]:
                found = await self._stated(bytes.fromhex(name)[::-1].hex())
            case ["address", account]:
                found = await self._stated(self._name(account))
            case ["address", account, "txs", "chain", *last]:
                found = await self._page(self._name(account), "".join(last))
        return found

    @staticmethod
    def _name(account: str) -> str:
        return electrum_hash(script_of(Address.parse(CHAIN, account)))

    async def _history(self, name: str) -> list[str]:
        """Return a script's transactions in blocks, newest first."""
        listed = await self._indexed("blockchain.scripthash.get_history", name)
        return [one["tx_hash"] for one in reversed(listed) if one["height"] > 0]

    async def _page(self, name: str, last: str) -> list[Any]:
        listed = await self._history(name)
        first = listed.index(last) + 1 if last else 0
        return [await self._transaction(txid) for txid in listed[first : first + PAGE]]

    async def _stated(self, name: str) -> dict[str, Any]:
        listed = [await self._transaction(txid) for txid in await self._history(name)]

        def own(script: str) -> bool:
            return electrum_hash(bytes.fromhex(script)) == name

        paid = [o["value"] for tx in listed for o in tx["vout"] if own(o["scriptpubkey"])]
        prevouts = [one["prevout"] for tx in listed for one in tx["vin"] if one["prevout"]]
        spent = [one["value"] for one in prevouts if own(one["scriptpubkey"])]
        stated = {"tx_count": len(listed), "funded_txo_count": len(paid), "funded_txo_sum": sum(paid)}
        stated |= {"spent_txo_count": len(spent), "spent_txo_sum": sum(spent)}
        return {"chain_stats": stated, "mempool_stats": {}}

    async def _transaction(self, txid: str) -> dict[str, Any]:
        best = await self._node("getbestblockhash")
        if best != self._best:
            self._best = best
            self._known.clear()
        if txid not in self._known:
            self._known[txid] = await self._made(txid)
        return self._known[txid]

    async def _made(self, txid: str) -> dict[str, Any]:
        tx = await self._node("getrawtransaction", txid, 1)
        block = await self._node("getblockheader", tx["blockhash"])
        status = {"confirmed": True, "block_height": block["height"], "block_hash": block["hash"]}
        return {
            "txid": txid, "version": tx["version"], "locktime": tx["locktime"],
            "vin": [await self._input(one) for one in tx["vin"]],
            "vout": [_output(one) for one in tx["vout"]],
            "status": status | {"block_time": block["time"]},
        }  # fmt: skip

    async def _input(self, one: dict[str, Any]) -> dict[str, Any]:
        if "coinbase" in one:
            return {
                "txid": "00" * 32, "vout": 0xFFFFFFFF, "prevout": None, "scriptsig": one["coinbase"],
                "sequence": one["sequence"], "is_coinbase": True,
            }  # fmt: skip
        parent = await self._node("getrawtransaction", one["txid"], 1)
        return {
            "txid": one["txid"], "vout": one["vout"], "prevout": _output(parent["vout"][one["vout"]]),
            "scriptsig": one["scriptSig"]["hex"], "sequence": one["sequence"], "is_coinbase": False,
        }  # fmt: skip

    async def _node(self, method: str, *params: object) -> Any:  # noqa: ANN401  JSON
        body = json.dumps({"id": 1, "method": method, "params": params})
        async with self.session.post(self.over.url, data=body) as answer:
            found = json.loads(await answer.read(), parse_float=Decimal)
        if found["error"]:
            raise RuntimeError(found["error"]["message"])
        return found["result"]

    async def _indexed(self, method: str, *params: object) -> Any:  # noqa: ANN401  JSON
        line = json.dumps({"id": 1, "jsonrpc": "2.0", "method": method, "params": params})
        async with self._turn:
            self.writer.write(line.encode() + b"\n")
            return json.loads(await self.reader.readuntil(b"\n"))["result"]

    def __post_init__(self) -> None:
        self._turn = asyncio.Lock()


def _output(one: dict[str, Any]) -> dict[str, Any]:
    return {"scriptpubkey": one["scriptPubKey"]["hex"], "value": int(one["value"] * COIN)}


def provider(kind: str, url: str) -> Provider:
    """Return a server of one's own, as a user would name it, without depth and hardly paced."""
    name = f"FLOWTRACE_{kind.upper()}_LITECOIN-REGTEST"
    os.environ[name] = url
    return replace(own_provider(name, kind, CHAIN.name), requests=5000, depth=0)
