"""A case: one investigation, one folder. The one place where the stages meet."""

from flowtrace.case.case import Case
from flowtrace.case.checks import Check, verify
from flowtrace.case.diary import Reminder, Step, diary, reminders, step
from flowtrace.case.doctor import diagnosis
from flowtrace.case.freezing import freeze
from flowtrace.case.health import SourceHealth, sources
from flowtrace.case.live import Covered, Progress
from flowtrace.case.publish import Shown, kept_bytes, publish, shown
from flowtrace.case.reach import Reach
from flowtrace.case.readings import Readings
from flowtrace.case.settings import bundled_cases
from flowtrace.case.stated import read_audience
from flowtrace.case.target import Target, resembles, target_of

__all__ = [
    "Case",
    "Check",
    "Covered",
    "Progress",
    "Reach",
    "Readings",
    "Reminder",
    "Shown",
    "SourceHealth",
    "Step",
    "Target",
    "bundled_cases",
    "diagnosis",
    "diary",
    "freeze",
    "kept_bytes",
    "publish",
    "read_audience",
    "reminders",
    "resembles",
    "shown",
    "sources",
    "step",
    "target_of",
    "verify",
]
