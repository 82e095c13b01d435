"""What tests do with a real node: pin it, ask it through the real door, and sum what is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask, ask_of
from flowtrace.fetch.door.guard import Guard
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.door.wire import Received, Wire
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin, Rows
from flowtrace.model import ETHEREUM, Address, Asset, Coverage, Kind, Request, Scope, Transfer
from real.anvil import Anvil

COIN = Asset.native(ETHEREUM)
HEADER = False  # a block without its transactions


class Lacking(Wire):
    """A wire to a node that lacks some methods."""

    def __init__(self, *lacks: str) -> None:
        super().__init__(Guard())
        self._lacks = lacks

    async def send(
        self, request: Request, provider: Provider, left: Callable[[], None] = lambda: None
    ) -> Received:
        """Say of a method that is to be lacking what a node says; send any other."""
        if json.loads(request.body)["method"].startswith(self._lacks or ("-",)):
            error = {"code": -32601, "message": "Method not found"}
            left()
            return Received(200, (), json.dumps({"id": 1, "jsonrpc": "2.0", "error": error}).encode(), 1)
        return await super().send(request, provider, left)


def pinned(node: Anvil, height: int = -1) -> Pin:
    """Return a pin at a height; at the newest block where none is given."""
    block = node.call("eth_getBlockByNumber", hex(node.height if height < 0 else height), HEADER)
    return Pin(ETHEREUM.id, int(block["number"], 16), block["hash"], int(block["timestamp"], 16))


def asked(node: Anvil, account: str, pin: Pin) -> Ask:
    """Return the question about an account's history."""
    return Ask(node.provider, f"{ETHEREUM.id}:{account}", pin)


def fetched(asks: Sequence[Ask], store: EvidenceStore, wire: Wire | None = None) -> list[Rows]:
    """Ask, through the real door."""

    async def all_of_them() -> list[Rows]:
        async with Door(store, wire=wire) as door:
            return [await ask_of(ask, door) for ask in asks]

    return asyncio.run(all_of_them())


def ledger(rows: Rows) -> dict[str, Transfer]:
    """Return the transfers by their ids; tellings of one must be equal."""
    found: dict[str, Transfer] = {}
    for transfer in rows.transfers:
        assert found.setdefault(transfer.id, transfer) == transfer
    return found


def total(rows: Rows, account: str, asset: Asset) -> int:
    """Return what an account's transfers sum to, as whoever reads a ledger would sum them."""
    address = Address.parse(ETHEREUM, account)
    return sum(
        transfer.amount.units * ((transfer.target == address) - (transfer.source == address))
        for transfer in ledger(rows).values()
        if transfer.amount.asset == asset and (transfer.ok or transfer.kind is Kind.FEE)
    )


def scope(rows: Rows, wanted: Scope) -> Coverage:
    """Return the coverage of a scope."""
    return next(one for one in rows.coverage if one.scope is wanted)
