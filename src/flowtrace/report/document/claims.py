"""What others say: third parties' claims about addresses, and official words on who did it.

Neither is a finding of flowtrace, so each has a section of its own, with its source.
"""

from __future__ import annotations

from flowtrace.model import Label, Result
from flowtrace.report.cells import printable
from flowtrace.report.document.typeset import Block, Cell, heading, para, quoted, table


def claims(result: Result) -> list[Block]:
    """What third parties say of addresses (class X), apart from flowtrace's own findings."""
    rows = [_claim_row(label) for label in claimed(result)]
    if not rows:
        return [
            heading("Third-party claims (class X)"),
            para("None is held for the addresses of this trace."),
        ]
    return [
        heading("Third-party claims (class X)"),
        para(
            "Others say the following of addresses in this trace. flowtrace has not verified it, does not "
            "use it to end a trace or to name a deposit address, and shows it with its source."
        ),
        table(
            ["address", "claim", "source", "date"],
            rows,
            columns=["60mm", "1fr", "1.6fr", "16mm"],
            mono=[0],
            size=7.5,
            quoted=[1, 2],
        ),
    ]


def claimed(result: Result) -> list[Label]:
    """Return the third-party claims about addresses of the trace, each once."""
    said = {label: None for stop in result.trace.stops for label in stop.claims}
    said |= {label: None for labels in result.labels.values() for label in labels if label.asserted}
    return sorted(said, key=lambda label: (label.address, label.text, label.source))


def _claim_row(label: Label) -> list[Cell]:
    return [label.address.display, printable(label.text), printable(label.source), printable(label.date)]


def attribution(result: Result) -> list[Block]:
    """The official words on who did it, quoted; flowtrace adds none of its own."""
    blocks = [
        heading("Official attribution"),
        para(
            "The statements below are those of the bodies named. They are given with their source, not "
            "tested: nothing in this report's tracing rests on them, and what the "
            "authors assess themselves, if anything, stands apart below."
        ),
    ]
    for cited in result.incident.attribution:
        said = printable(cited.what).rstrip(".")
        blocks.append(quoted(f"{printable(cited.who)}, {printable(cited.date)}: {said}."))
        blocks.append(quoted(printable(cited.url), small=True))
    if not result.incident.attribution:
        blocks.append(para("No official statement is held."))
    return [*blocks, *_own(result)]


def _own(result: Result) -> list[Block]:
    """Return the authors' own assessment, as theirs; nothing where they state none."""
    said = printable(result.statement.assessment)
    if not said:
        return []
    return [
        heading("Own assessment of the authors", 2),
        para("What follows is the authors' judgement, not an official's and not a finding of the tracing."),
        quoted(said),
    ]
