"""The diary of a case's requests: what was sent, what came of it, and what is due; kept in the custody log.

Entries are only ever added. A request's state is what the last entry says; what may follow it is
`RequestState.next`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowtrace.case import seal
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.model import Amount, Asset, Outcome, RequestRecord, RequestState, read_decimal, read_units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowtrace.report.freeze import Package

EVENT = "request"
SENT_FOLDER = "requests-sent"
_FILE = "evidence.sqlite"
_SOON = dt.timedelta(days=7)
_MONEY = frozenset({RequestState.HELD, RequestState.RELEASED})
"""The states that come with an amount: what is held, or came back to the victim."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a person enters: the new state, on which day, who says so, and the amounts, if any."""

    state: RequestState
    on: dt.date
    who: str
    note: str = ""
    amounts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something that is due, or was."""

    on: dt.date
    request: str
    text: str


def diary(folder: Path) -> tuple[RequestRecord, ...]:
    """Return every request of a case as its diary has it, in order of ids; none where it has no evidence."""
    if not (folder / _FILE).is_file():
        return ()
    with EvidenceStore(folder / _FILE, readonly=True) as store:
        return _read(store.noted(EVENT))


def outcomes_in(folder: Path, before: int | None = None) -> tuple[Outcome, ...]:
    """Return what became of the requests that were sent; those only drafted are not among them.

    Parameters
    ----------
    before
        The number of a log entry: what was entered from it on is left out. All counts where None.
    """
    if not (folder / _FILE).is_file():
        return ()
    with EvidenceStore(folder / _FILE, readonly=True) as store:
        entries = [one for one in store.noted(EVENT) if before is None or one["seq"] < before]
    return tuple(one.outcome for one in _read(entries) if one.state is not RequestState.DRAFTED)


def reminders(outcomes: Iterable[RequestRecord], on: dt.date) -> tuple[Reminder, ...]:
    """Return what is due within a week of a day, or was due before it, the earliest first."""
    found = []
    for one in outcomes:
        for due, what in (
            (one.reply_due, "an answer is due"),
            (one.hold_ends, "the hold ends: ask for its renewal, or enter expired or released"),
            (one.records_end, "the records need be kept no longer: ask again"),
        ):
            done = one.state in {RequestState.RELEASED, RequestState.REFUSED, RequestState.DRAFTED}
            if due and due - on <= _SOON and not done:
                text = f"since {due}: {what}" if due < on else f"on {due}: {what}"
                found.append(Reminder(due, one.request, text))
    return tuple(sorted(found, key=lambda reminder: (reminder.on, reminder.request, reminder.text)))


def note_drafted(folder: Path, made: Iterable[Package]) -> None:
    """Enter packages as drafted, each once for each form that it takes; one that was sent stays as it is."""
    with _resealed(folder), EvidenceStore(folder / _FILE) as store:
        entries = store.noted(EVENT)
        held = {one.request: one for one in _read(entries)}
        last = {str(entry["request"]): entry for entry in entries}
        for package in made:
            fields = _drafted(package)
            if fields is None:
                continue
            known, name = held.get(str(fields["request"])), str(fields["request"])
            if known and known.state is not RequestState.DRAFTED:
                continue
            if not known or any(last[name].get(key) != value for key, value in fields.items()):
                store.note(EVENT, **fields)


def step(folder: Path, named: str, taken: Step) -> RequestRecord:
    """Enter what became of a request; return it as it is now. A package that is sent is kept as it was sent.

    Raises
    ------
    InputError
        If there is no such request, the state may not follow, the day lies before the last entry's, nobody is
        named, or the amounts are missing or cannot be read.
    """
    with _resealed(folder), EvidenceStore(folder / _FILE) as store:
        entries = store.noted(EVENT)
        held = {one.request: one for one in _read(entries)}
        if named not in held:
            known = ", ".join(held) or "none: run flowtrace freeze first"
            raise InputError(f"there is no request {named!r} in the diary; there are {known}")
        _check(held[named], taken)
        fields: dict[str, str | int] = {
            "request": named, "state": taken.state.value, "on": taken.on.isoformat(), "who": taken.who,
            "note": taken.note, "amounts": _written(_amounts(held[named], taken)),
        }  # fmt: skip
        if taken.state is RequestState.SENT:
            drafts = (e for e in entries if e["request"] == named and e["state"] == RequestState.DRAFTED)
            *_, last = drafts
            fields["manifest"] = _keep_sent(folder, last, taken.on)
        store.note(EVENT, **fields)
        now = {one.request: one for one in _read(store.noted(EVENT))}
    return now[named]


def _check(held: RequestRecord, taken: Step) -> None:
    if not taken.who.strip():
        raise InputError("an entry names who makes it: give --who")
    if taken.state not in held.state.next:
        may = ", ".join(sorted(held.state.next)) or "nothing more"
        raise InputError(f"{held.request} is {held.state}: what may follow is {may}, not {taken.state}")
    if taken.on < held.on and held.state is not RequestState.DRAFTED:
        raise InputError(f"{held.request} is {held.state} since {held.on}: {taken.on} lies before that")


def _amounts(held: RequestRecord, taken: Step) -> tuple[Amount, ...]:
    """Read amounts such as ``12.5`` or, where a request names several assets, ``12.5 ETH``."""
    if taken.amounts and taken.state not in _MONEY:
        raise InputError(f"{taken.state} has no amount: leave --amount out")
    if not taken.amounts and taken.state is RequestState.HELD:
        raise InputError("held has an amount: give --amount, such as --amount 12.5")
    assets = {amount.asset.unit.casefold(): amount.asset for amount in held.requested}
    found: dict[Asset, Amount] = {}
    for text in taken.amounts:
        number, _, unit = text.strip().partition(" ")
        only = next(iter(assets.values())) if len(assets) == 1 else None
        asset = assets.get(unit.strip().casefold()) if unit else only
        if asset is None:
            named = ", ".join(one.unit for one in assets.values()) or "none"
            raise InputError(f"--amount {text!r}: name one of the request's assets behind it: {named}")
        if asset in found:
            raise InputError(f"--amount {text!r}: {asset.unit} is given twice")
        found[asset] = Amount(asset, read_decimal(number, asset.decimals))
    return tuple(found.values())


def _keep_sent(folder: Path, last: Mapping[str, Any], on: dt.date) -> str:
    """Copy a package as it is sent beside the folder that is written again; return its manifest's hash."""
    package = folder / "requests" / str(last["folder"])
    if not (package / "manifest.json").is_file():
        raise InputError(f"{package} is not there: run flowtrace freeze, then send what it writes")
    kept = folder / SENT_FOLDER / f"{last['folder']}-{on}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(package, kept)
    return hashlib.sha256((package / "manifest.json").read_bytes()).hexdigest()


