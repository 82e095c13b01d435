"""Findings: what a heuristic reads out of a ledger, with the reason and the rule that says so."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from flowtrace.model.address import Address
from flowtrace.model.chain import Family


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


class Nature(StrEnum):
    """What a rule rests on: the four kinds of a rule card."""

    PROTOCOL = "deterministic protocol fact"
    STATISTICAL = "statistical"
    BEHAVIOURAL = "behavioural"
    ATTRIBUTION = "attribution"


@dataclass(frozen=True, slots=True)
class RuleCard:
    """What a heuristic claims, on whose authority, and where it fails.

    Attributes
    ----------
    chains
        The families of chains it reads; all where empty.
    needs
        Ids of the heuristics whose reading it rests on: an error of theirs is one of its own.
    on
        False for a rule too weak to be used unless a person asks for it.
    ends
        True where its roles may end a trace, so that a crawl reads each history with it.
    measured
        Each error rate that was measured on stated data, in words, with its sample and interval. A pack
        states them in its ``measured.json``, never in the card itself.
    """

    id: str
    version: int
    claim: str
    cls: Class
    citation: str
    parameters: tuple[tuple[str, str], ...]
    failures: tuple[str, ...]
    falsified_by: str
    nature: Nature = Nature.BEHAVIOURAL
    chains: tuple[Family, ...] = ()
    needs: tuple[str, ...] = ()
    on: bool = True
    ends: bool = False
    measured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SameOwner:
    """Two addresses under one control.

    ``score`` is the share, 0 to 1 in decimals, by which a rule of likelihood is sure; empty for a rule that
    has none. A ``soft`` one is shown to a person and joins nothing unless accepted.
    """

    a: Address
    b: Address
    by: str
    because: tuple[str, ...]
    soft: bool = False
    score: str = ""


@dataclass(frozen=True, slots=True)
class Distinct:
    """Two addresses that are not under one control: no likelihood joins them.

    ``score`` is that of the reading it comes from, so that the surer one is heard first.
    """

    a: Address
    b: Address
    by: str
    because: tuple[str, ...]
    score: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape in the flow, by a stated definition: a peel chain, a CoinJoin, an operator's hours.

    Attributes
    ----------
    name
        What it is called, in the field's words.
    addresses
        Whom it concerns, in the order of the flow; none where it concerns a transaction as such.
    because
        Ids of the transfers and facts that show it, in chain order.
    figures
        (name, exact value as text): what a reader checks it by.
    detail
        Words with the figures, for a reader.
    """

    name: str
    addresses: tuple[Address, ...]
    by: str
    because: tuple[str, ...]
    cls: Class
    figures: tuple[tuple[str, str], ...] = ()
    detail: str = ""

    def figure(self, name: str) -> str:
        """Return a figure, or empty text where there is none."""
        return next((value for held, value in self.figures if held == name), "")


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


Finding = SameOwner | Distinct | Role | SetAside | Pattern
_ID_DIGITS = 16


def finding_id(finding: Finding) -> str:
    """Return the id by which a person names a finding: the same after a rebuild, on every machine.

    It is of what the finding says, of whom, by which rule card, for which reasons and how surely; its words
    for a reader may change. Of two addresses that are one owner's, or are not, the order says nothing.
    """
    text = json.dumps([type(finding).__name__, finding.by, *_said(finding)], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def _said(finding: Finding) -> tuple[object, ...]:
    match finding:
        case SameOwner():
            return (_pair(finding), finding.because, finding.soft, finding.score)
        case Distinct():
            return (_pair(finding), finding.because, finding.score)
        case Pattern():
            concerned = [_text(address) for address in finding.addresses]
            return (finding.name, concerned, finding.because, finding.cls, finding.figures)
        case Role():
            return (_text(finding.address), finding.role, finding.entity, finding.because, finding.cls)
        case SetAside():
            return (finding.transfer, _text(finding.address))


def _pair(finding: SameOwner | Distinct) -> list[str]:
    return sorted((_text(finding.a), _text(finding.b)))


def _text(address: Address) -> str:
    return f"{address.chain_id}:{address.account}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Addresses under one control, with the findings that joined them."""

    members: tuple[Address, ...]
    because: tuple[SameOwner, ...] = field(default=())
