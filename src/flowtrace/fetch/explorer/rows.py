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

from eth_hash.auto import keccak

from flowtrace.errors import InputError
from flowtrace.fetch.explorer.calldata import decoded
from flowtrace.fetch.faults import one_line
from flowtrace.model import (
    NOBODY,
    Address,
    Amount,
    Asset,
    Chain,
    Fact,
    FactKind,
    Transfer,
    read_units,
    wrapped_coin,
)  # fmt: skip
from flowtrace.moves.evm import EvmTransaction
from flowtrace.moves.facts import fact

Row = Mapping[str, str]
_STILL = ("delegatecall", "callcode", "staticcall")
"""Calls that run another's code on one's own account: the coin they state has come by another call."""
_HASH = re.compile(r"0x[0-9a-f]{64}")
_NEEDED = {
    "txlist": (
        *("blockNumber", "transactionIndex", "hash", "timeStamp", "from", "to", "value", "gasUsed"),
        *("gasPrice", "isError", "nonce", "input", "contractAddress"),
    ),
    "txlistinternal": ("blockNumber", "timeStamp", "from", "to", "value", "contractAddress", "isError"),
    "tokentx": ("blockNumber", "timeStamp", "hash", "from", "to", "value", "contractAddress", "tokenDecimal"),
}
_MOST_DECIMALS, _MOST = 255, 1 << 256
_SURE = 77  # decimal digits of which every number is less
_STRING, _LIST = 0x80, 0xC0  # of RLP
_GENESIS = "GENESIS"
_PARTIAL = "2"  # Blockscout: transactions of these blocks are not traced yet


@dataclass(frozen=True, slots=True)
class Told:
    """What the rows of one answer tell.

    ``unread`` counts calls whose arguments are broken: anyone can send one, it hides nothing but itself.
    ``wraps`` are the coins of which rows say that they were wrapped or unwrapped: such rows are not read, for
    services differ in which way they write them (:mod:`flowtrace.fetch.explorer.wraps`).
    """

    transfers: tuple[Transfer, ...]
    blocks: tuple[tuple[int, str], ...]
    unread: int = 0
    wraps: frozenset[Asset] = frozenset()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of an answer. ``partial`` is what the service says where it knows that there are more."""

    rows: list[dict[str, str]]
    partial: str = ""


def listed(body: bytes, action: str) -> Listed:
    """Return the rows of an answer, and whether they are all that the service will have one day.

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
    needed = _NEEDED[action]
    for number, row in enumerate(rows):
        fields = row if isinstance(row, dict) else {}
        missing = [key for key in needed if type(fields.get(key)) is not str]
        if missing:
            raise InputError(f"row {number} lacks {', '.join(missing)}")
    return Listed(
        rows, one_line(str(answer.get("message")))[:200] if answer.get("status") == _PARTIAL else ""
    )


def rows_of(body: bytes, action: str) -> list[dict[str, str]]:
    """Return the rows of an answer; errors as :func:`listed`."""
    return listed(body, action).rows


def told(action: str, address: Address, rows: Iterable[Row], *, seen: Counter[str] | None = None) -> Told:
    """Read rows about an address; ``seen`` counts equal moves from one call to the next.

    Raises
    ------
    InputError
        If a row is not about the address, or holds something else than it should; the message names it.
    """
    transfers: list[Transfer] = []
    blocks: set[tuple[int, str]] = set()
    unread, wraps = 0, set[Asset]()
    facts: list[Fact] = []
    seen = Counter() if seen is None else seen
    mine, chain, read = address.account, address.chain, _READERS[action]
    for number, row in enumerate(rows):
        if mine not in (row["from"].lower(), row["to"].lower(), row["contractAddress"].lower()):
            raise InputError(f"row {number} is not about the address asked for")
        try:
            coin = _wrap(chain, row) if action == "tokentx" else None
            found, readable = read(chain, row, seen) if coin is None else ([], True)
        except InputError as error:
            raise InputError(f"row {number}, transaction {_name(row)}: {error}") from None
        transfers += found
        unread += not readable
        wraps |= {coin} if coin else set()
        facts += _creation(chain, row) if action == "txlist" else []
        if name := _block_hash(row):
            blocks.add((whole(row, "blockNumber"), name))
    return Told(tuple(transfers), tuple(sorted(blocks)), unread, frozenset(wraps), tuple(facts))


Read = tuple[list[Transfer], bool]


