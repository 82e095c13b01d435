"""Rows of Etherscan and its dialects into transfers: transactions, internal transactions, token transfers.

Every scalar arrives as text. A row of ``txlist`` tells a top-level transaction, a failed one too; its
``gasPrice`` is the effective price. A row of ``txlistinternal`` tells coin a contract paid, ``tokentx`` what
a token's log says. Neither has a path or an index that another source would name, so what they tell is
named by what moved. Blockscout writes ``transactionHash`` for ``hash``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flowtrace.errors import InputError
from flowtrace.fetch.calldata import decoded
from flowtrace.fetch.evm_moves import EvmTransaction
from flowtrace.model import Address, Amount, Asset, Chain, Transfer, read_units

Row = Mapping[str, str]
_HASH = re.compile(r"0x[0-9a-f]{64}")
_NEEDED = {
    "txlist": (
        *("blockNumber", "transactionIndex", "hash", "timeStamp", "from", "to", "value", "gasUsed"),
        *("gasPrice", "isError", "nonce", "input", "contractAddress"),
    ),
    "txlistinternal": ("blockNumber", "timeStamp", "from", "to", "value", "contractAddress", "isError"),
    "tokentx": ("blockNumber", "timeStamp", "hash", "from", "to", "value", "contractAddress", "tokenDecimal"),
}
_MOST_DECIMALS = 255


@dataclass(frozen=True, slots=True)
class Told:
    """What the rows of one answer tell.

    ``unread`` counts calls whose arguments are broken: anyone can send one, it hides nothing but itself.
    """

    transfers: tuple[Transfer, ...]
    blocks: tuple[tuple[int, str], ...]
    unread: int = 0


def rows_of(body: bytes, action: str) -> list[dict[str, str]]:
    """Return the rows of an answer.

    Raises
    ------
    InputError
        If it is cut off, an error answer, or a row lacks a field that this action needs.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("is cut off or not JSON: fetch or copy it again") from None
    rows = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise InputError(f"is an error answer: {rows!r:.120}")
    for number, row in enumerate(rows):
        fields = row if isinstance(row, dict) else {}
        missing = [key for key in _NEEDED[action] if not isinstance(fields.get(key), str)]
        if missing:
            raise InputError(f"row {number} lacks {', '.join(missing)}")
    return rows


def told(action: str, address: Address, rows: Iterable[Row], *, seen: Counter[str] | None = None) -> Told:
    """Read rows about an address; ``seen`` counts equal moves from one call to the next.

    Raises
    ------
    InputError
        If a row is not about the address, or holds something else than it should; the message names it.
    """
    transfers: list[Transfer] = []
    blocks: dict[int, str] = {}
    unread = 0
    seen = Counter() if seen is None else seen
    for number, row in enumerate(rows):
        if address.account not in {row[key].lower() for key in ("from", "to", "contractAddress")}:
            raise InputError(f"row {number} is not about the address asked for")
        try:
            found, readable = _READERS[action](address.chain, row, seen)
        except InputError as error:
            raise InputError(f"row {number}, transaction {_name(row)}: {error}") from None
        transfers += found
        unread += not readable
        if row.get("blockHash"):
            blocks[whole(row, "blockNumber")] = row["blockHash"].lower()
    return Told(tuple(transfers), tuple(sorted(blocks.items())), unread)


Read = tuple[list[Transfer], bool]


def _transaction(chain: Chain, row: Row, _: Counter[str]) -> Read:
    """Return a row's transfers, and whether its call could be read."""
    sender = Address.parse(chain, row["from"])
    target = Address.parse(chain, row["to"] or row["contractAddress"])
    at = _place(chain, row, ok=_ok(row))
    found = [
        at.fee(sender, whole(row, "gasUsed") * whole(row, "gasPrice")),
        at.value(sender, target, whole(row, "value")),
    ]
    try:
        moved = decoded(target, sender, row["input"])
    except InputError:
        return found, False
    if moved is not None:
        found.append(at.call(moved.source, moved.target, moved.amount))
    return found, True


def _internal(chain: Chain, row: Row, seen: Counter[str]) -> Read:
    """Return coin that a contract paid; nothing where the call failed or paid nothing."""
    units = whole(row, "value")
    if not _ok(row) or not units:
        return [], True
    source = Address.parse(chain, row["from"])
    target = Address.parse(chain, row["to"] or row["contractAddress"])
    amount = Amount(Asset.native(chain), units)
    return [_place(chain, row, ok=True).vague("internal ", seen, legs=(source, target, amount))], True


def _token(chain: Chain, row: Row, seen: Counter[str]) -> Read:
    """Return what a token's log says moved; a move of nothing is noise that anyone can write."""
    units = whole(row, "value")
    if not units:
        return [], True
    decimals = min(whole(row, "tokenDecimal") if row["tokenDecimal"] else 0, _MOST_DECIMALS)
    contract = Address.parse(chain, row["contractAddress"])
    amount = Amount(Asset.token(contract, row.get("tokenSymbol", ""), decimals), units)
    source, target = (Address.parse(chain, row[key]) for key in ("from", "to"))
    return [_place(chain, row, ok=True).vague("erc20 ", seen, legs=(source, target, amount))], True


_READERS: Mapping[str, Callable[[Chain, Row, Counter[str]], Read]] = {
    "txlist": _transaction,
    "txlistinternal": _internal,
    "tokentx": _token,
}


def _place(chain: Chain, row: Row, *, ok: bool) -> EvmTransaction:
    return EvmTransaction(
        chain=chain,
        hash=_hash(row),
        height=whole(row, "blockNumber"),
        index=whole(row, "transactionIndex") if row.get("transactionIndex") else 0,
        time=whole(row, "timeStamp"),
        ok=ok,
    )


def _name(row: Row) -> str:
    return row.get("hash") or row.get("transactionHash") or "without a hash"


def _hash(row: Row) -> str:
    text = _name(row).lower()
    if not _HASH.fullmatch(text):
        raise InputError(f"transaction hash {text!r} is not 32 bytes of hexadecimal")
    return text


def _ok(row: Row) -> bool:
    if row["isError"] not in ("0", "1"):
        raise InputError(f"isError is {row['isError']!r}, neither 0 nor 1")
    return row["isError"] == "0"


def whole(row: Mapping[str, Any], key: str) -> int:
    """Return a field as a whole number, or raise the error that names it."""
    try:
        return read_units(row[key])
    except InputError as error:
        raise InputError(f"{key}: {error}") from None
