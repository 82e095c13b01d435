"""Etherscan and its dialects: account transactions (``txlist``) into transfers and coverage.

What ``txlist`` shows: top-level transactions an address sent or received, failed ones too. What it does not:
coins sent by contracts, and token logs. Every scalar arrives as text; ``gasPrice`` is the effective price.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flowtrace.errors import InputError
from flowtrace.fetch.calldata import decoded
from flowtrace.model import (
    Address,
    Amount,
    Asset,
    Basis,
    Chain,
    Coverage,
    Evidence,
    Kind,
    Leg,
    Scope,
    Transfer,
    read_units,
)

PAGE_LIMIT = 10_000
_HASH = re.compile(r"0x[0-9a-f]{64}")
_NEEDED = (
    *("blockNumber", "transactionIndex", "hash", "timeStamp", "from", "to", "value", "gasUsed"),
    *("gasPrice", "isError", "nonce", "input", "contractAddress"),
)


def read_txlist(evidence: Evidence, body: bytes) -> tuple[list[Transfer], Coverage]:
    """Read a ``txlist`` answer: per transaction a fee, a value, and what its call decodes to.

    Raises
    ------
    InputError
        If the answer is cut off, is an error, or a row lacks a field or holds no integer.
    """
    asked = _Asked.of(evidence)
    rows = _rows(evidence, body)
    transfers: list[Transfer] = []
    unread = 0
    for number, row in enumerate(rows):
        if asked.address.account not in {row[key].lower() for key in ("from", "to", "contractAddress")}:
            msg = f"answer {evidence.request.url}: row {number} is not about the address asked for"
            raise InputError(msg)
        try:
            found, readable = _transfers(asked.address.chain, row)
        except InputError as error:
            msg = f"answer {evidence.request.url}: row {number}, transaction {row['hash']}: {error}"
            raise InputError(msg) from None
        transfers += found
        unread += not readable
    return transfers, _coverage(asked, rows, unread)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the URL of an answer asked for."""

    evidence: Evidence
    address: Address
    first: int
    last: int
    page: int
    offset: int

    @classmethod
    def of(cls, evidence: Evidence) -> _Asked:
        query = {key: values[0] for key, values in parse_qs(urlsplit(evidence.request.url).query).items()}
        if "address" not in query:
            msg = f"{evidence.request.url} asks for no address: a txlist answer is of one address"
            raise InputError(msg)
        wanted = (("startblock", "0"), ("endblock", "0"), ("page", "1"), ("offset", str(PAGE_LIMIT)))
        try:
            chain = Chain.of(f"eip155:{query.get('chainid', '1')}")
            address = Address.parse(chain, query["address"])
            return cls(evidence, address, *(read_units(query.get(name, usual)) for name, usual in wanted))
        except InputError as error:
            msg = f"{evidence.request.url} cannot be read: {error}"
            raise InputError(msg) from None


def _rows(evidence: Evidence, body: bytes) -> list[dict[str, str]]:
    name = f"answer {evidence.request.url}"
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        msg = f"{name} is cut off or not JSON: fetch or copy it again"
        raise InputError(msg) from None
    rows = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        msg = f"{name} is an error answer: {rows!r:.120}"
        raise InputError(msg)
    for number, row in enumerate(rows):
        fields = row if isinstance(row, dict) else {}
        missing = [key for key in _NEEDED if not isinstance(fields.get(key), str)]
        if missing:
            msg = f"{name}: row {number} lacks {', '.join(missing)}"
            raise InputError(msg)
    return rows


def _transfers(chain: Chain, row: dict[str, str]) -> tuple[list[Transfer], bool]:
    """Return a row's transfers, and whether its call could be read.

    Anyone can send a known call with broken arguments: it hides nothing but itself, so it stops nothing.
    """
    coin = Asset.native(chain)
    sender = Address.parse(chain, row["from"])
    target = Address.parse(chain, row["to"] or row["contractAddress"])
    if row["isError"] not in ("0", "1"):
        msg = f"isError is {row['isError']!r}, neither 0 nor 1"
        raise InputError(msg)
    ok = row["isError"] == "0"
    fee = _whole(row, "gasUsed") * _whole(row, "gasPrice")
    value = _legs(sender, target, Amount(coin, _whole(row, "value")))
    found = [
        _transfer(row, (Kind.FEE, "fee", 0), legs=_legs(sender, None, Amount(coin, fee)), ok=ok),
        _transfer(row, (Kind.VALUE, "value", 1), legs=value, ok=ok),
    ]
    try:
        moved = decoded(target, sender, row["input"])
    except InputError:
        return found, False
    if moved is not None:
        legs = _legs(moved.source, moved.target, moved.amount)
        found.append(_transfer(row, (Kind.CALL, "call 0", 2), legs=legs, ok=ok))
    return found, True


def _legs(source: Address, target: Address | None, amount: Amount) -> tuple[Leg, Leg]:
    return Leg(source, amount.asset, amount.units), Leg(target, amount.asset, amount.units)


def _transfer(
    row: dict[str, str], place: tuple[Kind, str, int], *, legs: tuple[Leg, Leg], ok: bool
) -> Transfer:
    kind, position, order = place
    return Transfer(
        chain_id=legs[0].asset.chain_id,
        tx=_hash(row),
        position=position,
        height=_whole(row, "blockNumber"),
        index=_whole(row, "transactionIndex"),
        order=order,
        time=_whole(row, "timeStamp"),
        kind=kind,
        basis=Basis.DECODED if kind is Kind.CALL else Basis.RECORDED,
        ok=ok,
        inputs=legs[:1],
        outputs=legs[1:],
    )


def _hash(row: dict[str, str]) -> str:
    text = row["hash"].lower()
    if not _HASH.fullmatch(text):
        msg = f"transaction hash {text!r} is not 32 bytes of hexadecimal"
        raise InputError(msg)
    return text


def _whole(row: dict[str, Any], key: str) -> int:
    try:
        return read_units(row[key])
    except InputError as error:
        msg = f"{key}: {error}"
        raise InputError(msg) from None


def _coverage(asked: _Asked, rows: list[dict[str, str]], unread: int) -> Coverage:
    """Say how complete the answer is: below the page limit, and every nonce of the address present."""
    heads = [_whole(r, "blockNumber") + _whole(r, "confirmations") for r in rows if r.get("confirmations")]
    last = min(max(heads, default=asked.last), asked.last or max(heads, default=0))
    whole = len(rows) < min(PAGE_LIMIT, asked.offset) and asked.page == 1 and asked.first == 0
    nonces = sorted({_whole(r, "nonce") for r in rows if r["from"].lower() == asked.address.account})
    gap = next((place for place, nonce in enumerate(nonces) if place != nonce), None)
    if not whole:
        check = (
            f"the answer holds {len(rows)} rows and is one page of several, or starts late: there may be more"
        )
    elif gap is not None:
        more = nonces[-1] - len(nonces)
        check = f"outgoing transactions are missing: nonce {gap} and {more} more"
    elif nonces:
        check = f"{len(rows)} rows; {len(nonces)} outgoing transactions, nonces 0 to {nonces[-1]} all present"
    else:
        check = f"{len(rows)} rows; no outgoing transaction, so no nonce to check by"
    if unread:
        check += f"; {unread} calls have broken arguments and are not decoded"
    return Coverage(
        address=asked.address,
        scope=Scope.EXTERNAL,
        first=asked.first,
        last=last,
        complete=whole and gap is None,
        check=check,
        fetched_at=asked.evidence.fetched_at,
        source=f"{urlsplit(asked.evidence.request.url).hostname} txlist",
    )
