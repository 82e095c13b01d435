"""The registry of recipients: one YAML file each, from the recipient's own pages alone.

A record tells entities, channels, accepted modes, documents and periods, and from which page on which day. A
file with a field that is not of this form is refused, with its name and the field.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from flowtrace.errors import InputError
from flowtrace.labels.row import Row, read_yaml
from flowtrace.model import Channel, LegalEntity, Vasp, Verified

KINDS = ("portal", "email", "form", "postal")
MODES = ("le", "counsel", "victim", "researcher")
_WORDS = ("accepted_modes", "brands", "identifier_formats", "labels", "languages", "required_docs")
_TEXTS = ("notes", "sla_text", "subject_rule")
_DAYS = ("default_hold_days", "preservation_days")
_SOURCE = ("source_url", "verified_basis", "verified_on")
_OTHERS = ("id", "entities", "channels", "notifies_user_by_default", *_SOURCE)
_KEYS = frozenset((*_WORDS, *_TEXTS, *_DAYS, *_OTHERS))
_URL = re.compile(r"https://[^\s/]+(/\S*)?")
_MAIL = re.compile(r"[^\s@]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
_LONGEST_PERIOD = 4
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def vasp_ids() -> tuple[str, ...]:
    """Return the ids of all recipients, sorted."""
    names = (file.name for file in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load_vasp(id: str) -> Vasp:  # noqa: A002  the word of the model
    """Return one recipient.

    Raises
    ------
    InputError
        If there is no recipient of this id.
    """
    if id not in vasp_ids():
        raise InputError(f"unknown recipient {id!r}: use one of {', '.join(vasp_ids())}")
    return read_vasp((_folder() / f"{id}.yaml").read_bytes(), f"{id}.yaml")


@cache
def load_vasps() -> tuple[Vasp, ...]:
    """Return every recipient, in order of ids."""
    return tuple(map(load_vasp, vasp_ids()))


def recipient_of(entity_id: str) -> Vasp | None:
    """Return who answers for an entity that the labels name, if the registry holds it."""
    return next((one for one in load_vasps() if entity_id == one.id or entity_id in one.labels), None)


def read_vasp(data: bytes, name: str) -> Vasp:
    """Read the file of one recipient.

    Raises
    ------
    InputError
        If the file or one of its fields cannot be used; the message names both.
    """
    row = read_yaml(data, name)
    _known(row, _KEYS)
    words = {key: tuple(row.words(key)) for key in _WORDS}
    for mode in words["accepted_modes"]:
        _one_of(row, "accepted_modes", mode, known=MODES)
    return Vasp(
        id=_matching(row, "id", _ID, words="lower-case letters, digits and '-'"),
        labels=words["labels"],
        brands=words["brands"],
        entities=tuple(map(_entity, row.some("entities"))),
        channels=tuple(map(_channel, row.some("channels"))),
        accepted_modes=words["accepted_modes"],
        languages=words["languages"],
        required_docs=words["required_docs"],
        identifier_formats=words["identifier_formats"],
        subject_rule=row.optional("subject_rule"),
        sla_text=row.optional("sla_text"),
        notes=row.optional("notes"),
        source_url=_matching(row, "source_url", _URL, words="https://…, a page of the recipient"),
        verified_on=_day(row),
        verified=Verified(_one_of(row, "verified_basis", row.text("verified_basis"), known=tuple(Verified))),
        notifies_user_by_default=_flag(row, "notifies_user_by_default"),
        default_hold_days=_whole(row, "default_hold_days"),
        preservation_days=_whole(row, "preservation_days"),
    )


def _folder() -> Traversable:
    return resources.files("flowtrace.labels") / "data" / "vasps"


def _known(row: Row, keys: frozenset[str]) -> None:
    unknown = sorted(row.fields.keys() - keys)
    if unknown:
        row.refuse(f"has an unknown {unknown[0]}: use {', '.join(sorted(keys))}")


def _entity(row: Row) -> LegalEntity:
    _known(row, frozenset({"name", "jurisdiction", "scope"}))
    return LegalEntity(row.text("name"), row.optional("jurisdiction"), row.optional("scope"))


def _channel(row: Row) -> Channel:
    _known(row, frozenset({"mode", "kind", "value", "onboarding_days"}))
    kind = _one_of(row, "kind", row.text("kind"), known=KINDS)
    mode = _one_of(row, "mode", row.optional("mode"), known=("", *MODES))
    mail = kind == "email"
    value = _matching(row, "value", _MAIL, words="an e-mail address") if mail else row.text("value")
    return Channel(kind, value, mode, _whole(row, "onboarding_days"))


def _one_of(row: Row, key: str, found: str, *, known: tuple[str, ...]) -> str:
    return (
        found
        if found in known
        else row.refuse(f"has {key} {found!r}: use one of {', '.join(filter(None, known))}")
    )


def _matching(row: Row, key: str, form: re.Pattern[str], *, words: str) -> str:
    found = row.text(key)
    return found if form.fullmatch(found) else row.refuse(f"has {key} {found!r}: write {words}")


def _day(row: Row) -> date:
    found = row.text("verified_on")
    try:
        return date.fromisoformat(found)
    except ValueError:
        row.refuse(f"has verified_on {found!r}: write it as YYYY-MM-DD")


def _whole(row: Row, key: str) -> int | None:
    found = row.optional(key)
    if found and not (found.isdecimal() and found.isascii() and len(found) <= _LONGEST_PERIOD):
        row.refuse(f"has {key} {found!r}: write whole days")
    return int(found) if found else None


def _flag(row: Row, key: str) -> bool | None:
    found = row.optional(key)
    return None if not found else _one_of(row, key, found, known=("true", "false")) == "true"
