"""Questions and answers in JSON-RPC 2.0."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from typing import Any

from flowtrace.errors import SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Step, unreadable
from flowtrace.model import Answer, Request


def call(provider: Provider, method: str, params: Sequence[object], *, url: str = "") -> Request:
    """Return the request that calls a method; the same call is the same request, so its id is always 1."""
    asked = {"id": 1, "jsonrpc": "2.0", "method": method, "params": list(params)}
    body = json.dumps(asked, separators=(",", ":"), sort_keys=True).encode()
    return Request("POST", url or provider.url, body, key=provider.key)


def result(answer: Answer) -> Any:  # noqa: ANN401  JSON
    """Return what a call gave.

    Raises
    ------
    SourceError
        If the service complains.
    UnreadableError
        If the answer is no JSON-RPC answer.
    """
    if fault_of(answer) is not Fault.NONE:
        raise SourceError(f"{answer.source}: {complaint(answer)[1] or f'status {answer.status}'}")
    try:
        found = json.loads(answer.body)
        return found["result"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise unreadable(answer, "no JSON-RPC result") from None


def called(
    provider: Provider, method: str, params: Sequence[object], *, url: str = ""
) -> Generator[Step, Any, Any]:
    """Call a method and return its result; as part of an asking, with ``yield from``."""
    answer = yield call(provider, method, params, url=url)
    return result(answer)
