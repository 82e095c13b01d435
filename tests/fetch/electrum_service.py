"""A stand-in for an Electrum server over the invented chain."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from fetch.coin_world import World, address, provider, world
from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import Address, Request


class Refused(Exception):  # noqa: N818  an answer, not a failure
    """An error the server answers with: its code and its words."""


@dataclass
class Electrum:
    """The stand-in; ``most`` is how long a history it gives."""

    made: World
    most: int = 1000
    provider: Provider = field(init=False)
    address: Address = field(init=False)
    pin: Pin = field(init=False)

    def __post_init__(self) -> None:
        self.provider = provider("electrum", self.made.chain, "tcp://electrum.example:50001")
        self.address = address(self.made)
        self.pin = self.made.pin(self.provider.depth)

    def answer(self, request: Request) -> Reply:
        """Answer as the service would."""
        asked = json.loads(request.body)
        told: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            told["result"] = self._result(asked["method"], asked["params"])
        except Refused as refused:
            told["error"] = {"code": refused.args[0], "message": refused.args[1]}
        return 200, {}, json.dumps(told).encode()

    def _result(self, method: str, params: list[Any]) -> Any:  # noqa: ANN401  JSON
        found: Any = None
        match method, params:
            case "server.version", _:
                found = ["a stand-in 1.0", "1.6"]
            case "blockchain.headers.subscribe", []:
                newest = self.made.blocks[-1]
                found = {"height": newest.height, "hex": newest.header.hex()}
            case "blockchain.block.header", [height] if height < len(self.made.blocks):
                found = self.made.blocks[height].header.hex()
            case "blockchain.block.header", [height]:
                raise Refused(1, f"height {height:,d} out of range")
            case "blockchain.transaction.get", [txid, False] if txid in self.made.txs:
                found = self.made.txs[txid].raw.hex()
            case "blockchain.transaction.get_merkle", [txid, height]:
                found = self._proof(txid, height)
            case "blockchain.scripthash.get_history", [name]:
                found = self._history(self._script(name))
            case "blockchain.scripthash.listunspent", [name]:
                found = self._coins(self._script(name))
        if found is None:
            raise Refused(-32601, f'unknown method "{method}"')
        return found

    def _script(self, name: str) -> bytes:
        scripts = (to for tx in self.made.txs.values() for to, _ in tx.pays)
        return next((s for s in scripts if hashlib.sha256(s).digest()[::-1].hex() == name), b"")

    def _history(self, script: bytes) -> list[dict[str, Any]]:
        found = self.made.history(script, waiting=True)
        if len(found) > self.most:
            raise Refused(10_001, "history too large")
        return [{"tx_hash": txid, "height": height} for txid, height in found]

    def _coins(self, script: bytes) -> list[dict[str, Any]]:
        found = self.made.unspent(script, waiting=True)
        return [
            {"tx_hash": coin[:64], "tx_pos": int(coin[65:]), "height": height, "value": units}
            for coin, (units, height) in found.items()
        ]

    def _proof(self, txid: str, height: int) -> dict[str, Any]:
        place = self.made.place(txid)
        if place is None or place[0].height != height:
            raise Refused(1, f"tx {txid} not in block at height {height:,d}")
        block, index = place
        proof = {"block_height": height, "merkle": block.branch(index), "pos": index}
        return proof | {"block_hash": block.name}


def services() -> list[Electrum]:
    """Return the stand-ins: Litecoin's with its pool, and Dogecoin's."""
    return [Electrum(world("litecoin")), Electrum(world("dogecoin"))]
