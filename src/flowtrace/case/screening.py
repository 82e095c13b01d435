"""Addresses against the lists that are held: exact matches, and, apart from them, exposure within a case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from flowtrace.errors import IncompleteError, InputError, SourceError
from flowtrace.fetch import Door, Provider
from flowtrace.fetch.provider import NO_CHAIN
from flowtrace.labels.found import account_of, accounts_of, address_of, everywhere, found_in
from flowtrace.labels.lists import HOMES, Home, Match, Snapshot, Snapshots, Word
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Answer, Request, Transfer

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_SILENCE = 120.0
_OK, _START = 200, 4096


@dataclass(frozen=True, slots=True)
class Asked:
    """An address to screen, as it was written, and the day it is asked for."""

    text: str
    day: str


@dataclass(frozen=True, slots=True)
class Screened:
    """One address: the entries that hold it exactly; none means that no list that is held has it."""

    asked: Asked
    matches: tuple[Match, ...]
    in_case: tuple[tuple[str, str, Word, str], ...] = ()


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


def provider_of(home: Home) -> Provider:
    """Return a list's home as the door asks it."""
    parts = urlsplit(home.url)
    return Provider(
        id=home.id, service=home.id, kind="list", chain=NO_CHAIN, url=f"{parts.scheme}://{parts.netloc}",
        key=None, needs_key=False, requests=1, seconds=1.0, concurrent=1, page=0, window=0, depth=0,
        verified_on="", source=home.page, options={}, silence=_SILENCE,
    )  # fmt: skip


def homes_of(named: Sequence[str]) -> list[Home]:
    """Return the lists that can be fetched, or of these the named ones.

    Raises
    ------
    InputError
        If one is not known, or needs a person to get it.
    """
    for name in named:
        if name not in HOMES:
            raise InputError(f"unknown list {name!r}: use one of {', '.join(HOMES)}")
        if not HOMES[name].url:
            where = f"get it from {HOMES[name].page}" if HOMES[name].page else "get it from its publisher"
            raise InputError(f"{name}: {where}, then: flowtrace labels add FILE --list {name} --date DAY")
    return [home for home in HOMES.values() if home.url and (not named or home.id in named)]


async def sync(snapshots: Snapshots, homes: Sequence[Home], door: Door) -> tuple[list[Snapshot], list[str]]:
    """Fetch lists from their homes, keep each, and read it; return what came, and what did not and why.

    Raises
    ------
    IncompleteError
        If nothing may leave.
    """
    if door.offline:
        hosts = ", ".join(dict.fromkeys(urlsplit(home.url).netloc for home in homes))
        raise IncompleteError(f"offline: the lists are kept at {hosts}; nothing was asked")
    came, missed = [], []
    for home in homes:
        try:
            answer = await _fetched(home, door)
            if not _is_list(answer):
                why = f"{provider_of(home).host} answers {answer.status} with something else than the list"
                snapshots.store.note("rejected", evidence=answer.number, why=why)
                missed.append(f"{home.id}: {why}")
                continue
            kept = next(one for one in snapshots.store.items() if one.number == answer.number)
            name = urlsplit(home.url).path.rpartition("/")[2]
            came.append(snapshots.take(kept, name, of=home.id, day=answer.fetched_at[:10]))
        except (IncompleteError, InputError) as error:
            missed.append(f"{home.id}: {error}")
    return came, missed


async def _fetched(home: Home, door: Door) -> Answer:
    """Ask a list's home; where it hands on to its own store of files, ask there, once.

    The door follows nobody elsewhere, for a request may carry a key. This one carries none, and goes only
    where the home is known to keep its files.
    """
    try:
        return await door.ask(Request("GET", home.url), provider_of(home), fresh=True)
    except SourceError:
        failed = door.store.last("failed")
        said = failed.get("answer_headers", {}) if failed.get("url") == home.url else {}
        place = str(said.get("location", ""))
        parts = urlsplit(place)
        if parts.scheme != "https" or not (parts.hostname or "").endswith(home.moves_to or ("\0",)):
            raise
        return await door.ask(Request("GET", place), provider_of(replace(home, url=place)), fresh=True)


def _is_list(answer: Answer) -> bool:
    """Tell whether an answer is a file of the kind that was asked for: a page that says "sorry" is none.

    Taken for a list it would hold no address, and everybody would seem to be delisted.
    """
    start = answer.body[:_START].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    wanted = b"pk" if answer.request.url.lower().endswith(".xlsx") else b"<"
    return answer.status == _OK and start.startswith(wanted) and b"<html" not in start


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
    address = address_of(asked.text)
    accounts = accounts_of(address) if address else (account_of(asked.text),)
    matches = tuple(snapshots.matches(accounts, asked.day))
    paid = _payments(ledger, address) if ledger and address and matches else []
    ends = (paid[0], paid[-1]) if len(paid) > 1 else tuple(paid)
    in_case = tuple(
        (transfer.id, _day(transfer), again.word, f"{again.list}: {again.why}")
        for transfer in ends
        for again in snapshots.matches(accounts, _day(transfer))
    )
    return Screened(asked, matches, in_case)


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
