"""The overview of a flow that takes several pages: recipients with sums and page numbers, the ways folded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from flowtrace.model import Address, Result
from flowtrace.report.diagram.captions import ranges
from flowtrace.report.diagram.fold import Grouped, gathered
from flowtrace.report.diagram.goals import Goal
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.diagram.picture import Box, BoxKind, FlowPicture

_ALONE = 2
_STATED = (BoxKind.VICTIM, BoxKind.THEFT)


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a flow has boxes of its own on the overview.

    Attributes
    ----------
    shown
        How many recipients; the rest of a ledger is one box.
    columns
        Over how many columns the recipients stand.
    bridges
        Whether bridges stand apart from the other addresses on the way.
    """

    shown: int
    columns: int
    bridges: bool


def overview(
    result: Result, goals: Mapping[Goal, tuple[int, ...]], room: Room, *, grouped: Grouped
) -> FlowPicture:
    """Fold a flow to its beginning, its recipients and one box on each ledger for all between.

    Parameters
    ----------
    goals
        The recipients, and the numbers of the pages on which the ways to them are drawn.
    room
        How much the page holds.
    grouped
        How folds are marked; its groups are made here.
    """
    facts = Facts.of(result)
    names = _names(result, facts, (list(goals)[: room.shown], room.bridges))
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
        brief=True,
    )
    picture = gathered(result, facts, made)
    size = f"{len(groups):,} addresses and {len(result.trace.hops):,} hops"
    words = f"Overview of {size}; the pages named in the boxes show the ways. "
    last = [str(first[name]) for name in first if name.startswith(("goal ", "rest "))]
    return replace(
        picture, subtitle=words + picture.subtitle, boxes=_spread(picture.boxes, last, room.columns)
    )


def _spread(boxes: tuple[Box, ...], last: Collection[str], columns: int) -> tuple[Box, ...]:
    """Let the recipients of each ledger stand in several columns, one after the other in turn."""
    turn: dict[str, int] = {}
    spread = []
    for box in boxes:
        if box.key in last:
            turn[box.lane] = turn.get(box.lane, -1) + 1
        spread.append(replace(box, far=turn[box.lane] % columns) if box.key in last else box)
    return tuple(spread)


def _names(result: Result, facts: Facts, apart: tuple[Iterable[Goal], bool]) -> dict[Address, str]:
    """Return for every address the name of its box."""
    shown, bridges = apart
    number = {address: i for i, goal in enumerate(shown) for address in goal.addresses}
    drawn = [(hop.drawn_from, hop.target) for hop in result.trace.hops]
    ends = (end for giver, taker in drawn if giver and taker for end in (giver, taker))
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
        elif kind is BoxKind.BRIDGE and bridges:
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
