"""The report: one PDF/A a reader can check line by line, and print."""

from __future__ import annotations

from pathlib import Path

from flowtrace.model import Result
from flowtrace.report.accounted import accounted
from flowtrace.report.cells import printable
from flowtrace.report.document.annex import annexes
from flowtrace.report.document.claims import attribution, claims
from flowtrace.report.document.deposits import deposits
from flowtrace.report.document.findings import findings
from flowtrace.report.document.key import key_findings
from flowtrace.report.document.method import limits, method, reproduction, scope, sources
from flowtrace.report.document.money import money_pages
from flowtrace.report.document.readings import read
from flowtrace.report.document.typeset import Block, Cell, pairs, para, typeset
from flowtrace.report.document.who import who
from flowtrace.report.document.words import SHARING, footer, snapshot
from flowtrace.report.subject import is_theft


def report_pdf(result: Result, figure: Path) -> bytes:
    """Return the report.

    Parameters
    ----------
    figure
        The flow diagram as SVG, with its text as paths.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    """
    accounted(result)
    head = {"title": f"{result.incident.title}: trace report", "date": result.as_of, "footer": footer(result)}
    return typeset(head, blocks(result), figure.read_bytes())


def blocks(result: Result) -> list[Block]:
    """Return the report's body in reading order."""
    return [
        *_cover(result),
        *key_findings(result),
        *scope(result),
        *sources(result),
        *method(result),
        *findings(result),
        {
            "kind": "figure",
            "text": "How the money moved",
            "alt": "Flow diagram; every [n] is a row of the annexes",
        },
        *money_pages(result),
        *deposits(result),
        *who(result),
        *claims(result),
        *read(result),
        *(attribution(result) if is_theft(result.incident) else []),
        *limits(result),
        *reproduction(result),
        *annexes(result),
    ]


def _cover(result: Result) -> list[Block]:
    incident, sharing = result.incident, printable(result.sharing)
    named: list[tuple[str, Cell]] = (
        [("Incident", f"{incident.id}, {incident.date}"), ("Victim", printable(incident.victim_party))]
        if is_theft(incident)
        else [("Case", f"{incident.id}, first payment marked on {incident.date}")]
    )
    return [
        {
            "kind": "title",
            "over": f"Trace report · {sharing}",
            "text": printable(incident.title),
            "under": "",
        },
        pairs(
            [
                *named,
                ("Record as of", result.as_of[:19].replace("T", " ") + " UTC"),
                ("Snapshot", snapshot(result)),
                ("Case digest", result.digest),
                ("Ledger digest", result.ledger_digest),
                ("Made with", f"flowtrace {result.version}"),
                ("Sharing", f"{sharing}: {SHARING[sharing]}" if sharing in SHARING else sharing),
            ]
        ),
        {"kind": "fill"},
        para(
            "Every figure here is worked out from evidence (recorded answers or tables) whose bytes are "
            "kept and hashed. What is inferred is marked as class P. Amounts are exact unless it is said "
            "that they are rounded.",
            small=True,
        ),
        {"kind": "break"},
    ]
