"""Findings: what a heuristic reads out of a ledger, with the reason and the rule that says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from flowtrace.model.address import Address


class Class(StrEnum):
    """How an edge or a finding is known. A path takes its worst class."""

    D = "D"
    C = "C"
    P = "P"
    X = "X"

    @property
    def words(self) -> str:
        """As a report names it."""
        return {
            "D": "recorded on one ledger",
            "C": "matched across ledgers by hard identifiers",
            "P": "inferred",
            "X": "asserted by a third party",
        }[self.value]


class RoleName(StrEnum):
    """What an address does in a flow."""

    THEFT = "theft address"
    DEPOSIT = "exchange deposit address"
    MIXER_DEPOSITOR = "mixer depositor"
    SERVICE = "service"
    SWAPPER = "swapper"
    INTERMEDIARY = "intermediary"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class RuleCard:
    """What a heuristic claims, on whose authority, and where it fails.

    ``measured`` is empty until an error rate is measured on stated data; then it is that rate in words, with
    its sample and interval.
    """

    id: str
    version: int
    claim: str
    cls: Class
    citation: str
    parameters: tuple[tuple[str, str], ...]
    failures: tuple[str, ...]
    falsified_by: str
    measured: str = ""


@dataclass(frozen=True, slots=True)
class SameOwner:
    """Two addresses under one control."""

    a: Address
    b: Address
    by: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """An address plays a role.

    Attributes
    ----------
    entity
        The id of the entity it plays it for (the exchange of a deposit address), or empty.
    by
        The rule card's id and version, ``deposit_reuse/1``.
    because
        Ids of the transfers that show it.
    detail
        Words with the figures, for a reader.
    """

    address: Address
    role: RoleName
    entity: str
    by: str
    because: tuple[str, ...]
    cls: Class
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A transfer that is listed but not followed: dust, zero value, a look-alike. Its value still counts."""

    transfer: str
    address: Address
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """Value that left by one output and came by another: across ledgers, or through a service.

    Attributes
    ----------
    gave, got
        Each a transfer's id and the number of its output.
    cls, by
        How it is known, and by which rule card.
    """

    gave: tuple[str, int]
    got: tuple[str, int]
    cls: Class
    by: str


Finding = SameOwner | Role | SetAside


@dataclass(frozen=True, slots=True)
class Cluster:
    """Addresses under one control, with the findings that joined them."""

    members: tuple[Address, ...]
    because: tuple[SameOwner, ...] = field(default=())
