"""Constrained union-find: what needs no likelihood joins first, then likelihood where nothing holds it apart.

Source: Möser & Narayanan, Resurrecting Address Clustering in Bitcoin (FC 2022), section 5: each predicted
change also asserts that the other output's cluster is a different entity; predictions are taken in descending
score, and one that violates such an assertion is refused. The guards by attribution and by size are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Generic, NamedTuple, TypeVar

from flowtrace.cluster.parties import NOBODYS, Parties
from flowtrace.errors import InputError
from flowtrace.model import (
    Address,
    Cluster,
    Clustering,
    Distinct,
    Entity,
    Finding,
    Refusal,
    SameOwner,
    finding_id,
)
from flowtrace.model.clustering import Paths

UNHEARD, TIMES_MEDIAN = 10_000, 50
"""A cluster is of unheard size above so many addresses and so many times the median growth of a union."""
_SHOWN = 50
_CERTAIN = Decimal(2)
F = TypeVar("F", SameOwner, Distinct)


def clusters(
    findings: Iterable[Finding],
    *,
    entity_of: Callable[[Address], Entity | None] | None = None,
    accepted: Collection[str] = (),
    rejected: Collection[str] = (),
) -> Clustering:
    """Join addresses by findings, transitively, but for what is held apart.

    Three passes, so that the order of the findings does not matter. Same-owner findings that state no
    likelihood and are not soft join first, in the order of their addresses. Every distinct-owner finding then
    holds two clusters apart, or is a conflict where these are one already. Last the scored findings join, the
    surest first, where nothing holds their clusters apart and no guard refuses.

    Parameters
    ----------
    findings
        Of any kind; only ``SameOwner`` and ``Distinct`` are read.
    entity_of
        Who an address is. Clusters of different services are not joined by likelihood.
    accepted
        Ids (``finding_id``) that a person accepted: they join though they are soft, and pass the guards. What
        a cannot-link holds apart they do not join: reject the cannot-link for that.
    rejected
        Ids that a person rejected: the outcome is as if there were no such findings.

    Returns
    -------
    Clusters of two or more addresses, sorted by their smallest member. ``because`` of each holds every
    finding that speaks of it and was not refused, the redundant ones too.

    Raises
    ------
    InputError
        If a score is not a share from 0 to 1.
    """
    return _Run(_kept(findings, rejected), entity_of, frozenset(accepted)).done()


def _kept(findings: Iterable[Finding], rejected: Collection[str]) -> list[SameOwner | Distinct]:
    read = [finding for finding in findings if isinstance(finding, SameOwner | Distinct)]
    refused = frozenset(rejected)
    return [finding for finding in read if finding_id(finding) not in refused] if refused else read


class _Row(NamedTuple, Generic[F]):
    """A finding with the numbers of its addresses, in the order in which findings are taken."""

    a: int
    b: int
    by: str
    because: tuple[str, ...]
    score: str
    soft: bool
    finding: F


class _Run:
    """One clustering, from what is kept of the findings to the outcome."""

    def __init__(
        self,
        kept: list[SameOwner | Distinct],
        entity_of: Callable[[Address], Entity | None] | None,
        accepted: frozenset[str],
    ) -> None:
        met = {address for finding in kept for address in (finding.a, finding.b)}
        self._addresses = sorted(met, key=lambda address: (address.chain_id, address.account))
        number = {address: number for number, address in enumerate(self._addresses)}
        self._parties = Parties([_service(address, entity_of) for address in self._addresses])
        self._same = _rows(number, (finding for finding in kept if isinstance(finding, SameOwner)))
        distinct = _rows(number, (finding for finding in kept if isinstance(finding, Distinct)))
        self._distinct = sorted(distinct, key=lambda row: _surety(row).copy_negate())
        self._accepted = accepted
        self._forest: list[SameOwner] = []
        self._blocked: list[Refusal] = []
        self._conflicts: list[Refusal] = []
        self._queued: list[Refusal] = []

    def done(self) -> Clustering:
        """Return the outcome of the three passes."""
        certain = [row for row in self._same if not row.soft and not row.score]
        for row in certain:
            self._join_certain(row)
        self._hold_apart()
        likely = [row for row in self._likely() if self._join_likely(row)]
        return Clustering(
            tuple(self._clusters(sorted(certain + likely))),
            tuple(self._forest),
            tuple(self._blocked),
            tuple(self._conflicts),
            tuple(self._queued),
        )

    def _roots(self, row: _Row[F]) -> tuple[int, int]:
        return self._parties.root(row.a), self._parties.root(row.b)

    def _join_certain(self, row: _Row[SameOwner]) -> None:
        a, b = self._roots(row)
        if a == b:
            return
        if self._parties.differ(a, b):
            told = f"it needs no likelihood and joins, yet the clusters are of {self._services(a, b)}"
            self._conflicts.append(Refusal(row.finding, told))
        self._union(row.finding, a, b)

    def _hold_apart(self) -> None:
        paths: Paths | None = None
        for rank, row in enumerate(self._distinct):
            a, b = self._roots(row)
            if a != b:
                self._parties.hold_apart(a, b, rank)
                continue
            paths = paths or Paths(self._forest)
            way = paths.between(row.finding.a, row.finding.b) or ()
            told = f"{len(way)} findings that need no likelihood join the two; it holds nothing apart"
            self._conflicts.append(Refusal(row.finding, told, way[:_SHOWN]))

    def _likely(self) -> Iterator[_Row[SameOwner]]:
        """Yield what may join by likelihood or by a person's word: the surest first, accepted ones before."""
        likely = [row for row in self._same if row.score or row.soft]
        for row in sorted(likely, key=lambda row: (_surety(row).copy_negate(), row.by)):
            if not row.soft or self._is_accepted(row.finding):
                yield row

    def _join_likely(self, row: _Row[SameOwner]) -> bool:
        """Join by one finding; tell whether it was not refused."""
        a, b = self._roots(row)
        if a == b:
            return True
        rank = self._parties.between(a, b)
        if rank is not None:
            apart = self._distinct[rank].finding
            told = f"blocked: {apart.by} holds the two clusters apart"
            self._blocked.append(Refusal(row.finding, told, (apart,)))
            return False
        if not self._is_accepted(row.finding) and not self._pass_guards(row.finding, a, b):
            return False
        self._union(row.finding, a, b)
        return True

    def _pass_guards(self, finding: SameOwner, a: int, b: int) -> bool:
        if self._parties.differ(a, b):
            self._blocked.append(Refusal(finding, f"blocked: the clusters are of {self._services(a, b)}"))
            return False
        size = self._parties.size[a] + self._parties.size[b]
        if size <= UNHEARD or size <= TIMES_MEDIAN * self._parties.median_growth():
            return True
        told = f"queued for review: it would make a cluster of {size} addresses"
        self._queued.append(Refusal(finding, told))
        return False

    def _is_accepted(self, finding: SameOwner) -> bool:
        return bool(self._accepted) and finding_id(finding) in self._accepted

    def _services(self, a: int, b: int) -> str:
        return " and of ".join(", ".join(sorted(self._parties.services[root])) for root in (a, b))

    def _union(self, finding: SameOwner, a: int, b: int) -> None:
        self._parties.join(a, b)
        self._forest.append(finding)

    def _clusters(self, taken: Iterable[_Row[SameOwner]]) -> Iterator[Cluster]:
        members: dict[int, list[Address]] = {}
        for number, address in enumerate(self._addresses):
            members.setdefault(self._parties.root(number), []).append(address)
        because: dict[int, list[SameOwner]] = {}
        for row in taken:
            because.setdefault(self._parties.root(row.a), []).append(row.finding)
        for root, held in members.items():
            if len(held) > 1:
                yield Cluster(tuple(held), tuple(because[root]))


def _rows(number: Mapping[Address, int], findings: Iterable[F]) -> list[_Row[F]]:
    """Return each finding once, in the order of its addresses, rule and reasons."""
    rows = sorted(
        _Row(number[one.a], number[one.b], one.by, one.because, one.score, getattr(one, "soft", False), one)
        for one in findings
    )
    return [row for place, row in enumerate(rows) if not place or row[:-1] != rows[place - 1][:-1]]


def _service(address: Address, entity_of: Callable[[Address], Entity | None] | None) -> frozenset[str]:
    entity = entity_of(address) if entity_of else None
    return frozenset((entity.id,)) if entity is not None and entity.category.is_service else NOBODYS


def _surety(row: _Row[F]) -> Decimal:
    """Return the score as a number; a finding without one is surer than any likelihood."""
    if not row.score:
        return _CERTAIN
    try:
        share = Decimal(row.score)
        if 0 <= share <= 1:
            return share
    except InvalidOperation:  # no number, or one that does not compare
        pass
    raise InputError(f"{row.by} gives the score {row.score[:40]!r}: it is a share from 0 to 1")
