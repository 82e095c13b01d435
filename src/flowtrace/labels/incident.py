"""Incidents: the thefts that ship with flowtrace, each a TOML file of facts with their public sources.

What a public body says (``attribution``), what contradicts it (``disputed``), what others say (``claims``)
and our own reading (``inference``) stand in places of their own. A status that is stated must fit them.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable

from flowtrace.errors import InputError
from flowtrace.labels.found import everywhere
from flowtrace.labels.row import Row
from flowtrace.model import (
    Address,
    Asset,
    Chain,
    Citation,
    Incident,
    IncidentStatus,
    Published,
    PublishedRole,
    Theft,
    read_units,
)

_CITED = ("amounts", "attribution", "claims", "disputed", "sources")
_KEYS = {
    *_CITED,
    "addresses",
    "chains",
    "date",
    "id",
    "inference",
    "seeds",
    "status",
    "thefts",
    "title",
    "victim",
}
_PUBLISHED = {"date", "list", "role", "transactions", "url", "via", "what", "who"}
_URL = re.compile(r"https?://[^\s/]+\S*")


def incident_ids() -> tuple[str, ...]:
    """Return the ids of all incidents, sorted."""
    names = (file.name for file in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_incident(id: str) -> Incident:  # noqa: A002  the word of the model
    """Return one incident.

    Raises
    ------
    InputError
        If there is no incident of this id.
    """
    if id not in incident_ids():
        raise InputError(f"unknown incident {id!r}: use one of {', '.join(incident_ids())}")
    return read_incident(_data(id), f"{id}.toml")


def incident_of_seed(address: Address) -> Incident | None:
    """Return the incident whose stolen funds arrived at this address, if its theft can be traced."""
    text = address.account.lower().encode()  # reading a file is quick, checking all its addresses is not
    naming = (one for one in incident_ids() if text in _data(one).lower())
    incidents = map(load_incident, naming)
    return next((one for one in incidents if one.is_traceable and address in one.seeds), None)


def naming(address: Address) -> list[tuple[Incident, Published]]:
    """Return every incident for which somebody published this address, with what was published.

    On chains where an account is the same owner's everywhere, the chain is not looked at.
    """
    text, places = address.account.lower().encode(), set(everywhere(address))
    named = (one for one in incident_ids() if text in _data(one).lower())
    return [
        (incident, block)
        for incident in map(load_incident, named)
        for block in incident.published
        if not places.isdisjoint(block.addresses)
    ]


def read_incident(data: bytes, name: str) -> Incident:
    """Read one incident file.

    Raises
    ------
    InputError
        If the file or one of its facts cannot be used; the message names both.
    """
    row = _toml(data, name)
    _known(row, _KEYS)
    cited = {key: tuple(map(_citation, row.some(key))) for key in _CITED}
    thefts = tuple(map(_theft, row.some("thefts")))
    published = tuple(map(_published, row.some("addresses")))
    seeds = _seeds(row, published)
    if thefts and not seeds:
        row.refuse("has no list of seeds: give the addresses that received the funds")
    return Incident(
        id=row.text("id"),
        title=row.text("title"),
        date=row.day("date") or row.refuse("has no date: give the day of the theft"),
        victim_party=row.text("victim"),
        seeds=seeds,
        thefts=thefts,
        status=_status(row, cited),
        chains=tuple(row.words("chains")),
        published=published,
        inference=row.optional("inference"),
        **cited,
    )


def _folder() -> Traversable:
    return resources.files("flowtrace.labels") / "data" / "incidents"


def _data(id: str) -> bytes:  # noqa: A002  the word of the model
    return (_folder() / f"{id}.toml").read_bytes()


def _toml(data: bytes, name: str) -> Row:
    try:
        return Row(name, tomllib.loads(data.decode()))
    except ValueError as fault:
        raise InputError(f"{name}: cannot be read as TOML ({fault}): correct the file") from None


def _known(row: Row, keys: set[str]) -> None:
    unknown = sorted(row.fields.keys() - keys)
    if unknown:
        row.refuse(f"has an unknown {unknown[0]}: use {', '.join(sorted(keys))}")


def _status(row: Row, cited: dict[str, tuple[Citation, ...]]) -> IncidentStatus:
    said, against, others = (bool(cited[key]) for key in ("attribution", "disputed", "claims"))
    text = row.optional("status")
    if not text:
        return IncidentStatus.ATTRIBUTED if said else IncidentStatus.UNOFFICIAL
    if text not in set(IncidentStatus):
        row.refuse(f"has status {text!r}: use one of {', '.join(IncidentStatus)}")
    status = IncidentStatus(text)
    if (status is not IncidentStatus.UNOFFICIAL) is not said:
        row.refuse(f"is {status} with {'an' if said else 'no'} attribution by a public body: correct either")
    if (status is IncidentStatus.CONTESTED) is not against:
        row.refuse(f"is {status} with {'a' if against else 'no'} disputed statement: correct either")
    if status is IncidentStatus.UNOFFICIAL and not others:
        row.refuse("is unofficial without claims: state who attributes it")
    return status


def _seeds(row: Row, published: tuple[Published, ...]) -> tuple[Address, ...]:
    found = row.fields.get("seeds", [])
    if not isinstance(found, list) or ("seeds" in row.fields and not found):
        row.refuse("has no list of seeds: give the addresses that received the funds")
    received = (block.addresses for block in published if block.role is PublishedRole.RECEIVED)
    stated = [_address(row, str(text)) for text in found]
    return tuple(dict.fromkeys((*stated, *(address for block in received for address in block))))


def _published(row: Row) -> Published:
    _known(row, _PUBLISHED)
    role = row.text("role")
    if role not in set(PublishedRole):
        row.refuse(f"has role {role!r}: use one of {', '.join(PublishedRole)}")
    addresses = tuple(_address(row, text) for text in row.words("list"))
    transactions = tuple(_transaction(row, text) for text in row.words("transactions"))
    if not addresses and not transactions:
        row.refuse("lists no address and no transaction: remove it")
    return Published(_citation(row), PublishedRole(role), addresses, transactions)


def _transaction(row: Row, text: str) -> str:
    chain, _, identifier = text.rpartition(":")
    try:
        Chain.of(chain)
    except InputError as fault:
        row.refuse(str(fault))
    return text if identifier else row.refuse(f"has transaction {text!r}: write it as CHAIN:HASH")


def _theft(row: Row) -> Theft:
    return Theft(
        id=row.text("id"),
        asset=_asset(row),
        units=_units(row),
        transfer=row.text("transfer"),
        victim=_address(row, row.text("victim")),
        thief=_address(row, row.text("thief")),
    )


def _asset(row: Row) -> Asset:
    decimals = row.fields.get("decimals", 0)
    if type(decimals) is not int:
        row.refuse(f"has decimals {decimals!r}: write a whole number")
    try:
        return Asset.of(row.text("asset"), row.optional("symbol"), decimals)
    except InputError as fault:
        row.refuse(str(fault))


def _units(row: Row) -> int:
    try:
        return read_units(row.text("units"))
    except InputError as fault:
        row.refuse(str(fault))


def _address(row: Row, text: str) -> Address:
    try:
        return Address.of(text)
    except InputError as fault:
        row.refuse(str(fault))


def _citation(row: Row) -> Citation:
    url = row.text("url")
    if not _URL.fullmatch(url):
        row.refuse(f"has url {url!r}: write it as https://…")
    return Citation(row.text("who"), row.text("what"), row.day("date"), url, row.optional("via"))
