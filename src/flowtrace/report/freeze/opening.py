"""The letter's first page: who writes to whom, what is asked, and the facts of the theft."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Result
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import printable
from flowtrace.report.document.beginning import theft_transfer
from flowtrace.report.document.deposits import nothing_arrived
from flowtrace.report.document.typeset import Block, Cell, boxed, bullets, heading, pairs, para
from flowtrace.report.document.words import SHARING, decoded, exact, snapshot
from flowtrace.report.freeze.asking import asked, opening_words, title_of
from flowtrace.report.freeze.contact import channel_words
from flowtrace.report.freeze.lint import Remark, Sending
from flowtrace.report.freeze.request import FreezeRequest, Kind
from flowtrace.report.freeze.wording import BLANK, SHARED, STATUS, STATUS_UNKNOWN

DRAFT = "DRAFT, not to be sent"
_DRAFT = (
    "flowtrace trace writes a draft from the record alone. flowtrace freeze checks what depends on the day "
    "and on who asks: how old the contact is, and what else recipients refuse; it writes the package to send."
)


def opening(
    result: Result,
    request: FreezeRequest,
    *,
    sending: Sending | None = None,
    held_up: Iterable[Remark] = (),
) -> list[Block]:
    """Return head, locked opening and request; a draft begins with saying so.

    Parameters
    ----------
    sending
        The circumstances of a package to be sent; None for a draft.
    held_up
        What stands in the way of sending, shown in a draft.
    """
    body = [
        heading(title_of(request)),
        *([] if sending else [boxed(DRAFT, [para(_DRAFT), *_before(held_up)])]),
        pairs(_head(result, request, sending)),
        para(opening_words(request)),
        heading("1. Use of this notice" if request.kind is Kind.MIXER else "1. Request", 2),
        para(asked(request)),
    ]
    return [*body, *_depends(result, request)]


def _before(held_up: Iterable[Remark]) -> list[Block]:
    told = [printable(remark.text) for remark in held_up]
    return [para("Before it is sent:"), bullets(told)] if told else []


def _head(result: Result, request: FreezeRequest, sending: Sending | None) -> list[tuple[str, Cell]]:
    asker = result.requester
    head: list[tuple[str, Cell]] = [
        ("Reference", request.id),
        ("Sender's reference", printable(asker.reference) or BLANK),
        ("Date of sending", f"{BLANK} (UTC)"),
        ("Record as of", f"{result.as_of[:10]}; {snapshot(result)}"),
        ("Urgency", request.urgency),
        ("Sharing", f"{_shared(result)}, to the recipient and those it needs to act"),
        *_to(request, sending),
        ("From", ", ".join(printable(part) for part in (asker.name, asker.role) if part) or BLANK),
        ("Organisation", printable(asker.organisation) or BLANK),
        ("Mode", request.wording.word),
        ("Call-back", printable(asker.contact) or f"{BLANK} (independent of this message)"),
        *_officer(result, request),
    ]
    return head


def _to(request: FreezeRequest, sending: Sending | None) -> list[tuple[str, Cell]]:
    if request.kind is Kind.MIXER:
        return [
            ("To", "no recipient: for those who monitor for proceeds of theft, at exchanges and authorities")
        ]
    held = request.contact
    known = (
        [f"{one.name}{f' ({one.jurisdiction})' if one.jurisdiction else ''}" for one in held.entities]
        if held
        else []
    )
    legal = f"{BLANK} ({STATUS.get(request.entity.id, STATUS_UNKNOWN)}"
    registered = f"; its page names {printable(', '.join(known))}" if known else ""
    on = sending.at.date() if sending else None
    return [
        ("To", printable(request.entity.name)),
        ("Legal entity", f"{legal}{registered})"),
        ("Channel", f"{BLANK} ({channel_words(request, on)})"),
    ]


def _shared(result: Result) -> str:
    """Return the letter's label: TLP:AMBER, or that of the report where it is stricter."""
    strictest_first = list(SHARING)
    label = result.sharing if result.sharing in SHARING else SHARED
    return min(label, SHARED, key=strictest_first.index)


def _depends(result: Result, request: FreezeRequest) -> list[Block]:
    """Say it on the first page where the choice of rule decides whether anything arrived."""
    none = nothing_arrived(result, request.deposits)
    if not none:
        return []
    why = assumption(result, request.deposits)
    text = f"{none} The amounts below are stated under {request.rule.words}."
    return [boxed("The result depends on the tracing rule", [para(text), *([para(why)] if why else [])])]


def _officer(result: Result, request: FreezeRequest) -> list[tuple[str, Cell]]:
    asker = result.requester
    told = printable(asker.told) or f"{BLANK} (body and reference, where there is one)"
    if request.wording.mode == "le":
        return [("Second officer", printable(asker.second_officer) or BLANK)]
    return [("Told to authorities", told)]


def facts(result: Result, request: FreezeRequest) -> list[Block]:
    """Return what was stolen, and the official statements in a frame of their own."""
    incident = result.incident
    stated = [f"Victim: {printable(incident.victim_party)}. Date: {incident.date}."]
    for theft in incident.thefts:
        transfer = theft_transfer(result, theft)
        where = f" in transaction {transfer.tx} ({transfer.where})" if transfer else ""
        read = decoded([transfer]) if transfer else ""
        stated.append(
            f"{exact(theft.asset, theft.units)} left {theft.origin} for {theft.thief.display}{where}.{read}"
        )
    stated += _sworn(result, request)
    said = [
        f"{printable(c.who)}, {printable(c.date)}: {printable(c.what).rstrip('.')}. {printable(c.where)}"
        for c in incident.attribution
    ]
    return [
        heading("2. Facts", 2),
        bullets(stated),
        boxed(
            "Official statements, with their source; not a finding of this letter",
            [bullets(said or ["None is held."])],
        ),
    ]


def _sworn(result: Result, request: FreezeRequest) -> list[str]:
    """Return where the theft is reported, and of a victim how it shows that it is the owner."""
    asker = result.requester
    said = [f"Reported to: {printable(asker.report)}."] if asker.report else []
    if request.wording.mode == "victim":
        said = said or [f"Reported to: {BLANK} (body and number)."]
        said.append(f"Ownership is shown by: {printable(asker.ownership) or BLANK}.")
    return said
