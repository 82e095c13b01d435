"""One naming of moves: what an importer makes of a row, a source makes of an answer, field by field."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.coin_worlds import BITCOIN, CoinTx, coin_worlds
from files.worlds import COIN, PEOPLE
from flowtrace.errors import InputError
from flowtrace.fetch import coins, evm_moves, scripts
from flowtrace.files import moves as ours
from flowtrace.model import ETHEREUM, Amount, Chain, Transfer

HASH = st.integers(0, 2**256 - 1).map("0x{:064x}".format)
NUMBER, UNITS = st.integers(0, 2**40), st.integers(0, 2**256 - 1)
WHO = st.sampled_from(PEOPLE)


@given(st.data())
def test_the_two_rooms_name_a_move_alike(data: st.DataObject) -> None:
    """Fee, value, inner move, log and vague move: what an importer makes is what a source makes."""
    draw, units = data.draw, data.draw(UNITS)
    tx, ok = draw(HASH), draw(st.booleans())
    place = (draw(NUMBER), draw(NUMBER), draw(st.integers(0, 2**37)))
    a, b, path = draw(WHO), draw(WHO), tuple(draw(st.lists(st.integers(0, 99), min_size=1, max_size=5)))
    amount = Amount(COIN, units)
    told: list[list[Transfer]] = []
    for room in (evm_moves.EvmTransaction, ours.EvmTransaction):
        at, seen = room(ETHEREUM, tx, *place, ok), Counter[str]()
        told.append(
            [
                at.fee(a, units),
                at.value(a, b, units),
                at.internal(path, a, target=b, units=units),
                at.log(place[1], a, target=b, amount=amount),
                *(at.vague(name, seen, legs=(a, b, amount)) for name in ("erc20 ", "internal ", "erc20 ")),
            ]
        )
    assert told[0] == told[1]


@given(coin_worlds())
@settings(max_examples=30)
def test_the_two_rooms_name_a_coin_transaction_alike(world: list[CoinTx]) -> None:
    """And refuse the same: a coin spent twice, more paid than spent."""
    for tx in world:
        inputs = [out.side(coin) for coin, out in tx.spends]
        outputs = [out.side(f"{tx.hash}:{n}") for n, out in enumerate(tx.outs)]

        def told(room: Any, gives: list[Any], takes: list[Any], *, tx: CoinTx = tx) -> Transfer:  # noqa: ANN401
            made: Transfer = room.coin_transfer(
                BITCOIN, tx.hash, height=tx.height, index=tx.index, time=tx.time, inputs=gives, outputs=takes
            )
            return made

        assert told(coins, inputs, outputs) == told(ours, inputs, outputs)
        for room in (coins, ours):
            if inputs:
                with pytest.raises(InputError, match="spends a coin twice"):
                    told(room, inputs * 2, outputs)
                with pytest.raises(InputError, match="more than it spends"):
                    told(room, inputs, [*outputs, (None, 10**20, "x")])


def _program(version: int, program: bytes) -> bytes:
    return bytes([version, len(program)]) + program


def _bare(first: int, rest: bytes) -> bytes:
    return bytes([len(rest) + 1, first]) + rest + b"\xac"


_SCRIPTS = st.one_of(
    st.binary(max_size=70),
    st.binary(min_size=20, max_size=20).map(lambda h: b"\x76\xa9\x14" + h + b"\x88\xac"),
    st.binary(min_size=20, max_size=20).map(lambda h: b"\xa9\x14" + h + b"\x87"),
    st.tuples(st.integers(0, 0x61), st.binary(min_size=1, max_size=41)).map(
        lambda p: bytes([p[0], len(p[1])]) + p[1]
    ),
    st.tuples(st.integers(0x50, 0x60), st.binary(min_size=32, max_size=32)).map(
        lambda p: bytes([p[0], 32]) + p[1]
    ),
    st.tuples(st.integers(1, 5), st.binary(min_size=32, max_size=32)).map(
        lambda p: bytes([33, p[0]]) + p[1] + b"\xac"
    ),
    st.tuples(st.integers(3, 8), st.binary(min_size=64, max_size=64)).map(
        lambda p: bytes([65, p[0]]) + p[1] + b"\xac"
    ),
)


@given(_SCRIPTS, st.sampled_from(("bitcoin", "litecoin", "litecoin-regtest", "dogecoin")))
@settings(max_examples=300)
def test_the_two_rooms_read_a_script_alike(script: bytes, chain: str) -> None:
    """Every common form, bare keys, MWEB's, and any bytes."""
    assert ours.address_of(Chain.of(chain), script) == scripts.address_of(Chain.of(chain), script)
