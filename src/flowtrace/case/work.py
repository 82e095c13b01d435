"""The pure part: from a ledger to the result document."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from flowtrace import cluster, labels, trace
from flowtrace.case import settings as read
from flowtrace.case.crossed import crossings_of, transfers_of, with_bridges
from flowtrace.case.diary import outcomes_in
from flowtrace.case.freezes import freezes_in
from flowtrace.case.holding import held_in
from flowtrace.case.intake import Say
from flowtrace.case.readings import Readings, readings, used
from flowtrace.case.said import decided_in
from flowtrace.case.unkeyed import joined, unkeyed
from flowtrace.crossing.keyless import BY as KEYLESS
from flowtrace.crossing.keyless import CARD
from flowtrace.crossing.mixed import mixed
from flowtrace.crossing.rounds import rounds
from flowtrace.crossing.shared import BY as SHARED
from flowtrace.crossing.shared import CARD as SHARED_CARD
from flowtrace.crossing.shared import shared
from flowtrace.labels import LabelBook
from flowtrace.labels.lists.shelved import list_shelf
from flowtrace.ledger import Ledger
from flowtrace.model import (
    NOBODY,
    Address,
    Category,
    Class,
    Clustering,
    Crossings,
    Decision,
    Entity,
    Finding,
    Incident,
    Label,
    Pattern,
    Result,
    Role,
    RoleName,
    Round,
    RuleCard,
    SetAside,
    StopReason,
    Trace,
    Use,
    wrapped_coin,
)
from flowtrace.report.control import controls

F = TypeVar("F", Role, SetAside)
LABEL_FILES = ("*.yaml", "*.csv", "*.json", "*.jsonl", "index.sqlite")


@dataclass(frozen=True)
class Worked:
    """A case followed to its ends, before anything is accounted for: what all that is told stands on."""

    incident: Incident
    book: LabelBook
    readings: Readings
    tracer: trace.Tracer
    crossings: Crossings = field(default_factory=Crossings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the heuristics found and nobody rejected."""
        return self.readings.findings


def read_by(
    folder: Path,
    ledger: Ledger,
    say: Say,
    *,
    decisions: Mapping[str, Decision] | None = None,
    settings: read.Settings | None = None,
) -> tuple[LabelBook, Readings]:
    """Read a ledger with the heuristics that a case uses, less what a person rejected."""
    book = book_of(folder)
    heuristics = used(settings or read.read_settings(folder))
    return book, readings(heuristics, ledger, book, decisions=decisions or {}, say=say)


def followed(folder: Path, ledger: Ledger, say: Say, *, found: tuple[LabelBook, Readings]) -> Worked:
    """Follow the thefts: a function of the ledger, the settings and what was read."""
    settings, (book, reading) = read.read_settings(folder), found
    incident = read.incident_of(folder, settings, ledger)
    policy = read.policy_of(settings, incident.thefts, ledger.openings)
    patterns = (one for one in reading.findings if isinstance(one, Pattern))
    notes = mixed(patterns, ledger.facts, ledger.transaction, decisions=reading.decisions)
    keyed = crossings_of(folder, ledger)
    taken = {one.gave[0].rpartition(":")[0] for one in keyed.made}
    pairs = shared(ledger.facts, ledger.transaction)
    words = [one for one in pairs if one.gave[0].rpartition(":")[0] not in taken]
    known = joined(keyed, notes.made, (*notes.likely, *words))
    end_of = with_bridges(end_of_addresses(book, reading.findings), known, _service_in(book))
    tracer = trace.Tracer(incident.thefts, end_of, policy)
    tried = unkeyed(settings.inferred, ledger, book, findings=reading.findings)
    told_by = known
    while True:
        tracer.link(told_by.links, transfers_of(told_by, ledger.transaction))
        _follow(tracer, ledger, say)
        before, told_by = told_by, tried.beside(known, tracer)
        if told_by.links == before.links:
            return Worked(incident, book, reading, tracer, told_by)


def book_of(folder: Path) -> LabelBook:
    """Return :func:`own_book` with the sanctions lists that the case holds, looked up by address."""
    book = own_book(folder)
    shelves = list_shelf(folder / "labels")
    return replace(book, shelves=(*book.shelves, *shelves)) if shelves else book


def own_book(folder: Path) -> LabelBook:
    """Return the shipped labels and a case's own, what issuers froze, its lists, what a person decided."""
    extra = sorted(path for pattern in LABEL_FILES for path in folder.glob(f"labels/{pattern}"))
    book = labels.load_labels(extra, sorted(folder.glob("labels/*.txt")), decided=decided_in(folder))
    told = freezes_in(folder)
    frozen = (*told.labels(), *told.denials(book.of))
    return replace(book, labels=(*book.labels, *frozen)) if frozen else book


