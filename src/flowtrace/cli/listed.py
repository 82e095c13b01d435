"""What the lists say of an address, in lines and in fields: exact matches, and, apart from them, exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from flowtrace.cli.text import one_line

if TYPE_CHECKING:
    from flowtrace.case.screening import Exposure, Screened
    from flowtrace.labels.lists import Match, Snapshot, Snapshots
    from flowtrace.model import Incident, Published

NO_LIST = (
    "no list is held: flowtrace labels sync fetches them, flowtrace labels add FILE --list ofac takes one "
    "from the disk. What shipped labels repeat of lists, flowtrace labels show ADDRESS prints"
)
_SHOWN = 5
_LISTED = {"listed": True, "not listed": False, "not known": None}


def say_snapshot(one: Snapshot, snapshots: Snapshots, *, quiet: bool) -> None:
    """Say what was taken in; what a person must know of it is said in any case."""
    if not quiet:
        refused = f", {one.refused} words with a wrong checksum left out" if one.refused else ""
        read = f"{one.addresses} addresses read as {one.form}{refused}"
        typer.echo(one_line(f"{one.list} of {one.day}: {read}; sha256 {one.sha256[:16]}…"), err=True)
        for what, accounts in zip(("new on it", "delisted"), snapshots.changes(one), strict=True):
            if accounts:
                more = ", …" if len(accounts) > _SHOWN else ""
                text = f"  {len(accounts)} {what}: {', '.join(accounts[:_SHOWN])}{more}"
                typer.echo(one_line(text), err=True)
    for why in snapshots.warnings(one):
        typer.echo(one_line(f"WARNING: {why}"), err=True)


def snapshot_fields(one: Snapshot, snapshots: Snapshots) -> dict[str, Any]:
    """Return a snapshot as it goes into JSON, with what came and went with it."""
    new, delisted = snapshots.changes(one)
    more = {"new": new, "delisted": delisted, "warnings": snapshots.warnings(one)}
    return {**{name: getattr(one, name) for name in one.__slots__}, **more}


def match_fields(one: Match) -> dict[str, Any]:
    """Return a match as it goes into JSON; ``listed`` is null where it is not known."""
    return {**{name: getattr(one, name) for name in one.__slots__}, "listed": _LISTED[one.word.value]}


def match_lines(found: list[Screened]) -> list[str]:
    """Return a few lines for each address: every entry that holds it exactly, or that none does."""
    lines = []
    for one in found:
        if one.fault:
            lines.append(f"{one.asked.text}  NOT SCREENED: {one.fault}")
        elif not one.matches:
            lines.append(f"{one.asked.text}  on no list that is held")
        for match in one.matches:
            lines += listed(match_fields(match))
        lines += [
            f"    payment of {day} ({name}): {word.value.upper()}; {why}"
            for name, day, word, why in one.in_case
        ]
    return lines


def asked_fields(held: list[Snapshot]) -> list[dict[str, Any]]:
    """Return of each list that was asked how many snapshots are held, and of which days."""
    days: dict[str, list[str]] = {}
    for one in held:
        days.setdefault(one.list, []).append(one.day)
    return [
        {"list": name, "snapshots": len(some), "first": min(some), "last": max(some)}
        for name, some in sorted(days.items())
    ]


def asked_line(held: list[Snapshot]) -> str:
    """Return in words which lists were asked: of any other nothing is known."""
    told = [
        "{list} ({snapshots} of {first} to {last})".format(**one)
        if one["snapshots"] > 1
        else "{list} ({first})".format(**one)
        for one in asked_fields(held)
    ]
    return f"lists asked: {', '.join(told)}; no other list is held"


def listed(match: dict[str, Any]) -> list[str]:
    """Return one exact match in lines."""
    entry = f"entry {match['entry']}" if match["entry"] else "of which entry is not told"
    since = f", listed on {match['listed_on']}" if match["listed_on"] else ""
    until = f", until {match['unlisted_on']}" if match["unlisted_on"] else ""
    lines = [
        f"{match['written']}  EXACT MATCH  list {match['list']}  {entry}{since}{until}",
        f"    {match['word'].value.upper()} on {match['day']}: {match['why']}",
        f"    name: {match['name'] or 'none told'}" + (f"; also {match['also']}" if match["also"] else ""),
        f"    programme: {match['programme'] or 'none told'}; stands in: {match['basis']}",
        f"    ticker: {match['ticker'] or 'none'}; chain: {match['chain']}",
    ]
    seen = f"; in snapshots {match['first_seen']} to {match['last_seen']}" if match["first_seen"] else ""
    gone = f", gone by {match['gone_by']}" if match["gone_by"] else ""
    return [*lines, f"    snapshot: {match['snapshot']}, sha256 {match['sha256']}{seen}{gone}"]


def exposure_lines(near: list[Exposure]) -> list[str]:
    """Return a line for each payment to or from a listed address."""
    lines = ["exposure, one hop from a listed address (no match):"] if near else []
    for one in near:
        match = one.match
        who = " ".join(filter(None, (match.list, match.entry, match.name)))
        paid = f"{one.address} {one.direction} {one.counterparty} on {one.day} ({one.transfer})"
        lines.append(f"  {paid}; {who}: {match.word.value.upper()} then, {match.why}")
    return lines


def named(incident: Incident, block: Published) -> dict[str, str]:
    """Return who named an address for a theft as it goes into JSON."""
    said = block.said
    return {"incident": incident.id, "title": incident.title, "status": incident.status.value,
            "role": block.role.value, "who": said.who, "date": said.date, "what": said.what,
            "where": said.where}  # fmt: skip


def named_lines(thefts: list[tuple[Incident, Published]]) -> list[str]:
    """Return in lines who named an address for which theft."""
    lines = []
    for told in (named(*one) for one in thefts):
        lines.append("NAMED FOR A THEFT  {incident}: {title} ({status}); role: {role}".format(**told))
        lines.append("    {who}, {day}: {what}".format(**told, day=told["date"] or "no date"))
        lines.append("    {where}; whole: flowtrace incidents {incident}".format(**told))
    return lines


def screened(one: Screened) -> dict[str, Any]:
    """Return an address that was asked for as it goes into JSON."""
    return {
        "address": one.asked.text,
        "day": one.asked.day,
        "matches": [match_fields(match) for match in one.matches],
        "fault": one.fault,
        "payments": [
            {"transfer": transfer, "day": day, "word": word, "listed": _LISTED[word.value], "why": why}
            for transfer, day, word, why in one.in_case
        ],
    }


def exposed(one: Exposure) -> dict[str, Any]:
    """Return an exposure as it goes into JSON: its match is the counterparty's."""
    return {
        "address": str(one.address),
        "direction": one.direction,
        "counterparty": str(one.counterparty),
        "transfer": one.transfer,
        "day": one.day,
        "counterparty_match": match_fields(one.match),
    }
