"""What clustering makes of findings: the clusters, what joins two addresses, and what was refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.model.address import Address
from flowtrace.model.finding import Cluster, Distinct, SameOwner


@dataclass(frozen=True, slots=True)
class Refusal:
    """A finding that did not have its way, and why: a person decides what is right.

    Attributes
    ----------
    finding
        What was refused, or contradicted.
    why
        In words.
    against
        The findings that stand against it: the cannot-link it would violate, or the path of findings that
        joins two addresses which it holds apart.
    """

    finding: SameOwner | Distinct
    why: str
    against: tuple[SameOwner | Distinct, ...] = ()


@dataclass(frozen=True, slots=True)
class Clustering:
    """Clusters, with the provenance of every union.

    Attributes
    ----------
    clusters
        Those of two or more addresses, sorted by their smallest member.
    forest
        The findings that made a union, in the order they made it: the surest first, so that of all paths
        between two addresses the one in the forest has the surest weakest step.
    blocked
        Findings that would join what a cannot-link holds apart, or the clusters of two services.
    conflicts
        Findings that say two addresses are distinct which surer ones have joined, and findings that needed
        no likelihood and have joined the clusters of two services.
    queued
        Findings that would make a cluster of unheard size, for a person to review.
    """

    clusters: tuple[Cluster, ...]
    forest: tuple[SameOwner, ...] = ()
    blocked: tuple[Refusal, ...] = ()
    conflicts: tuple[Refusal, ...] = ()
    queued: tuple[Refusal, ...] = ()

    def why(self, a: Address, b: Address) -> tuple[SameOwner, ...] | None:
        """Return the findings that join two addresses, one after the other from ``a`` to ``b``.

        Returns
        -------
        The path between them in the forest, of which there is one; empty where both are the same; None where
        nothing joins them.
        """
        return Paths(self.forest).between(a, b)


class Paths:
    """The paths of a forest of findings: built once, asked often."""

    def __init__(self, forest: Iterable[SameOwner]) -> None:
        near: dict[Address, list[tuple[Address, SameOwner]]] = {}
        for finding in forest:
            near.setdefault(finding.a, []).append((finding.b, finding))
            near.setdefault(finding.b, []).append((finding.a, finding))
        self._up: dict[Address, tuple[Address, SameOwner] | None] = {}
        self._depth: dict[Address, int] = {}
        for top in near:
            self._hang(top, near)

    def _hang(self, top: Address, near: dict[Address, list[tuple[Address, SameOwner]]]) -> None:
        """Hang the tree of an address on it, so that a path is two ways up."""
        if top in self._depth:
            return
        self._up[top], self._depth[top] = None, 0
        level = [top]
        for here in level:  # grows as it goes
            for there, finding in near[here]:
                if there not in self._depth:
                    self._up[there], self._depth[there] = (here, finding), self._depth[here] + 1
                    level.append(there)

    def between(self, a: Address, b: Address) -> tuple[SameOwner, ...] | None:
        """Return the findings on the way from ``a`` to ``b``; None where there is no way."""
        start: list[SameOwner] = []
        end: list[SameOwner] = []
        while a != b:
            lower_is_a = self._depth.get(a, 0) >= self._depth.get(b, 0)
            step = self._up.get(a if lower_is_a else b)
            if step is None:
                return None
            if lower_is_a:
                a, finding = step
                start.append(finding)
            else:
                b, finding = step
                end.append(finding)
        return (*start, *reversed(end))
