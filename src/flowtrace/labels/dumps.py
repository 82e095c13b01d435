"""Labels as others dump them: explorers' label clouds, warning lists of scams, OpenSanctions' wallets, CSV.

What cannot be used is left out and counted, never guessed: a row of a chain that is not followed, a word that
is no address. A file that is not what it seems is refused.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError
from flowtrace.labels.found import TICKERS, address_of
from flowtrace.labels.row import Row
from flowtrace.labels.slugs import actor_of, kind_of, use_of
from flowtrace.labels.tagpack import Entities, label_reader
from flowtrace.labels.untrusted import one_line
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Address, Category, Chain, Label, Use

SITES = {
    "etherscan": "ethereum", "arbiscan": "arbitrum", "avalanche": "avalanche", "bscscan": "bnb",
    "optimism": "optimism", "polygonscan": "polygon", "snowtrace": "avalanche", "basescan": "base",
}  # fmt: skip
_LONGEST_LINE = 1 << 20
_FIELD = 1 << 17


@dataclass(frozen=True, slots=True)
class Origin:
    """Who says what a dump says: it names no source of its own."""

    source: str
    confidence: str = "web_crawl"
    date: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Dump:
    """A file, and the actors that it may speak of; ``refused`` takes why rows of it could not be used."""

    name: str
    data: bytes
    entities: Entities
    refused: list[str] = field(default_factory=list, compare=False)


def explorer_json(dump: Dump, origin: Origin) -> Iterator[Label]:
    """Yield labels of a dump of an explorer's label cloud: address to ``{name, labels}``.

    Raises
    ------
    InputError
        If the file is no such JSON, or its name tells no site that is followed.
    """
    site = dump.name.partition(".")[0].lower()
    if site not in SITES:
        raise InputError(
            f"{dump.name}: its name tells no explorer: begin it with one of {', '.join(sorted(SITES))}."
        )
    for account, said in _object(dump.data, dump.name).items():
        slugs = said.get("labels") if isinstance(said, dict) else None
        if isinstance(slugs, list) and isinstance(said.get("name"), str):
            words = [slug for slug in slugs if isinstance(slug, str)]
            yield from _named(_Place(account, SITES[site], dump), (said["name"], words), origin)


def tag_rows(dump: Dump, origin: Origin) -> Iterator[Label]:
    """Yield labels of a table of explorer tags: those of Raphtory and of Forta, on Ethereum."""
    for row in rows_of(dump.data, dump.name):
        account = row.get("address") or row.get("banned_address") or row.get("contract_address") or ""
        text = row.get("name") or row.get("wallet_tag") or row.get("etherscan_tag") or row.get("contract_tag")
        slugs = [row.get("family", ""), row.get("contract_creator_etherscan_label", "")]
        slugs += row.get("etherscan_labels", "").split(",")
        slugs += ["phish-hack"] if "phish" in row.get("data_source", "") else []
        words = [slug.strip() for slug in slugs if slug.strip()]
        yield from _named(_Place(account, "ethereum", dump), (text or "", words), origin)


@dataclass(frozen=True, slots=True)
class _Place:
    account: str
    chain: str
    dump: Dump


def _named(place: _Place, said: tuple[str, list[str]], origin: Origin) -> Iterator[Label]:
    """Yield the label of an address that an explorer gives a name or a slug."""
    name, slugs = said
    category = kind_of(slugs, name)
    text = one_line(name) or one_line(", ".join(slugs))
    try:
        address = Address.parse(place.chain, place.account)
    except InputError as fault:
        place.dump.refused.append(f"{place.dump.name}: {fault}")
        return
    if text:
        actor = actor_of(slugs, place.dump.entities) if category is not Category.PERPETRATOR else None
        words = (text, category, use_of(name, category), actor)
        yield Label(address, *words, origin.source, origin.confidence, origin.date, licence=origin.licence)


def label_rows(dump: Dump, origin: Origin | None = None) -> Iterator[Label]:
    """Yield labels of a CSV whose columns are named as a TagPack's fields: address, label, network and so on.

    Raises
    ------
    InputError
        If a row lacks a field that a tag must have, or has one that cannot be used.
    """
    stated: dict[str, object] = {}
    if origin is not None:
        stated = {"source": origin.source, "confidence": origin.confidence}
        stated |= {"lastmod": origin.date, "licence": origin.licence}
    label_of = label_reader(Row(dump.name, stated), dump.entities)
    for number, row in enumerate(rows_of(dump.data, dump.name), start=2):
        fields: dict[str, object] = {key: value for key, value in row.items() if value}
        fields |= {"lastmod": row["date"]} if row.get("date") else {}
        fields |= {"network": row["chain"]} if row.get("chain") else {}
        if row.get("concepts"):
            fields["concepts"] = row["concepts"].replace(";", " ").split()
        label = label_of(Row(f"{dump.name}, line {number}", fields))
        if label is not None:
            yield label


def wallets(dump: Dump, origin: Origin) -> Iterator[Label]:
    """Yield labels of OpenSanctions' or any FollowTheMoney export, JSON lines: its entities ``CryptoWallet``.

    Who holds a wallet is told by the name of the holder where the same file has it.
    """
    entities = [one for one in _lines(dump.data, dump.name) if one.get("schema")]
    names = {one["id"]: caption for one in entities if (caption := _caption(one)) and "id" in one}
    for one in entities:
        if one["schema"] != "CryptoWallet":
            continue
        tickers = _texts(one, "currency")
        holders = [names.get(holder, holder) for holder in _texts(one, "holder")]
        held = _texts(one, "publicKey") or _texts(one, "accountId")
        for text in held:
            yield from _wallet((text, tickers[0] if tickers else ""), (one, holders), origin)


def _wallet(
    written: tuple[str, str], whose: tuple[Mapping[str, Any], list[str]], origin: Origin
) -> Iterator[Label]:
    one, holders = whose
    address = address_of(*written)
    if address is None:
        return
    if written[1].upper() in TICKERS:
        chain = Chain.of(TICKERS[written[1].upper()])
        address = Address(chain.id, address.account) if chain.family is address.chain.family else address
    datasets = [text for text in one.get("datasets", []) if isinstance(text, str)]
    date = next((text[:10] for text in _stated(one, "last_change", "last_seen", "first_seen")), origin.date)
    topics = " ".join(_texts(one, "topics"))
    category = Category.PERPETRATOR if "sanction" in topics or "crime" in topics else Category.OTHER
    text = "wallet of " + one_line(", ".join(holders)) if holders else one_line(_caption(one) or "wallet")
    source = one_line(f"{origin.source} {', '.join(datasets)}: {one.get('id', '')}".strip(), 500)
    said = (text, category, Use.UNSPECIFIED, None)
    yield Label(address, *said, source, origin.confidence, date, licence=origin.licence)


def _caption(one: Mapping[str, Any]) -> str:
    names = _texts(one, "name")
    return one_line(str(one.get("caption") or (names[0] if names else "")))


def _texts(one: Mapping[str, Any], key: str) -> list[str]:
    properties = one.get("properties")
    found = properties.get(key) if isinstance(properties, dict) else None
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _stated(one: Mapping[str, Any], *keys: str) -> list[str]:
    return [one[key] for key in keys if isinstance(one.get(key), str) and one[key]]


def rows_of(data: bytes, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV with a header, as text; cells that look like formulas are text like any other.

    Raises
    ------
    InputError
        If it is no UTF-8 or no CSV.
    """
    csv.field_size_limit(_FIELD)
    try:
        for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True):
            yield {str(key).strip(): value.strip() for key, value in row.items() if isinstance(value, str)}
    except (UnicodeDecodeError, csv.Error) as fault:
        raise InputError(
            f"{name}: cannot be read as CSV ({one_line(str(fault))}): correct the file"
        ) from None


def _object(data: bytes, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{name}: cannot be read as JSON ({one_line(str(fault))})") from None
    if not isinstance(found, dict):
        raise InputError(f"{name}: is no JSON object of addresses")
    return found


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


def check_confidence(word: str) -> str:
    """Return a confidence id that GraphSense knows.

    Raises
    ------
    InputError
        If it does not know the word.
    """
    if word not in CONFIDENCE:
        raise InputError(f"unknown confidence {word!r}: use one of {', '.join(CONFIDENCE)}")
    return word
