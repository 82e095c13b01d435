"""Fold a result into a picture of few boxes and drop nothing: what is folded is listed, and sums up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from flowtrace.model import Address, Asset, Basis, Class, Hop, Result
from flowtrace.report.cells import count
from flowtrace.report.diagram import statement
from flowtrace.report.diagram.captions import dates, too_long
from flowtrace.report.diagram.kinds import ENDS, Facts
from flowtrace.report.diagram.partition import Groups, partition
from flowtrace.report.diagram.picture import Arrow, Box, BoxKind, FlowPicture, Fold
from flowtrace.report.diagram.standing import listed_words, listing

MOST_BOXES = 35
ANNEX = "Annex C"
_STATED = frozenset({BoxKind.VICTIM, BoxKind.THEFT, BoxKind.OTHERS})
"""The kinds of boxes that the incident states, or that stand for many kinds."""


def fold(
    result: Result, most: int = MOST_BOXES, *, first: int = 1, listed: str = ANNEX, tight: bool = False
) -> FlowPicture:
    """Fold a result into at most ``most`` boxes.

    Parameters
    ----------
    first
        The number of the first fold's mark: pages of one figure count on.
    listed
        Where what a mark stands for is listed.
    tight
        Whether even boxes a reader acts on may be folded into others.

    Notes
    -----
    Every hop ends up in exactly one arrow, one inner arrow (between members of a fold) or among the fees, so
    the arrows out of a box sum to what left it; tests hold this.
    """
    facts = Facts.of(result)
    groups, others = partition(result.trace.hops, facts, most, tight=tight)
    return gathered(result, facts, Grouped(groups, others, first, listed))


@dataclass(frozen=True, slots=True)
class Grouped:
    """Which addresses share a box, which boxes are others, and how folds are marked.

    ``remarks`` are further lines in a box, by the name of its group; ``between`` the groups that are all that
    lies between the beginning and the recipients on a ledger. ``brief`` boxes say no more than they must.
    """

    groups: Groups
    others: frozenset[str] = frozenset()
    first: int = 1
    listed: str = ANNEX
    remarks: Mapping[str, str] = field(default_factory=dict)
    between: frozenset[str] = frozenset()
    brief: bool = False


def gathered(result: Result, facts: Facts, grouped: Grouped) -> FlowPicture:
    """Make the picture of a result whose addresses are grouped."""
    groups = grouped.groups
    boxes, folds = _boxes(grouped, facts)
    arrows, fees = _arrows(result.trace.hops, groups)
    boxes = tuple(_chained(box, arrows, result.trace.hops) for box in boxes)
    titles = {box.fold: box.title for box in boxes}
    folds = tuple(replace(mark, title=titles[mark.id]) for mark in folds)
    numbered, folds = _numbered(arrows, folds, ({box.key: box.title for box in boxes}, grouped.first))
    crossing = tuple(a for a in numbered if a.source != a.target)
    inner = tuple(a for a in numbered if a.source == a.target)
    return FlowPicture(
        title=statement.title(result),
        subtitle=statement.subtitle(result),
        footer=statement.footer(result),
        boxes=boxes,
        arrows=crossing,
        inner=inner,
        fees=tuple(h.row for h in fees),
        folds=folds,
        notes=statement.notes(result, boxes, inner=inner, unplaced=fees),
        words={box.kind: facts.words(box.kind) for box in boxes},
        listed=grouped.listed,
    )


def cls_of(hop: Hop) -> Class:
    """Return how a hop is known: D within one ledger, what its crossing is where it came by one."""
    if hop.cls is not Class.D:
        return hop.cls
    chains = {leg.address.chain_id for leg in (*hop.transfer.inputs, *hop.transfer.outputs) if leg.address}
    return Class.D if len(chains) <= 1 else Class.C


def _boxes(grouped: Grouped, facts: Facts) -> tuple[tuple[Box, ...], tuple[Fold, ...]]:
    members: dict[str, list[Address]] = defaultdict(list)
    for address, name in grouped.groups.items():
        members[name].append(address)
    boxes: list[Box] = []
    folds: list[Fold] = []
    for name, group in members.items():
        mark = f"F{len(folds) + grouped.first}" if len(group) > 1 else ""
        box = _box(tuple(group), facts, mark, others=name in grouped.others)
        first = f"{mark}: {grouped.listed}" if mark else group[0].short
        more = (grouped.remarks[name],) if name in grouped.remarks else ()
        box = replace(box, key=name, lines=(first, *box.lines, *more))
        if grouped.brief:
            frozen = facts.frozen_words(tuple(group)) if box.frozen else ""
            box = replace(box, lines=(first, *((frozen,) if frozen else ()), *more))
        if name in grouped.between:
            title = f"{count(len(group), 'address')} on the way"
            box = replace(box, kind=BoxKind.WALLET, title=title, lines=(first,))
        boxes.append(box)
        if mark:
            folds.append(Fold(mark, box.title, box.members, ()))
    return tuple(boxes), tuple(folds)


def _chained(box: Box, arrows: Iterable[Arrow], hops: Iterable[Hop]) -> Box:
    """Call a folded row of addresses that pay each other in turn what it is: a chain, or a peel chain."""
    inner = any(arrow.source == arrow.target == box.key for arrow in arrows)
    if not (inner and box.fold and box.kind is BoxKind.WALLET):
        return box
    members = frozenset(box.members)
    pairs = {(h.drawn_from, h.target) for h in hops if h.drawn_from in members and h.target in members}
    givers, takers = {a for a, _ in pairs}, {b for _, b in pairs}
    if not (len(givers) == len(takers) == len(pairs) == len(members) - 1):
        return box
    peels = any(h.drawn_from in givers and h.target not in members for h in hops)
    words = "Peel chain" if peels else "Chain"
    return replace(box, title=f"{words} \N{MULTIPLICATION SIGN}{len(members)} hops")


def _box(members: tuple[Address, ...], facts: Facts, mark: str, *, others: bool) -> Box:
    kind = BoxKind.OTHERS if others else facts.kind(members[0])
    first = members[0]
    alike = kind is BoxKind.FROZEN or len(members) == 1
    frozen = facts.frozen_words(members) if alike else ""
    told = (frozen,) if frozen else ()
    lines = (*told, *_remarks(members, facts, kind), *listed_words(members, facts.labels))
    title = facts.title(members, kind)
    lists = {listing(address, facts.labels) for address in members}
    listed = next(iter(lists)) if len(lists) == 1 else ""
    return Box("", kind, first.chain_id, members, title, lines, mark, bool(frozen), listed)


def _remarks(members: tuple[Address, ...], facts: Facts, kind: BoxKind) -> list[str]:
    """Say what a reader acts on: how a deposit address was known and swept, what others claim of an end."""
    if kind is BoxKind.DEPOSIT:
        swept = [d.sweep.time for a in members for d in facts.deposits.get(a, ()) if d.sweep]
        known = max((facts.cls(a) for a in members), key=list(Class).index)
        return [
            f"swept {dates(min(swept), max(swept), facts.year)} ({known})" if swept else f"found ({known})"
        ]
    said = _known(members, facts, kind)
    if kind is BoxKind.MIXER:
        return [text for text in [facts.senders_to(members)] if text] + said
    if kind in ENDS:
        return [*said, *(f"claim (X): {text}" for text in facts.claims(members[0])[:1])]
    return [*said, *(f"{symbol} ends here" for symbol in facts.cut_short(members))]


def _known(members: tuple[Address, ...], facts: Facts, kind: BoxKind) -> list[str]:
    """Say by what a box is known where that is more than the ledger: a label, or an inference."""
    worst = max((facts.cls(a) for a in members), key=list(Class).index)
    if worst is Class.D or kind in _STATED or kind in ENDS:
        return []
    labelled = any(stop.entity for a in members for stop in facts.stops.get(a, ()))
    return [f"by label ({worst})" if labelled else f"inferred ({worst})"]


@dataclass(slots=True)
class _Bundle:
    """Hops of one asset between two boxes, while they are gathered."""

    hops: list[Hop]

    def arrow(self, source: str, target: str, asset: Asset) -> Arrow:
        """Make the arrow; a transfer that carries taint of two thefts is counted once."""
        moved = {(h.transfer.id, h.leg): h for h in self.hops}
        units = [h.amount.units for h in moved.values()]
        times = [h.transfer.time for h in moved.values()]
        return Arrow(
            source=source,
            target=target,
            asset=asset,
            units=sum(units),
            count=len(moved),
            each=units[0] if len(set(units)) == 1 else None,
            first=min(times),
            last=max(times),
            rows=tuple(sorted(h.row for h in self.hops)),
            cls=max((cls_of(h) for h in self.hops), key=list(Class).index),
            decoded=any(h.transfer.basis is Basis.DECODED for h in moved.values()),
        )


def _arrows(hops: Iterable[Hop], groups: Groups) -> tuple[list[Arrow], list[Hop]]:
    bundles: dict[tuple[str, str, Asset], _Bundle] = defaultdict(lambda: _Bundle([]))
    fees = []
    for hop in hops:
        source, target = hop.drawn_from, hop.target
        if source is None or target is None:
            fees.append(hop)
        else:
            bundles[groups[source], groups[target], hop.amount.asset].hops.append(hop)
    return [bundle.arrow(*key) for key, bundle in bundles.items()], fees


def _numbered(
    arrows: Iterable[Arrow], folds: tuple[Fold, ...], named: tuple[Mapping[str, str], int]
) -> tuple[list[Arrow], tuple[Fold, ...]]:
    """Give a fold id to every arrow whose rows are too many to print beside it."""
    titles, first = named
    numbered, listed = [], list(folds)
    for arrow in arrows:
        mark = f"F{len(listed) + first}" if too_long(arrow.rows) else ""
        numbered.append(replace(arrow, fold=mark))
        if mark:
            title = f"{titles[arrow.source]} to {titles[arrow.target]}"
            listed.append(Fold(mark, title, (), arrow.rows))
    return numbered, tuple(listed)
