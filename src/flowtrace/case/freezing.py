"""Freeze packages of a case: written into ``requests/``, and entered in its diary as drafted."""

from __future__ import annotations

from flowtrace import report
from flowtrace.case.case import Case
from flowtrace.case.diary import note_drafted
from flowtrace.report.freeze import Package, Sending

FOLDER = "requests"


def freeze(case: Case, sending: Sending) -> list[Package]:
    """Write a package for every recipient that stolen value reached; return what was made of each.

    Raises
    ------
    IntegrityError
        If the money does not add up; then nothing is written.
    """
    made = report.write_packages(case.result, case.folder / FOLDER, sending, progress=case.say)
    note_drafted(case.folder, [one for one in made if one.files])
    return made
