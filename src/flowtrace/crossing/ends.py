"""The nouns of a crossing: its two ends, what joins them, and what speaks against it.

An end is what one side of a bridge says on its own ledger: value left here under this key, or came here
under it. Two ends with one (protocol, key) are one crossing. An end is only as good as who wrote it: a
contract that the registry names, or a text that anyone can write.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flowtrace.errors import InputError
from flowtrace.model import Class


class UndecodableError(InputError):
    """A log, a message or a memo is not of the form its protocol gives it; it tells nothing."""


class Side(StrEnum):
    """Which end it is. RETURNED is value that came back to where it left from: a refund."""

    SENT = "sent"
    PAID = "paid"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class End:
    """One side of a crossing, as its own ledger tells it.

    Attributes
    ----------
    protocol, key
        What joins it with the other end. A key is text that both ledgers lead to.
    chain, tx, position
        Where it stands: a chain's CAIP-2 id, or ``PROTOCOL:NUMBER`` of a chain that flowtrace does not know;
        the transaction as its chain writes it; the number of the log or output in it. ``tx`` is empty where
        a protocol pays within its own ledger and names no transaction.
    time
        Of its block in unix seconds; None where it is not told.
    asset, units
        What moved, as the protocol names it, and how much in the protocol's own unit of it. The same text at
        both ends is the same asset in the same unit. ``asset`` is empty and ``units`` None where not told.
    recipient
        Whom the protocol says to pay: an account of ``other_chain`` at the end that sends, of ``chain`` at
        the end that pays. Follow this one: who pays is a relayer, a solver or a vault.
    other_chain
        The chain of the other end, empty where this end does not name it.
    fee
        What this end says is kept, in ``asset``; None where it tells none.
    terms
        Further facts that the other end tells as well, in fixed words. Ends that contradict each other are
        never joined.
    vouched
        True where a contract that the registry names wrote it, or the caller knows its payer for a vault.
    """

    protocol: str
    key: str
    side: Side
    chain: str
    tx: str
    position: int
    time: int | None = None
    asset: str = ""
    units: int | None = None
    recipient: str = ""
    other_chain: str = ""
    fee: int | None = None
    terms: tuple[tuple[str, str], ...] = ()
    vouched: bool = True


@dataclass(frozen=True, slots=True)
class Crossing:
    """Value that left by one end and came by others, matched by the protocol's own key.

    Attributes
    ----------
    paid
        The ends that pay, in order of time: several where a protocol pays in parts.
    cls
        C where every end is vouched for; P where one rests on a text that anyone can write, or where several
        equal messages were paired by their order.
    fee
        What was kept, in the asset sent; None where the two sides are not of one asset.
    gap
        Seconds from the end that sends to the first that pays; None where a time is not known.
    """

    sent: End
    paid: tuple[End, ...]
    cls: Class
    fee: int | None
    gap: int | None

    @property
    def returned(self) -> bool:
        """Whether the value came back instead of crossing."""
        return all(end.side is Side.RETURNED for end in self.paid)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Ends that share a key and are not joined, and why."""

    ends: tuple[End, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What a set of ends comes to: nothing of it is left out of all four.

    ``waiting`` sent and nothing came yet; ``orphans`` came and what they came from is not in the set.
    """

    crossings: tuple[Crossing, ...]
    misfits: tuple[Misfit, ...]
    waiting: tuple[End, ...]
    orphans: tuple[End, ...]
