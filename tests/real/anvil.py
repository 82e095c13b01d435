"""A real Ethereum node for a test: started, spoken to past flowtrace, and stopped; and contracts for it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from eth_abi import abi

from flowtrace.fetch.provider import Provider
from flowtrace.model import ETHEREUM

_CONTRACTS = Path(__file__).parent / "contracts"
_PATIENCE = 10.0
_GAS = 8_000_000
_COMPILE = """
const fs = require('fs'), path = require('path');
const [solc, folder] = process.argv.slice(2);
const sources = {};
for (const file of fs.readdirSync(folder).filter(name => name.endsWith('.sol')))
  sources[file] = {content: fs.readFileSync(path.join(folder, file), 'utf8')};
const outputSelection = {'*': {'*': ['evm.bytecode.object', 'evm.methodIdentifiers']}};
const input = {language: 'Solidity', sources, settings: {evmVersion: 'paris', outputSelection}};
process.stdout.write(require(solc).compile(JSON.stringify(input)));
"""


@dataclass(frozen=True)
class Contract:
    """A compiled contract: its code, and its functions' signatures with their selectors."""

    code: str
    functions: dict[str, str]

    def call(self, function: str, *values: object) -> str:
        """Return the calldata of a function by its name."""
        signature = next(text for text in self.functions if text.startswith(f"{function}("))
        kinds = re.findall(r"[^,()]+", signature.partition("(")[2])
        return "0x" + self.functions[signature] + abi.encode(kinds, values).hex()

    def made(self, kinds: list[str], *values: object) -> str:
        """Return what creates it."""
        return "0x" + self.code + abi.encode(kinds, values).hex()


def compiled(solc: Path, folder: Path) -> dict[str, Contract]:
    """Compile the contracts beside this file, with a script that is written to a folder."""
    script = folder / "compile.js"
    script.write_text(_COMPILE, encoding="utf-8")
    words = ["node", str(script), str(solc), str(_CONTRACTS)]
    told = subprocess.run(words, check=True, capture_output=True, timeout=120)
    found = json.loads(told.stdout)
    wrong = [one["formattedMessage"] for one in found.get("errors", ()) if one["severity"] == "error"]
    assert not wrong, wrong
    return {
        name: Contract(one["evm"]["bytecode"]["object"], one["evm"]["methodIdentifiers"])
        for file in found["contracts"].values()
        for name, one in file.items()
    }


@pytest.fixture(scope="session", name="contracts")
def contracts_fixture(solc_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Contract]:
    """Return the contracts, compiled once."""
    return compiled(solc_folder, tmp_path_factory.mktemp("solc"))


@dataclass
class Anvil:
    """A running node."""

    port: int
    accounts: list[str] = field(default_factory=list)

    @property
    def provider(self) -> Provider:
        """The node as flowtrace knows it: the user's own, without a pace."""
        return Provider(
            id="anvil@ethereum", service="anvil", kind="rpc", chain=ETHEREUM, private=True,
            url=f"http://127.0.0.1:{self.port}", key=None, needs_key=False, requests=1_000_000, seconds=1.0,
            concurrent=8, page=0, window=0, depth=0, verified_on="", source="a test", options={},
        )  # fmt: skip

    def answer(self, method: str, *params: object) -> Any:  # noqa: ANN401  JSON
        """Call a method, and return the whole answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        body = json.dumps({"id": 1, "jsonrpc": "2.0", "method": method, "params": params})
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def call(self, method: str, *params: object) -> Any:  # noqa: ANN401  JSON
        """Call a method, and return its result."""
        found = self.answer(method, *params)
        assert "result" in found, (method, params, found)
        return found["result"]

    def send(self, source: str, target: str | None, data: str = "0x", **more: int) -> str:
        """Send a transaction from an account the node has the key of, or plays; return its hash.

        ``more`` are ``value`` and ``gas``. It may fail: gas is not estimated first.
        """
        sent = {
            "from": source,
            "data": data,
            "gas": hex(more.get("gas", _GAS)),
            "value": hex(more.get("value", 0)),
        }
        return str(self.call("eth_sendTransaction", sent | ({"to": target} if target else {})))

    def receipt(self, tx: str) -> dict[str, Any]:
        """Return a transaction's receipt, once it is mined."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            found = self.call("eth_getTransactionReceipt", tx)
            if found:
                return dict(found)
            time.sleep(0.002)
        raise AssertionError(f"{tx} is not mined")

    def done(self, source: str, target: str | None, data: str = "0x", **more: int) -> dict[str, Any]:
        """Send a transaction, wait until it is mined, and return its receipt."""
        return self.receipt(self.send(source, target, data, **more))

    def made(self, source: str, data: str, *, value: int = 0) -> str:
        """Create a contract; return its account."""
        receipt = self.done(source, None, data, value=value)
        assert receipt["status"] == "0x1", receipt
        return str(receipt["contractAddress"])

    @property
    def height(self) -> int:
        """The newest block."""
        return int(self.call("eth_blockNumber"), 16)

    def balance(self, account: str, height: int) -> int:
        """Return what an account has after a block."""
        return int(self.call("eth_getBalance", account, hex(height)), 16)


@contextmanager
def running(program: Path, *options: str, chain: int = 1, accounts: int = 6) -> Iterator[Anvil]:
    """Start a node with accounts, a chain of its own and time that does not pass; stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        "--chain-id",
        str(chain),
        "--accounts",
        str(accounts),
    ]
    steady = ["--timestamp", "1700000000", "--slots-in-an-epoch", "1", "--silent"]
    process = subprocess.Popen([program, *words, *steady, *options], stdout=subprocess.DEVNULL)
    node = Anvil(port)
    try:
        _wait(node, process)
        node.accounts = node.call("eth_accounts")
        yield node
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait(node: Anvil, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "anvil ended at once"
        try:
            node.call("eth_chainId")
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError("anvil does not answer")
