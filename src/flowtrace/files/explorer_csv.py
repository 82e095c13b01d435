"""CSV exports of Etherscan and its dialects: transactions, internal transactions, ERC-20 transfers.

Their headers vary by chain and year: :func:`plain` takes that away. Amounts are exact decimals, thousands
separated by commas; of tokens the decimals are applied and not told, so they have to be known. No row tells
its place in its block, so every transfer gives way to a better telling of it. A failed transaction moved its
fee and nothing else. Internal and token rows have no path and no index: what moved names them, as the same
explorer's answers are named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flowtrace.files.cells import address, decimal, moment, number, tx_hash
from flowtrace.files.columns import Row, Table, shown
from flowtrace.files.gathered import Gathering, Imported
from flowtrace.files.tokens import Tokens, unknown_token
from flowtrace.model import Amount, Asset, Chain, Scope
from flowtrace.moves.evm import EvmTransaction

Tables = Mapping[str, Sequence[Table]]
_UNITS = re.compile(r"(Value_IN|Value_OUT|TxnFee)\(([A-Za-z]{2,6})\)")
_ALIKE = {
    "Transaction Hash": "Txhash",
    "DateTime (UTC)": "DateTime",
    "Value": "TokenValue",
}
_SYMBOLS = {"MATIC": "POL"}  # renamed in 2024; older exports say so
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", flags=re.ASCII)
_FAILED = re.compile(r"Error|Fail", flags=re.IGNORECASE)
_DOLLARS = "USD"
_UNSURE = "its Status and ErrCode do not say together whether it succeeded"


def plain(column: str) -> str:
    """Return a column's name without what varies: the coin, the year's spelling.

    >>> plain("Value_IN(BNB)"), plain("Transaction Hash")
    ('Value_IN', 'Txhash')
    """
    found = _UNITS.fullmatch(column)
    if found is not None and found[2].upper() != _DOLLARS:
        return found[1]
    return _ALIKE.get(column, column)


def read(tables: Tables, known: Tokens) -> Imported:
    """Return the transfers that exports tell.

    Parameters
    ----------
    tables
        ``normal``, ``internal`` and ``erc20`` exports.
    known
        The chain, and its tokens' decimals: without them a token's rows are not made into transfers.

    Raises
    ------
    InputError
        If a cell is wrong, or an export is of another chain; the message names file, row and column.
    """
    found, chain = Gathering(), known.chain
    for table in tables.get("normal", ()):
        _require_header(table, chain)
        for row in table:
            _normal(row, chain, found)
    for table in tables.get("internal", ()):
        _require_header(table, chain)
        seen: Counter[str] = Counter()
        for row in table:
            _internal(row, chain, found, seen=seen)
    for table in tables.get("erc20", ()):
        _require_header(table, chain)
        seen = Counter()
        for row in table:
            _token(row, known, found, seen=seen)
    return found.imported()


def _require_header(table: Table, chain: Chain) -> None:
    for column in table.columns:
        told = _UNITS.fullmatch(column)
        symbol = "" if told is None else told[2].upper()
        if symbol not in ("", _DOLLARS) and _SYMBOLS.get(symbol, symbol) != chain.symbol.upper():
            why = f"counts {symbol}, and the coin of {chain.name} is {chain.symbol}: name its chain"
            Row(table, 1, {}).refuse(column, why)
    names = [plain(column) for column in table.columns]
    if len(set(names)) != len(names):
        Row(table, 1, {}).refuse(
            "the header", "names one thing in two columns: which one counts is not known"
        )


def _named(row: Row) -> Row:
    """Return a row with its columns' names as :func:`plain` gives them."""
    return Row(row.table, row.number, {plain(column): cell for column, cell in row.cells.items()})


def _normal(row: Row, chain: Chain, found: Gathering) -> None:
    row = _named(row)
    sender, ok = address(row, "From", chain), _succeeded(row)
    target = address(row, "To" if row.text("To") else "ContractAddress", chain)
    found.saw(Scope.EXTERNAL, row, number(row, "Blockno"), sender, target)
    if ok is None:
        found.note(row, _UNSURE)
        return
    at = _place(row, chain, ok=ok)
    found.add(at.fee(sender, decimal(row, "TxnFee", chain.decimals)), row, lesser=True)
    units = _units(row, chain, itself=sender == target)
    if ok:
        found.add(at.value(sender, target, units), row, lesser=True)


def _internal(row: Row, chain: Chain, found: Gathering, *, seen: Counter[str]) -> None:
    row = _named(row)
    source, ok = address(row, "From", chain), _succeeded(row, fine=("", "0"))
    target = address(row, "TxTo" if row.text("TxTo") else "ContractAddress", chain)
    found.saw(Scope.INTERNAL, row, number(row, "Blockno"), source, target)
    units = _units(row, chain, itself=source == target)
    if ok is None:
        found.note(row, _UNSURE)
    elif ok and units:
        legs = (source, target, Amount(Asset.native(chain), units))
        found.add(_place(row, chain).vague("internal ", seen, legs=legs), row, lesser=True)


def _token(row: Row, known: Tokens, found: Gathering, *, seen: Counter[str]) -> None:
    row, chain = _named(row), known.chain
    source, target = address(row, "From", chain), address(row, "To", chain)
    contract = address(row, "ContractAddress", chain)
    found.saw(Scope.TOKEN, row, number(row, "Blockno"), source, target)
    asset = known.assets.get(contract)
    if asset is None:
        found.note(row, unknown_token(contract))
        return
    units = decimal(row, "TokenValue", asset.decimals)
    if units:
        told = Asset.token(contract, asset.symbol or row.text("TokenSymbol"), asset.decimals)
        legs = (source, target, Amount(told, units))
        found.add(_place(row, chain).vague("erc20 ", seen, legs=legs), row, lesser=True)


def _place(row: Row, chain: Chain, *, ok: bool = True) -> EvmTransaction:
    """Return where a row's transaction stands; its index is not told and stands as 0."""
    time, written = moment(row, "UnixTimestamp"), row.text("DateTime")
    if _TIME.fullmatch(written) and "DateTime (UTC)" in row.table.columns:
        shows = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S")
        if shows != written:
            row.refuse("UnixTimestamp", f"is {shows} UTC, where DateTime says {shown(written)}")
    return EvmTransaction(chain, tx_hash(row, "Txhash"), number(row, "Blockno"), 0, time, ok)


def _succeeded(row: Row, fine: tuple[str, ...] = ("",)) -> bool | None:
    """Tell whether a row succeeded; None where its two columns do not say it together."""
    status, why = row.text("Status"), row.text("ErrCode")
    if status in fine:
        return None if why else True
    if not (_FAILED.match(status) or (status == "1" and "0" in fine)):
        row.refuse("Status", f"is {shown(status)}, which is no word of an explorer for how it ended")
    return False


def _units(row: Row, chain: Chain, *, itself: bool) -> int:
    """Return what a row moves: it stands under in or out, or under both where it goes back to its giver."""
    came, went = (decimal(row, column, chain.decimals) for column in ("Value_IN", "Value_OUT"))
    if came and went and not (itself and came == went):
        row.refuse("Value_OUT", "is not 0, and neither is Value_IN: which one moved cannot be known")
    return came or went
