"""What a person states for a report, and what a report tells of its own making: words, never findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flowtrace.model.address import Address


class Audience(StrEnum):
    """For whom a report is made; what the others may not see is left out of it.

    ``le`` is for investigators and courts and leaves nothing out; ``vasp`` for the compliance desk of a
    service; ``public`` for anybody.
    """

    LE = "le"
    VASP = "vasp"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Reply:
    """That somebody named in a report was asked for a reply: when, and what came of it."""

    party: str
    asked: str
    answered: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a version of a report changed, in its author's words; ``digest`` is the case digest it had."""

    version: str
    date: str
    what: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the authors of a report state of themselves and of its publication.

    Attributes
    ----------
    corrections
        Where a reader writes to who finds a mistake.
    assessment
        The authors' own assessment of who did it; printed apart, as theirs.
    embargo
        Addresses that the public may not be shown yet.
    confidential
        Names of sources that are not named outside law enforcement.
    victim_is_public
        Whether the victim may be named in public: so for an incident that ships, else as the case says.
    """

    version: str = "1"
    authors: tuple[str, ...] = ()
    funding: str = ""
    conflicts: str = ""
    corrections: str = ""
    assessment: str = ""
    replies: tuple[Reply, ...] = ()
    changes: tuple[Change, ...] = ()
    embargo: tuple[Address, ...] = ()
    confidential: tuple[str, ...] = ()
    victim_is_public: bool = False


@dataclass(frozen=True, slots=True)
class Acquired:
    """One line of a case's chain of custody: an answer that is kept, or what a person decided.

    Attributes
    ----------
    number
        From 1, in the order of the custody log.
    event, at
        ``acquired`` with the time at which the source answered, empty where a file does not tell it; or
        ``decided`` with the time of the decision.
    source, what
        Who answered and what was asked; or who decided, and why.
    sha256, size
        Of the bytes kept.
    previous, chain
        The hash of the line before, and this line's own, over all of the above.
    rows
        The [n] of the trace that these bytes tell.
    """

    number: int
    event: str
    at: str
    source: str
    what: str
    sha256: str
    size: int
    previous: str
    chain: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a publication profile left out: a kind of thing, why, and how many of it; never the thing."""

    what: str
    why: str
    count: int
