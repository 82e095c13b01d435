"""Wallets as OpenSanctions, or any export in the form of FollowTheMoney, has them: its ``CryptoWallet``.

A wallet says its address (``publicKey``; also ``cryptoAddress`` and ``accountId``), what it is of, and who
holds it. Who that is and what sanction there is stand in entities of their own, before it or after it, or
nested within it.

References
----------
FollowTheMoney, schemata CryptoWallet, Sanction and Thing; OpenSanctions, ``entities.ftm.json`` and
``targets.nested.json``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError
from flowtrace.labels.dumps import Dump, Origin
from flowtrace.labels.found import TICKERS, address_of
from flowtrace.labels.untrusted import one_line
from flowtrace.model import Address, Category, Chain, Label, Use

_LONGEST_LINE = 1 << 20
_LONGEST_SOURCE = 500
_FIRST = 4096


@dataclass
class _Known:
    """What the other entities of the file say: captions by id, and sanctions by the id of their entity."""

    names: dict[str, str] = field(default_factory=dict)
    sanctions: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def hear(self, one: Mapping[str, Any]) -> None:
        """Take in an entity, and those nested within it."""
        if "id" in one and (caption := _caption(one)):
            self.names[str(one["id"])] = caption
        if one.get("schema") == "Sanction":
            for entity in _texts(one, "entity"):
                self.sanctions[entity].append(_sanction(one))
        for nested in _nested(one):
            self.hear(nested)
            if nested.get("schema") == "Sanction" and not _texts(nested, "entity"):
                self.sanctions[str(one.get("id"))].append(_sanction(nested))


def is_ftm(data: bytes) -> bool:
    """Tell whether a JSON file is one of FollowTheMoney's lines, by its first."""
    first = data[:_FIRST].lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
    return first.startswith(b"{") and b'"schema"' in first and b'"properties"' in first


def wallets(dump: Dump, origin: Origin) -> Iterator[Label]:
    """Yield labels of all wallets of an export.

    Who holds a wallet is told by the name of the holder where the same file has it.

    Raises
    ------
    InputError
        If a line is no JSON.
    """
    entities = [one for one in _lines(dump.data, dump.name) if one.get("schema")]
    known = _Known()
    for one in entities:
        known.hear(one)
    for one in entities:
        if one["schema"] == "CryptoWallet":
            yield from _of_wallet(one, (known, dump), origin)


def _of_wallet(one: Mapping[str, Any], whose: tuple[_Known, Dump], origin: Origin) -> Iterator[Label]:
    known, dump = whose
    tickers = [*_texts(one, "currency"), *_texts(one, "currencySymbol"), ""]
    written = dict.fromkeys(
        text for key in ("publicKey", "cryptoAddress", "accountId") for text in _texts(one, key)
    )
    for text in written:
        address = _address(text, tickers[0])
        if address is None:
            what = f"{text[:80]!r} of {one.get('id', '')}"
            dump.refused.append(one_line(f"{dump.name}: {what} is no address of a chain that is followed"))
        else:
            yield _label(address, one, (known, origin))


def _address(text: str, ticker: str) -> Address | None:
    """Return a wallet's address; of those of several chains, on the one that its currency is of."""
    address = address_of(text, ticker)
    named = TICKERS.get(ticker.upper())
    if address is None or named is None:
        return address
    chain = Chain.of(named)
    return Address(chain.id, address.account) if chain.family is address.chain.family else address


def _label(address: Address, one: Mapping[str, Any], said: tuple[_Known, Origin]) -> Label:
    known, origin = said
    holders = [*_texts(one, "holder"), *(str(nested.get("id")) for nested in _nested(one, "holder"))]
    names = [known.names.get(holder, holder) for holder in dict.fromkeys(holders)]
    sanctions = [text for key in (str(one.get("id")), *holders) for text in known.sanctions.get(key, ())]
    topics = " ".join(_texts(one, "topics"))
    bad = bool(sanctions) or "sanction" in topics or "crime" in topics
    text = f"wallet of {', '.join(names)}" if names else _caption(one) or "wallet"
    datasets = [text for text in one.get("datasets") or [] if isinstance(text, str)]
    return Label(
        address,
        one_line("; ".join((text, *dict.fromkeys(sanctions)))),
        Category.PERPETRATOR if bad else Category.OTHER,
        Use.UNSPECIFIED,
        None,
        one_line(f"{origin.source} {', '.join(datasets)}: {one.get('id', '')}".strip(), _LONGEST_SOURCE),
        origin.confidence,
        next((text[:10] for text in _stated(one, "last_change", "last_seen", "first_seen")), origin.date),
        licence=origin.licence,
    )


def _sanction(one: Mapping[str, Any]) -> str:
    """Return a sanction in words: whose, under what, from when until when."""
    first = {key: next(iter(_texts(one, key)), "") for key in _SANCTION}
    words = ["sanction of", first["authority"] or "an authority that is not told"]
    words += [f"({first['program']})"] if first["program"] else []
    since = first["listingDate"] or first["startDate"]
    words += [f"since {since}"] if since else []
    words += [f"until {first['endDate']}"] if first["endDate"] else []
    return one_line(" ".join(words))


_SANCTION = ("authority", "program", "listingDate", "startDate", "endDate")


def _caption(one: Mapping[str, Any]) -> str:
    names = _texts(one, "name")
    return one_line(str(one.get("caption") or (names[0] if names else "")))


def _values(one: Mapping[str, Any], key: str) -> list[Any]:
    properties = one.get("properties")
    found = properties.get(key) if isinstance(properties, dict) else None
    return found if isinstance(found, list) else []


def _texts(one: Mapping[str, Any], key: str) -> list[str]:
    return [text for text in _values(one, key) if isinstance(text, str)]


def _nested(one: Mapping[str, Any], key: str = "") -> list[Mapping[str, Any]]:
    properties = one.get("properties")
    keys = [key] if key else list(properties) if isinstance(properties, dict) else []
    return [value for name in keys for value in _values(one, name) if isinstance(value, dict)]


def _stated(one: Mapping[str, Any], *keys: str) -> list[str]:
    return [one[key] for key in keys if isinstance(one.get(key), str) and one[key]]


def _lines(data: bytes, name: str) -> Iterable[Mapping[str, Any]]:
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        if len(line) > _LONGEST_LINE:
            raise InputError(f"{name}, line {number}: is longer than {_LONGEST_LINE} bytes")
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as fault:
            raise InputError(f"{name}, line {number}: is no JSON ({one_line(str(fault))})") from None
        if isinstance(found, dict):
            yield found
