"""``[report]`` of ``case.toml``: who may see the report, for whom it is made, and what its authors state.

[report]
sharing = "TLP:AMBER"            # who may see it
profile = "le"                   # or vasp, public: for whom out/ is made
version = "1"
authors = ["Name, office"]
funding = ""                     # who paid for the work
conflicts = ""                   # interests of the authors in its outcome
corrections = ""                 # where to write to who finds a mistake
assessment = ""                  # your own assessment of who did it, printed as yours
victim_is_public = false         # whether a public report may name the victim; true for shipped incidents
embargo = ["eip155:1:0x…"]       # addresses that the public may not be shown yet
confidential = ["SOURCE"]        # sources not to be named outside law enforcement
[[report.replies]]               # right of reply: who was asked, when, and what came of it
party = "…"
asked = "2022-05-01"
[[report.changes]]               # what this version changed, and the case digest the former one had
version = "2"
date = "2022-06-01"
what = "…"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from flowtrace.errors import InputError
from flowtrace.model import Address, Audience, Change, Reply, Statement

SHARING = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")
_TEXTS = ("version", "funding", "conflicts", "corrections", "assessment")
_LISTS = ("authors", "embargo", "confidential")
_KNOWN = frozenset({"sharing", "profile", "victim_is_public", "replies", "changes", *_TEXTS, *_LISTS})
Row = TypeVar("Row", Reply, Change)


def read_sharing(table: Mapping[str, Any], path: Path) -> str:
    """Return who may see the report: a label of the Traffic Light Protocol.

    Raises
    ------
    InputError
        If it is none, or ``[report]`` holds an unknown setting; the message names it.
    """
    wrong = sorted(set(table) - _KNOWN)
    if wrong:
        raise InputError(f"{path}: unknown setting report.{wrong[0]}; known are {', '.join(sorted(_KNOWN))}")
    sharing = str(table.get("sharing", "TLP:AMBER"))
    if sharing not in SHARING:
        raise InputError(f"{path}: report.sharing is {sharing!r}: write one of {', '.join(SHARING)}")
    return sharing


def read_audience(text: str, where: str) -> Audience:
    """Return a publication profile by its name.

    Raises
    ------
    InputError
        If there is none of the name.
    """
    try:
        return Audience(text)
    except ValueError:
        known = ", ".join(Audience)
        raise InputError(f"{where} is {text!r}: write one of {known}") from None


def read_statement(table: Mapping[str, Any], path: Path, *, shipped: bool) -> Statement:
    """Return what the authors state; ``shipped`` says that the incident is a public one that ships.

    Raises
    ------
    InputError
        If a setting has the wrong form; the message names it.
    """
    texts = {name: _text(table.get(name, ""), f"{path}: report.{name}") for name in _TEXTS}
    lists = {name: _listed(table.get(name, []), f"{path}: report.{name}") for name in _LISTS}
    public = table.get("victim_is_public", shipped)
    if not isinstance(public, bool):
        raise InputError(f"{path}: report.victim_is_public is {public!r}: write true or false")
    try:
        embargo = tuple(Address.of(text) for text in lists["embargo"])
    except InputError as error:
        raise InputError(f"{path}: report.embargo: {error}") from None
    return Statement(
        version=texts["version"] or "1",
        authors=lists["authors"],
        funding=texts["funding"],
        conflicts=texts["conflicts"],
        corrections=texts["corrections"],
        assessment=texts["assessment"],
        confidential=lists["confidential"],
        embargo=embargo,
        victim_is_public=public,
        replies=_rows(table, "replies", Reply, where=f"{path}: report"),
        changes=_rows(table, "changes", Change, where=f"{path}: report"),
    )


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{where} is {value!r}: write a text in quotes")
    return value


def _listed(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise InputError(f'{where} is not a list of texts: write ["…"]')
    return tuple(value)


def _rows(table: Mapping[str, Any], name: str, kind: type[Row], *, where: str) -> tuple[Row, ...]:
    rows = table.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{where}.{name} is not a list of tables: write [[report.{name}]]")
    return tuple(_row(row, kind, f"{where}.{name}, row {n}") for n, row in enumerate(rows, start=1))


def _row(row: Mapping[str, Any], kind: type[Row], where: str) -> Row:
    known = [field.name for field in fields(kind)]
    wrong = [f"unknown setting {name}" for name in row if name not in known]
    wrong += [f"{name} is missing" for name in known[:2] if not row.get(name)]
    if wrong:
        raise InputError(f"{where}: {wrong[0]}; known are {', '.join(known)}")
    return kind(**{name: _text(str(value), where) for name, value in row.items()})
