"""The report as a document: its sections as data, typeset by Typst."""

from flowtrace.report.document.report import report_pdf

__all__ = ["report_pdf"]
