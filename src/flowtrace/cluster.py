"""Same-owner findings into clusters, each union with the finding that made it."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Address, Cluster, SameOwner


def clusters(findings: Iterable[SameOwner]) -> tuple[Cluster, ...]:
    """Join addresses by findings, transitively.

    Returns
    -------
    Clusters of two or more addresses, sorted by their smallest member; the order of the findings does not
    matter. ``because`` holds every finding that speaks of the cluster, the redundant ones too.
    """
    ordered = sorted(set(findings), key=lambda f: (f.a, f.b, f.by, f.because))
    parent: dict[Address, Address] = {}
    for finding in ordered:
        first, second = sorted((_root(parent, finding.a), _root(parent, finding.b)))
        parent[second] = first
    members: dict[Address, list[Address]] = {}
    for address in sorted(parent):
        members.setdefault(_root(parent, address), []).append(address)
    return tuple(
        Cluster(tuple(group), tuple(f for f in ordered if _root(parent, f.a) == root))
        for root, group in sorted(members.items())
        if len(group) > 1
    )


def _root(parent: dict[Address, Address], address: Address) -> Address:
    """Return the smallest address joined with this one, shortening the way for the next time."""
    parent.setdefault(address, address)
    while parent[address] != address:
        parent[address] = parent[parent[address]]
        address = parent[address]
    return address
