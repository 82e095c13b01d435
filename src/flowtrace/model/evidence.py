"""Evidence and coverage: what was asked, what came back, and how much of the truth that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flowtrace.model.address import Address


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, without secrets: keys are removed before a Request is made."""

    method: str
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kept answer.

    Attributes
    ----------
    number
        Its place in the custody log, from 1.
    sha256
        Of the answer's body as received after content decoding; the body is kept under this name.
    fetched_at
        When the source answered, ISO 8601 UTC.
    source
        Who said so: a service, or a public repository at a commit.
    media
        What the body is, so that a reader can be chosen: ``etherscan`` or ``flowtrace-transfers``.
    """

    number: int
    request: Request
    sha256: str
    size: int
    fetched_at: str
    source: str
    media: str


class Scope(StrEnum):
    """Which movements of an address a source can show. A plain answer shows one of them, never all."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    TOKEN = "token"  # noqa: S105  a kind of asset, not a secret

    @property
    def words(self) -> str:
        """As a report names it."""
        return _SCOPE_WORDS[self]


_SCOPE_WORDS = {
    Scope.EXTERNAL: "transactions sent and received",
    Scope.INTERNAL: "internal transfers (coins sent by contracts)",
    Scope.TOKEN: "token transfer logs",
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known about one address in one scope.

    ``first`` and ``last`` are the block heights the answer spans. ``complete`` says whether everything in
    that span and scope is held; ``check`` says by which independent check, or why not.
    """

    address: Address
    scope: Scope
    first: int
    last: int
    complete: bool
    check: str
    fetched_at: str
    source: str
