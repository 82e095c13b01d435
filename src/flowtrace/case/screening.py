"""Addresses against the lists that are held: exact matches, and, apart from them, exposure within a case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from flowtrace.case.homes import official
from flowtrace.case.target import resembles, target_of
from flowtrace.errors import IncompleteError, InputError, KeyRefusedError
from flowtrace.fetch import Door
from flowtrace.fetch.provider import key_value
from flowtrace.labels.found import account_of, accounts_of, address_of, everywhere, found_in
from flowtrace.labels.lists import HOMES, Home, Match, Snapshot, Snapshots, Word
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Transfer

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_FOREIGN = re.compile(r"(?=.*[0-9])[0-9A-Za-z:]{20,200}")  # an address of a chain that is not followed


@dataclass(frozen=True, slots=True)
class Asked:
    """An address to screen, as it was written, and the day it is asked for."""

    text: str
    day: str


@dataclass(frozen=True, slots=True)
class Screened:
    """One address: the entries that hold it exactly; none means that no list that is held has it.

    Attributes
    ----------
    in_case
        Of its first and last payment in a case: transfer, day, and what a list said of it on that day.
    fault
        Why the text is no address, where it is none and no list has it: then nothing follows from that.
    """

    asked: Asked
    matches: tuple[Match, ...]
    in_case: tuple[tuple[str, str, Word, str], ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A payment between an address and a listed one: one hop, and no match.

    Attributes
    ----------
    direction
        ``sent to`` or ``received from``, seen from ``address``.
    match
        The listed counterparty's entry, asked for the day of the payment.
    """

    address: Address
    direction: str
    counterparty: Address
    transfer: str
    day: str
    match: Match


def homes_of(named: Sequence[str]) -> list[Home]:
    """Return the named lists, or without names all that can be asked for now.

    Raises
    ------
    InputError
        If one is not known, or needs a person to get it.
    KeyRefusedError
        If one needs a token that is not set.
    """
    for name in named:
        if name not in HOMES:
            raise InputError(f"unknown list {name!r}: use one of {', '.join(HOMES)}")
        if why := _closed(HOMES[name]):
            raise (KeyRefusedError if HOMES[name].token else InputError)(f"{name}: {why}")
    return [home for home in HOMES.values() if (home.id in named if named else not _closed(home))]


def not_asked() -> list[str]:
    """Return which lists a program cannot get now, and what a person does about each."""
    return [f"{home.id}: {why}" for home in HOMES.values() if home.page and (why := _closed(home))]


def _closed(home: Home) -> str:
    """Return why a list cannot be asked for now; empty where it can."""
    by_hand = f"flowtrace labels add FILE --list {home.id} --date DAY"
    if not home.asked:
        where = f"get it from {home.page}" if home.page else "get it from its publisher"
        return f"{where}, then: {by_hand}"
    if home.token and key_value(home.token) is None:
        where = f"set {home.token} to the one in the link at {home.page}"
        return f"its publisher asks for a token: {where}; or {by_hand}"
    return ""


async def sync(snapshots: Snapshots, homes: Sequence[Home], door: Door) -> tuple[list[Snapshot], list[str]]:
    """Fetch lists from their homes, keep each, and read it; return what came, and what did not and why.

    Raises
    ------
    IncompleteError
        If nothing may leave.
    """
    if door.offline:
        urls = (url for home in homes for url in (*home.urls, home.index) if url)
        hosts = ", ".join(dict.fromkeys(urlsplit(url).netloc for url in urls))
        raise IncompleteError(f"offline: the lists are kept at {hosts}; nothing was asked")
    came: list[Snapshot] = []
    missed: list[str] = []
    for home in homes:
        for url in home.urls or ("",):
            try:
                answer = await official(home, url, door)
                kept = next(one for one in snapshots.store.items() if one.number == answer.number)
                name = urlsplit(answer.request.url).path.rstrip("/").rpartition("/")[2]
                came.append(snapshots.take(kept, name, of=home.id, day=answer.fetched_at[:10]))
            except (IncompleteError, InputError, KeyRefusedError) as error:
                missed.append(f"{home.id}: {error}; its page: {home.page}")
    return came, missed


def asked_in(text: str, day: str) -> Iterator[Asked]:
    """Yield the addresses of a text, each asked for the day its line states, or the given one."""
    for line in text.splitlines():
        stated = _DAY.search(line)
        for word, _ in found_in(line):
            yield Asked(word, stated[0] if stated else day)


def screened(snapshots: Snapshots, asked: Iterable[Asked], ledger: Ledger | None = None) -> list[Screened]:
    """Return what the lists say of addresses; with a ledger also on the days of their payments in it.

    Raises
    ------
    InputError
        If no list is held.
    """
    if not snapshots.all():
        raise InputError("no list is held: flowtrace labels sync fetches them, labels add takes a file")
    return [_screened(snapshots, one, ledger) for one in asked]