def _transaction(chain: Chain, row: Row, _: Counter[str]) -> Read:
    """Return a row's transfers, and whether its call could be read."""
    if row["from"] == _GENESIS:
        return [_allotted(chain, row)], True
    sender = Address.parse(chain, row["from"])
    target = Address.parse(chain, row["to"] or row["contractAddress"] or _created(sender, row))
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


def _creation(chain: Chain, row: Row) -> list[Fact]:
    """Return that a transaction put up a contract, as a node tells it; nothing where it failed."""
    if row["from"] == _GENESIS or row["to"] or not row["contractAddress"] or not _ok(row):
        return []
    ends = (("creator", row["from"]), ("contract", row["contractAddress"]))
    try:
        code = keccak(bytes.fromhex(row["input"].removeprefix("0x"))).hex()
    except ValueError:
        return []  # it says which contract, and not by which code
    at = _place(chain, row, ok=True)
    parties = [(role, Address.parse(chain, account)) for role, account in ends]
    return [fact(at, FactKind.CREATION, 0, parties=parties, figures=[("code", code)])]


def _allotted(chain: Chain, row: Row) -> Transfer:
    """Return what an account had when the chain began: Etherscan lists it as a transaction of its own."""
    target = Address.parse(chain, row["to"])
    height = whole(row, "blockNumber")
    at = EvmTransaction(chain, f"block.{height}", height, 0, whole(row, "timeStamp"))
    return at.mint(target, whole(row, "value"), f"genesis {target.account}")


def _internal(chain: Chain, row: Row, seen: Counter[str]) -> Read:
    """Return coin that a contract paid; nothing where the call failed or paid nothing."""
    units = whole(row, "value")
    still = row.get("callType") in _STILL or row.get("type") in _STILL
    if not _ok(row) or not units or still:
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
    amount = Amount(Asset.token(contract, _symbol(row), decimals), units)
    source, target = (Address.parse(chain, row[key]) for key in ("from", "to"))
    return [_place(chain, row, ok=True).vague("erc20 ", seen, legs=(source, target, amount))], True


def _wrap(chain: Chain, row: Row) -> Asset | None:
    """Return the wrapped coin that a row of ``tokentx`` says was made or unmade."""
    if NOBODY not in (row["from"].lower(), row["to"].lower()):
        return None
    return wrapped_coin(Address.parse(chain, row["contractAddress"]))


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


def _created(sender: Address, row: Row) -> str:
    """Return the account that a creation would have made: some services leave it out where that failed.

    It is the hash of the sender and its nonce, in RLP (Ethereum yellow paper, section 7).
    """
    nonce = whole(row, "nonce")
    digits = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    item = digits if 0 < nonce < _STRING else bytes([_STRING + len(digits)]) + digits
    both = bytes([_STRING + 20]) + bytes.fromhex(sender.account[2:]) + item
    return "0x" + keccak(bytes([_LIST + len(both)]) + both)[12:].hex()


def _name(row: Row) -> str:
    found = row.get("hash") or row.get("transactionHash")
    return found if isinstance(found, str) and found else "without a hash"


def _hash(row: Row) -> str:
    text = _name(row).lower()
    if not _HASH.fullmatch(text):
        raise InputError(f"transaction hash {text!r:.90} is not 32 bytes of hexadecimal")
    return text


def _block_hash(row: Row) -> str:
    """Return the hash of a row's block; empty where the row does not tell it."""
    found: object = row.get("blockHash") or ""
    if isinstance(found, str) and (not found or _HASH.fullmatch(found.lower())):
        return found.lower()
    raise InputError(f"block hash {found!r:.90} is not 32 bytes of hexadecimal")


def _symbol(row: Row) -> str:
    """Return what a token calls itself: anyone's text, but text."""
    found: object = row.get("tokenSymbol")
    return found.encode(errors="replace").decode() if isinstance(found, str) else ""


def _ok(row: Row) -> bool:
    if row["isError"] not in ("0", "1"):
        raise InputError(f"isError is {row['isError']!r:.90}, neither 0 nor 1")
    return row["isError"] == "0"


def whole(row: Mapping[str, Any], key: str) -> int:
    """Return a field as a whole number from 0 to 2^256 - 1, or raise the error that names it."""
    text = row[key]
    if type(text) is str and len(text) <= _SURE and text.isascii() and text.isdigit():
        return int(text)
    if not isinstance(text, str):
        raise InputError(f"{key}: a {type(text).__name__} stands where a number must be")
    try:
        found = read_units(text)
    except InputError as error:
        raise InputError(f"{key}: {error}") from None
    if not 0 <= found < _MOST:
        raise InputError(f"{key}: {text:.90} is no number that the chain has")
    return found
