"""What the installed heuristics find in a case: those switched on, less what a person rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.case.intake import Say
from flowtrace.case.settings import FILE, Settings
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.heuristic import Heuristic, load
from flowtrace.labels import LabelBook
from flowtrace.ledger import Ledger
from flowtrace.model import Decision, Finding, finding_id

DECIDED = "decided"


@dataclass(frozen=True)
class Readings:
    """What was read, by which heuristics, and what a person said to it.

    Attributes
    ----------
    heuristics
        Those that were used, by id.
    findings
        What counts: all that was found, less what was rejected.
    decisions
        The last word on each finding that was decided on, by the finding's id.
    rejected
        What was found and rejected.
    """

    heuristics: tuple[Heuristic, ...]
    findings: tuple[Finding, ...]
    decisions: Mapping[str, Decision]
    rejected: tuple[Finding, ...]

    @property
    def accepted(self) -> frozenset[str]:
        """Ids of findings that a person accepted."""
        return frozenset(name for name, one in self.decisions.items() if one.accepted)


def used(settings: Settings) -> tuple[Heuristic, ...]:
    """Return the installed heuristics that a case uses.

    Raises
    ------
    InputError
        If the case switches one that is not installed.
    """
    installed = load()
    known = {one.card.id for one in installed}
    if strange := sorted((settings.off | settings.on) - known):
        there = ", ".join(sorted(known))
        what = f"no heuristic {strange[0]!r} is installed; there are {there}"
        raise InputError(f"{FILE} [heuristics], --off or --on: {what}")
    return tuple(
        one for one in installed
        if one.card.id not in settings.off and (one.card.on or one.card.id in settings.on)
    )  # fmt: skip


def readings(
    heuristics: Sequence[Heuristic],
    ledger: Ledger,
    book: LabelBook,
    *,
    decisions: Mapping[str, Decision],
    say: Say,
) -> Readings:
    """Read a ledger with heuristics, and put aside what a person rejected."""
    found: list[Finding] = []
    rejected: list[Finding] = []
    refused = {name for name, one in decisions.items() if not one.accepted}
    for heuristic in heuristics:
        say(f"reading the ledger with {heuristic.card.id}")
        for finding in heuristic(ledger, book):
            put_aside = refused and finding_id(finding) in refused
            (rejected if put_aside else found).append(finding)
    return Readings(tuple(heuristics), tuple(found), decisions, tuple(rejected))


def decisions_of(store: EvidenceStore) -> dict[str, Decision]:
    """Return the last word on each finding, as the custody log has it."""
    return {
        str(entry["finding"]): Decision(
            finding=str(entry["finding"]),
            accepted=bool(entry["accepted"]),
            who=str(entry["who"]),
            why=str(entry["why"]),
            at=str(entry["at"]),
        )
        for entry in store.noted(DECIDED)
        if "finding" in entry
    }


def decide(store: EvidenceStore, named: str, *, among: Iterable[Finding], word: Decision) -> Finding:
    """Keep a person's word on a finding that the case holds; return the finding.

    Parameters
    ----------
    named
        The finding's id, or enough of its beginning to tell it from the others.
    among
        All that was found, rejected ones too.
    word
        The decision; its ``finding`` and ``at`` are set here and by the log.

    Raises
    ------
    InputError
        If no finding, or several, have such an id, or the person or the reason is not named.
    """
    if not word.who.strip() or not word.why.strip():
        raise InputError("a decision names who makes it and why: give both")
    found = {finding_id(one): one for one in among if finding_id(one).startswith(named)}
    if len(found) != 1 or not named:
        many = f"{len(found)} findings have an id that begins so" if found else "no finding has such an id"
        raise InputError(f"{named!r}: {many}; flowtrace cluster CASE --json lists them")
    name, finding = next(iter(found.items()))
    store.note(DECIDED, finding=name, accepted=int(word.accepted), who=word.who, why=word.why)
    return finding
