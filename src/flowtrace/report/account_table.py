"""Where the money went, as a short table for a terminal: recipients by rule, with the range."""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model import Asset, Result, Taint, decimal_text, envelope
from flowtrace.report.accounted import Accounted, Line, accounted
from flowtrace.report.cells import rounded


@dataclass(frozen=True, slots=True)
class AccountTable:
    """One theft: a title, column heads, rows of text, and a closing note."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def account_tables(result: Result) -> tuple[AccountTable, ...]:
    """Return one table per theft, amounts rounded to two decimals; the last row is the stolen amount.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    """
    return tuple(_table(result, block) for block in accounted(result))


def _table(result: Result, block: Accounted) -> AccountTable:
    asset, rules = block.theft.asset, result.trace.rules
    total = dict.fromkeys(rules, block.theft.units)
    rows = [_row(asset, _name(line), line.taint) for line in block.lines]
    if any(block.clean.values()):
        less = (f"−{rounded(asset, units)}" if units else "" for units in map(block.clean.__getitem__, rules))
        rows.append(("less: no stolen origin traced", *less, ""))
    rows.append(_row(asset, "stolen", total))
    stolen = f"{decimal_text(block.theft.units, asset.decimals)} {asset.symbol}"
    return AccountTable(
        title=f"{result.incident.title}: where {stolen} went",
        columns=(f"to ({asset.symbol})", *(rule.words for rule in rules), "range"),
        rows=tuple(rows),
        note=_note(result, asset),
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


def _note(result: Result, asset: Asset) -> str:
    """Say how the figures are to be read, and what they rest on."""
    gaps = [g.amount.units for g in result.trace.gaps if g.amount is not None and g.amount.asset == asset]
    note = "Rounded; exact in out/summary.json. The range leaves out poison, an upper bound."
    if gaps:
        note += (
            f" {rounded(asset, sum(gaps))} {asset.symbol} that traced addresses sent has no source in this "
            "record: every rule but poison takes it for not stolen (report, key findings)."
        )
    return note
