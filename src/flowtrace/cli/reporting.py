"""The verbs on a report: write it again for an audience; resolve an id that it names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import CaseName, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line

if TYPE_CHECKING:
    from flowtrace.case import Shown
    from flowtrace.model import Acquired

_SHA256 = 64
Profile = Annotated[
    str, typer.Option("--profile", help="For whom: le, vasp or public; by default as case.toml says.")
]
Named = Annotated[
    str, typer.Argument(metavar="ROW|SHA256", help="A row [n] of the report, or digits of a kept hash.")
]


def report(case: CaseName, profile: Profile = "", quiet: Quiet = False) -> None:
    """Write a case's report again from the evidence it holds, offline; for another audience, beside it."""
    from flowtrace.case import Case, publish, read_audience  # noqa: PLC0415  imports; --help must not pay them

    for_whom = read_audience(profile, "--profile") if profile else None
    with told(quiet=quiet) as say:
        opened = Case.open(Path(case), say)
        out = publish(opened, for_whom)
    if not quiet:
        typer.echo(f"Written to {out}: start with report.pdf; report.docx can be edited", err=True)


def evidence(case: CaseName, named: Named = "", quiet: Quiet = False) -> None:
    """Say what a row of the report rests on; with a hash, print those bytes; alone, list all that is kept."""
    from flowtrace.case import Case, kept_bytes, shown  # noqa: PLC0415  the same

    with told(quiet=quiet) as say:
        opened = Case.open(Path(case), say)
        number = named.strip("[]")
        if number.isdecimal() and len(number) < _SHA256 // 8:
            lines = _row(shown(opened, int(number)))
        elif named:
            sys.stdout.buffer.write(kept_bytes(opened, named))
            return
        else:
            lines = [_line(one) for one in opened.result.custody]
    for line in lines:
        typer.echo(one_line(line))


def _row(found: Shown) -> list[str]:
    """Return a row's transfer and what tells it, a line each."""
    hop, transfer = found.hop, found.hop.transfer
    sides = f"{hop.source.display if hop.source else '-'} -> {hop.target.display if hop.target else 'nobody'}"
    amount = f"{hop.amount.asset.written(hop.amount.units)} {hop.amount.asset.unit}"
    told_by = [
        f"told by evidence {item.number}: sha256 {item.sha256}, {item.size} bytes, "
        f"{item.fetched_at or 'time not told'}, {item.source}: {item.request.method} {item.request.url}"
        for item in found.items
    ]
    head = f"[{hop.row}] {transfer.chain_id} {transfer.tx} {transfer.position} ({transfer.where}, "
    return [f"{head}{transfer.basis.value}) {sides} {amount}", *(told_by or ["told by no kept answer"])]


def _line(one: Acquired) -> str:
    rows = f", {len(one.rows)} rows" if one.rows else ""
    return f"{one.number} {one.event} {one.at or '-'} {one.sha256 or '-'} {one.source}: {one.what}{rows}"