def work(folder: Path, ledger: Ledger, say: Say, *, decisions: Mapping[str, Decision]) -> Result:
    """Cluster, trace and account.

    A function of the ledger, the case folder's settings and labels, and a person's decisions.
    """
    found = read_by(folder, ledger, say, decisions=decisions)
    done = followed(folder, ledger, say, found=found)
    return told(folder, ledger, done, say=say)


def told(folder: Path, ledger: Ledger, done: Worked, *, say: Say) -> Result:
    """Account for every unit of a case that was followed."""
    settings, tracer, book, findings = read.read_settings(folder), done.tracer, done.book, done.findings
    say("accounting for every unit under every rule")
    traced = trace.account_for(tracer, trace.Known(ledger, book.claims, _of(findings, Role), done.crossings))
    met = _met(traced)
    aside = tuple(f for f in _of(findings, SetAside) if f.address in set(met))
    parameters = read.parameters_of(tracer.policy, read.stated_rule(settings), tracer.rules)
    parameters += freezes_in(folder).coverage()
    parameters += tuple(settings.inferred.stated)
    known = done.crossings
    crossed = [known] if known.made or known.unmet or known.likely else []
    stated = (done.incident, parameters, book.digest, *crossed)
    result = Result(
        version=version("flowtrace"),
        as_of=_as_of(ledger),
        snapshot=_snapshot(ledger),
        digest=_digest(ledger, done.readings, stated),
        ledger_digest=ledger.digest,
        incident=_dated(replace(done.incident, thefts=traced.thefts), traced),
        parameters=parameters,
        rule_cards=(*(h.card for h in done.readings.heuristics), *_cards(traced)),
        trace=replace(traced, set_aside=aside, roles=_with_freezes(traced.roles, book)),
        clusters=clustered(book, done.readings).clusters,
        coverage=ledger.coverage,
        transfers=tuple(ledger),
        labels={address: book.of(address) for address in met if book.of(address)},
        requester=settings.requester,
        sharing=settings.sharing,
        prices=ledger.prices,
        confirmed=ledger.confirmed,
        patterns=_touching(findings, traced, set(met)),
        recipients={label: one for one in labels.load_vasps() for label in one.labels},
        audience=settings.audience,
        statement=settings.statement,
        custody=held_in(folder, ledger, traced.hops),
        outcomes=outcomes_in(folder),
        rounds=_rounds(findings, traced, tracer),
    )
    return replace(result, controls=controls(result))


def _rounds(findings: Iterable[Finding], traced: Trace, tracer: trace.Tracer) -> tuple[Round, ...]:
    patterns = [one for one in findings if isinstance(one, Pattern)]
    return rounds(patterns, traced.hops, tracer.transfers)


def _cards(traced: Trace) -> Iterable[RuleCard]:
    """Yield the cards of what is no heuristic and says something of this trace."""
    named = {*(one.by for one in traced.crossings), *(one.by for one in traced.likely)}
    yield from (card for by, card in ((KEYLESS, CARD), (SHARED, SHARED_CARD)) if by in named)


def _touching(findings: Iterable[Finding], traced: Trace, met: set[Address]) -> tuple[Pattern, ...]:
    """Return the patterns about an address that the trace met, or shown by a transaction of it."""
    walked = {hop.transfer.id.rpartition(":")[0] for hop in traced.hops}

    def touches(one: Pattern) -> bool:
        shown = any(name.rpartition(":")[0] in walked for name in one.because)
        return shown or not met.isdisjoint(one.addresses)

    return tuple(one for one in findings if isinstance(one, Pattern) and touches(one))


def _follow(tracer: trace.Tracer, ledger: Ledger, say: Say) -> None:
    """Give the tracer what it wants, from the ledger, until it wants nothing."""
    while wanted := tracer.wanted():
        say(f"following {len(tracer.followed) + len(wanted)} addresses")
        for address in wanted:
            give(tracer, ledger, address)


def give(tracer: trace.Tracer | trace.Origins, ledger: Ledger, address: Address) -> None:
    """Give what traces an address's transfers, or the reason why there are none to give."""
    left = next((lack for lack in ledger.lacks if lack.address == str(address)), None)
    if ledger.coverage_of(address) or (left is None and ledger.gives(address)):
        tracer.add(address, ledger.of(address))
    elif left is None:
        tracer.add(address, None)
    else:
        reason = StopReason.CROWDED if left.crowded else StopReason.NO_DATA
        tracer.end(address, trace.End(reason, None, Class.D, left.why))


