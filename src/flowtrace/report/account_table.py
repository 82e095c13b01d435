"""Where the money went, as a short table for a terminal: recipients by rule, with the range."""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model import Asset, Result, Taint, envelope
from flowtrace.report.accounted import NO_ORIGIN, Accounted, Line, accounted
from flowtrace.report.assumption import unrecorded
from flowtrace.report.cells import grouped, rounded
from flowtrace.report.frozen import frozen_notes
from flowtrace.report.subject import stated

_NOTES = 5  # frozen addresses that a terminal names


@dataclass(frozen=True, slots=True)
class AccountTable:
    """One theft: a title, column heads, rows of text, and a closing note."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def account_tables(result: Result) -> tuple[AccountTable, ...]:
    """Return one table per theft, amounts rounded; the last row is the amount followed.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    """
    return tuple(_table(result, block) for block in accounted(result))


def _table(result: Result, block: Accounted) -> AccountTable:
    asset, rules = block.theft.asset, result.trace.rules
    last = "came by exchange" if block.became else stated(result.incident, "stolen")
    rows = [_row(asset, _name(line), line.taint) for line in block.lines]
    if any(block.clean.values()):
        less = (f"−{rounded(asset, units)}" if units else "" for units in map(block.clean.__getitem__, rules))
        rows.append((stated(result.incident, NO_ORIGIN), *less, ""))
    rows.append(_row(asset, last, block.whole))
    whole = f"{'up to ' if block.became else ''}{grouped(asset, block.theft.units)} {asset.unit}"
    return AccountTable(
        title=f"{result.incident.title}: where {whole} went",
        columns=(f"to ({asset.unit})", *(rule.words for rule in rules), "range"),
        rows=tuple(rows),
        note=" ".join([_note(result, asset), *_frozen(result, block)]),
    )


def _name(line: Line) -> str:
    return f"{line.name} ({line.group})" if line.name else line.group


def _row(asset: Asset, name: str, taint: Taint) -> tuple[str, ...]:
    low, high = (rounded(asset, units) for units in envelope(taint))
    return (
        name,
        *(rounded(asset, units) for units in taint.values()),
        low if low == high else f"{low}–{high}",
    )


def _frozen(result: Result, block: Accounted) -> list[str]:
    notes = frozen_notes(result, block.theft.id, str(block.theft.asset))
    more = [f"{len(notes) - _NOTES} more: out/report.pdf."] if len(notes) > _NOTES else []
    return ["Frozen:", *notes[:_NOTES], *more] if notes else []


def _note(result: Result, asset: Asset) -> str:
    """Say how the figures are to be read, and what they rest on."""
    gaps = unrecorded(result, asset)
    note = "Rounded; exact in out/summary.json. The range leaves out poison, an upper bound."
    if gaps:
        spared = stated(result.incident, "not stolen")
        note += (
            f" {rounded(asset, sum(gaps.values()))} {asset.unit} that traced addresses sent has no source "
            f"in this record: every rule but poison takes it for {spared} (report, key findings)."
        )
    return note
