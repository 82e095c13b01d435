"""Transactions of UTXO chains: read from bytes, and told as transfers."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.coin_world import NOTE, PEG_IN, POOL, Tx, key_hash
from flowtrace.errors import InputError
from flowtrace.model import Address, Basis, Chain, Kind
from flowtrace.moves.coin import CoinTransaction, Output, coin_transfer, read_transaction

BITCOIN, LITECOIN = Chain.of("bitcoin"), Chain.of("litecoin")
ANN, BEN = (
    Address.parse(BITCOIN, text)
    for text in ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
)
BLOCKS = Path(__file__).resolve().parents[3] / "shared/data/bitcoin/blocks"
AT = {"height": 5, "index": 2, "time": 1_600_000_000}
TXID, OTHER = "ab" * 32, "cd" * 32
units = st.integers(0, (1 << 63) - 1)


def test_a_transaction_is_one_transfer() -> None:
    """Inputs and outputs are its legs in order, each with its coin; the fee is a last output to nobody."""
    spent = [(ANN, 70, f"{OTHER}:0"), (None, 30, f"{OTHER}:3")]
    found = coin_transfer(
        BITCOIN, TXID, **AT, inputs=spent, outputs=[(BEN, 60, f"{TXID}:0"), (None, 0, f"{TXID}:1")]
    )
    assert (found.kind, found.basis, found.ok, found.position) == (Kind.COIN, Basis.RECORDED, True, "coin")
    assert found.key == (5, 2, 0)
    assert [(leg.address, leg.units, leg.coin) for leg in found.inputs] == spent
    assert [(leg.address, leg.units) for leg in found.outputs] == [(BEN, 60), (None, 0), (None, 40)]
    assert found.outputs[-1].coin == ""


@given(st.lists(units, min_size=1, max_size=5), st.lists(units, max_size=5))
def test_it_conserves_or_is_refused(gives: list[int], takes: list[int]) -> None:
    """Inputs equal outputs and fee, to the unit; one that pays more than it spends cannot be."""
    inputs = [(ANN, one, f"{OTHER}:{n}") for n, one in enumerate(gives)]
    outputs = [(BEN, one, f"{TXID}:{n}") for n, one in enumerate(takes)]
    if sum(takes) > sum(gives) or (not takes and not sum(gives)):
        with pytest.raises(InputError, match=r"more than it spends|has no outputs"):
            coin_transfer(BITCOIN, TXID, **AT, inputs=inputs, outputs=outputs)
        return
    found = coin_transfer(BITCOIN, TXID, **AT, inputs=inputs, outputs=outputs)
    assert sum(leg.units for leg in found.inputs) == sum(leg.units for leg in found.outputs)
    assert len(found.outputs) - len(takes) == (sum(gives) > sum(takes)), "no fee is left out where it is zero"


def test_new_coin_comes_from_nobody() -> None:
    """A transaction without inputs makes its coin: one input, without address and coin, of all it pays."""
    found = coin_transfer(
        BITCOIN, TXID, **AT, inputs=[], outputs=[(ANN, 5, f"{TXID}:0"), (BEN, 2, f"{TXID}:1")]
    )
    assert [(leg.address, leg.units, leg.coin) for leg in found.inputs] == [(None, 7, "")]


def test_no_coin_is_spent_twice() -> None:
    """A transaction that names a coin twice is in no block."""
    with pytest.raises(InputError, match="spends a coin twice"):
        coin_transfer(BITCOIN, TXID, **AT, inputs=[(ANN, 5, f"{OTHER}:0")] * 2, outputs=[])


scripts = st.binary(max_size=40)
coins = st.tuples(st.binary(min_size=32, max_size=32), st.integers(0, 1000)).map(
    lambda pair: f"{pair[0].hex()}:{pair[1]}"
)
made = st.builds(
    Tx,
    st.lists(coins, max_size=4, unique=True).map(tuple),
    st.lists(st.tuples(scripts, units), min_size=1, max_size=4).map(tuple),
    st.integers(0, 0xFFFFFFFF),
    st.sampled_from((0, 1, 8)),
)


@given(made)
def test_what_is_written_is_read(tx: Tx) -> None:
    """In any of its forms, a transaction is read back: its name, the coins it spends, what it pays."""
    found = read_transaction(tx.raw)
    outputs = tuple(Output(amount, script) for script, amount in tx.pays)
    assert found == CoinTransaction(tx.txid, tx.spends, outputs)


@given(made, st.data())
def test_a_part_of_a_transaction_is_none(tx: Tx, data: st.DataObject) -> None:
    """Cut off anywhere, or with more behind it, it is refused."""
    length = data.draw(st.integers(0, len(tx.raw) - 1))
    for raw in (tx.raw[:length], tx.raw + b"\0"):
        with pytest.raises(InputError, match=r"transaction|output"):
            read_transaction(raw)


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_no_bytes_are_a_traceback(raw: bytes) -> None:
    """Whatever bytes come, they are a transaction, or refused."""
    with suppress(InputError):
        read_transaction(raw)


def test_a_confidential_part_is_refused() -> None:
    """Litecoin's transactions with a confidential part are in no block: it is not read past."""
    tx = Tx((f"{OTHER}:0",), ((b"\x51", 5),), 9, flags=8)
    raw = bytearray(tx.raw)
    raw[-5] = 1
    with pytest.raises(InputError, match="confidential part"):
        read_transaction(bytes(raw))
    with pytest.raises(InputError, match="flags 2, which is not known"):
        read_transaction(tx.raw[:5] + b"\x02" + tx.raw[6:])


