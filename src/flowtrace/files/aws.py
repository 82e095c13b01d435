"""Parquet files of the AWS public data set, ``v1.0/eth`` and ``v1.0/btc``.

The names are those of ethereum-etl and bitcoin-etl, but amounts are floating point: ether in wei, bitcoin in
whole coins. Above 2^53 wei, which is 0.009 ether, a number has lost its last digits. So such transfers are
marked as lossy and give way to any exact telling. Bitcoin amounts come out to the satoshi, and are marked all
the same. Fees of ``eth`` are whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowtrace.files import bitcoin_etl, ethereum_etl
from flowtrace.files.cells import rounded
from flowtrace.files.columns import Row, Table
from flowtrace.files.gathered import Imported
from flowtrace.files.tokens import Tokens
from flowtrace.model import Family

Tables = Mapping[str, Sequence[Table]]


def read(tables: Tables, known: Tokens) -> Imported:
    """Return the transfers that a set of files proves, their amounts rounded from the exact value of each.

    Parameters
    ----------
    tables
        Of ``eth``: ``transactions``, ``traces``, ``token_transfers``, ``logs``, ``blocks``.
        Of ``btc``: ``transactions``, ``blocks``.
    known
        The chain, and what tables of tokens and contracts tell.

    Raises
    ------
    InputError
        If a cell is wrong, or rows contradict each other; the message names file, row and column.
    """
    chain = known.chain
    if chain.family is Family.UTXO:
        return bitcoin_etl.read_with(tables, known, units=_coins(chain.decimals), lossy=True)
    return ethereum_etl.read_with(tables, known, units=rounded, lossy=True)


def _coins(places: int) -> bitcoin_etl.Units:
    def units(row: Row, column: str) -> int:
        return rounded(row, column, places)

    return units
