"""Files of ethereum-etl, and of the BigQuery data set ``crypto_ethereum``, which it fills: the same names.

``transactions`` say nothing of success: a failed one looks like a payment. BigQuery adds the receipt's
columns to them; files of ethereum-etl have ``receipts`` apart. ``traces`` of a Parity-like node say for each
call whether it took effect; those extracted from a Geth-like node say neither that nor whose calls they are.
``token_transfers`` hold ERC-20 and ERC-721 alike, and the number of an item stands where an amount does. A
chain's coin that is wrapped or unwrapped is no row of theirs: ``logs`` alone tell it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.files.blocks import Stated
from flowtrace.files.call_tree import Call, Path
from flowtrace.files.cells import (
    address,
    moment,
    number,
    number_or_none,
    tx_hash,
    whole,
    whole_or_none,
    yes_or_none,
)
from flowtrace.files.columns import Row, Table
from flowtrace.files.evm_proof import Entry, Logged, Sent, Told, proven
from flowtrace.files.gathered import Imported
from flowtrace.files.tokens import Tokens, unknown_token
from flowtrace.model import DEPOSIT, WITHDRAWAL, Address, Amount, Asset, Chain, wrap, wrapped_coin

Tables = Mapping[str, Sequence[Table]]
"""The tables of a data set by their names: ``transactions``, ``receipts`` and so on."""
Units = Callable[[Row, str], int]
_PATH = re.compile(r"(?:[0-9]{1,6}(?:[,_][0-9]{1,6}){0,1100})?")
_CALLS = {"call": True, "callcode": False, "delegatecall": False, "staticcall": False}
_KINDS = {"create": True, "create2": True, "suicide": True, "selfdestruct": True}
_UNREAD = ("reward", "genesis", "daofork")
_WORD, _HOLDER = re.compile(r"0x[0-9a-fA-F]{64}"), re.compile(r"0x0{24}([0-9a-f]{40})")
_ERC20 = 3  # topics: which event, giver, taker; of an item its number as well
_BLOBS = 3
ROLLUPS = frozenset(("optimism", "base"))
"""Chains whose fee has a part for the data, which stands in a column of its own."""
NO_GAS = "no file here tells the gas it used: its fee is not known; import the receipts as well"
NO_BLOBS = "it carries blobs, and no file here tells what they cost: its fee is not known"
NO_DATA_FEE = "no file here tells what the rollup charged for its data: its fee is not known"
_NO_PATH = "no row of this file says where in the tree of calls it stands: export trace_address as well"
_STAKED = "it pays out staked coin, which is not read from files"
LOST_ITEM = "it moves a numbered item, whose number has lost digits in floating point"


@dataclass(frozen=True, slots=True)
class _Receipt:
    row: Row
    ok: bool | None
    gas: int | None
    price: int | None
    contract: Address | None
    blobs: int | None
    data: int | None


def read(tables: Tables, known: Tokens) -> Imported:
    """Return the transfers that a set of files proves.

    Parameters
    ----------
    tables
        ``transactions``, ``receipts``, ``traces``, ``token_transfers``, ``logs``, ``blocks``: any of them.
    known
        The chain, and what tables of tokens and contracts tell.

    Raises
    ------
    InputError
        If a cell is wrong, or rows contradict each other; the message names file, row and column.
    """
    return read_with(tables, known, units=whole)


def read_with(tables: Tables, known: Tokens, *, units: Units, lossy: bool = False) -> Imported:
    """Return the same for a data set that writes amounts in another way."""
    chain = known.chain
    receipts = _receipts(_rows(tables, "receipts"), chain)
    topics = {(tx_hash(r, "transaction_hash"), number(r, "log_index")): r for r in _rows(tables, "logs")}
    told = Told()
    for row in _rows(tables, "transactions"):
        told.sent.append(_sent(row, chain, receipts, units=units, lossy=lossy))
    for row in _rows(tables, "traces"):
        if "trace_address" not in row:
            told.unread.append((row, _NO_PATH))
        elif row.text("trace_type") not in _UNREAD:
            told.calls.append(_call(row, chain, units=units, lossy=lossy))
    for row in _rows(tables, "token_transfers"):
        told.logs.append(_logged(row, known, topics, units=units, lossy=lossy))
    told.logs += [found for row in topics.values() if (found := _wrapped(row, chain))]
    told.entries += [_entry(row, chain) for row in topics.values()]
    for row in _rows(tables, "blocks"):
        told.blocks.append(_stated(row))
        if row.cells.get("withdrawals", "") not in ("", "[]", []):
            told.unread.append((row, _STAKED))
    return proven(chain, told)


def _rows(tables: Tables, name: str) -> Iterator[Row]:
    return (row for table in tables.get(name, ()) for row in table)


def _receipts(rows: Iterable[Row], chain: Chain) -> dict[str, _Receipt]:
    found: dict[str, _Receipt] = {}
    for row in rows:
        tx, receipt = tx_hash(row, "transaction_hash"), _receipt(row, chain)
        held = found.setdefault(tx, receipt)
        if (held.ok, held.gas, held.price, held.contract) != (
            receipt.ok,
            receipt.gas,
            receipt.price,
            receipt.contract,
        ):
            row.refuse("the row", f"tells of {tx} something else than row {held.row.number}")
    return found


def _receipt(row: Row, chain: Chain, prefix: str = "") -> _Receipt:
    maker = f"{prefix}contract_address"
    blob_gas, blob_price = (whole_or_none(row, f"{prefix}blob_gas_{what}") for what in ("used", "price"))
    return _Receipt(
        row=row,
        ok=yes_or_none(row, f"{prefix}status"),
        gas=number_or_none(row, f"{prefix}gas_used"),
        price=whole_or_none(row, f"{prefix}effective_gas_price"),
        contract=address(row, maker, chain) if row.text(maker) else None,
        blobs=None if blob_gas is None or blob_price is None else blob_gas * blob_price,
        data=whole_or_none(row, f"{prefix}l1_fee"),
    )


def _sent(row: Row, chain: Chain, receipts: Mapping[str, _Receipt], *, units: Units, lossy: bool) -> Sent:
    tx = tx_hash(row, "hash")
    apart = receipts.get(tx)
    receipt = apart or _receipt(row, chain, "receipt_")
    fee = _fee(row, receipt, chain)
    return Sent(
        rows=(row,) if apart is None else (row, apart.row),
        hash=tx,
        height=number(row, "block_number"),
        index=number(row, "transaction_index"),
        time=_time(row),
        source=address(row, "from_address", chain),
        target=address(row, "to_address", chain) if row.text("to_address") else receipt.contract,
        units=units(row, "value"),
        ok=receipt.ok,
        fee=fee if isinstance(fee, int) else None,
        no_fee=fee if isinstance(fee, str) else "",
        lossy=lossy,
    )


def _fee(row: Row, receipt: _Receipt, chain: Chain) -> int | str:
    """Return what a transaction cost, or why that is not known."""
    price = receipt.price or whole_or_none(row, "gas_price")
    if receipt.gas is None or price is None:
        return NO_GAS
    if number_or_none(row, "transaction_type") == _BLOBS and receipt.blobs is None:
        return NO_BLOBS
    if chain.name in ROLLUPS and receipt.data is None:
        return NO_DATA_FEE
    return receipt.gas * price + (receipt.blobs or 0) + (receipt.data or 0)


def _call(row: Row, chain: Chain, *, units: Units, lossy: bool) -> Call:
    ends = [address(row, end, chain) if row.text(end) else None for end in ("from_address", "to_address")]
    return Call(
        row=row,
        tx=tx_hash(row, "transaction_hash") if row.text("transaction_hash") else "",
        height=number(row, "block_number"),
        index=number(row, "transaction_index"),
        path=path_of(row),
        moves=moves(row, "trace_type", "call_type"),
        source=ends[0],
        target=ends[1],
        units=units(row, "value") if row.text("value") else 0,
        failed=bool(row.text("error")),
        effective=yes_or_none(row, "status"),
        children=number_or_none(row, "subtraces"),
        time=_time(row),
        lossy=lossy,
    )


def path_of(row: Row) -> Path:
    """Return where in the tree of calls a row stands: ``trace_address``, joined by commas or low lines."""
    cell = row.text("trace_address")
    if not _PATH.fullmatch(cell):
        row.refuse("trace_address", "is no path of numbers such as 0,1")
    return tuple(int(step) for step in re.split("[,_]", cell)) if cell else ()


def moves(row: Row, kind: str, call: str) -> bool:
    """Tell whether a row's kind of call moves its value."""
    named, how = row.text(kind), row.text(call)
    found = _CALLS.get(how) if named == "call" else _KINDS.get(named)
    if found is None:
        row.refuse(kind if named != "call" else call, "is no kind of call that is known")
    return found


