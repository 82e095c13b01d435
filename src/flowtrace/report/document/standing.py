"""Where things stand: lists and freezes as of their day, replies, requests, corrections, versions."""

from __future__ import annotations

from datetime import UTC, datetime

from flowtrace.model import Address, Audience, Entity, Label, Result, Use, listed_by
from flowtrace.report.cells import count, printable
from flowtrace.report.credit import Credit, by_entity, fault, received, summed
from flowtrace.report.document.cover import NOT_STATED
from flowtrace.report.document.deposits import amount_lines
from flowtrace.report.document.readings import met_by
from flowtrace.report.document.typeset import Block, Cell, heading, para, table
from flowtrace.report.document.who import frozen
from flowtrace.report.subject import is_theft
from flowtrace.report.tables import stated_rule

_OFFICIAL = "authority_data"  # GraphSense's confidence id for what a public body publishes


def legal(result: Result) -> list[Block]:
    """Return the sanctions status, freezes and the record of replies, each as of a day."""
    return [
        heading("Legal and sanctions status"),
        *_lists(result),
        *frozen(result),
        heading("Right of reply", 2),
        *_replies(result),
    ]


def official(result: Result) -> list[Label]:
    """Return what public bodies' lists say of addresses of the trace, by address."""
    met = met_by(result)
    return [
        label
        for address in sorted(result.labels)
        for label in result.labels[address]
        if address in met and label.confidence == _OFFICIAL and not label.asserted
        and label.use is not Use.FROZEN
    ]  # fmt: skip


def _lists(result: Result) -> list[Block]:
    found = official(result)
    dates = sorted({label.date for label in found})
    if not found:
        return [
            para(
                "No address of this trace is named by an official list among the labels of this case. That "
                "does not say that none is listed: “flowtrace screen” asks the lists that are held."
            )
        ]
    return [
        para(
            f"{count(len({label.address for label in found}), 'address')} of this trace "
            "are named by lists of public bodies, as of the day of each list "
            f"({printable(dates[0])}{f' to {printable(dates[-1])}' if dates[1:] else ''}). These are exact "
            "matches of the address; having paid or been paid by such an address is exposure, and no match. "
            "A listing may have ended since, and need not have stood when a payment was made: the third "
            "column says whether it did on the days of the first and the last payment of this trace, as far "
            "as the lists of this case tell it."
        ),
        table(
            ["addresses", "the list says, by its source", "listed when the payments were made?", "as of"],
            _listings(found, days_of(result)),
            columns=["60mm", "1fr", "38mm", "16mm"],
            mono=[0],
            size=7.5,
            quoted=[1],
        ),
    ]


def days_of(result: Result) -> dict[Address, tuple[str, str]]:
    """Return the days of the first and the last payment of the trace, by each address that it meets."""
    times: dict[Address, list[int]] = {}
    for hop in result.trace.hops:
        for end in (hop.source, hop.target):
            if end is not None:
                times.setdefault(end, []).append(hop.transfer.time)
    return {address: (_day(min(some)), _day(max(some))) for address, some in times.items()}