def _screened(snapshots: Snapshots, asked: Asked, ledger: Ledger | None) -> Screened:
    address, fault = _meant(asked.text)
    accounts = accounts_of(address) if address else (account_of(asked.text),)
    matches = tuple(snapshots.matches(accounts, asked.day))
    paid = _payments(ledger, address) if ledger and address and matches else []
    ends = (paid[0], paid[-1]) if len(paid) > 1 else tuple(paid)
    in_case = tuple(
        (transfer.id, _day(transfer), again.word, f"{again.list}: {again.why}")
        for transfer in ends
        for again in snapshots.matches(accounts, _day(transfer))
    )
    return Screened(asked, matches, in_case, "" if matches else fault)


def _meant(text: str) -> tuple[Address | None, str]:
    """Return the address that a text is, and what is wrong with it where it cannot be one of any chain."""
    try:
        target = target_of(text)
        if target is not None and target.address is None:
            return None, "it is a transaction, and lists hold addresses"
        if target is not None:
            return target.address, ""
        why = resembles(text)
    except InputError as error:
        return address_of(text), str(error)
    if why or _FOREIGN.fullmatch(text):
        return None, why
    return None, "neither a file nor an address: check the path, or copy the address again"


def joined(told: Sequence[tuple[str, Sequence[Screened]]]) -> list[Screened]:
    """Join what several folders of lists say: an address is on a list where one of them has it.

    Parameters
    ----------
    told
        The name of each folder, and what was screened there. Folders hold snapshots of other days, so what
        is not said alike by all names its folder.
    """
    asked = dict.fromkeys(one.asked for _, some in told for one in some)
    held = [(where, {one.asked: one for one in some}) for where, some in told]
    return [_one_of([(where, some[it]) for where, some in held if it in some], len(told)) for it in asked]


def _one_of(told: Sequence[tuple[str, Screened]], folders: int) -> Screened:
    matches: dict[Match, list[str]] = {}
    in_case: dict[tuple[str, str, Word, str], list[str]] = {}
    for where, one in told:
        for match in one.matches:
            matches.setdefault(match, []).append(where)
        for payment in one.in_case:
            in_case.setdefault(payment, []).append(where)

    def by(why: str, wheres: list[str]) -> str:
        return why if len(wheres) == folders else f"{why} (by {wheres[0]})"

    first = told[0][1]
    return Screened(
        first.asked,
        tuple(replace(match, why=by(match.why, wheres)) for match, wheres in matches.items()),
        tuple((*payment[:3], by(payment[3], wheres)) for payment, wheres in sorted(in_case.items())),
        "" if matches else first.fault,
    )


def listed_in(snapshots: Snapshots, ledger: Ledger, day: str) -> list[Asked]:
    """Return the addresses of a ledger that any snapshot holds, to be asked for that day."""
    listed = snapshots.accounts()
    met = {leg.address for transfer in ledger for leg in (*transfer.inputs, *transfer.outputs) if leg.address}
    named = {address.account for address in met if not listed.isdisjoint(accounts_of(address))}
    return [Asked(account, day) for account in sorted(named)]


def _payments(ledger: Ledger, address: Address) -> list[Transfer]:
    """Return the payments of an account on any chain of the ledger, by time."""
    paid = (transfer for one in everywhere(address) for transfer in ledger.of(one))
    return sorted(paid, key=lambda transfer: (transfer.time, transfer.id))


def exposures(snapshots: Snapshots, ledger: Ledger, accounts: frozenset[str]) -> Iterator[Exposure]:
    """Yield every payment of a ledger between a listed address and one of these; none means any."""
    listed = snapshots.accounts()
    for transfer in ledger:
        givers = {leg.address for leg in transfer.inputs if leg.address}
        takers = {leg.address for leg in transfer.outputs if leg.address}
        for here, there, direction in ((givers, takers, "sent to"), (takers, givers, "received from")):
            for other in sorted(there):
                names = [name for name in accounts_of(other) if name in listed]
                wanted = [one for one in sorted(here - {other}) if not accounts or one.account in accounts]
                if names and wanted:
                    matches = snapshots.matches(names, _day(transfer))
                    yield from (
                        Exposure(one, direction, other, transfer.id, _day(transfer), match)
                        for one in wanted
                        for match in matches
                    )


def _day(transfer: Transfer) -> str:
    return datetime.fromtimestamp(transfer.time, UTC).date().isoformat()


def taken_in(snapshots: Snapshots, file: Path, *, of: str, day: str) -> Snapshot:
    """Keep a list's file from the disk.

    Raises
    ------
    InputError
        If it cannot be read, or states no day and none is given.
    """
    try:
        body = file.read_bytes()
    except OSError as fault:
        raise InputError(f"{file.name}: cannot be read ({fault.strerror}): check the path") from None
    return snapshots.add(file.name, body, of=of, day=day)