def _drafted(package: Package) -> dict[str, str | int] | None:
    request = package.request
    if request is None or not request.actions:  # a notice asks nothing, so nothing comes of it
        return None
    reaches = [action.days for action in request.actions if action.capped]
    # Where no amount is asked, the assets stand there with nothing of them: one may be held all the same.
    amounts = [Amount(cap.asset, cap.traced if reaches else 0) for cap in request.caps]
    return {
        "request": request.id, "state": RequestState.DRAFTED.value, "folder": request.folder,
        "recipient": request.entity.id, "name": request.entity.name, "mode": request.wording.mode,
        "reply_days": request.reply_days, "hold_days": max(reaches, default=0),
        "keep_days": max((a.days for a in request.actions if not a.capped), default=0),
        "amounts": _written(amounts),
    }  # fmt: skip


def _read(entries: Iterable[Mapping[str, Any]]) -> tuple[RequestRecord, ...]:
    found: dict[str, RequestRecord] = {}
    for entry in entries:
        name, state = str(entry["request"]), RequestState(entry["state"])
        if state is RequestState.DRAFTED:
            found[name] = _begun(entry)
        elif name in found:
            found[name] = _went_on(found[name], entry, state)
    return tuple(one for _, one in sorted(found.items()))


def _begun(entry: Mapping[str, Any]) -> RequestRecord:
    day = dt.date.fromisoformat(str(entry["at"])[:10])
    return RequestRecord(
        str(entry["request"]), str(entry["recipient"]), str(entry["name"]), RequestState.DRAFTED, day, "", "",
        None, None, int(entry["reply_days"]), int(entry["hold_days"]), int(entry["keep_days"]),
        requested=_amounts_in(entry),
    )  # fmt: skip


def _went_on(before: RequestRecord, entry: Mapping[str, Any], state: RequestState) -> RequestRecord:
    day = dt.date.fromisoformat(str(entry["on"]))
    now = replace(before, state=state, on=day, who=str(entry["who"]), note=str(entry["note"]))
    if state is RequestState.SENT:
        now = replace(now, sent=day)
    if state is RequestState.HELD:
        now = replace(now, held_on=day, withheld=_amounts_in(entry))
    if state is RequestState.RELEASED:
        return replace(now, recovered=_amounts_in(entry))
    return now


def _written(amounts: Iterable[Amount]) -> str:
    return json.dumps([[str(a.asset), a.asset.symbol, a.asset.decimals, str(a.units)] for a in amounts])


def _amounts_in(entry: Mapping[str, Any]) -> tuple[Amount, ...]:
    rows = json.loads(str(entry["amounts"]))
    return tuple(
        Amount(Asset.of(name, symbol, places), read_units(units)) for name, symbol, places, units in rows
    )


@contextmanager
def _resealed(folder: Path) -> Iterator[None]:
    """Seal a case again after an entry, if its seal held before: an entry changes no result."""
    held = seal.holds(folder)
    yield
    if held:
        seal.write_seal(folder)
