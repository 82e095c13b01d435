"""A recipient of requests, such as an exchange or an issuer: what its own pages say about how to reach it.

A field that those pages do not tell is empty. Contacts that circulate elsewhere are an attack surface: mail
to a look-alike warns the thief.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

STALE_DAYS = 90
"""How long a contact holds after it was verified."""


class Verified(StrEnum):
    """What ``verified_on`` is the day of."""

    LIVE = "live"
    PAGE = "page"
    COPY = "copy"

    @property
    def words(self) -> str:
        """The same as words."""
        return {
            Verified.LIVE: "the day the page itself was read",
            Verified.PAGE: "the day the page states for itself",
            Verified.COPY: "the day a stored copy of unknown age was read",
        }[self]


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """A company behind a brand, and whom it serves."""

    name: str
    jurisdiction: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way in: ``kind`` is portal, email, form or postal; ``mode`` is who may take it, empty for all."""

    kind: str
    value: str
    mode: str = ""
    onboarding_days: int | None = None


@dataclass(frozen=True, slots=True)
class Vasp:
    """One recipient.

    Attributes
    ----------
    labels
        Ids of the entities in the labels that it answers for.
    accepted_modes
        Who may ask: ``le``, ``counsel``, ``victim``, ``researcher``.
    default_hold_days, preservation_days
        How long it holds an account and keeps records on a request, where it says so.
    notifies_user_by_default
        Whether it may tell its customer unless a request forbids it; None where it does not say.
    """

    id: str
    labels: tuple[str, ...]
    brands: tuple[str, ...]
    entities: tuple[LegalEntity, ...]
    channels: tuple[Channel, ...]
    accepted_modes: tuple[str, ...]
    languages: tuple[str, ...]
    required_docs: tuple[str, ...]
    identifier_formats: tuple[str, ...]
    subject_rule: str
    default_hold_days: int | None
    preservation_days: int | None
    notifies_user_by_default: bool | None
    sla_text: str
    notes: str
    source_url: str
    verified_on: date
    verified: Verified

    @property
    def holds_until(self) -> date:
        """The last day on which what is told here counts as verified."""
        return self.verified_on + timedelta(days=STALE_DAYS)

    def is_stale(self, on: date) -> bool:
        """Whether it is too old to be relied on; a copy of unknown age always is."""
        return self.verified is Verified.COPY or on > self.holds_until

    @property
    def caution(self) -> str:
        """How far it can be relied on, in words that do not depend on the day they are read."""
        if self.verified is Verified.COPY:
            return f"STALE: read on {self.verified_on} in a stored copy of unknown age; check the page first"
        told = f"verified on {self.verified_on}, {self.verified.words}"
        return f"{told}; STALE after {self.holds_until}: check the page first"

    def ways_of(self, mode: str) -> tuple[Channel, ...]:
        """Return the channels that a requester of this mode may take."""
        return tuple(channel for channel in self.channels if channel.mode in {"", mode})

    def standing(self, on: date) -> str:
        """Return when and how it was verified, and whether that still holds."""
        told = f"verified on {self.verified_on} ({self.verified.words}) from {self.source_url}"
        return f"STALE, check the page first: {told}" if self.is_stale(on) else told
