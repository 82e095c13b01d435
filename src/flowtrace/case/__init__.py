"""A case: one investigation, one folder. The one place where the stages meet."""

from flowtrace.case.case import Case
from flowtrace.case.checks import Check, verify
from flowtrace.case.crawl import Reach
from flowtrace.case.doctor import diagnosis
from flowtrace.case.health import SourceHealth, sources
from flowtrace.case.live import Progress
from flowtrace.case.settings import bundled_cases
from flowtrace.case.target import Target, target_of

__all__ = [
    "Case",
    "Check",
    "Progress",
    "Reach",
    "SourceHealth",
    "Target",
    "bundled_cases",
    "diagnosis",
    "sources",
    "target_of",
    "verify",
]
