"""Blocks of UTXO chains: read from real and invented bytes, each transaction proved to be in its block."""

from __future__ import annotations

import bz2
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.coin_world import COIN, Block, Tx, world
from flowtrace.errors import InputError
from flowtrace.fetch.utxo.blocks import Header, branch_root, merkle_root, proved_place, read_block
from flowtrace.model import Chain

BITCOIN, DOGECOIN = Chain.of("bitcoin"), Chain.of("dogecoin")
BLOCKS = Path(__file__).resolve().parents[4] / "shared/data/bitcoin/blocks"
TXID = "ab" * 32


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_no_bytes_are_a_traceback(raw: bytes) -> None:
    """Whatever bytes come, they are a block, a proof, or refused."""
    for read in (
        lambda it: read_block(DOGECOIN, it),
        lambda it: proved_place(it, TXID),
        Header.read,
    ):
        with suppress(InputError):
            read(raw)


@given(st.integers(1, 40), st.data())
def test_a_proof_proves_its_place_and_no_other(count: int, data: st.DataObject) -> None:
    """For every size of block and every place, branch and partial tree lead to the header and the place."""
    txs = tuple(Tx((), ((b"\x51", 1),), number) for number in range(count))
    block, place = Block(1, "00" * 32, txs, 1_600_000_000), data.draw(st.integers(0, count - 1))
    header = Header.read(block.header)
    assert (header.name, header.time) == (block.name, block.time)
    assert merkle_root(block.txids) == header.root
    assert branch_root(block.txids[place], block.branch(place), place) == header.root
    assert proved_place(block.partial(place), block.txids[place]) == (header, place)
    other = data.draw(st.integers(0, count - 1))
    if other != place:
        with pytest.raises(InputError, match="a proof of something else"):
            proved_place(block.partial(place), block.txids[other])
        with suppress(InputError):
            assert branch_root(block.txids[other], block.branch(place), place) != header.root
    for beside in range(place + 1, 2 * count + 2):
        with suppress(InputError):
            assert branch_root(block.txids[place], block.branch(place), beside) != header.root


@given(st.integers(2, 20), st.data())
def test_a_proof_with_one_byte_changed_proves_nothing(count: int, data: st.DataObject) -> None:
    """Any changed byte of a partial tree, behind the header: it proves the same, or it is refused."""
    txs = tuple(Tx((), ((b"\x51", 1),), number) for number in range(count))
    block, place = Block(1, "00" * 32, txs, 1_600_000_000), data.draw(st.integers(0, count - 1))
    raw = bytearray(block.partial(place))
    at = data.draw(st.integers(80, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with suppress(InputError):
        assert proved_place(bytes(raw), block.txids[place]) == (Header.read(block.header), place)


def test_a_block_mined_with_another_chains_is_read() -> None:
    """Dogecoin's blocks hold part of another chain's block: it is passed over."""
    for block in world("dogecoin").blocks:
        header, txs = read_block(DOGECOIN, block.raw)
        assert (header.name, [tx.txid for tx in txs]) == (block.name, block.txids)
    assert any(block.merged for block in world("dogecoin").blocks)


def test_a_block_of_other_transactions_is_refused() -> None:
    """A block whose transactions are not those its header names is refused."""
    one, two = world("bitcoin").blocks[4:6]
    with pytest.raises(InputError, match="of other transactions"):
        read_block(BITCOIN, one.header + two.raw[80:])


def real_blocks() -> Iterator[bytes]:
    """Yield the blocks of Bitcoin's mainnet that are here."""
    for path in sorted(BLOCKS.glob("*.blk")):
        yield path.read_bytes()
    for path in (BLOCKS / "277647.dat.bz2", BLOCKS / "blocks1-256.bz2"):
        raw, at = bz2.decompress(path.read_bytes()), 0
        while at < len(raw):
            size = int.from_bytes(raw[at + 4 : at + 8], "little")
            yield raw[at + 8 : at + 8 + size]
            at += 8 + size


@pytest.mark.real
def test_real_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    """Every transaction of the real blocks is read, and has a name that its block's header commits to."""
    if not BLOCKS.exists():
        pytest.skip("the recorded blocks are not here")
    blocks = [read_block(BITCOIN, raw) for raw in real_blocks()]
    names = {header.name for header, _ in blocks}
    assert {path.stem.removeprefix("block-") for path in BLOCKS.glob("*.blk")} <= names
    count = sum(len(txs) for _, txs in blocks)
    new = sum(not tx.spends for _, txs in blocks for tx in txs)
    assert (len(blocks), new) == (258, 258)
    assert count > 3_800
    for _, txs in blocks:
        for tx in txs:
            assert sum(output.units for output in tx.outputs) <= 21_000_000 * COIN
    with capsys.disabled():
        print(f"\ncoins: {count} real transactions of {len(blocks)} blocks, each proved")  # noqa: T201