def told(tx: Tx, spent: list[tuple[bytes, int]], chain: Chain = LITECOIN) -> list[list[int | str]] | None:
    """Return what a transaction tells in short."""
    found = read_transaction(tx.raw).told(chain, [Output(amount, script) for script, amount in spent], **AT)
    if found is None:
        return None
    return [[leg.coin or leg.units for leg in legs] for legs in (found.inputs, found.outputs)]


POOL_SCRIPT, ENTRY = POOL + b"\5" * 32, PEG_IN + b"\6" * 32


def test_the_carrier_of_the_pool_is_no_hop() -> None:
    """It spends the pool and what enters it: what it pays to others comes from nobody, the pool left out."""
    tx = Tx(
        (f"{OTHER}:0", f"{OTHER}:1"), ((POOL_SCRIPT, 50), (key_hash(1), 30), (key_hash(2), 5)), 1, flags=8
    )
    assert told(tx, [(POOL_SCRIPT, 80), (ENTRY, 10)]) == [[35], [tx.coin(1), tx.coin(2)]]
    assert told(Tx((f"{OTHER}:0",), ((POOL_SCRIPT, 50),), 1, flags=8), [(POOL_SCRIPT, 50)]) is None


@pytest.mark.parametrize("spent", [key_hash(1), b"\x51"])
def test_a_forged_carrier_hides_nothing(spent: bytes) -> None:
    """Who pays to a script like the pool's, with coin of an address, makes an ordinary transaction."""
    tx = Tx((f"{OTHER}:0", f"{OTHER}:1"), ((POOL_SCRIPT, 50), (key_hash(2), 30)), 1, flags=8)
    assert told(tx, [(POOL_SCRIPT, 70), (spent, 10)]) == [list(tx.spends), [tx.coin(0), tx.coin(1)]]
    assert told(tx, [(POOL_SCRIPT, 70), (POOL_SCRIPT, 10)], BITCOIN) == [
        list(tx.spends),
        [tx.coin(0), tx.coin(1)],
    ]


def test_every_input_must_be_known() -> None:
    """A transaction of which an input is not known is not told."""
    with pytest.raises(InputError, match="0 of 1 inputs"):
        told(Tx((f"{OTHER}:0",), ((b"\x51", 5),), 1), [])


@pytest.mark.real
def test_a_transaction_of_another_chain_is_refused() -> None:
    """The recorded transaction with many inputs is one of Decred, whose outputs have a version: refused."""
    path = BLOCKS / "many_inputs_tx.hex"
    if not path.exists():
        pytest.skip("the recorded transaction is not here")
    with pytest.raises(InputError, match="which is no amount of coin"):
        read_transaction(bytes.fromhex(path.read_text().strip()))


def test_the_note_is_nobodys() -> None:
    """What is paid to a note goes to no address, and is a leg all the same."""
    tx = Tx((f"{OTHER}:0",), ((NOTE, 0), (key_hash(1), 5)), 1)
    found = read_transaction(tx.raw).told(BITCOIN, [Output(5, key_hash(2))], **AT)
    assert found is not None
    assert [leg.address is None for leg in found.outputs] == [True, False]