def _day(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()


def _listings(found: list[Label], days: dict[Address, tuple[str, str]]) -> list[list[Cell]]:
    """Return one row per thing said: of most listings only the address differs."""
    said: dict[tuple[str, ...], list[Label]] = {}
    for label in found:
        then = (_on(label, day) for day in days[label.address])
        said.setdefault((label.text, label.source, label.date, *then), []).append(label)
    return [
        [
            [label.address.display for label in some],
            [f"“{printable(text)}”", printable(source)],
            _then(words, [days[label.address] for label in some]),
            printable(date),
        ]
        for (text, source, date, *words), some in said.items()
    ]


def _on(label: Label, day: str) -> str:
    told = listed_by(label)
    return told.on(day) if told else "not known: the day of the list is not told"


def _then(words: list[str], days: list[tuple[str, str]]) -> Cell:
    """Say whether the listing stood on the first and on the last day, once where that is the same."""
    first, last = words
    if first == last:
        return f"{_span([one for pair in days for one in pair])}: {first}"
    firsts, lasts = (_span([pair[n] for pair in days]) for n in (0, 1))
    return [f"{firsts}: {first}", f"{lasts}: {last}"]


def _span(days: list[str]) -> str:
    return f"{min(days)} to {max(days)}" if min(days) != max(days) else days[0]


def _replies(result: Result) -> list[Block]:
    if result.audience is Audience.VASP:
        return [para("The record of replies is not part of this copy.")]
    rows: list[list[Cell]] = [
        [
            printable(one.party),
            printable(one.asked),
            printable(one.answered) or "none received",
            printable(one.words),
        ]
        for one in result.statement.replies
    ]
    if not rows:
        return [
            para(
                "No request for a reply is on record in this case. A public report that names a natural "
                "person needs one first; this report names services and addresses, and no natural person of "
                "its own."
            )
        ]
    return [
        para("Who was asked for a reply, when, and what came of it, as the authors state it:"),
        table(
            ["party", "asked", "answered", "reply"], rows, columns=["44mm", "24mm", "28mm", "1fr"],
            quoted=[0, 3],
        ),
    ]  # fmt: skip


def requests(result: Result) -> list[Block]:
    """Return the requests that are written, and what came of each where that is recorded."""
    rows = [_asked(result, entity) for entity, _ in by_entity(result).values()]
    rows += _further(result)
    if not is_theft(result.incident) or not rows:
        said = "No request is written; Deposits per exchange says why."
        return [heading("Requests made and their outcome"), para(said)]
    none = "" if result.outcomes else " No outcome is recorded in this case yet."
    where = (
        "A public copy carries no letters."
        if result.audience is Audience.PUBLIC
        else "Each is a folder under requests/."
    )
    return [
        heading("Requests made and their outcome"),
        para(f"Requests written for this trace. {where} Whether one was sent is not known here.{none}"),
        table(
            ["recipient", "received; traced; low; high", "outcome, as recorded"],
            rows,
            columns=["44mm", "62mm", "1fr"],
            right=[1],
            mono=[1],
            size=8,
        ),
    ]


def _asked(result: Result, entity: Entity) -> list[Cell]:
    _, held = by_entity(result)[entity.id]
    wrong = fault(result, held)
    none = f"not written: {wrong}" if wrong else "none recorded"
    return [printable(entity.name), _sums(result, held), _told(result, entity) or printable(none)]


def _further(result: Result) -> list[list[Cell]]:
    """Return what is written beside the requests to exchanges that were reached: each is a folder too."""
    from flowtrace.report.freeze.recipients import (  # noqa: PLC0415  its letters are made of these tables
        further_requests,
    )

    return [
        [
            [printable(one.entity.name), printable(_FURTHER[one.kind])],
            _sums(result, list(one.deposits)),
            _told(result, one.entity) or "none recorded",
        ]
        for one in further_requests(result)
    ]


_FURTHER = {
    "third-party claim": "a question, on a third party's claim (X)",
    "mixer exposure": "a notice of exposure, which asks nothing",
    "issuer": "as the issuer of the token",
}


def _sums(result: Result, held: list[Credit]) -> list[str]:
    lines = []
    for asset, came in received(held).items():
        taint = summed((c for c in held if c.hop.amount.asset == asset), result.trace.rules)
        lines += amount_lines(asset, came, taint, rule=stated_rule(result))
    return lines


def _told(result: Result, entity: Entity) -> list[str]:
    told = [
        " ".join(filter(None, (f"{one.date}: {one.state}.", one.held and f"Held: {one.held}.", one.note)))
        for one in result.outcomes
        if one.entity == entity.id
    ]
    return [printable(text) for text in told]


def corrections(result: Result) -> list[Block]:
    """Return how a mistake is corrected, what the versions changed, and what this copy leaves out."""
    said = result.statement
    where = printable(said.corrections) or NOT_STATED
    return [
        heading("Corrections and versions", 2),
        para(
            f"Whoever finds a mistake is asked to write to: {where}. A correction makes a new version; the "
            "former one is named below with its case digest, and is not withdrawn in silence. Other "
            "evidence, rules or labels give another digest."
        ),
        *_versions(result),
        *_dropped(result),
    ]


def _versions(result: Result) -> list[Block]:
    rows: list[list[Cell]] = [
        [
            printable(one.version),
            printable(one.date),
            printable(one.what),
            printable(one.digest) or NOT_STATED,
        ]
        for one in result.statement.changes
    ]
    if not rows:
        return [para(f"This is version {printable(result.statement.version)}; no former version is stated.")]
    columns = ["18mm", "22mm", "1fr", "1fr"]
    return [table(["version", "date", "what it changed", "former digest"], rows, columns=columns, quoted=[2])]


def _dropped(result: Result) -> list[Block]:
    if result.audience is Audience.LE:
        return []
    rows: list[list[Cell]] = [[one.what, one.why, f"{one.count:,}"] for one in result.dropped]
    return [
        heading("Left out of this copy", 2),
        para(
            f"This copy is made for the profile {result.audience}. Amounts are as in the full report. "
            "What is withheld from this text can still be read on a public ledger by whoever follows it."
        ),
        table(["what", "why", "how many"], rows or [["nothing", "", "0"]], columns=["60mm", "1fr", "20mm"],
              right=[2]),
    ]  # fmt: skip
