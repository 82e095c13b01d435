"""Ids and dates that are the same on every machine: from the case's digest and the record, never a clock."""

from __future__ import annotations

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from flowtrace.model import Result
from flowtrace.report.cells import utc


def uuid_of(result: Result, kind: str, name: str) -> str:
    """Return the id of a thing of a case: a UUID (version 5) of the case's digest, its kind and its name."""
    return str(uuid5(_space(result), f"{kind}|{name}"))


def _space(result: Result) -> UUID:
    return uuid5(NAMESPACE_URL, f"urn:flowtrace:case:{result.digest}")


def day_of(result: Result) -> str:
    """Return the day the record stands for, ISO 8601; where it names none, that of its last transfer."""
    try:
        return date.fromisoformat(result.as_of[:10]).isoformat()
    except ValueError:
        return utc(max((transfer.time for transfer in result.transfers), default=0))[:10]


def moment_of(result: Result) -> str:
    """Return the same day as a time, for formats that want one: its first second in UTC."""
    return f"{day_of(result)}T00:00:00.000Z"
