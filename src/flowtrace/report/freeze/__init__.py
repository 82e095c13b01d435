"""Freeze and preservation requests: one package per recipient that traced value reached."""

from flowtrace.report.freeze.lint import Sending
from flowtrace.report.freeze.recipients import freeze_requests
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.writing import Package, write_drafts, write_packages

__all__ = ["FreezeRequest", "Package", "Sending", "freeze_requests", "write_drafts", "write_packages"]
