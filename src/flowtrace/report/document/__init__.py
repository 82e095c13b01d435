"""The report as a document: its sections as data, typeset by Typst, or as a document that can be edited."""

from flowtrace.report.document.report import report_files, report_pdf

__all__ = ["report_files", "report_pdf"]
