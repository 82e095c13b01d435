"""What outputs say, as one text, for tests to look in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader

from flowtrace.model import Result
from flowtrace.report.diagram.drawing import sheet_of
from flowtrace.report.diagram.marks import Words
from flowtrace.report.document.report import blocks
from flowtrace.report.freeze.letter import letter_texts


def pdf_text(source: Path | bytes) -> str:
    """Return the text of a PDF, its lines joined."""
    reader = PdfReader(io.BytesIO(source) if isinstance(source, bytes) else source)
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def report_text(result: Result) -> str:
    """Return all that a report says, before it is typeset."""
    return "\n".join(letter_texts(blocks(result))).replace("\u00a0", " ")


def figure_texts(result: Result) -> Iterator[str]:
    """Return every text on the figure's page."""
    return (mark.text for mark in sheet_of(result).marks if isinstance(mark, Words))
