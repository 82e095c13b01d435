"""A person's word on a finding: kept beside it, never instead of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """Somebody accepts or rejects a finding.

    Attributes
    ----------
    finding
        The finding's id, as :func:`flowtrace.model.finding_id` gives it.
    accepted
        True: it counts, also where its rule alone joins nothing. False: it is left out of every cluster,
        trace and report, and stays listed as rejected.
    who, why
        The person and the reason, in their own words.
    at
        When, ISO 8601 in UTC.
    """

    finding: str
    accepted: bool
    who: str
    why: str
    at: str