def _logged(
    row: Row, known: Tokens, topics: Mapping[tuple[str, int], Row], *, units: Units, lossy: bool
) -> Logged:
    chain, tx, log = known.chain, tx_hash(row, "transaction_hash"), number(row, "log_index")
    entry = topics.get((tx, log))
    index = number_or_none(row, "transaction_index")
    if index is None and entry is not None:
        index = number_or_none(entry, "transaction_index")
    return Logged(
        row=row,
        tx=tx,
        height=number(row, "block_number"),
        index=index,
        time=_time(row),
        log=log,
        source=address(row, "from_address", chain),
        target=address(row, "to_address", chain),
        amount=_amount(row, known, entry, units=units, lossy=lossy),
        lossy=lossy,
    )


def _amount(row: Row, known: Tokens, entry: Row | None, *, units: Units, lossy: bool) -> Amount | str:
    """Return what a row of ``token_transfers`` moves, or why it cannot be told."""
    contract = address(row, "token_address", known.chain)
    items = (
        known.keeps_items(contract) if entry is None else len(_topics(entry)) > len(("topic", "from", "to"))
    )
    value = units(row, "value")
    if items is None:
        return unknown_token(contract)
    if not items:
        return Amount(known.asset(contract), value)
    if lossy:
        return LOST_ITEM
    return Amount(Asset(contract.chain_id, f"erc721:{contract.account}/{value}", "", 0), 1)


