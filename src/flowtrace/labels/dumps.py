"""Labels as others dump them: explorers' label clouds, warning lists of scams, CSV.

What cannot be used is left out and counted, never guessed: a row of a chain that is not followed, a word that
is no address. A file that is not what it seems is refused.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError
from flowtrace.labels.row import Row
from flowtrace.labels.slugs import actor_of, kind_of, use_of
from flowtrace.labels.tagpack import Entities, label_reader
from flowtrace.labels.untrusted import one_line
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Address, Category, Chain, Label

SITES = {
    "etherscan": "ethereum", "arbiscan": "arbitrum", "avalanche": "avalanche", "bscscan": "bnb",
    "optimism": "optimism", "polygonscan": "polygon", "snowtrace": "avalanche", "basescan": "base",
}  # fmt: skip
_NAME_KEYS = ("nameTag", "name_tag", "name")
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
    """Yield labels of a dump of an explorer's label cloud.

    Known are address to ``{name, labels}`` and address to name, of the site that the file is named after;
    and a list of ``{address, chainId, nameTag, label}``, which tells its chains itself.

    Raises
    ------
    InputError
        If the file is no such JSON, or tells no chain that is followed.
    """
    found = _json(dump.data, dump.name)
    if isinstance(found, list):
        for row in found:
            yield from _listed(row, dump, origin)
        return
    site = dump.name.partition(".")[0].lower()
    if site not in SITES:
        raise InputError(
            f"{dump.name}: its name tells no explorer: begin it with one of {', '.join(sorted(SITES))}."
        )
    for account, said in found.items():
        place, table = _Place(account, SITES[site], dump), said if isinstance(said, dict) else {}
        name, slugs = table.get("name"), table.get("labels")
        if isinstance(said, str):
            yield from _named(place, (said, []), origin)
        elif isinstance(name, str) and isinstance(slugs, list):
            yield from _named(place, (name, [slug for slug in slugs if isinstance(slug, str)]), origin)
        else:
            dump.refused.append(one_line(f"{dump.name}: {account!r} has no name or labels"))


def _listed(row: object, dump: Dump, origin: Origin) -> Iterator[Label]:
    """Yield the label of one row that tells its own chain."""
    said = row if isinstance(row, dict) else {}
    account, number = said.get("address"), said.get("chainId", said.get("chain_id"))
    if not isinstance(account, str) or type(number) is not int:
        dump.refused.append(one_line(f"{dump.name}: {str(row)[:80]!r} has no address or no chainId"))
        return
    try:
        chain = Chain.of(f"eip155:{number}")
    except InputError as fault:
        dump.refused.append(f"{dump.name}: {fault}")
        return
    name = next((said[key] for key in _NAME_KEYS if isinstance(said.get(key), str)), "")
    slugs = said.get("labels", said.get("label"))
    words = slugs if isinstance(slugs, list) else [slugs]
    yield from _named(
        _Place(account, chain.name, dump), (name, [one for one in words if isinstance(one, str)]), origin
    )


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


def _json(data: bytes, name: str) -> dict[str, Any] | list[Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{name}: cannot be read as JSON ({one_line(str(fault))})") from None
    if not isinstance(found, dict | list):
        raise InputError(f"{name}: is no JSON object or list of addresses")
    return found


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
