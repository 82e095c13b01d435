"""The cover: which case, which version, who wrote it and for whom, and the digest that all of it hangs on."""

from __future__ import annotations

from flowtrace.model import Audience, Result
from flowtrace.report.cells import printable
from flowtrace.report.document.typeset import Block, Cell, code, pairs, para
from flowtrace.report.document.words import SHARING, snapshot
from flowtrace.report.subject import is_theft

NOT_STATED = "not stated"
AUDIENCES = {
    Audience.LE: "le: investigators and courts; nothing is left out",
    Audience.VASP: "vasp: the compliance desk of a service; dropped.csv counts what is left out",
    Audience.PUBLIC: "public: anybody; dropped.csv counts what is left out",
}


def cover(result: Result) -> list[Block]:
    """Return the first page."""
    sharing = printable(result.sharing)
    return [
        {
            "kind": "title",
            "over": f"Trace report · {sharing}",
            "text": printable(result.incident.title),
            "under": "",
        },
        pairs(_facts(result, sharing)),
        {"kind": "fill"},
        code(result.digest, f"Case digest (SHA-256) as text in this code: {result.digest}"),
        para(
            "Every figure here is worked out from evidence (recorded answers or tables) whose bytes are "
            "kept and hashed. What is inferred is marked as class P. Amounts are exact unless it is said "
            "that they are rounded. The digest is over ledger, parameters, labels and rule cards; "
            "manifest.json beside this report has the SHA-256 of every file.",
            small=True,
        ),
        {"kind": "break"},
    ]


def _facts(result: Result, sharing: str) -> list[tuple[str, Cell]]:
    incident, said = result.incident, result.statement
    named: list[tuple[str, Cell]] = (
        [("Incident", f"{incident.id}, {incident.date}"), ("Victim", printable(incident.victim_party))]
        if is_theft(incident)
        else [("Case", f"{incident.id}, first payment marked on {incident.date}")]
    )
    return [
        *named,
        ("Version", printable(said.version)),
        ("Authors", [printable(author) for author in said.authors] or NOT_STATED),
        ("Made for", AUDIENCES[result.audience]),
        ("Record as of", result.as_of[:19].replace("T", " ") + " UTC"),
        ("Snapshot", snapshot(result)),
        ("Case digest", result.digest),
        ("Ledger digest", result.ledger_digest),
        ("Made with", f"flowtrace {result.version}"),
        ("Sharing", f"{sharing}: {SHARING[sharing]}" if sharing in SHARING else sharing),
    ]
