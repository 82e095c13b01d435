"""Crossings as a trace tells them: value that left one ledger and came to another, and what did not come.

However it was found: by a bridge's own key (class C), by a text anyone can write, by amount and time, through
a mixer, or by a third party's word. Whoever finds one makes a :class:`Crossed`; the tracer follows its links.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from flowtrace.model.address import Address
from flowtrace.model.asset import Amount
from flowtrace.model.finding import Class, Link

Place = tuple[str, int]
"""The id of a transfer, and which of its outputs."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """Value that left by one payment and came by others.

    Attributes
    ----------
    protocol, key
        By what they were joined: ``thorchain`` and the deposit's hash. ``key`` is empty where there is none.
    cls, by
        How it is known, and by which rule: ``bridge_key/1``.
    links
        One for each payment that came; all leave by the same one.
    fee
        What was kept of what was sent, where both sides are of one asset; None where they are not.
    gap
        Seconds from the payment that left to the first that came; None where a time is not told.
    returned
        Whether it came back instead of crossing.
    figures
        (name, exact value as text): what it was measured by, where no key joins it.
    """

    protocol: str
    key: str
    cls: Class
    by: str
    links: tuple[Link, ...]
    fee: Amount | None = None
    gap: int | None = None
    returned: bool = False
    figures: tuple[tuple[str, str], ...] = ()

    @property
    def gave(self) -> Place:
        """The payment by which it left."""
        return self.links[0].gave

    @property
    def got(self) -> tuple[Place, ...]:
        """The payments by which it came."""
        return tuple(link.got for link in self.links)


class Unmet(StrEnum):
    """Why an end of a crossing was not joined with another."""

    WAITING = "waiting"
    MISFIT = "misfit"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Uncrossed:
    """Value that a bridge took and of which the other side is not known.

    Attributes
    ----------
    chain_id, tx
        The transaction by which it left.
    why
        In words: nothing came yet (WAITING), what came contradicts it (MISFIT), or which payment it was the
        record does not tell (UNTOLD).
    address
        Whom it was paid to there; None where that is not told.
    goes_to, recipient
        The chain and the account that the protocol is to pay, each empty where it does not say.
    """

    protocol: str
    key: str
    unmet: Unmet
    chain_id: str
    tx: str
    why: str
    address: Address | None = None
    goes_to: str = ""
    recipient: str = ""


class Standing(StrEnum):
    """How a crossing that only may be stands in a case."""

    FOLLOWED = "followed"
    HELD = "held"
    CANDIDATE = "candidate"
    UNTRIED = "not tried"

    @property
    def words(self) -> str:
        """As a table's reader takes it."""
        return {
            "followed": "inferred and followed: the case says so",
            "held": "fits, and is not followed: the case does not say so",
            "candidate": "listed only",
            "not tried": "could not be tried",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Likely:
    """A payment into a service, and one out of it that may be the same value: shown, never an amount.

    Attributes
    ----------
    protocol, by
        The service or the pool's protocol, and the rule that says so.
    gave, got
        The payments; ``got`` is None where none is named.
    why
        Why it is not followed, or on whose word it is.
    finding
        The id by which a person decides on it; empty where nobody can.
    figures
        (name, exact value as text).
    """

    protocol: str
    by: str
    standing: Standing
    gave: Place
    got: Place | None = None
    why: str = ""
    finding: str = ""
    figures: tuple[tuple[str, str], ...] = ()

    def figure(self, name: str) -> str:
        """Return a figure, or empty text where there is none."""
        return next((value for held, value in self.figures if held == name), "")


@dataclass(frozen=True, slots=True)
class Crossings:
    """All that is known of a ledger's crossings; no payment is in two.

    ``likely`` is what only may be one: it is listed, and followed only as one of ``made``.
    """

    made: tuple[Crossed, ...] = ()
    unmet: tuple[Uncrossed, ...] = ()
    bridges: frozenset[Address] = field(default=frozenset(), repr=False)
    """Contracts and vaults of bridges: what comes to one is its user's, and is no one's to follow there."""
    likely: tuple[Likely, ...] = ()

    @property
    def links(self) -> tuple[Link, ...]:
        """What the tracer is to follow."""
        return tuple(link for one in self.made for link in one.links)
