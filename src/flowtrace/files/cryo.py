"""Parquet files of cryo: ``blocks``, ``transactions``, ``traces``, ``native_transfers``, ``erc20_transfers``.

Only blocks tell the time. Traces tell the error of a call, not that of the calls above it. Native transfers
list what reverted calls moved, too, and do not say so: each is held against the traces, and none is made into
a transfer by itself. Amounts stand there thrice: as text, as bytes, and as floating point, which is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowtrace.files.blocks import Stated
from flowtrace.files.call_tree import Call
from flowtrace.files.cells import address, moment, number, number_or_none, tx_hash, whole, yes_or_none
from flowtrace.files.columns import Row, Table
from flowtrace.files.ethereum_etl import NO_BLOBS, NO_DATA_FEE, ROLLUPS, moves, path_of
from flowtrace.files.evm_proof import Claimed, Logged, Sent, Told, proven
from flowtrace.files.gathered import Imported
from flowtrace.files.tokens import Tokens
from flowtrace.model import Amount, Chain

Tables = Mapping[str, Sequence[Table]]
_BLOBS = 3


def read(tables: Tables, known: Tokens) -> Imported:
    """Return the transfers that a set of files proves.

    Parameters
    ----------
    tables
        The data sets named above: any of them.
    known
        The chain, and what tables of tokens tell of decimals and symbols.

    Raises
    ------
    InputError
        If a cell is wrong, or rows contradict each other; the message names file, row and column.
    """
    chain = known.chain
    told = Told(
        sent=[_sent(row, chain) for row in _rows(tables, "transactions", chain)],
        calls=[
            _call(row, chain) for row in _rows(tables, "traces", chain) if row.text("action_type") != "reward"
        ],
        logs=[_logged(row, known) for row in _rows(tables, "erc20_transfers", chain)],
        claims=[_claimed(row, chain) for row in _rows(tables, "native_transfers", chain)],
        blocks=[_stated(row) for row in _rows(tables, "blocks", chain)],
    )
    return proven(chain, told)


def _rows(tables: Tables, name: str, chain: Chain) -> Iterator[Row]:
    """Yield the rows of a data set, every one of the chain asked for."""
    for table in tables.get(name, ()):
        for row in table:
            if row.text("chain_id") and f"eip155:{whole(row, 'chain_id')}" != chain.id:
                row.refuse(
                    "chain_id", f"is {whole(row, 'chain_id')}, which is not {chain.name}: name its chain"
                )
            yield row


def _units(row: Row) -> int:
    """Return an amount, which stands in a row as text and as bytes."""
    units, raw = whole(row, "value_string"), row.text("value_binary")
    if raw and raw.lower() != f"0x{units:064x}":
        row.refuse("value_string", f"is {units}, where value_binary is another number")
    return units


def _sent(row: Row, chain: Chain) -> Sent:
    blobs = number_or_none(row, "transaction_type") == _BLOBS
    no_fee = NO_BLOBS if blobs else NO_DATA_FEE if chain.name in ROLLUPS else ""
    return Sent(
        rows=(row,),
        hash=tx_hash(row, "transaction_hash"),
        height=number(row, "block_number"),
        index=number(row, "transaction_index"),
        time=moment(row, "timestamp") if row.text("timestamp") else None,
        source=address(row, "from_address", chain),
        target=address(row, "to_address", chain) if row.text("to_address") else None,
        units=_units(row),
        ok=yes_or_none(row, "success"),
        fee=None if no_fee else number(row, "gas_used") * whole(row, "gas_price"),
        no_fee=no_fee,
    )


def _call(row: Row, chain: Chain) -> Call:
    taker = "action_to" if row.text("action_to") else "result_address"
    ends = [address(row, end, chain) if row.text(end) else None for end in ("action_from", taker)]
    return Call(
        row=row,
        tx=tx_hash(row, "transaction_hash") if row.text("transaction_hash") else "",
        height=number(row, "block_number"),
        index=number(row, "transaction_index"),
        path=path_of(row),
        moves=moves(row, "action_type", "action_call_type"),
        source=ends[0],
        target=ends[1],
        units=whole(row, "action_value"),
        failed=bool(row.text("error")),
        effective=None,
        children=number_or_none(row, "subtraces"),
    )


def _logged(row: Row, known: Tokens) -> Logged:
    chain = known.chain
    return Logged(
        row=row,
        tx=tx_hash(row, "transaction_hash"),
        height=number(row, "block_number"),
        index=number(row, "transaction_index"),
        time=None,
        log=number(row, "log_index"),
        source=address(row, "from_address", chain),
        target=address(row, "to_address", chain),
        amount=Amount(known.asset(address(row, "erc20", chain)), _units(row)),
    )


def _claimed(row: Row, chain: Chain) -> Claimed:
    return Claimed(
        row=row,
        tx=tx_hash(row, "transaction_hash"),
        height=number(row, "block_number"),
        source=address(row, "from_address", chain),
        target=address(row, "to_address", chain),
        units=_units(row),
    )


def _stated(row: Row) -> Stated:
    return Stated(
        row=row,
        height=number(row, "block_number"),
        time=moment(row, "timestamp"),
        hash=tx_hash(row, "block_hash") if row.text("block_hash") else "",
    )
