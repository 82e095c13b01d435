"""Two lists beside the report: what the case holds and since when; and what this copy leaves out."""

from __future__ import annotations

from flowtrace.model import Audience, Result
from flowtrace.report.cells import cell, digits
from flowtrace.report.tables import csv_of


def listed(result: Result) -> dict[str, bytes]:
    """Return the files by their names: ``custody.csv``; ``dropped.csv`` for all but ``le``."""
    files = {"custody.csv": _custody(result)} if result.custody else {}
    if result.audience is not Audience.LE:
        rows = [(cell(one.what), cell(one.why), digits(one.count)) for one in result.dropped]
        files["dropped.csv"] = csv_of([("what", "why", "how_many"), *rows])
    return files


def _custody(result: Result) -> bytes:
    head = ("number", "event", "at", "source", "what", "sha256", "size", "previous", "chain", "rows")
    rows = [
        (
            digits(one.number),
            one.event,
            cell(one.at),
            cell(one.source),
            cell(one.what),
            one.sha256,
            digits(one.size),
            one.previous,
            one.chain,
            _runs(one.rows),
        )
        for one in result.custody
    ]
    return csv_of([head, *rows])


def _runs(rows: tuple[int, ...]) -> str:
    """Return row numbers with runs drawn together: ``1-1995``.

    >>> _runs((1, 2, 3, 7))
    '1-3 7'
    """
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], row]
        else:
            runs.append([row])
    return " ".join("-".join(map(str, run)) for run in runs)
