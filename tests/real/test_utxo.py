"""A real Litecoin chain, read through a node, an Electrum server and an Esplora: the same to the unit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

import pytest

from flowtrace.errors import SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import Ask, Door, Pin, Provider, Rows, ask_of, replay, started_over
from flowtrace.fetch.dialects import dialect
from flowtrace.model import Address, Answer, Request, Transfer
from real import utxo
from real.components import utxo_fixture  # noqa: F401  a fixture, by name
from real.utxo_world import Town, addresses, built

pytestmark = pytest.mark.real
KINDS = ("electrum", "bitcoind", "esplora")
Programs = tuple[Path, Path]
At = tuple[utxo.Node, utxo.Index]
T = TypeVar("T")
Work: TypeAlias = Callable[[Provider, Door], Awaitable[T]]


@dataclass
class Fetched:
    """What three sources told of every address, over one evidence."""

    town: Town
    pin: Pin
    evidence: Path
    providers: dict[str, Provider]
    rows: dict[tuple[str, str], Rows] = field(default_factory=dict)
    single: dict[tuple[str, str], Rows] = field(default_factory=dict)

    def told(self, tx: str) -> Transfer:
        """Return a named transaction as the first of the sources tells it."""
        (found,) = self.single[KINDS[0], tx].transfers
        return found


def asked(kind: str, at: At, esplora: utxo.Esplora) -> Provider:
    """Return the provider of a kind."""
    node, index = at
    return utxo.provider(kind, {"electrum": index.url, "bitcoind": node.url, "esplora": esplora.url}[kind])


async def head(provider: Provider, door: Door) -> Pin:
    """Ask a source for its head, whatever is known."""
    _, pin = await started_over(partial(dialect(provider.kind).head, provider), provider, door, fresh=True)
    return pin


async def _fetch(town: Town, index: utxo.Index, evidence: Path) -> Fetched:
    esplora = utxo.Esplora(town.node, index)
    providers = {kind: asked(kind, (town.node, index), esplora) for kind in KINDS}
    with EvidenceStore(evidence) as store:
        async with esplora.served(), Door(store) as door:
            pins = [await head(provider, door) for provider in providers.values()]
            assert len(set(pins)) == 1
            found = Fetched(town, pins[0], evidence, providers)
            for account, address in addresses(town.node).items():
                for kind, provider in providers.items():
                    found.rows[kind, account] = await ask_of(Ask(provider, str(address), pins[0]), door)
            for name, tx in town.txs.items():
                for kind, provider in providers.items():
                    found.single[kind, name] = await ask_of(Ask(provider, tx), door)
    return found


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory, utxo_programs: Programs) -> Iterator[Fetched]:
    """Build the chain, and read every address of it three times."""
    folder = tmp_path_factory.mktemp("utxo")
    litecoind, electrumx = utxo_programs
    with utxo.node(folder / "node", litecoind) as node:
        town = built(node)
        with utxo.index(folder / "index", node, electrumx) as index:
            found = asyncio.run(_fetch(town, index, folder / "evidence.sqlite"))
        yield found


def unspent(rows: Rows, address: Address) -> dict[str, int]:
    """Return the coins an address has left by its transfers."""
    gives = {leg.coin for t in rows.transfers for leg in t.inputs}
    takes = {leg.coin: leg.units for t in rows.transfers for leg in t.outputs if leg.address == address}
    return {coin: units for coin, units in takes.items() if coin not in gives}


def test_what_is_left_is_what_the_node_has(fetched: Fetched) -> None:
    """For every address, through every source: the coins unspent by its history are the node's own set."""
    assert len(fetched.rows) >= 3 * 30
    for (kind, account), rows in fetched.rows.items():
        address = Address.parse(utxo.CHAIN, account)
        assert unspent(rows, address) == fetched.town.node.coins(address), (kind, account)
        assert [one.complete for one in rows.coverage] == [True], (kind, account)


def test_three_sources_tell_the_same(fetched: Fetched) -> None:
    """Every transfer of every address is equal, field by field, whoever tells it."""
    told: dict[str, dict[str, Transfer]] = {}
    for (kind, account), rows in fetched.rows.items():
        these = {one.id: one for one in rows.transfers}
        assert len(these) == len(rows.transfers)
        assert told.setdefault(account, these) == these, (kind, account)


def test_a_transaction_is_told_as_its_histories_tell_it(fetched: Fetched) -> None:
    """A transaction asked for by its name is the same transfer, from every source."""
    listed = {one.tx: one for rows in fetched.rows.values() for one in rows.transfers}
    for (kind, name), rows in fetched.single.items():
        assert rows.transfers == [listed[fetched.town.txs[name]]], (kind, name)


def test_each_transaction_stands_where_the_node_has_it(fetched: Fetched) -> None:
    """Height, time and place in the block are the node's, for every transaction told."""
    node = fetched.town.node
    blocks = {h: node.call("getblock", node.call("getblockhash", h)) for h in range(node.height + 1)}
    for rows in fetched.rows.values():
        for one in rows.transfers:
            block = blocks[one.height]
            assert (block["tx"][one.index], block["time"]) == (one.tx, one.time)


