"""A case: one investigation, one folder. The one place where the stages meet."""

from flowtrace.case.case import Case
from flowtrace.case.checks import Check, verify
from flowtrace.case.doctor import diagnosis
from flowtrace.case.settings import bundled_cases

__all__ = ["Case", "Check", "bundled_cases", "diagnosis", "verify"]
