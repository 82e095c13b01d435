"""The letter's first page: who writes to whom, what is asked, and the facts of the theft."""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import printable
from flowtrace.report.document.beginning import theft_transfer
from flowtrace.report.document.deposits import nothing_arrived
from flowtrace.report.document.typeset import Block, Cell, boxed, bullets, heading, pairs, para
from flowtrace.report.document.words import SHARING, decoded, exact, snapshot
from flowtrace.report.freeze.contact import channel_words
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.wording import (
    BLANK,
    HOLD_DAYS,
    PRESERVE_DAYS,
    REPLY_DAYS,
    SHARED,
    STATUS,
    STATUS_UNKNOWN,
    URGENCY,
    WHERE,
)


def opening(result: Result, request: FreezeRequest) -> list[Block]:
    """Return head, locked opening and request."""
    asker = result.requester
    wording = request.wording
    return [
        heading(wording.title),
        pairs(
            [
                ("Reference", request.id),
                ("Sender's reference", printable(asker.reference) or BLANK),
                ("Date of sending", f"{BLANK} (UTC)"),
                ("Record as of", f"{result.as_of[:10]}; {snapshot(result)}"),
                ("Urgency", URGENCY[request.urgency]),
                ("Sharing", f"{_shared(result)}, to the recipient and those it needs to act"),
                ("To", printable(request.entity.name)),
                ("Legal entity", f"{BLANK} ({STATUS.get(request.entity.id, STATUS_UNKNOWN)})"),
                ("Channel", f"{BLANK} ({channel_words(request)})"),
                ("From", printable(asker.name) or BLANK),
                ("Organisation", printable(asker.organisation) or BLANK),
                ("Mode", wording.mode if wording.mode == "researcher" else "law enforcement"),
                ("Call-back", printable(asker.contact) or f"{BLANK} (independent of this message)"),
                *_officer(result, request),
            ]
        ),
        para(wording.opening.format(where=where_received(request))),
        heading("1. Request", 2),
        para(asked(request)),
        *_depends(result, request),
    ]


def asked(request: FreezeRequest) -> str:
    """Return the request in its locked words, with the amounts it stops at."""
    return request.wording.ask.format(
        cap=" and ".join(exact(cap.asset, cap.traced) for cap in request.caps),
        preserve=PRESERVE_DAYS, reply=REPLY_DAYS, hold=HOLD_DAYS,
    )  # fmt: skip


def where_received(request: FreezeRequest) -> str:
    """Return where value was received: at deposit addresses, straight in the exchange's wallets, or both."""
    kinds = sorted({credit.pooled for credit in request.deposits})
    return " and at ".join(WHERE[pooled] for pooled in kinds)


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
    why = assumption(result)
    text = f"{none} The amounts below are stated under {request.rule.words}."
    return [boxed("The result depends on the tracing rule", [para(text), *([para(why)] if why else [])])]


def _officer(result: Result, request: FreezeRequest) -> list[tuple[str, Cell]]:
    if request.wording.mode == "le":
        return [("Second officer", printable(result.requester.second_officer) or BLANK)]
    return [("Told to authorities", f"{BLANK} (body and reference, where there is one)")]


def facts(result: Result) -> list[Block]:
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