def test_the_evidence_tells_the_same_again(fetched: Fetched) -> None:
    """Read again from the evidence alone, without a node: the same transfers, witnesses and coverage."""
    with EvidenceStore(fetched.evidence, readonly=True) as store:
        for (kind, account), rows in fetched.rows.items():
            address = Address.parse(utxo.CHAIN, account)
            again = replay(Ask(fetched.providers[kind], str(address), fetched.pin), store)
            assert sorted(again.transfers, key=_key) == sorted(rows.transfers, key=_key)
            assert (again.coverage, again.witness) == (rows.coverage, rows.witness)


def _key(transfer: Transfer) -> tuple[int, int, int]:
    return transfer.key


def test_the_password_is_not_in_the_evidence(fetched: Fetched) -> None:
    """The node's password, part of the address it was named by, is in no URL, header or log entry."""
    with EvidenceStore(fetched.evidence, readonly=True) as store:
        entries = [store.entry(one.number) for one in store.items()]
    assert len(entries) > 1000
    assert not any("ft:ft" in repr(entry) for entry in entries)


def names(fetched: Fetched, legs: object) -> list[str]:
    """Return whose legs these are, by name; - for nobody."""
    known = {address: name for name, address in fetched.town.names.items()}
    assert isinstance(legs, tuple)
    return [known.get(leg.address, "-") for leg in legs]


def test_inputs_of_every_form_are_gathered(fetched: Fetched) -> None:
    """A spend of a segwit, a nested and a legacy coin has three inputs; its note and its fee are nobody's."""
    found = fetched.told("gathers")
    assert names(fetched, found.inputs) == ["ann", "ben", "cat"]
    assert names(fetched, found.outputs) == ["pot", "-", "-"]
    assert [leg.units for leg in found.outputs[1:]] == [0, 10_000]


def test_a_peel_chain_is_in_order_within_its_block(fetched: Fetched) -> None:
    """Six peels follow each other, each spending the coin of the one before, four of them in one block."""
    peels = [fetched.told(f"peel-{n}") for n in range(1, 7)]
    assert [one.inputs[0].coin for one in peels[1:]] == [f"{one.tx}:1" for one in peels[:-1]]
    assert [one.key for one in peels] == sorted(one.key for one in peels)
    assert len({one.height for one in peels}) == 3


def test_a_coinjoin_has_its_equal_outputs(fetched: Fetched) -> None:
    """Three give, and three equal coins come out beside what each has left."""
    found = fetched.told("joins")
    assert names(fetched, found.inputs) == ["join_a", "join_b", "join_c"]
    assert [leg.units for leg in found.outputs].count(90_000_000) == 3


def test_coin_goes_into_the_pool_and_the_trace_ends(fetched: Fetched) -> None:
    """What is paid into the confidential pool has its amount and no address, and coverage says it."""
    found = fetched.told("peg-in")
    assert names(fetched, found.inputs) == ["veiled"]
    assert [leg.address for leg in found.outputs] == [None, None]
    for kind in KINDS:
        (coverage,) = fetched.rows[kind, fetched.town.names["veiled"].account].coverage
        assert "1 pay into Litecoin's pool, behind which all is CONFIDENTIAL" in coverage.check


def test_coin_comes_out_of_the_pool_and_of_no_address(fetched: Fetched) -> None:
    """What the pool pays out has one input, which is no address's; nothing else of the pool is told."""
    found = fetched.told("hogex")
    assert [(leg.address, leg.units, leg.coin) for leg in found.inputs] == [(None, 100_000_000, "")]
    assert [leg.coin for leg in found.outputs] == [f"{found.tx}:1"]
    assert names(fetched, found.outputs) == ["exit"]
    block = fetched.town.node.call("getblock", fetched.town.node.call("getblockhash", found.height))
    assert block["tx"][-1] == found.tx


def test_what_follows_the_pool_spends_its_coin(fetched: Fetched) -> None:
    """The coin that came out of the pool is spent by its name."""
    assert fetched.told("after").inputs[0].coin == fetched.told("hogex").outputs[0].coin


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, utxo_programs: Programs) -> Iterator[At]:
    """Run a node with a short chain, and an index over it."""
    folder = tmp_path_factory.mktemp("small")
    litecoind, electrumx = utxo_programs
    with utxo.node(folder / "node", litecoind) as node:
        node.call("createwallet", "")
        node.mine(20, node.call("getnewaddress"))
        with utxo.index(folder / "index", node, electrumx) as index:
            yield node, index


@dataclass
class Paid:
    """An address that the six newest blocks pay, and the height of the block before them."""

    at: At
    address: Address
    before: int

    @property
    def node(self) -> utxo.Node:
        """The node."""
        return self.at[0]

    def rewrite(self) -> None:
        """Rewrite the last three of the blocks, with more than before, whose coin is another's."""
        self.node.call("invalidateblock", self.node.call("getblockhash", self.before + 4))
        self.node.mine(5, self.node.call("getnewaddress"))
        self.at[1].follow(self.node.height)

    def heights(self, rows: Rows) -> list[int]:
        """Return which of the six blocks are told, from 1."""
        return sorted(one.height - self.before for one in rows.transfers)


