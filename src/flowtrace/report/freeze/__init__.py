"""Freeze and preservation requests: one package per exchange that received traced value."""

from flowtrace.report.freeze.package import write_freeze
from flowtrace.report.freeze.request import FreezeRequest, freeze_requests

__all__ = ["FreezeRequest", "freeze_requests", "write_freeze"]