def _dated(incident: Incident, traced: Trace) -> Incident:
    """Return an incident that has no date of its own with the day of the first payment followed."""
    first = min((hop.transfer.time for hop in traced.hops), default=0)
    day = datetime.fromtimestamp(first, UTC).date().isoformat()
    return incident if incident.date else replace(incident, date=day)


def _with_freezes(roles: Iterable[Role], book: LabelBook) -> tuple[Role, ...]:
    """Return roles that also say what the issuer of a token has frozen at their addresses."""
    said = (([one for one in book.of(role.address) if one.use is Use.FROZEN], role) for role in roles)
    return tuple(
        replace(role, detail="; ".join([role.detail, *(f"{one.text}, {one.date}" for one in frozen)]))
        if frozen
        else role
        for frozen, role in said
    )


def _met(traced: Trace) -> list[Address]:
    """Return every address of the hops, and the wallets that deposits were swept into."""
    ends = (a for hop in traced.hops for a in (hop.source, hop.target))
    wallets = (deposit.hot_wallet for deposit in traced.deposits)
    return sorted({address for address in (*ends, *wallets) if address is not None})


def _of(findings: Iterable[Finding], kind: type[F]) -> tuple[F, ...]:
    return tuple(finding for finding in findings if isinstance(finding, kind))


def clustered(book: LabelBook, found: Readings) -> Clustering:
    """Join what the heuristics find to be one owner's, less what a person rejected."""
    return cluster.clusters(found.findings, entity_of=_service_in(book), accepted=found.accepted)


def _service_in(book: LabelBook) -> Callable[[Address], Entity | None]:
    """Return what tells whose service an address is, by the strongest label that says so."""

    def service(address: Address) -> Entity | None:
        label = book.service(address)
        return None if label is None else label.entity

    return service


def end_of_addresses(book: LabelBook, findings: Iterable[Finding]) -> Callable[[Address], trace.End | None]:
    """Return what tells whether a trace ends at an address: findings on deposits first, then labels."""
    deposits = {f.address: f for f in findings if isinstance(f, Role) and f.role is RoleName.DEPOSIT}

    def end_of(address: Address) -> trace.End | None:
        role = deposits.get(address)
        if role is not None:
            return trace.End(StopReason.DEPOSIT, book.actor(role.entity), role.cls, role.detail)
        if basis := _holds_nothing(address):
            return trace.End(StopReason.SERVICE, None, Class.D, basis)
        label = book.service(address)
        if label is None:
            return None
        reason = StopReason.MIXER if label.category is Category.MIXER else StopReason.SERVICE
        basis = f"labelled {label.text!r} by {label.source}, {label.date} ({label.confidence})"
        return trace.End(reason, label.entity or _mixer_named(label), Class.P, basis)

    return end_of


def _mixer_named(label: Label) -> Entity | None:
    """Return the mixer that a label names in its text alone, as those of ChipMixer do; else None."""
    name = re.sub(r"[^a-z0-9]+", "-", label.text.casefold()).strip("-")[:64].strip("-")
    return Entity(name, label.text, label.category) if label.category is Category.MIXER and name else None


def _holds_nothing(address: Address) -> str:
    """Return why value that comes to an address is nobody's there, by what it is; empty where it may be."""
    coin = wrapped_coin(address)
    if coin is not None:
        return f"the contract of {coin.symbol}: coin paid to it is wrapped, and goes on as that token"
    burnt = "the zero address: tokens paid to it are burnt, or unwrapped; nobody pays from it"
    return burnt if address.account == NOBODY else ""


def _as_of(ledger: Ledger) -> str:
    """Return the day of the latest answer: every date of a report comes from the record, not from a clock.

    Files say nothing of when they were made: where there is nothing else, the last transfer's day stands.
    """
    told = max((item.fetched_at for item in ledger.coverage), default="")
    return told or datetime.fromtimestamp(max(ledger.time, default=0), UTC).isoformat()


def _snapshot(ledger: Ledger) -> tuple[tuple[str, int], ...]:
    heights: dict[str, int] = {}
    for item in ledger.coverage:
        chain = item.address.chain_id
        heights[chain] = max(heights.get(chain, 0), item.last)
    return tuple(sorted(heights.items()))


def _digest(ledger: Ledger, found: Readings, stated: Sequence[object]) -> str:
    """Hash what the result is a function of: ledger, rule cards, and what a person stated and decided."""
    cards = [repr(h.card) for h in found.heuristics]
    words = [repr((name, one.accepted)) for name, one in sorted(found.decisions.items())]
    parts = [ledger.digest, version("flowtrace"), *cards, *(repr(item) for item in stated), *words]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