@pytest.fixture
def paid(running: At) -> Paid:
    """Pay an address by six blocks."""
    node, index = running
    address = Address.parse(utxo.CHAIN, node.call("getnewaddress"))
    before = node.height
    node.mine(6, address.account)
    index.follow(node.height)
    return Paid(running, address, before)


async def _through(kind: str, at: At, folder: Path, *, work: Work[T]) -> T:
    """Do something through a door to a source."""
    esplora = utxo.Esplora(*at)
    with EvidenceStore(folder / f"{kind}.sqlite") as store:
        async with esplora.served(), Door(store) as door:
            return await work(asked(kind, at, esplora), door)


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_rewrite_no_orphan_remains(kind: str, paid: Paid, tmp_path: Path) -> None:
    """Read, rewritten, read again to a new head in one case: what no longer is, is not told any more."""

    async def work(provider: Provider, door: Door) -> tuple[Rows, Rows]:
        first = await ask_of(Ask(provider, str(paid.address), await head(provider, door)), door)
        paid.rewrite()
        return first, await ask_of(Ask(provider, str(paid.address), await head(provider, door)), door)

    first, second = asyncio.run(_through(kind, paid.at, tmp_path, work=work))
    assert paid.heights(first) == [1, 2, 3, 4, 5, 6]
    assert paid.heights(second) == [1, 2, 3]
    assert unspent(second, paid.address) == paid.node.coins(paid.address)
    assert second.coverage[0].complete


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", range(1, 10, 2))
def test_a_rewrite_while_it_is_read_leaves_no_orphan(
    kind: str, after: int, *, paid: Paid, tmp_path: Path
) -> None:
    """The chain is rewritten after some answers: in the end the new one is told, and nothing else."""
    top = paid.node.height
    pin = Pin(utxo.CHAIN.id, top)  # a head whose hash the source did not tell

    async def work(provider: Provider, door: Door) -> Rows:
        undisturbed = door.ask

        async def ask(request: Request, provider: Provider, *, fresh: bool = False) -> Answer:
            answer = await undisturbed(request, provider, fresh=fresh)
            if len(door.store.items()) == after and paid.node.height == top:
                paid.rewrite()
            return answer

        door.ask = ask  # type: ignore[method-assign]
        return await ask_of(Ask(provider, str(paid.address), pin), door)

    found = asyncio.run(_through(kind, paid.at, tmp_path, work=work))
    assert paid.node.height > top
    assert paid.heights(found) == [1, 2, 3]
    assert unspent(found, paid.address) == paid.node.coins(paid.address)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pin_that_is_no_longer_of_the_chain_is_refused(kind: str, paid: Paid, tmp_path: Path) -> None:
    """Where the block that all is read to was rewritten, the history is refused, and why is said."""

    async def work(provider: Provider, door: Door) -> Rows:
        pin = await head(provider, door)
        paid.rewrite()
        return await ask_of(Ask(provider, str(paid.address), pin), door)

    with pytest.raises(SourceError, match=r"is no longer .* take the chain's head anew"):
        asyncio.run(_through(kind, paid.at, tmp_path, work=work))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("last", [0, 2, 5])
def test_nothing_above_the_pin_is_told(kind: str, last: int, *, paid: Paid, tmp_path: Path) -> None:
    """Read to a block below the head: what came later is checked with, and not told."""
    height = paid.before + last
    pin = Pin(utxo.CHAIN.id, height, paid.node.call("getblockhash", height))

    async def work(provider: Provider, door: Door) -> Rows:
        return await ask_of(Ask(provider, str(paid.address), pin), door)

    found = asyncio.run(_through(kind, paid.at, tmp_path, work=work))
    assert paid.heights(found) == list(range(1, last + 1))
    assert found.coverage[0].complete


def test_an_esplora_without_proofs_tells_the_same(paid: Paid, tmp_path: Path) -> None:
    """Where there are no proofs to be had, the place in a block is found in its list: the same transfers."""
    pin = Pin(utxo.CHAIN.id, paid.node.height, paid.node.call("getbestblockhash"))

    async def through(folder: str, *, proofs: bool) -> tuple[Rows, set[str]]:
        esplora = utxo.Esplora(*paid.at, proofs=proofs)
        with EvidenceStore(tmp_path / folder) as store:
            async with esplora.served(), Door(store) as door:
                ask = Ask(utxo.provider("esplora", esplora.url), str(paid.address), pin)
                return await ask_of(ask, door), {one.request.url.rpartition("/")[2] for one in store.items()}

    (proved, _), (listed, asked_for) = (asyncio.run(through(str(has), proofs=has)) for has in (True, False))
    assert "txids" in asked_for
    assert paid.heights(proved) == [1, 2, 3, 4, 5, 6]
    assert proved.transfers == listed.transfers
