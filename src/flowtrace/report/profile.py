"""Publication profiles: what the compliance desk of a service, and the public, are not shown.

A profile is applied to the result before anything is rendered, so that every output follows it: document,
figure, tables, machine formats. Amounts stay, so that the money still adds up; who and where is replaced by a
name that says it is withheld. What was left out is counted, never told.

``le``
    Nothing is left out.
``vasp``
    Without confidential sources, third-party claims (class X), the authors' own assessment and the record of
    replies.
``public``
    Without the victim's personal data (name and addresses, unless the case says that the victim is public),
    bank accounts, addresses under embargo that are not frozen yet, transactions that touch either, what was
    asked to gather the evidence, confidential sources, the requester's name and contact, and letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flowtrace.model import (
    Acquired,
    Address,
    Audience,
    Coverage,
    Dropped,
    Family,
    Gap,
    GapKind,
    Requester,
    Result,
    Trace,
    Transfer,
    Use,
)
from flowtrace.report.credit import by_entity
from flowtrace.report.masks import Masks

_NAME = 3  # letters of a part of the victim's name that is found by itself
_UNREAD = "part of what was gathered could not be read"  # a file's name may be a person's
_OPENED = "it held value before its record begins, which is counted as not stolen"
_AWAY = "withheld from this copy"
_CONFIDENTIAL = "a confidential source"
_EMBARGO, _BANK, _VICTIM = "address under embargo", "bank account", "victim's address"
_WHY = {
    _EMBARGO: "a live target that nobody has frozen",
    _BANK: "personal data of its holder",
    _VICTIM: "personal data of the victim",
}


def published(result: Result) -> Result:
    """Return a result as its audience may see it; for ``le``, and if it is done already, as it is."""
    if result.audience is Audience.LE or result.dropped:
        return result
    return _for_public(result) if result.audience is Audience.PUBLIC else _for_services(result)


def _for_services(result: Result) -> Result:
    said = result.statement
    claims = sum(one.asserted for held in result.labels.values() for one in held)
    left = [
        *_confidential(result),
        Dropped("third-party claim (class X)", "not verified, and about the recipient's customers", claims),
        Dropped("the authors' own assessment", "for investigators", int(bool(said.assessment))),
        Dropped("line of the record of replies", "for investigators", len(said.replies)),
    ]
    sources = _sources(result)
    shown = Masks({}, sources).over(_without_claims(result))
    kept = replace(said, assessment="", replies=(), confidential=(), embargo=())
    return replace(shown, statement=Masks({}, sources).over(kept), dropped=_counted(left))


def _without_claims(result: Result) -> Result:
    labels = {a: tuple(one for one in held if not one.asserted) for a, held in result.labels.items()}
    stops = tuple(replace(stop, claims=()) if stop.claims else stop for stop in result.trace.stops)
    return replace(result, labels=labels, trace=replace(result.trace, stops=stops))


def _for_public(result: Result) -> Result:
    away = _away(result)
    touched = _touching(result, away)
    names = {one: f"withheld-{n}" for n, one in enumerate(sorted(away), start=1)}
    hashes = {
        tx: f"withheld-tx-{n}" for n, tx in enumerate(dict.fromkeys(one.tx for one in touched), start=1)
    }
    texts = _sources(result) | _persons(result)
    left = [
        *(Dropped(kind, _WHY[kind], sum(one == kind for one in away.values())) for kind in _WHY),
        Dropped("transaction", "it touches a withheld address", len(hashes)),
        Dropped("labelled address", "withheld", sum(one in away for one in result.labels)),
        *_confidential(result),
        Dropped("victim's name", "personal data", int(bool(_victims(result)))),
        Dropped("requester's name and contact", "not for the public", int(result.requester != _bare(result))),
        Dropped("line of the chain of custody, in part", "it may name persons", len(result.custody)),
        Dropped("letter with its identifiers", "for its recipient only", len(by_entity(result))),
    ]
    kept = replace(
        result,
        labels={address: held for address, held in result.labels.items() if address not in away},
        requester=_bare(result),
        statement=replace(result.statement, confidential=(), embargo=()),
        custody=tuple(_bared(line) for line in result.custody),
        trace=_unexplained(result.trace, away),
        parameters=tuple(_parameter(*one) for one in result.parameters),
        coverage=tuple(_covered(one) if _is_told_by_file(one, away) else one for one in result.coverage),
        dropped=_counted(left),
    )
    if _victims(result):
        kept = replace(kept, incident=replace(kept.incident, title=f"Theft of {result.incident.date}"))
    return Masks(names, texts, ((one, hashes[one.tx]) for one in touched)).over(kept)


def _away(result: Result) -> dict[Address, str]:
    """Return every address that the public is not shown, and why."""
    frozen = {a for a, held in result.labels.items() if any(one.use is Use.FROZEN for one in held)}
    services = {s.address for s in result.trace.stops if s.entity and s.entity.category.is_service}
    found = {one: _EMBARGO for one in result.statement.embargo if one not in frozen}
    banks = (one for one in _met(result) if one.chain.family is Family.BANK and one not in services)
    found = dict.fromkeys(banks, _BANK) | found
    if not result.statement.victim_is_public:
        victims = (theft.victim for theft in result.incident.thefts if theft.victim)
        found |= dict.fromkeys(victims, _VICTIM)
    return found


def _met(result: Result) -> Iterator[Address]:
    for transfer in result.transfers:
        yield from (leg.address for leg in (*transfer.inputs, *transfer.outputs) if leg.address)
    yield from (one.address for one in result.coverage)


def _touching(result: Result, away: Iterable[Address]) -> list[Transfer]:
    """Return the transfers whose hash leads to a withheld address."""
    held = set(away)
    return [
        one
        for one in result.transfers
        if any(leg.address in held for leg in (*one.inputs, *one.outputs))
    ]  # fmt: skip


def _victims(result: Result) -> tuple[str, ...]:
    party = result.incident.victim_party
    return (party,) if party and not result.statement.victim_is_public else ()


def _persons(result: Result) -> dict[str, str]:
    """Return the names that are not told, and what stands for each; a case's own name may be the victim's."""
    if not _victims(result):
        return {}
    parts = re.split(r"[()\[\]/,;]", result.incident.victim_party)
    return {
        **{part.strip(): "the victim" for part in parts if len(part.strip()) >= _NAME},
        result.incident.victim_party: "the victim",
        result.incident.title: f"Theft of {result.incident.date}",
        result.incident.id: f"case-{result.digest[:8]}",
    }


def _sources(result: Result) -> dict[str, str]:
    """Return the names of confidential sources, and every text that names one as its source."""
    named = [one.casefold() for one in result.statement.confidential]
    labels = [one for held in result.labels.values() for one in held]
    labels += [one for stop in result.trace.stops for one in stop.claims]
    texts = [one.source for one in labels]
    texts += [text for c in result.incident.sources for text in (c.who, c.what, c.url, c.via)]
    telling = [text for text in texts if any(one in text.casefold() for one in named)]
    return dict.fromkeys((*telling, *result.statement.confidential), _CONFIDENTIAL)


def _unexplained(trace: Trace, away: Mapping[Address, str]) -> Trace:
    """Return a trace without the reasons that name whose a withheld address is."""
    return replace(
        trace,
        stops=tuple(replace(s, basis=_AWAY, claims=()) if s.address in away else s for s in trace.stops),
        roles=tuple(replace(r, detail=_AWAY) if r.address in away else r for r in trace.roles),
        deposits=tuple(replace(d, basis=_AWAY) if d.hop.target in away else d for d in trace.deposits),
        gaps=tuple(_gap(gap, away) for gap in trace.gaps),
    )


def _gap(gap: Gap, away: Mapping[Address, str]) -> Gap:
    if gap.kind is GapKind.UNREAD:
        return replace(gap, what=_UNREAD)
    return replace(gap, what=_OPENED) if gap.kind is GapKind.OPENING and gap.address in away else gap


def _parameter(name: str, value: str) -> tuple[str, str]:
    """Return a parameter; of an opening balance without the words of who tells it."""
    return (name, value.partition(", by ")[0]) if name.startswith("opening ") else (name, value)


def _is_told_by_file(one: Coverage, away: Mapping[Address, str]) -> bool:
    """Tell whether what covers an address may name a person: it is withheld, or told by a bank's file."""
    return one.address in away or one.address.chain.family is Family.BANK


def _covered(one: Coverage) -> Coverage:
    return replace(one, check=_AWAY, source=_AWAY)


def _bare(result: Result) -> Requester:
    return Requester(mode=result.requester.mode)


def _bared(line: Acquired) -> Acquired:
    """Return a line of custody without what was asked, or who decided and why."""
    # A file's name may be a person's; a service that was asked over the network is none.
    source = line.source if line.event == "acquired" and "://" in line.what else ""
    return replace(line, what="", source=source)


def _confidential(result: Result) -> list[Dropped]:
    named = len(set(result.statement.confidential))
    return [Dropped("confidential source", "not named outside law enforcement", named)]


def _counted(left: Iterable[Dropped]) -> tuple[Dropped, ...]:
    return tuple(one for one in left if one.count)
