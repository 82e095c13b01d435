"""The coins of a script, while its history is read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fetch.coin_world import Tx
from flowtrace.fetch.utxo.coins import Holding
from flowtrace.model import Address, Chain
from flowtrace.moves.coin import read_transaction
from flowtrace.moves.scripts import script_of

ANN = Address.parse(Chain.of("bitcoin"), "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")


@given(st.permutations(range(6)))
def test_what_is_held_does_not_depend_on_the_order(order: list[int]) -> None:
    """Transactions taken in in any order leave the same coins."""
    script = script_of(ANN)
    chain = [Tx((), ((script, 100), (script, 7)), 0)]
    for step in range(1, 6):
        chain.append(Tx((chain[-1].coin(0),), ((script, 100 - step), (b"\x51", 1)), step))
    holding = Holding(ANN)
    for place in order:
        holding.take(read_transaction(chain[place].raw))
    assert holding.unspent == {chain[0].coin(1): 7, chain[5].coin(0): 95}
