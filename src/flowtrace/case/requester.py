"""``[requester]`` of a ``case.toml``: who asks in a freeze request, in which mode, and for what.

[requester]
mode = "le"                      # le, counsel, victim or researcher: it locks what the letters may say
name = "A. Officer"
role = "detective"
organisation = "Toytown Police"
reference = "TP-2022-17"         # your case number; it stands in the subject of every message
contact = "switchboard of Toytown Police"   # to call back, independent of the message
email = "a.officer@police.example"
second_officer = ""
legal_basis = "Toytown Code s. 1, order 7 of 1 May 2022"
report = "Toytown Police, TP-2022-17"       # where the theft is reported
ownership = "contract of the vault, deployed by the company"   # of a victim: how it shows that it owned it
told = "Toytown Police"          # which authority knows of the letters
language = "en"
actions = ["hold_withdrawals", "preserve_records"]   # what is asked; each mode has its own
no_tip_off_checked = true        # somebody made sure that no running operation is given away
[requester.basis]                # the basis of single actions, where it is not legal_basis
disclose_kyc = "Toytown Code s. 2, order 8 of 2 May 2022"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from flowtrace.errors import InputError
from flowtrace.model import Requester
from flowtrace.report.freeze.actions import ACTIONS, ALLOWED, CLAIMS_NO_BASIS

_TABLES = ("actions", "basis", "no_tip_off_checked")


def read_requester(table: Mapping[str, Any], path: Path) -> Requester:
    """Read who asks.

    Raises
    ------
    InputError
        If a setting is unknown, is of another kind than it should be, or asks for what the mode may not ask.
    """
    known = {field.name for field in fields(Requester)}
    if wrong := sorted(set(table) - known):
        raise InputError(
            f"{path}: unknown setting requester.{wrong[0]}; known are {', '.join(sorted(known))}"
        )
    for key, value in table.items():
        if key not in _TABLES and not isinstance(value, str):
            raise InputError(f'{path}: requester.{key} is not a text: write {key} = "…"')
    mode = table.get("mode", Requester().mode)
    if mode not in ALLOWED:
        raise InputError(f"{path}: requester.mode is {mode!r}: write one of {', '.join(ALLOWED)}")
    return Requester(
        **{key: value for key, value in table.items() if key not in _TABLES},
        actions=_actions(table.get("actions", []), mode, path),
        basis=_basis(table.get("basis", {}), mode, path),
        no_tip_off_checked=_checked(table.get("no_tip_off_checked", False), path),
    )


def _actions(listed: object, mode: str, path: Path) -> tuple[str, ...]:
    where = f"{path}: requester.actions"
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise InputError(f'{where} is not a list of actions: write actions = ["preserve_records"]')
    for one in listed:
        if one not in ACTIONS:
            raise InputError(f"{where}: there is no action {one!r}; there are {', '.join(ACTIONS)}")
        if one not in ALLOWED[mode]:
            may = ", ".join(ALLOWED[mode])
            raise InputError(f"{where}: the mode {mode} cannot ask for {one}; it can ask for {may}")
    return tuple(dict.fromkeys(listed))


def _basis(stated: object, mode: str, path: Path) -> tuple[tuple[str, str], ...]:
    where = f"{path}: requester.basis"
    if not isinstance(stated, dict) or not all(isinstance(text, str) for text in stated.values()):
        raise InputError(
            f"{where} is not a table of texts: write [requester.basis] and ACTION = “…” below it"
        )
    if stated and mode in CLAIMS_NO_BASIS:
        raise InputError(f"{where}: the mode {mode} claims no basis in law: leave the table out")
    if strange := sorted(set(stated) - set(ALLOWED[mode])):
        may = ", ".join(ALLOWED[mode])
        raise InputError(f"{where}: the mode {mode} has no action {strange[0]!r}; it has {may}")
    return tuple(sorted(stated.items()))


def _checked(value: object, path: Path) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{path}: requester.no_tip_off_checked is {value!r}: write true or false")
    return value
