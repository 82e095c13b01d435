"""Askings about the invented chain, driven without a door; answers may be changed on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fetch.services import Reply, Service
from flowtrace.fetch.dialects import dialect
from flowtrace.fetch.source import Asking, Rows, drive
from flowtrace.model import Answer, Coverage, Request, Transfer

Change = Callable[[Request, Reply], Reply]


def unchanged(_request: Request, reply: Reply) -> Reply:
    """Change nothing."""
    return reply


def run(service: Service, asking: Asking[Any], change: Change = unchanged) -> tuple[Rows, Any, list[Request]]:
    """Drive an asking; return what was read, what it returns, and what was asked."""
    rows, asked = Rows(), []

    def answer_of(request: Request) -> Answer:
        asked.append(request)
        status, headers, body = change(request, service.answer(request))
        kept = tuple((name.lower(), value) for name, value in headers.items())
        return Answer(
            request, body, "2026-01-01", service.provider.id, "asked", status, kept, number=len(asked)
        )

    found = drive(asking, answer_of, lambda batch: rows.take(batch, service.provider.chain.id))  # type: ignore[arg-type]
    return rows, found, asked


def history(service: Service, change: Change = unchanged) -> tuple[dict[str, Transfer], Coverage]:
    """Return the history of the service's address, by transaction, and its coverage."""
    speaks = dialect(service.provider.kind)
    asking = speaks.history(service.provider, service.address, service.pin)
    rows, (coverage,), _ = run(service, asking, change)
    found = {one.tx: one for one in rows.transfers}
    assert len(found) == len(rows.transfers)
    return found, coverage


def single(service: Service, tx: str, change: Change = unchanged) -> list[Transfer]:
    """Return what is told of one transaction."""
    rows, _, _ = run(service, dialect(service.provider.kind).transaction(service.provider, tx), change)
    return rows.transfers


def altered(part: str, change: Callable[[Any], Any]) -> Change:
    """Change the JSON of every answer to a request that has these words in its URL or body."""

    def spoil(request: Request, reply: Reply) -> Reply:
        if part not in request.url and part not in request.body.decode():
            return reply
        status, headers, body = reply
        return status, headers, json.dumps(change(json.loads(body))).encode()

    return spoil


def instead(part: str, reply: Reply) -> Change:
    """Answer every request that has these words in its URL or body with something else."""
    return lambda request, right: reply if part in request.url or part in request.body.decode() else right
