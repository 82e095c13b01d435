"""What the heuristics found about the addresses of the trace: clusters and patterns, each with its rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flowtrace.model import Address, Cluster, Pattern, Result, RuleCard
from flowtrace.report.cells import count, printable
from flowtrace.report.document.typeset import Block, Cell, heading, para, table

_LISTED, _MEMBERS = 20, 6


def read(result: Result) -> list[Block]:
    """Return the section; nothing where neither a cluster nor a pattern touches the trace."""
    met = met_by(result)
    clusters = [one for one in result.clusters if met.intersection(one.members)]
    if not clusters and not result.patterns:
        return []
    return [
        heading("Clusters and patterns"),
        para(
            "Inferred by the heuristics whose rule cards stand under Method, each with its class and its "
            "error rate or that it is unmeasured. A cluster says that addresses are under one control, not "
            "whose. A pattern names a shape in the flow and says nothing of anybody's intent. No amount in "
            "this report rests on either. What touches no address of the trace is left out here."
        ),
        *_clusters(clusters, met),
        *_patterns(result.patterns),
    ]


def met_by(result: Result) -> frozenset[Address]:
    """Return every address that a hop of the trace leaves or reaches."""
    ends = (end for hop in result.trace.hops for end in (hop.source, hop.target))
    return frozenset(end for end in ends if end is not None)


def cited(result: Result) -> list[RuleCard]:
    """Return the cards of the heuristics that say something in this report."""
    named = {role.by for role in result.trace.roles} | {one.by for one in result.trace.set_aside}
    named |= {one.by for cluster in result.clusters for one in cluster.because}
    named |= {one.by for one in result.patterns}
    named |= {one.by for one in result.trace.crossings} | {one.by for one in result.trace.likely}
    return [card for card in result.rule_cards if f"{card.id}/{card.version}" in named]


def _clusters(clusters: list[Cluster], met: frozenset[Address]) -> list[Block]:
    if not clusters:
        return []
    ordered = sorted(clusters, key=lambda one: (-len(met.intersection(one.members)), one.members))
    more = f" The {_LISTED} that touch the trace most of {len(ordered):,}." if len(ordered) > _LISTED else ""
    return [
        heading("Clusters", 2),
        para(f"clusters.csv lists every member, cluster_findings.csv what joins them.{more}", small=True),
        table(
            ["addresses of the trace in it", "members", "joined by"],
            [_cluster(one, met) for one in ordered[:_LISTED]],
            columns=["1fr", "20mm", "58mm"],
            mono=[0],
            right=[1],
            size=7.5,
        ),
    ]


def _cluster(one: Cluster, met: frozenset[Address]) -> list[Cell]:
    here = [address for address in one.members if address in met]
    shown = [address.display for address in here[:_MEMBERS]]
    rest = [f"and {len(here) - _MEMBERS} more"] if len(here) > _MEMBERS else []
    rules = Counter(finding.by for finding in one.because)
    joined = [f"{printable(by)}: {number:,}" for by, number in sorted(rules.items())]
    return [[*shown, *rest], f"{len(one.members):,}", joined]


def _patterns(patterns: Iterable[Pattern]) -> list[Block]:
    by_rule: dict[str, list[Pattern]] = {}
    for one in patterns:
        by_rule.setdefault(one.by, []).append(one)
    if not by_rule:
        return []
    return [
        heading("Patterns", 2),
        para(
            "Of each kind the first in chain order; patterns.csv lists every one with its figures.",
            small=True,
        ),
        table(
            ["rule", "found", "the first"],
            [_pattern(by, found) for by, found in sorted(by_rule.items())],
            columns=["44mm", "16mm", "1fr"],
            right=[1],
            size=7.5,
        ),
    ]


def _pattern(by: str, found: list[Pattern]) -> list[Cell]:
    first = found[0]
    words = printable(first.detail or first.name)
    whom = [address.display for address in first.addresses[:1]]
    more = [f"and {count(len(first.addresses) - 1, 'address')} more"] if len(first.addresses) > 1 else []
    return [printable(by), f"{len(found):,}", [words, *whom, *more]]
