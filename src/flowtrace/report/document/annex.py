"""The annexes: every address, and every hop's number, in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from textwrap import wrap

from flowtrace.model import (
    Address,
    Amount,
    Asset,
    Class,
    Hop,
    Result,
    StopReason,
    Taint,
    Theft,
    Use,
    envelope,
)
from flowtrace.report.cells import count, grouped, printable, utc
from flowtrace.report.diagram.drawing import marks_of
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.diagram.picture import Fold as Mark
from flowtrace.report.document.appendix import attributions
from flowtrace.report.document.printed import first, named_ends, unprinted
from flowtrace.report.document.typeset import Block, Cell, heading, landscape, para, table
from flowtrace.report.document.words import exact, keys, read_as, sides
from flowtrace.report.subject import is_theft, role_words
from flowtrace.report.tables import position

_FOLD = 3
_LINE = 120  # characters of a line of row numbers in Annex C
_WIDE = 33  # characters of the column of amounts
_MINOR = 100  # addresses below the minimum that are still listed one by one, and addresses of a mark


def annexes(result: Result) -> list[Block]:
    """Annexes B (hops; then mixer deposits per depositor), C (addresses; then marks of the figure) and D."""
    folds, single = _folded(result)
    assets = {theft.id: theft for theft in result.incident.thefts}
    marks = marks_of(result)
    hops = _hops(result, single, folds, small=minor(result))
    schedules = [*hops, *_folds(folds, assets), *_addresses(result), *_marks(marks)]
    return [landscape([*schedules, *attributions(result)])]


def minor(result: Result) -> frozenset[Address]:
    """Return the addresses too many and too small to be listed: they got less than the minimum to follow.

    An address that serves many pays thousands such; hops.csv has them all. Few are listed as all others are.
    """
    trace = result.trace
    small = {stop.address for stop in trace.stops if stop.reason is StopReason.MINIMUM}
    small -= {stop.address for stop in trace.stops if stop.reason is not StopReason.MINIMUM}
    small -= {hop.source for hop in trace.hops}
    small -= {address for address in small if result.labels.get(address)}
    return frozenset(small) if len(small) > _MINOR else frozenset()


def _left_out(number: int, what: str) -> str:
    """Say that so many addresses below the minimum, or payments to such, are not listed."""
    return f" {number:,} {what} got less than the minimum to follow: hops.csv lists them." if number else ""


def _addresses(result: Result) -> list[Block]:
    small = minor(result)
    more = _left_out(len(small), "addresses more")
    met = [address for address in _met(result) if address not in small]
    more += unprinted(result, len(met), what="addresses")
    rows = [_address_row(result, address) for address in first(met, named_ends(result).__contains__)]
    return [
        heading("Annex C: address schedule"),
        para(
            "Every address of the trace in full, with its role, and the labels held with their sources. "
            f"Third-party claims (class X) stand in their own section.{more}",
            small=True,
        ),
        table(
            ["address", "role in this trace", "labels", "source of the labels"],
            rows,
            columns=["66mm", "52mm", "60mm", "1fr"], mono=[0], size=7.5, quoted=[2, 3],
        ),
    ]  # fmt: skip


def _met(result: Result) -> list[Address]:
    trace = result.trace
    met: dict[Address | None, None] = {}
    for hop in trace.hops:
        met |= {hop.source: None, hop.target: None}
    met |= {stop.address: None for stop in trace.stops}
    met |= {deposit.hot_wallet: None for deposit in trace.deposits}
    return sorted(address for address in met if address)


def _address_row(result: Result, address: Address) -> list[Cell]:
    labels = [label for label in result.labels.get(address, ()) if not label.asserted]
    texts = [f"{printable(label.text)} ({printable(label.date)})" for label in labels]
    origins = dict.fromkeys(printable(label.source) for label in labels)
    return [address.display, _part(result, address), texts or "", list(origins) or ""]


def _part(result: Result, address: Address) -> list[str]:
    trace = result.trace
    parts = dict.fromkeys(
        role_words(result.incident, r.role) + (f" ({r.cls})" if r.cls is not Class.D else "")
        for r in trace.roles
        if r.address == address
    )
    parts |= dict.fromkeys(f"trace ends: {s.reason.value}" for s in trace.stops if s.address == address)
    if any(d.hot_wallet == address for d in trace.deposits):
        parts["hot wallet swept to"] = None
    if any(label.use is Use.FROZEN for label in result.labels.get(address, ())):
        parts["frozen by the issuer of a token"] = None
    if any(theft.victim == address for theft in result.incident.thefts):
        parts["victim" if is_theft(result.incident) else "payer of what is marked"] = None
    return list(parts) or [""]


Fold = tuple[Hop, ...]


def _folded(result: Result) -> tuple[list[Fold], list[Hop]]:
    """Part the hops into runs of equal deposits into a mixer, and all others."""
    mixers = {stop.address for stop in result.trace.stops if stop.reason is StopReason.MIXER}
    groups: dict[tuple[object, ...], list[Hop]] = defaultdict(list)
    for hop in result.trace.hops:
        if hop.target in mixers:
            groups[_like(hop)].append(hop)
    folds = [tuple(hops) for hops in groups.values() if len(hops) >= _FOLD]
    inside = {hop.row for same in folds for hop in same}
    return folds, [hop for hop in result.trace.hops if hop.row not in inside]


def _like(hop: Hop) -> tuple[object, ...]:
    return hop.theft, hop.source, hop.target, hop.amount


def _hops(result: Result, hops: list[Hop], folds: list[Fold], *, small: frozenset[Address]) -> list[Block]:
    shown = [hop for hop in hops if hop.target not in small]
    named = named_ends(result)
    listed = first(shown, lambda hop: hop.target in named or not hop.depth)
    folded = sum(len(same) for same in folds)
    rest = f" {count(folded, 'equal mixer deposit')} are drawn together in part 2." if folded else ""
    return [
        heading("Annex B: hop schedule"),
        para(
            "Each [n] is the number used in the figure, the findings and the letters. Traced is the range "
            "over the conserving rules; poison and each single rule are in hops.csv, which holds every "
            f"row.{rest}{_left_out(len(hops) - len(shown), 'payments more are to addresses that')}"
            f"{unprinted(result, len(shown), what='rows')}",
            small=True,
        ),
        table(
            ["row", "block, time (UTC)", "transaction; from; to", "amount", "traced: low, high", "class"],
            [_hop_row(hop) for hop in listed],
            columns=["14mm", "33mm", "1fr", "45mm", "38mm", "13mm"], mono=[2, 3, 4], right=[3, 4], size=7.2,
        ),
    ]  # fmt: skip


def _hop_row(hop: Hop) -> list[Cell]:
    t = hop.transfer
    return [
        f"[{hop.row}]",
        [t.where.removeprefix("block "), utc(t.time), position(hop)],
        [t.tx, *sides(hop)],
        _amount(hop.amount),
        [grouped(hop.amount.asset, units) for units in envelope(hop.taint)],
        [cls_of(hop).value, *read_as(hop)],
    ]


def _amount(amount: Amount) -> Cell:
    """Return an amount as lines that fit their column: what a token calls itself may be long, and a lie."""
    whole = exact(amount.asset, amount.units)
    if len(whole) <= _WIDE:
        return whole
    unit = printable(amount.asset.unit)
    return [grouped(amount.asset, amount.units), unit if len(unit) <= _WIDE else f"{unit[: _WIDE - 1]}…"]


def _folds(folds: list[Fold], thefts: dict[str, Theft]) -> list[Block]:
    if not folds:
        return []
    return [
        heading("Annex B, part 2: repeated mixer deposits, per depositor"),
        para(
            "Equal deposits by one address into one mixer contract. hops.csv holds each of these rows with "
            "its full transaction hash, block and time.",
            small=True,
        ),
        table(
            ["rows", "depositor; mixer", "deposits", "first and last block, time (UTC)", "sum", "low; high"],
            [_fold_row(same, thefts[same[0].theft].asset) for same in folds],
            columns=["56mm", "60mm", "24mm", "40mm", "30mm", "1fr"], mono=[1, 4, 5], right=[4, 5], size=7.2,
        ),
    ]  # fmt: skip


def _marks(marks: Iterable[Mark]) -> list[Block]:
    rows: list[list[Cell]] = [[m.id, printable(m.title), _meant(m)] for m in marks]
    if not rows:
        return []
    return [
        heading("Annex C, part 2: what the F-marks of the figure stand for"),
        table(
            ["mark", "what", "addresses, or rows of Annex B"],
            rows,
            columns=["12mm", "70mm", "1fr"],
            mono=[2],
            size=7.2,
            whole=4,
        ),
    ]


def _meant(mark: Mark) -> list[str]:
    shown = [address.display for address in mark.addresses[:_MINOR]]
    more = len(mark.addresses) - len(shown)
    shown += [f"and {more:,} more: hops.csv"] if more else []
    lines = ["  ".join(shown[n : n + 3]) for n in range(0, len(shown), 3)]
    # Lines of their own, or a long list of rows would be set too small to read.
    return [*lines, *wrap(keys(mark.rows), _LINE, break_long_words=False, break_on_hyphens=False)]


def _fold_row(same: Fold, asset: Asset) -> list[Cell]:
    first, last = same[0], same[-1]
    units = first.amount.units
    ends = [f"{hop.transfer.height}  {utc(hop.transfer.time)}" for hop in (first, last)]
    low, high = envelope(_summed(same))
    return [
        keys(hop.row for hop in same),
        [t.display for t in (first.source, first.target) if t],
        f"{len(same)} × {exact(asset, units)}",
        ends,
        exact(asset, units * len(same)),
        [grouped(asset, low), grouped(asset, high)],
    ]


def _summed(hops: Iterable[Hop]) -> Taint:
    sums: defaultdict[object, int] = defaultdict(int)
    for hop in hops:
        for rule, units in hop.taint.items():
            sums[rule] += units
    return dict(sums)  # type: ignore[arg-type]
