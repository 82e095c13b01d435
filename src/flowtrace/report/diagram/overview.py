"""The overview of a flow that takes several pages: recipients with sums and page numbers, the ways folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from flowtrace.model import Address, Result
from flowtrace.report.diagram.captions import ranges
from flowtrace.report.diagram.fold import Grouped, gathered
from flowtrace.report.diagram.goals import Goal
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.diagram.picture import BoxKind, FlowPicture

_ALONE = 2
_STATED = (BoxKind.VICTIM, BoxKind.THEFT)


def overview(
    result: Result, goals: Mapping[Goal, tuple[int, ...]], shown: int, grouped: Grouped
) -> FlowPicture:
    """Fold a flow to its beginning, its recipients and one box on each ledger for all between.

    Parameters
    ----------
    goals
        The recipients, and the numbers of the pages on which the ways to them are drawn.
    shown
        How many of them have boxes of their own; the rest of a ledger is one box.
    grouped
        How folds are marked; its groups are made here.
    """
    facts = Facts.of(result)
    names = _names(result, facts, list(goals)[:shown])
    first: dict[str, Address] = {}
    for address, name in names.items():
        first.setdefault(name, address)
    groups = {address: str(first[name]) for address, name in names.items()}
    made = replace(
        grouped,
        groups=groups,
        others=frozenset(str(first[name]) for name in first if name.startswith("rest ")),
        between=frozenset(str(first[name]) for name in first if name.startswith("way ")),
        remarks=_remarks(goals, groups),
    )
    picture = gathered(result, facts, made)
    size = f"{len(groups):,} addresses and {len(result.trace.hops):,} hops"
    words = f"Overview of {size}; the pages named in the boxes show the ways. "
    return replace(picture, subtitle=words + picture.subtitle)


def _names(result: Result, facts: Facts, shown: Iterable[Goal]) -> dict[Address, str]:
    """Return for every address the name of its box."""
    number = {address: i for i, goal in enumerate(shown) for address in goal.addresses}
    ends = (
        end
        for hop in result.trace.hops
        if hop.drawn_from and hop.target
        for end in (hop.drawn_from, hop.target)
    )
    found = list(dict.fromkeys(ends))
    kinds = {address: facts.kind(address) for address in found}
    many = {kind: sum(k is kind for k in kinds.values()) > _ALONE for kind in _STATED}
    names = {}
    for address in found:
        kind, chain = kinds[address], address.chain_id
        if kind in _STATED:
            names[address] = f"{kind} {chain if many[kind] else address}"
        elif address in number:
            names[address] = f"goal {number[address]} {chain}"
        elif kind is BoxKind.BRIDGE:
            entity = facts.entity(address)
            names[address] = f"bridge {chain} {entity.id if entity else facts.bridges.get(address)}"
        elif address not in facts.senders:
            names[address] = f"rest {chain}"
        else:
            names[address] = f"way {chain}" if kind is not BoxKind.SWAP else f"swap {chain}"
    return names


def _remarks(goals: Mapping[Goal, tuple[int, ...]], groups: Mapping[Address, str]) -> dict[str, str]:
    """Say in every recipient's box which pages show the ways to it."""
    pages: dict[str, set[int]] = {}
    for goal, numbers in goals.items():
        for name in {groups[address] for address in goal.addresses if address in groups}:
            pages.setdefault(name, set()).update(numbers)
    return {
        name: f"page{'s' if len(found) > 1 else ''} {ranges(found)}"
        for name, found in sorted(pages.items())
        if found
    }
