"""Incidents: the thefts that ship with flowtrace, each a TOML file of facts with their public sources."""

from __future__ import annotations

import tomllib
from importlib import resources
from importlib.resources.abc import Traversable

from flowtrace.errors import InputError
from flowtrace.labels.row import Row
from flowtrace.model import Address, Asset, Citation, Incident, Theft, read_units

_KEYS = {"attribution", "date", "id", "seeds", "sources", "thefts", "title", "victim"}


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
    return read_incident((_folder() / f"{id}.toml").read_bytes(), f"{id}.toml")


def incident_of_seed(address: Address) -> Incident | None:
    """Return the incident whose stolen funds arrived at this address."""
    incidents = map(load_incident, incident_ids())
    return next((one for one in incidents if address in one.seeds), None)


def read_incident(data: bytes, name: str) -> Incident:
    """Read one incident file.

    Raises
    ------
    InputError
        If the file or one of its facts cannot be used; the message names both.
    """
    row = _toml(data, name)
    unknown = sorted(row.fields.keys() - _KEYS)
    if unknown:
        row.refuse(f"has an unknown {unknown[0]}: use {', '.join(sorted(_KEYS))}")
    return Incident(
        id=row.text("id"),
        title=row.text("title"),
        date=row.day("date") or row.refuse("has no date: give the day of the theft"),
        victim_party=row.text("victim"),
        seeds=_seeds(row),
        thefts=tuple(map(_theft, row.rows("thefts"))),
        attribution=tuple(map(_citation, row.some("attribution"))),
        sources=tuple(map(_citation, row.some("sources"))),
    )


def _folder() -> Traversable:
    return resources.files("flowtrace.labels") / "data" / "incidents"


def _toml(data: bytes, name: str) -> Row:
    try:
        return Row(name, tomllib.loads(data.decode()))
    except ValueError as fault:
        raise InputError(f"{name}: cannot be read as TOML ({fault}): correct the file") from None


def _seeds(row: Row) -> tuple[Address, ...]:
    found = row.fields.get("seeds")
    if not isinstance(found, list) or not found:
        row.refuse("has no list of seeds: give the addresses that received the funds")
    return tuple(_address(row, str(text)) for text in found)


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
    return Citation(row.text("who"), row.text("what"), row.day("date"), row.text("url"))
