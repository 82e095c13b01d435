"""A stand-in for an Esplora over the invented chain: pages of three, newest first, errors as plain text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fetch.coin_world import Block, Tx, World, address, provider, world
from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import Address, Request

_HOME, _PLAIN, _JSON = "/api", {"Content-Type": "text/plain"}, {"Content-Type": "application/json"}


@dataclass
class Esplora:
    """The stand-in; ``proofs`` says whether it gives them."""

    made: World
    proofs: bool = True
    provider: Provider = field(init=False)
    address: Address = field(init=False)
    pin: Pin = field(init=False)

    def __post_init__(self) -> None:
        self.provider = provider("esplora", self.made.chain, f"https://esplora.example{_HOME}")
        self.address = address(self.made)
        self.pin = self.made.pin(self.provider.depth)

    def answer(self, request: Request) -> Reply:
        """Answer as the service would."""
        path = urlsplit(request.url).path.removeprefix(f"{_HOME}/").split("/")
        found = self._of_block(path) if path[0].startswith("block") else self._of_script(path)
        if found is None:
            return 404, _PLAIN, b"Not found"
        if isinstance(found, str):
            return 200, _PLAIN, found.encode()
        return 200, _JSON, json.dumps(found).encode()

    def _of_block(self, path: list[str]) -> Any:  # noqa: ANN401  JSON
        blocks = {block.name: block for block in self.made.blocks}
        match path:
            case ["blocks", "tip", "height"]:
                return str(self.made.blocks[-1].height)
            case ["block-height", height] if height.isdigit() and int(height) < len(self.made.blocks):
                return self.made.blocks[int(height)].name
            case ["block", name] if name in blocks:
                block = blocks[name]
                return {"id": block.name, "height": block.height, "timestamp": block.time}
            case ["block", name, "txids"] if name in blocks:
                return blocks[name].txids
            case ["block", name, "header"] if name in blocks:
                return blocks[name].header.hex()
        return None

    def _of_script(self, path: list[str]) -> Any:  # noqa: ANN401  JSON
        match path:
            case ["tx", txid] if txid in self.made.txs:
                return self.told(self.made.txs[txid])
            case ["tx", txid, "merkleblock-proof"] if self.proofs and self.made.place(txid):
                block, place = self.made.place(txid) or (self.made.blocks[0], 0)
                return block.partial(place).hex()
            case ["scripthash", name]:
                return self._stated(next((s for s in self._scripts() if _name(s) == name), b""))
            case ["address", account] if account == self.address.account:
                return self._stated(self.made.ann)
            case ["address", account, "txs", "chain", *last] if account == self.address.account:
                return self._page("".join(last))
        return None

    def _scripts(self) -> list[bytes]:
        return [to for tx in self.made.txs.values() for to, _ in tx.pays]

    def _page(self, last: str) -> Any:  # noqa: ANN401  JSON
        listed = [txid for txid, _ in reversed(self.made.history(self.made.ann))]
        if last and last not in listed:
            return None
        first = listed.index(last) + 1 if last else 0
        return [self.told(self.made.txs[txid]) for txid in listed[first : first + self.provider.page]]

    def _stated(self, script: bytes) -> dict[str, Any]:
        listed = [self.made.txs[txid] for txid, _ in self.made.history(script)]
        paid = [units for tx in listed for to, units in tx.pays if to == script]
        drawn = [self.made.output(coin) for tx in listed for coin in tx.spends]
        spent = [units for to, units in drawn if to == script]
        return {
            "chain_stats": {
                "tx_count": len(listed), "funded_txo_count": len(paid), "funded_txo_sum": sum(paid),
                "spent_txo_count": len(spent), "spent_txo_sum": sum(spent),
            },
            "mempool_stats": {"tx_count": len(self.made.waiting)},
        }  # fmt: skip

    def told(self, tx: Tx) -> dict[str, Any]:
        """Return a transaction as Esplora tells it."""
        place = self.made.place(tx.txid)
        return {
            "txid": tx.txid, "version": 2, "locktime": tx.number, "size": len(tx.raw),
            "vin": [self._input(coin) for coin in tx.spends] or [_new_coin(tx)],
            "vout": [{"scriptpubkey": to.hex(), "value": units} for to, units in tx.pays],
            "status": _status(place[0]) if place else {"confirmed": False},
        }  # fmt: skip

    def _input(self, coin: str) -> dict[str, Any]:
        txid, _, place = coin.partition(":")
        to, units = self.made.output(coin)
        return {
            "txid": txid, "vout": int(place), "prevout": {"scriptpubkey": to.hex(), "value": units},
            "scriptsig": "51", "sequence": 0xFEFEFEFE, "is_coinbase": False,
        }  # fmt: skip


def _new_coin(tx: Tx) -> dict[str, Any]:
    return {
        "txid": "00" * 32, "vout": 0xFFFFFFFF, "prevout": None,
        "scriptsig": tx.number.to_bytes(4, "little").hex(), "sequence": 0xFFFFFFFF, "is_coinbase": True,
    }  # fmt: skip


def _status(block: Block) -> dict[str, Any]:
    return {
        "confirmed": True, "block_height": block.height, "block_hash": block.name, "block_time": block.time,
    }  # fmt: skip


def _name(script: bytes) -> str:
    return hashlib.sha256(script).hexdigest()


def services() -> list[Esplora]:
    """Return the stand-ins: Litecoin's with its pool, and Bitcoin's without proofs."""
    return [Esplora(world("litecoin")), Esplora(world("bitcoin"), proofs=False)]
