"""Columns of a layered drawing: break cycles, layer by the longest path, order by barycentres.

Method: Sugiyama, Tagawa and Toda 1981 (layers, dummy points for long edges, barycentre sweeps). Every step
takes its order from the input's order, so the same graph always gives the same columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Columns:
    """The order of boxes and dummy points in each column.

    ``chains`` gives for every forward edge the points it runs through, from source to target; ``back`` are
    the edges that run against the flow.
    """

    columns: tuple[tuple[str, ...], ...]
    chains: Mapping[str, tuple[str, ...]]
    back: frozenset[str]


def arrange(
    nodes: Sequence[str], edges: Mapping[str, tuple[str, str]], spans: Mapping[str, int] | None = None
) -> Columns:
    """Arrange nodes in columns.

    Parameters
    ----------
    nodes
        The nodes, in the order in which the flow meets them.
    edges
        Source and target by edge name.
    spans
        Over how many columns an edge leads at least; one where it is not named.
    """
    least = spans or {}
    back = _back_edges(nodes, edges)
    forward = {name: ends for name, ends in edges.items() if name not in back}
    layer = _longest_path(nodes, [(a, b, least.get(name, 1)) for name, (a, b) in forward.items()])
    chains = {name: _chain(name, ends, layer) for name, ends in forward.items()}
    columns: list[list[str]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for node in nodes:
        columns[layer[node]].append(node)
    for name, chain in chains.items():
        start = layer[edges[name][0]]
        for offset, point in enumerate(chain[1:-1], 1):
            columns[start + offset].append(point)
    raised = {edges[name][0] for name in back}
    ordered = _ordered(columns, [pair for chain in chains.values() for pair in pairwise(chain)], raised)
    return Columns(tuple(map(tuple, ordered)), chains, back)


def _back_edges(nodes: Sequence[str], edges: Mapping[str, tuple[str, str]]) -> frozenset[str]:
    """Return the edges that close a cycle in a depth-first walk from the flow's beginning."""
    outgoing: dict[str, list[str]] = defaultdict(list)
    for name, (source, _) in edges.items():
        outgoing[source].append(name)
    state, back = dict[str, int](), set[str]()
    for root in nodes:
        stack = [(root, iter(outgoing[root]))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            node, names = stack[-1]
            try:
                name = next(names)
            except StopIteration:
                state[node] = 2
                stack.pop()
                continue
            target = edges[name][1]
            if state.get(target) == 1:
                back.add(name)
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(outgoing[target])))
    return frozenset(back)


def _longest_path(nodes: Sequence[str], edges: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    before: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for source, target, span in edges:
        before[target].append((source, span))
    layer: dict[str, int] = {}
    pending = list(nodes)
    while pending:
        ready = [n for n in pending if all(p in layer for p, _ in before[n])]
        layer.update({n: max((layer[p] + span for p, span in before[n]), default=0) for n in ready})
        pending = [n for n in pending if n not in layer]
    return layer


def _chain(name: str, ends: tuple[str, str], layer: Mapping[str, int]) -> tuple[str, ...]:
    source, target = ends
    steps = layer[target] - layer[source]
    return (source, *(f"{name}\x00{i}" for i in range(1, steps)), target)


def _ordered(columns: list[list[str]], links: list[tuple[str, str]], raised: set[str]) -> list[list[str]]:
    """Sweep to and fro, sorting each column by its neighbours' mean; keep the order that crosses least."""
    after, before = defaultdict(list), defaultdict(list)
    for a, b in links:
        after[a].append(b)
        before[b].append(a)
    best, fewest = columns, _crossings(columns, links)
    current = [list(column) for column in columns]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        near = before if forward else after
        for i in range(len(current)) if forward else reversed(range(len(current))):
            place = {p: k / max(len(c) - 1, 1) for c in current for k, p in enumerate(c)}
            keys = {p: (p not in raised, _mean(place[p], [place[n] for n in near[p]])) for p in current[i]}
            current[i] = sorted(current[i], key=keys.__getitem__)
        crossings = _crossings(current, links)
        if crossings < fewest or sweep == 0:
            best, fewest = [list(c) for c in current], crossings
    return best


def _mean(own: float, neighbours: Sequence[float]) -> float:
    return sum(neighbours) / len(neighbours) if neighbours else own


def _crossings(columns: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> int:
    place = {p: (i, k) for i, column in enumerate(columns) for k, p in enumerate(column)}
    by_gap: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for a, b in links:
        by_gap[place[a][0]].append((place[a][1], place[b][1]))
    return sum(
        (a - c) * (b - d) < 0 for gap in by_gap.values() for i, (a, b) in enumerate(gap) for c, d in gap[:i]
    )
