"""Etherscan ``txlist`` answers, made by hand: rows as the service writes them, every scalar as text."""

from __future__ import annotations

import json

from eth_abi import abi

from flowtrace.model import Evidence, Request

ANN, BEN = "0x" + "a1" * 20, "0x" + "b2" * 20
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
BRIDGE = "0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2"
URL = f"https://api.etherscan.io/api?module=account&action=txlist&address={ANN}&startblock=0&endblock=99"


def row(**changes: object) -> dict[str, object]:
    """Return a transaction of Ann that pays Ben 5 wei, changed as told."""
    plain: dict[str, object] = {
        "blockNumber": "14", "transactionIndex": "3", "hash": "0x" + "7" * 64, "timeStamp": "1648000000",
        "from": ANN, "to": BEN, "value": "5", "gas": "30000", "gasPrice": "10", "gasUsed": "21000",
        "isError": "0", "txreceipt_status": "1", "nonce": "0", "input": "0x",
        "contractAddress": "", "confirmations": "6",
    }  # fmt: skip
    return plain | changes


def rows(count: int, **changes: object) -> list[dict[str, object]]:
    """Return so many transactions of Ann, one per block, nonces from 0."""
    return [row(hash=f"0x{n:064x}", nonce=str(n), blockNumber=str(n), **changes) for n in range(count)]


def body(*found: object, status: str = "1") -> bytes:
    """Return an answer that holds these rows."""
    return json.dumps({"status": status, "message": "OK", "result": list(found)}).encode()


def evidence(url: str = URL) -> Evidence:
    """Return the record of an answer from a URL."""
    return Evidence(1, Request("GET", url), "0" * 64, 0, "2023-09-21T00:00:00+00:00", "a test", "etherscan")


def call(selector: str, kinds: list[str], *values: object) -> str:
    """Return the calldata of a call."""
    return "0x" + selector + abi.encode(kinds, values).hex()


def token_transfer(target: str, units: int) -> str:
    """Return the calldata of ERC-20's ``transfer(address,uint256)``."""
    return call("a9059cbb", ["address", "uint256"], target, units)


def withdrawal(user: str, token: str, units: int) -> str:
    """Return the calldata of the Ronin Bridge's ``withdrawERC20For``."""
    kinds = ["uint256", "address", "address", "uint256", "bytes"]
    return call("993e1c42", kinds, 2_000_000, user, token, units, b"signatures")
