"""Fold a result into a picture of few boxes and drop nothing: what is folded is listed, and sums up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flowtrace.model import Address, Asset, Basis, Class, Hop, Result
from flowtrace.report.diagram import statement
from flowtrace.report.diagram.captions import dates, too_long
from flowtrace.report.diagram.kinds import ENDS, Facts
from flowtrace.report.diagram.partition import Groups, partition
from flowtrace.report.diagram.picture import Arrow, Box, BoxKind, FlowPicture, Fold

MOST_BOXES = 35
_STATED = frozenset({BoxKind.VICTIM, BoxKind.THEFT, BoxKind.OTHERS})
"""The kinds of boxes that the incident states, or that stand for many kinds."""


def fold(result: Result, most: int = MOST_BOXES) -> FlowPicture:
    """Fold a result into at most ``most`` boxes.

    Every hop ends up in exactly one arrow, one inner arrow (between members of a fold) or among the fees, so
    the arrows out of a box sum to what left it; tests hold this.
    """
    facts = Facts.of(result)
    groups, others = partition(result.trace.hops, facts, most)
    boxes, folds = _boxes(groups, others, facts)
    arrows, fees = _arrows(result.trace.hops, groups)
    numbered, folds = _numbered(arrows, folds, {box.key: box.title for box in boxes})
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
    )


def cls_of(hop: Hop) -> Class:
    """Return how a hop is known: D within one ledger, what its crossing is where it came by one."""
    if hop.cls is not Class.D:
        return hop.cls
    chains = {leg.address.chain_id for leg in (*hop.transfer.inputs, *hop.transfer.outputs) if leg.address}
    return Class.D if len(chains) <= 1 else Class.C


def _boxes(groups: Groups, others: frozenset[str], facts: Facts) -> tuple[tuple[Box, ...], tuple[Fold, ...]]:
    members: dict[str, list[Address]] = defaultdict(list)
    for address, name in groups.items():
        members[name].append(address)
    boxes: list[Box] = []
    folds: list[Fold] = []
    for name, group in members.items():
        mark = f"F{len(folds) + 1}" if len(group) > 1 else ""
        box = _box(tuple(group), facts, mark, others=name in others)
        boxes.append(replace(box, key=name))
        if mark:
            folds.append(Fold(mark, box.title, box.members, ()))
    return tuple(boxes), tuple(folds)


def _box(members: tuple[Address, ...], facts: Facts, mark: str, *, others: bool) -> Box:
    kind = BoxKind.OTHERS if others else facts.kind(members[0])
    first = members[0]
    lines = [f"{mark}: Annex C" if mark else first.short, *_remarks(members, facts, kind)]
    return Box("", kind, first.chain_id, members, facts.title(members, kind), tuple(lines), mark)


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
    arrows: Iterable[Arrow], folds: tuple[Fold, ...], titles: Mapping[str, str]
) -> tuple[list[Arrow], tuple[Fold, ...]]:
    """Give a fold id to every arrow whose rows are too many to print beside it."""
    numbered, listed = [], list(folds)
    for arrow in arrows:
        mark = f"F{len(listed) + 1}" if too_long(arrow.rows) else ""
        numbered.append(replace(arrow, fold=mark))
        if mark:
            title = f"{titles[arrow.source]} to {titles[arrow.target]}"
            listed.append(Fold(mark, title, (), arrow.rows))
    return numbered, tuple(listed)
