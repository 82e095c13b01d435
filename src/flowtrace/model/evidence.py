"""Evidence and coverage: what was asked, what came back, and how much of the truth that is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from flowtrace.model.address import Address


@dataclass(frozen=True, slots=True)
class Key:
    """A secret a request needs: the name it is set under in the environment or keyring, never its value.

    ``place`` says where the value goes when the request is sent: ``query NAME``, ``header NAME``, ``basic``
    (user:password), or ``base`` (the value is the address of the user's own server, and takes the place of
    the scheme and host of the request's URL).
    """

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, without secrets: those travel by name in ``key`` and are no part of the request's id.

    Attributes
    ----------
    body
        What is posted; empty for a plain question.
    headers
        Those that change the answer, in order. Headers of politeness are the door's business.
    """

    method: str
    url: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    key: Key | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """SHA-256 over all that decides the answer: the same question has the same id, whoever asks it."""
        parts = (self.method, self.url, repr(self.headers), hashlib.sha256(self.body).hexdigest())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gave back.

    Attributes
    ----------
    body
        As received, after content decoding (gzip and the like).
    status, headers
        Of HTTP; 200 and none where the answer came from a file.
    attempt
        How often the request had been sent when this came, from 1.
    number
        Its place in the custody log; 0 before it is kept.
    """

    request: Request
    body: bytes
    fetched_at: str
    source: str
    media: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    attempt: int = 1
    number: int = 0


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
        What the body is, so that a reader can be chosen: ``etherscan`` or ``flowtrace-transfers``; ``asked``
        where a source's asking reads it.
    status
        Of HTTP; 200 where the answer came from a file.
    """

    number: int
    request: Request
    sha256: str
    size: int
    fetched_at: str
    source: str
    media: str
    status: int = 200


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
class Lack:
    """Something that was wanted and is not on the ledger, and why.

    Attributes
    ----------
    address
        Whose history it is; empty where it is no address's.
    crowded
        Whether the address has so many transfers that its history was left: a service nobody has labelled.
    """

    address: str
    why: str
    crowded: bool = False


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
