"""Why an exchange that was reached gets no request, for the report to tell."""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.credit import by_entity, fault
from flowtrace.report.freeze.lint import lint_facts
from flowtrace.report.freeze.recipients import exchange_requests
from flowtrace.report.subject import is_theft


def stopped(result: Result) -> dict[str, str]:
    """Return the first reason against a request, by the exchange's id; none where it is written."""
    if not is_theft(result.incident):
        return {}
    faults = {entity.id: fault(result, held) for entity, held in by_entity(result).values()}
    found = {name: why for name, why in faults.items() if why}
    for request in exchange_requests(result):
        wrong = lint_facts(result, request)
        if wrong:
            found[request.entity.id] = wrong[0].text
    return found
