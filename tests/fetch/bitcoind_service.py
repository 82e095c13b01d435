"""A stand-in for a node of Bitcoin Core or of a fork of it, over the invented chain."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from fetch.coin_world import Block, Tx, World, address, provider, world
from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import Address, Request


class Refused(Exception):  # noqa: N818  an answer, not a failure
    """An error the node answers with: its code and its words."""


def decimal(units: int) -> str:
    """Return an amount as a node writes it: to be put into JSON as a number, with all its places."""
    return f"@{units // 10**8}.{units % 10**8:08d}@"


@dataclass
class Node:
    """The stand-in.

    Attributes
    ----------
    modern
        Whether it tells with a block what its inputs spend, and has filters and one address per output.
    in_bytes
        Whether it has no blocks in JSON with their transactions, and no set of coins to be searched.
    """

    made: World
    modern: bool = False
    in_bytes: bool = False
    provider: Provider = field(init=False)
    address: Address = field(init=False)
    pin: Pin = field(init=False)

    def __post_init__(self) -> None:
        self.provider = provider("bitcoind", self.made.chain, "http://node.example:8332")
        self.address = address(self.made)
        self.pin = self.made.pin(self.provider.depth)

    def answer(self, request: Request) -> Reply:
        """Answer as the node would: errors inside status 500."""
        asked = json.loads(request.body)
        status, told = 200, {"result": None, "error": None, "id": asked["id"]}
        try:
            told["result"] = self._result(asked["method"], asked["params"])
        except Refused as refused:
            code, words = refused.args
            status, told["error"] = (404 if code == -32601 else 500), {"code": code, "message": words}
        body = re.sub(r'"@([0-9.]+)@"', r"\1", json.dumps(told)).encode()
        return status, {"Content-Type": "application/json"}, body

    def _result(self, method: str, params: list[Any]) -> Any:  # noqa: ANN401  JSON
        found: Any = None
        match method, params:
            case "getblockcount", []:
                found = self.made.blocks[-1].height
            case "getblockhash", [height] if height < len(self.made.blocks):
                found = self.made.blocks[height].name
            case "getblockhash", _:
                raise Refused(-8, "Block height out of range")
            case "getblockheader", [name]:
                block = self._block(name)
                found = {"hash": name, "height": block.height, "time": block.time, "confirmations": 1}
            case "getblock", [name, *form]:
                found = self._told(self._block(name), *form)
            case "getrawtransaction", [txid, *form]:
                found = self._transaction(txid, verbose=bool(form and form[0]))
            case "scantxoutset", ["start", [wanted]] if not self.in_bytes:
                found = self._coins(_script(wanted))
            case "scanblocks", ["start", [wanted], 0, last] if self.modern:
                heights = {height for _, height in self.made.history(_script(wanted))}
                names = [block.name for block in self.made.blocks if block.height in heights | {0}]
                found = {"from_height": 0, "to_height": last, "relevant_blocks": names, "completed": True}
        if found is None:
            raise Refused(-32601, "Method not found")
        return found

    def _block(self, name: str) -> Block:
        for block in self.made.blocks:
            if block.name == name:
                return block
        raise Refused(-5, "Block not found")

    def _told(self, block: Block, form: int | bool = 1) -> Any:  # noqa: ANN401, FBT001  JSON; the node's own form
        if self.in_bytes and not isinstance(form, bool) and form != 1:
            raise Refused(-1, "JSON value is not a boolean as expected")
        if not form:
            return block.raw.hex()
        root = block.header[36:68][::-1].hex()
        told: dict[str, Any] = {"hash": block.name, "height": block.height, "time": block.time}
        told |= {"merkleroot": root, "confirmations": len(self.made.blocks) - block.height}
        if block.height:
            told["previousblockhash"] = block.previous
        return told | {
            "tx": block.txids if form == 1 else [self._of_block(tx, int(form)) for tx in block.txs]
        }

    def _of_block(self, tx: Tx, form: int) -> dict[str, Any]:
        inputs = [self._input(coin, told=self.modern and form > 2) for coin in tx.spends]
        outputs = [self._output(to, units) | {"n": n} for n, (to, units) in enumerate(tx.pays)]
        return {
            "txid": tx.txid, "vin": inputs or [{"coinbase": "51", "sequence": 1}], "vout": outputs,
            "hex": tx.raw.hex(),
        }  # fmt: skip

    def _input(self, coin: str, *, told: bool) -> dict[str, Any]:
        found: dict[str, Any] = {"txid": coin[:64], "vout": int(coin[65:]), "scriptSig": {"hex": "51"}}
        if self.made.chain.name == "litecoin":
            found["ismweb"] = False
        if told:
            found["prevout"] = {"generated": False, "height": 1} | self._output(*self.made.output(coin))
        return found

    def _output(self, to: bytes, units: int) -> dict[str, Any]:
        script: dict[str, Any] = {"hex": to.hex()}
        if to == self.made.ann:
            script |= {"address": "ann"} if self.modern else {"reqSigs": 1, "addresses": ["ann"]}
        return {"value": decimal(units), "scriptPubKey": script}

    def _transaction(self, txid: str, *, verbose: bool) -> Any:  # noqa: ANN401  JSON
        if txid not in self.made.txs:
            raise Refused(
                -5, "No such mempool or blockchain transaction. Use gettransaction for wallet ones."
            )
        tx, place = self.made.txs[txid], self.made.place(txid)
        if not verbose:
            return tx.raw.hex()
        told = {"txid": txid, "hex": tx.raw.hex()}
        return told | ({"blockhash": place[0].name} if place else {})

    def _coins(self, script: bytes) -> dict[str, Any]:
        newest = self.made.blocks[-1]
        unspents = [
            {"txid": coin[:64], "vout": int(coin[65:]), "amount": decimal(units), "height": height}
            for coin, (units, height) in self.made.unspent(script).items()
        ]
        return {"success": True, "height": newest.height, "bestblock": newest.name, "unspents": unspents}


def _script(wanted: str) -> bytes:
    return bytes.fromhex(wanted.removeprefix("raw(").removesuffix(")"))


def services() -> list[Node]:
    """Return the stand-ins: today's Bitcoin Core, Litecoin Core as it is, Dogecoin Core."""
    return [
        Node(world("bitcoin"), modern=True), Node(world("litecoin")), Node(world("dogecoin"), in_bytes=True),
    ]  # fmt: skip
