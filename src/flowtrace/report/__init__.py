"""Stage: report. What a Result becomes on paper: figures, tables, documents, freeze requests."""

from flowtrace.report.account_table import AccountTable, account_tables
from flowtrace.report.control import controls
from flowtrace.report.credit import credits_of
from flowtrace.report.diagram import figure
from flowtrace.report.explained import explanation_json, explanation_text
from flowtrace.report.freeze import write_packages
from flowtrace.report.graph import flow_graph
from flowtrace.report.sourced import origin_json, origin_text
from flowtrace.report.write import write_report

__all__ = [
    "AccountTable",
    "account_tables",
    "controls",
    "credits_of",
    "explanation_json",
    "explanation_text",
    "figure",
    "flow_graph",
    "origin_json",
    "origin_text",
    "write_packages",
    "write_report",
]
