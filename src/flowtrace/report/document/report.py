"""The report: one PDF/A a reader can check line by line, and print."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowtrace.model import Result
from flowtrace.report.accounted import accounted
from flowtrace.report.cells import printable
from flowtrace.report.document.alternatives import confidence
from flowtrace.report.document.annex import annexes
from flowtrace.report.document.appendix import closing, glossary
from flowtrace.report.document.claims import attribution, claims
from flowtrace.report.document.cover import cover
from flowtrace.report.document.deposits import deposits
from flowtrace.report.document.drawn import figures_in, flow_pages
from flowtrace.report.document.editable import typeset_docx
from flowtrace.report.document.findings import findings
from flowtrace.report.document.key import key_findings
from flowtrace.report.document.method import limits, method, scope, sources
from flowtrace.report.document.money import money_pages
from flowtrace.report.document.readings import read
from flowtrace.report.document.standing import legal, requests
from flowtrace.report.document.typeset import Block, typeset
from flowtrace.report.document.who import who
from flowtrace.report.document.wording import others_words, worded
from flowtrace.report.document.words import footer
from flowtrace.report.subject import is_theft


def report_pdf(result: Result, figures: Mapping[str, bytes]) -> bytes:
    """Return the report.

    Parameters
    ----------
    figures
        The flow diagram and the charts as SVG, with their text as paths, by the names of their files.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    InputError
        If it uses words that a report may not use, or a figure is missing.
    """
    accounted(result)
    return typeset(_head(result), blocks(result), figures)


def report_files(result: Result, folder: Path) -> dict[str, bytes]:
    """Return the report as ``report.pdf`` and, of the same blocks, as ``report.docx`` that can be edited.

    Parameters
    ----------
    folder
        Where the flow diagram and the charts are, every page as SVG, with its text as paths, and as PNG.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    InputError
        If it uses words that a report may not use, or a figure is missing.
    """
    accounted(result)
    head, body = _head(result), blocks(result)
    return {
        "report.pdf": typeset(head, body, figures_in(folder, body, "svg")),
        "report.docx": typeset_docx(head, body, figures_in(folder, body, "png")),
    }


def _head(result: Result) -> dict[str, str]:
    title = f"{printable(result.incident.title)}: trace report"
    return {"title": title, "date": result.as_of, "footer": footer(result)}


def blocks(result: Result) -> list[Block]:
    """Return the report's body in reading order, in words that a report may use."""
    dollars = any(hop.amount.asset.symbol == "USD" for hop in result.trace.hops)
    return worded(_body(result), others_words(result), dollars=dollars)


def _body(result: Result) -> list[Block]:
    return [
        *cover(result),
        *key_findings(result),
        *scope(result),
        *sources(result),
        *method(result),
        *findings(result),
        *flow_pages(result),
        *money_pages(result),
        *confidence(result),
        *deposits(result),
        *who(result),
        *read(result),
        *claims(result),
        *(attribution(result) if is_theft(result.incident) else []),
        *legal(result),
        *requests(result),
        *limits(result),
        *glossary(result),
        *annexes(result),
        *closing(result),
    ]
