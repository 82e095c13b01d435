"""The verbs about who is who: incidents, the known thefts; vasps, the recipients of requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import Json
from flowtrace.cli.text import one_line

if TYPE_CHECKING:
    from flowtrace.model import Citation, Incident, Vasp

Name = Annotated[str, typer.Argument(metavar="[ID]", help="Show this one whole; without it all are listed.")]
_CITED = (
    ("Amounts, as published", "amounts"),
    ("Official statements", "attribution"),
    ("Contradicted by", "disputed"),
    ("Said by others, not official", "claims"),
    ("Further sources", "sources"),
)


def incidents(id: Name = "", as_json: Json = False) -> None:  # noqa: A002  the word of the model
    """List the known thefts of the DPRK with who attributes them, or show one whole; seeds can be traced."""
    from flowtrace.labels import incident_ids, load_incident  # noqa: PLC0415  --help must not pay it

    if id:
        found = load_incident(id.strip().lower())
        _echo(_json(_plain(found)) if as_json else _told(found))
        return
    every = sorted(map(load_incident, incident_ids()), key=lambda one: (one.date, one.id))
    if as_json:
        _echo(_json([_plain(one) for one in every]))
        return
    head = ("ID", "DATE", "STATUS", "SEEDS", "NAMED", "VICTIM", "ATTRIBUTED BY")
    _echo(_aligned([head, *map(_row, every)]))
    typer.echo("One whole, with its addresses and how to trace it: flowtrace incidents ID", err=True)


def vasps(id: Name = "", as_json: Json = False) -> None:  # noqa: A002  the word of the model
    """List the recipients of requests with the age of what is known, or show one whole."""
    from flowtrace.labels import load_vasps  # noqa: PLC0415  the same

    today = datetime.now(UTC).date()
    if id:
        found = _recipient(id)
        _echo(_json(_vasp(found, today)) if as_json else _card(found, today))
        return
    if as_json:
        _echo(_json([_vasp(one, today) for one in load_vasps()]))
        return
    rows = [
        (
            one.id,
            ", ".join(one.accepted_modes) or "-",
            ", ".join(dict.fromkeys(channel.kind for channel in one.channels)) or "-",
            f"{one.verified_on} ({one.verified})",
            "stale" if one.is_stale(today) else f"until {one.holds_until}",
        )
        for one in load_vasps()
    ]
    _echo(_aligned([("ID", "WHO MAY ASK", "CHANNELS", "VERIFIED ON", "HOLDS"), *rows]))


def _recipient(name: str) -> Vasp:
    """Return the recipient of this id, or whose brand or label it is, however it is spelt."""
    from flowtrace.labels import load_vasp, load_vasps  # noqa: PLC0415  the same

    wanted = name.strip().lower()
    known = ({one.id, *one.labels, *map(str.lower, one.brands)} for one in load_vasps())
    found = (one for one, names in zip(load_vasps(), known, strict=True) if wanted in names)
    return next(found, None) or load_vasp(wanted)


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo("\n".join(map(one_line, line.split("\n"))))


def _json(found: object) -> Iterable[str]:
    yield json.dumps(found, indent=1)


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(incident: Incident) -> tuple[str, ...]:
    who = dict.fromkeys(cited.who for cited in incident.attribution)
    return (
        incident.id,
        incident.date,
        incident.status,
        str(len(incident.seeds)),
        str(len(incident.named)),
        incident.victim_party,
        "; ".join(who) or "no public body",
    )


def _told(incident: Incident) -> Iterable[str]:
    yield f"{incident.id}  {incident.title}"
    yield f"  date: {incident.date}; victim: {incident.victim_party}; status: {incident.status}"
    if incident.chains:
        yield f"  chains: {', '.join(incident.chains)}"
    for words, key in _CITED:
        yield from _cited(words, getattr(incident, key))
    for theft in incident.thefts:
        yield f"  Theft {theft.id}: {theft.units} base units of {theft.asset}, {theft.transfer}"
        yield f"    from {theft.origin} to {theft.thief.display}"
    listed = {address for block in incident.published for address in block.addresses}
    yield from (f"  Seed: {seed}" for seed in incident.seeds if seed not in listed)
    for block in incident.published:
        yield from _cited(f"Addresses ({block.role})", (block.said,))
        yield from (f"    {address}" for address in block.addresses)
        yield from (f"    transaction {transaction}" for transaction in block.transactions)
    if incident.inference:
        yield f"  Our own reading, not official: {incident.inference}"
    yield f"  {_next_step(incident)}"


def _next_step(incident: Incident) -> str:
    """Return how the theft is traced: as a bundled case, from an address, or not yet."""
    from flowtrace.case import bundled_cases  # noqa: PLC0415  the same

    places = (*incident.seeds, *incident.named)
    if incident.id in bundled_cases():
        return f"To trace it: flowtrace trace {incident.id}"
    return (
        f"To trace it: flowtrace trace {places[0]}" if places else "No address of it is published to trace."
    )


def _cited(words: str, cited: Sequence[Citation]) -> Iterable[str]:
    if cited:
        yield f"  {words}:"
    for one in cited:
        yield f"    {one.who}{f', {one.date}' if one.date else ''}: {one.what}"
        yield f"      {one.where}"


def _plain(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "title": incident.title,
        "date": incident.date,
        "victim": incident.victim_party,
        "status": incident.status,
        "chains": incident.chains,
        **{key: [_citation(one) for one in getattr(incident, key)] for _, key in _CITED},
        "seeds": list(map(str, incident.seeds)),
        "traceable": incident.is_traceable,
        "thefts": [
            {
                "id": theft.id,
                "asset": str(theft.asset),
                "units": str(theft.units),
                "transfer": theft.transfer,
                "victim": theft.origin,
                "thief": theft.thief.display,
            }
            for theft in incident.thefts
        ],
        "addresses": [
            _citation(block.said)
            | {
                "role": block.role,
                "list": list(map(str, block.addresses)),
                "transactions": block.transactions,
            }
            for block in incident.published
        ],
        "inference": incident.inference,
    }


def _citation(cited: Citation) -> dict[str, object]:
    return {"who": cited.who, "what": cited.what, "date": cited.date, "url": cited.url, "via": cited.via}


def _card(vasp: Vasp, today: date) -> Iterable[str]:
    yield f"{vasp.id}  {', '.join(vasp.brands)}"
    yield f"  {vasp.standing(today)}"
    for key, value in _vasp(vasp, today).items():
        if key in _SHOWN and value not in (None, "", []):
            yield from _field(key.replace("_", " "), value)


_SHOWN = frozenset(
    {
        "entities", "channels", "accepted_modes", "languages", "required_docs", "identifier_formats",
        "subject_rule", "default_hold_days", "preservation_days", "notifies_user_by_default", "sla_text",
        "notes",
    }
)  # fmt: skip


def _field(name: str, value: object) -> Iterable[str]:
    if not isinstance(value, list):
        yield f"  {name}: {value}"
        return
    yield f"  {name}:"
    for item in value:
        told = item.items() if isinstance(item, dict) else [("", item)]
        words = (f"{key.replace('_', ' ')} {word}".strip() for key, word in told if word not in {None, ""})
        yield "    " + "; ".join(words)


def _vasp(vasp: Vasp, today: date) -> dict[str, object]:
    return {
        "id": vasp.id,
        "labels": list(vasp.labels),
        "brands": list(vasp.brands),
        "entities": [
            {"name": one.name, "jurisdiction": one.jurisdiction, "scope": one.scope} for one in vasp.entities
        ],
        "channels": [
            {"mode": one.mode, "kind": one.kind, "value": one.value, "onboarding_days": one.onboarding_days}
            for one in vasp.channels
        ],
        "accepted_modes": list(vasp.accepted_modes),
        "languages": list(vasp.languages),
        "required_docs": list(vasp.required_docs),
        "identifier_formats": list(vasp.identifier_formats),
        "subject_rule": vasp.subject_rule,
        "default_hold_days": vasp.default_hold_days,
        "preservation_days": vasp.preservation_days,
        "notifies_user_by_default": vasp.notifies_user_by_default,
        "sla_text": vasp.sla_text,
        "notes": vasp.notes,
        "source_url": vasp.source_url,
        "verified_on": str(vasp.verified_on),
        "verified_basis": vasp.verified,
        "stale": vasp.is_stale(today),
    }
