"""A chain that is rewritten, a node that is gone: what is told then is of one chain, or an error says so."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from flowtrace.errors import SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import replay
from flowtrace.fetch.door.guard import Guard
from flowtrace.fetch.door.wire import Received, Wire
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import ETHEREUM, Request
from real.anvil import Anvil, Contract, contracts_fixture, running  # noqa: F401  the same
from real.components import anvil_fixture, solc_fixture  # noqa: F401  fixtures, by name
from real.evm_fetched import COIN, HEADER, asked, fetched, ledger, pinned, total
from real.evm_world import EVE, FAY, built


def test_replay(anvil_program: Path, contracts: dict[str, Contract], tmp_path: Path) -> None:
    """With no node running any more, the evidence tells the same again."""
    with running(anvil_program) as node, EvidenceStore(tmp_path / "evidence.sqlite") as store:
        world = built(node, contracts, delegating=True)
        asks = [asked(node, account, pinned(node)) for account in world.accounts()]
        told = fetched(asks, store)
    with EvidenceStore(tmp_path / "evidence.sqlite", readonly=True) as store:
        for ask, rows in zip(asks, told, strict=True):
            again = replay(ask, store)
            assert ledger(again) == ledger(rows)
            assert again.coverage == rows.coverage
            # Of several answers that show a move the first told it: as they came, and as they are kept.
            assert again.witness.keys() == rows.witness.keys()
            assert again.witness == replay(ask, store).witness


def test_closed_port(tmp_path: Path) -> None:
    """A node that does not answer is an error of one line that names it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ask = asked(Anvil(port), EVE, Pin(ETHEREUM.id, 5))
    with EvidenceStore(tmp_path / "evidence.sqlite") as store, pytest.raises(SourceError) as raised:
        fetched([ask], store)
    assert f"127.0.0.1:{port}" in str(raised.value)
    assert "\n" not in str(raised.value)


class Rewriting(Wire):
    """A wire to a node whose last blocks are rewritten before one of the requests."""

    def __init__(self, node: Anvil, before: int) -> None:
        super().__init__(Guard())
        self._node, self._left = node, before

    async def send(
        self, request: Request, provider: Provider, left: Callable[[], None] = lambda: None
    ) -> Received:
        """Rewrite the chain when its time has come, then send."""
        if self._left == 0:
            self._node.call("anvil_reorg", 4, [])
        self._left -= 1
        return await super().send(request, provider, left)

    @property
    def rewritten(self) -> bool:
        """Whether it came to that."""
        return self._left < 0


def small(node: Anvil, contracts: dict[str, Contract]) -> str:
    """Pay an account before and after the blocks that will be rewritten, in coin and tokens; return it."""
    ann = node.accounts[0]
    coin = node.made(ann, contracts["Coin"].made(["uint256"], 1000))
    splitter = node.made(ann, contracts["Splitter"].made([]))
    for units in (10, 20):
        node.done(ann, EVE, value=units)
        node.done(ann, coin, contracts["Coin"].call("transfer", EVE, units))
        node.done(ann, splitter, contracts["Splitter"].call("split", [EVE, FAY]), value=2 * units)
    node.call("anvil_mine", hex(1))
    return EVE


def test_reorg_while_reading(anvil_program: Path, contracts: dict[str, Contract], tmp_path: Path) -> None:
    """Whenever a chain is rewritten while it is read, the history is of one chain, or an error says so.

    Every moment is tried: before the first request, before the second, until there is none any more.
    """
    refused: list[tuple[Pin, str]] = []
    read_anew = 0
    for before in range(10_000):
        # A pin that names its block is gone with it; one that names only a height is read on the new chain.
        with running(anvil_program) as node, EvidenceStore(tmp_path / f"{before}.sqlite") as store:
            account, height = small(node, contracts), node.height
            pin = pinned(node) if before % 2 else Pin(ETHEREUM.id, height)
            wire = Rewriting(node, before)
            try:
                (rows,) = fetched([asked(node, account, pin)], store, wire)
            except SourceError as error:
                refused.append((pin, str(error)))
                continue
            known = transactions(node, height)
            assert {one.tx for one in rows.transfers} <= {*known, "block.0"}
            assert total(rows, account, COIN) == node.balance(account, height)
            assert all(one.complete for one in rows.coverage)
            if not wire.rewritten:
                break
            assert not pin.hash
            assert node.balance(account, height) == 20
            read_anew += 1
    assert len(refused) > 10
    assert read_anew > 10
    assert all(pin.hash and "rewritten" in words for pin, words in refused), refused


def transactions(node: Anvil, height: int) -> set[str]:
    """Return the transactions of all blocks up to a height."""
    blocks = (node.call("eth_getBlockByNumber", hex(n), HEADER) for n in range(height + 1))
    return {tx for block in blocks for tx in block["transactions"]}


def test_reorg_between(anvil_program: Path, contracts: dict[str, Contract], tmp_path: Path) -> None:
    """Pinned anew after a reorg, over the same evidence, a history holds nothing of the orphaned blocks."""
    with running(anvil_program) as node, EvidenceStore(tmp_path / "evidence.sqlite") as store:
        account, height = small(node, contracts), node.height
        (before,) = fetched([asked(node, account, pinned(node))], store)
        assert total(before, account, COIN) == 60
        node.call("anvil_reorg", 4, [])
        ann = node.accounts[0]
        node.done(ann, account, value=1)
        assert node.height == height + 1
        for again in (pinned(node, height), pinned(node)):
            (rows,) = fetched([asked(node, account, again)], store)
            assert total(rows, account, COIN) == node.balance(account, again.height)
            assert all(one.complete for one in rows.coverage)
            known = transactions(node, again.height)
            assert {one.tx for one in rows.transfers} <= known
            assert replay(asked(node, account, again), store).coverage == rows.coverage