def _wrapped(entry: Row, chain: Chain) -> Logged | None:
    """Return the wrapped coin that a log makes or takes back; None where it tells of something else.

    Only of the contracts that :mod:`flowtrace.model.wrapped` names is that believed.
    """
    topics = _topics(entry)
    coin = wrapped_coin(address(entry, "address", chain)) if topics[:1] in ([DEPOSIT], [WITHDRAWAL]) else None
    if coin is None:
        return None
    holder, data = _HOLDER.fullmatch("".join(topics[1:])), entry.text("data")
    if holder is None or not _WORD.fullmatch(data):
        entry.refuse("the row", f"is no log that the contract of {coin.symbol} writes")
    giver, taker = wrap(topics[0], Address.parse(chain, f"0x{holder[1]}"))
    return Logged(
        row=entry,
        tx=tx_hash(entry, "transaction_hash"),
        height=number(entry, "block_number"),
        index=number_or_none(entry, "transaction_index"),
        time=_time(entry),
        log=number(entry, "log_index"),
        source=giver,
        target=taker,
        amount=Amount(coin, int(data, 16)),
    )


def _entry(entry: Row, chain: Chain) -> Entry:
    return Entry(
        row=entry,
        tx=tx_hash(entry, "transaction_hash"),
        height=number(entry, "block_number"),
        log=number(entry, "log_index"),
        contract=address(entry, "address", chain),
        topics=tuple(_topics(entry)),
        data=entry.text("data"),
    )


def _topics(entry: Row) -> list[str]:
    """Return the topics of a log; a list in BigQuery, joined by commas in ethereum-etl."""
    cell = entry.cells.get("topics", "")
    joined = isinstance(cell, str) and not cell.startswith("[")
    found = cell.split(",") if joined and cell else entry.nested("topics")
    return [str(topic).strip().lower() for topic in found]


def _time(row: Row) -> int | None:
    return moment(row, "block_timestamp") if row.text("block_timestamp") else None


def _stated(row: Row) -> Stated:
    return Stated(
        row=row,
        height=number(row, "number"),
        time=moment(row, "timestamp"),
        count=number_or_none(row, "transaction_count"),
        hash=tx_hash(row, "hash"),
        parent=tx_hash(row, "parent_hash") if row.text("parent_hash") else "",
    )
