"""Labels, entities and incidents: attribution, always with who said it, when, and how sure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from flowtrace.errors import InputError
from flowtrace.model.address import Address
from flowtrace.model.asset import Asset

_ENTITY_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Category(StrEnum):
    """What an actor is (GraphSense concepts, and FATF's VASP)."""

    EXCHANGE = "exchange"
    MIXER = "mixing_service"
    BRIDGE = "defi_bridge"
    DEX = "defi_dex"
    TOKEN = "defi_token"  # noqa: S105  a kind of contract, not a secret
    BANK = "bank"
    OTHER_SERVICE = "service"
    PERPETRATOR = "perpetrator"
    VICTIM = "victim"
    OTHER = "other"

    @property
    def is_service(self) -> bool:
        """Whether funds of many users mix there, so that a trace ends."""
        return self in _SERVICES


_SERVICES = frozenset(
    {Category.EXCHANGE, Category.MIXER, Category.BRIDGE, Category.DEX, Category.BANK, Category.OTHER_SERVICE}
)


class Use(StrEnum):
    """What the labelled address does for its entity."""

    HOT_WALLET = "hot_wallet"
    COLD_WALLET = "cold_wallet"
    DEPOSIT = "deposit"
    CONTRACT = "contract"
    FROZEN = "frozen"  # its issuer keeps it from moving a token
    UNSPECIFIED = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """The actor behind addresses. ``id`` names folders of outputs, so it is held to a plain form."""

    id: str
    name: str
    category: Category
    uri: str = ""

    def __post_init__(self) -> None:
        if not _ENTITY_ID.fullmatch(self.id) or ".." in self.id:
            msg = f"entity id {self.id[:80]!r} is not lower-case letters, digits, '_', '.' or '-', 64 at most"
            raise InputError(msg)


@dataclass(frozen=True, slots=True)
class Label:
    """One claim about an address.

    ``confidence`` is a GraphSense confidence id (``web_crawl``, ``authority_data`` …); ``source`` a public
    URL or a repository at a commit; ``date`` the day the source stands for, ISO 8601. ``asserted`` labels are
    a third party's word on what an address is for, class X: shown with their source, never used to end a
    trace or to call an address a deposit. ``licence`` is the SPDX id under which the source lets its words be
    used; it is no part of the claim.
    """

    address: Address
    text: str
    category: Category
    use: Use
    entity: Entity | None
    source: str
    confidence: str
    date: str
    asserted: bool = False
    licence: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Theft:
    """One stolen amount: the transfer by which it left the victim. ``units`` are base units.

    Without a ``transfer`` it is no theft but a mark: all of the asset that comes to ``thief`` from elsewhere
    is followed, ``units`` being its sum once the trace is done, and there is no victim.
    """

    id: str
    asset: Asset
    units: int
    transfer: str
    victim: Address | None
    thief: Address

    @property
    def origin(self) -> str:
        """The victim's address as a person writes it; ``elsewhere`` for a mark."""
        return "elsewhere" if self.victim is None else self.victim.display

    @property
    def is_mark(self) -> bool:
        """Whether this only marks what an address received, with no word on whether it was stolen."""
        return not self.transfer


@dataclass(frozen=True, slots=True)
class Opening:
    """What an address held of an asset before its record begins, and who says so. It counts as not stolen."""

    address: Address
    asset: Asset
    units: int
    source: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Who stated what, where, when; ``via`` is who relays it, where the source itself was not read."""

    who: str
    what: str
    date: str
    url: str
    via: str = ""

    @property
    def where(self) -> str:
        """The page, and who relays the words."""
        return f"{self.url} (as told by {self.via})" if self.via else self.url


class IncidentStatus(StrEnum):
    """How a theft is attributed: by a public body, by one that others contradict, or by no public body."""

    ATTRIBUTED = "attributed"
    CONTESTED = "contested"
    UNOFFICIAL = "unofficial"


class PublishedRole(StrEnum):
    """What a published address did: stolen funds first arrived there, or it held or moved them later."""

    RECEIVED = "received"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Published:
    """Addresses and theft transactions that somebody published for an incident, and who.

    ``transactions`` are texts, ``CHAIN:HASH``.
    """

    said: Citation
    role: PublishedRole
    addresses: tuple[Address, ...]
    transactions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """A theft: victim, date, transfers, seeds, and the official attribution with its citation.

    Official words, what others say, and our own inference are kept in fields of their own and printed apart;
    none of them is a finding of flowtrace.

    Attributes
    ----------
    victim_party
        The victim as the official words name it.
    thefts
        The transfers by which value left the victim; empty where none is public.
    attribution
        Statements of public bodies.
    disputed
        Statements that contradict them.
    claims
        Attributions by those who are no public body, or by officials who are not named.
    amounts
        What was stolen, as each source publishes it.
    inference
        Our own reading, in our own words.
    """

    id: str
    title: str
    date: str
    victim_party: str
    seeds: tuple[Address, ...]
    thefts: tuple[Theft, ...]
    attribution: tuple[Citation, ...]
    sources: tuple[Citation, ...]
    status: IncidentStatus = IncidentStatus.ATTRIBUTED
    chains: tuple[str, ...] = ()
    amounts: tuple[Citation, ...] = ()
    disputed: tuple[Citation, ...] = ()
    claims: tuple[Citation, ...] = ()
    published: tuple[Published, ...] = ()
    inference: str = ""

    @property
    def is_traceable(self) -> bool:
        """Whether the transfers of the theft are known, so that amounts can be followed from them."""
        return bool(self.thefts)

    @property
    def named(self) -> tuple[Address, ...]:
        """Every address that somebody published for it, the seeds first."""
        listed = (address for block in self.published for address in block.addresses)
        return tuple(dict.fromkeys((*self.seeds, *listed)))
