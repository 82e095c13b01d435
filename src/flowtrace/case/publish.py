"""A report made again from what is held, for an audience; and what the ids in it stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from flowtrace import report
from flowtrace.case.case import Case
from flowtrace.errors import InputError
from flowtrace.model import Audience, Evidence, Hop

_DIGITS = 8  # of a SHA-256 that are enough to name it; no row has so many


def publish(case: Case, profile: Audience | None = None) -> Path:
    """Write a case's outputs from its evidence alone, for an audience; return the folder.

    Parameters
    ----------
    profile
        For whom; as the case says unless given. What is made for another audience than the case's own goes
        into ``out-PROFILE/``: it has a manifest of its own, and is no part of what the case is sealed with.

    Raises
    ------
    InputError
        If there is no evidence, or a word is used that a report may not use.
    IntegrityError
        If the money does not add up.
    """
    if profile is None or profile is case.settings.audience:
        case.report()
        return case.out
    out = case.folder / f"out-{profile}"
    report.write_report(replace(case.result, audience=profile), out, case.say)
    return out


@dataclass(frozen=True, slots=True)
class Shown:
    """What a row of a report stands for: its hop, and the kept answers that tell it."""

    hop: Hop
    items: tuple[Evidence, ...]


def shown(case: Case, row: int) -> Shown:
    """Return what a row [n] stands for.

    Raises
    ------
    InputError
        If the trace has no such row.
    """
    hop = next((one for one in case.result.trace.hops if one.row == row), None)
    if hop is None:
        last = max((one.row for one in case.result.trace.hops), default=0)
        raise InputError(f"the trace of {case.folder} has no row [{row}]: its rows are [1] to [{last}]")
    numbers = set(case.ledger.witness.get(hop.transfer.id, ()))
    with case.store(readonly=True) as store:
        items = tuple(item for item in store.items() if item.number in numbers)
    return Shown(hop, items)


def kept_bytes(case: Case, digest: str) -> bytes:
    """Return the kept bytes that a SHA-256, or enough of its beginning, names.

    Raises
    ------
    InputError
        If nothing kept, or more than one thing, has a hash that begins so.
    IntegrityError
        If the bytes no longer have that hash.
    """
    with case.store(readonly=True) as store:
        found = {item.sha256: item for item in store.items() if item.sha256.startswith(digest.lower())}
        if len(digest) < _DIGITS or len(found) != 1:
            many = f"{len(found)} kept answers have a hash that begins so" if found else "nothing kept has it"
            raise InputError(
                f"{digest!r}: {many}; give a row, or {_DIGITS} or more digits of a hash in custody.csv"
            )
        return store.body(next(iter(found.values())))
