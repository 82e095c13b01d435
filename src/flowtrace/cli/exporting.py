"""The verb export: a case as other programs read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flowtrace.cli.options import CaseName, Json, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line

ALL = "all"


def export(
    case: CaseName,
    formats: Annotated[
        list[str] | None,
        typer.Argument(metavar="FORMAT", help="Formats by name, or all; --list names them."),
    ] = None,
    into: Annotated[
        str, typer.Option("--into", help="The folder to write into; by default CASE/exports.")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="Name the formats and write nothing.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a case in machine formats, every amount exact: JSON, XLSX, Parquet, graphs, MISP, STIX …."""
    from flowtrace.report.formats import FORMATS, named  # noqa: PLC0415  --help must not pay it

    if listed:
        _list({one.name: one.what for one in FORMATS.values()}, as_json=as_json)
        return
    wanted = [one.name for one in named(FORMATS if formats == [ALL] else formats or ())]
    from flowtrace.case import Case  # noqa: PLC0415  the same

    with told(quiet=quiet or as_json) as say:
        written = Case.open(Path(case), say).export(wanted, Path(into) if into else None)
    if as_json:
        typer.echo(json.dumps([path.as_posix() for path in written], indent=1))
    else:
        for path in written:
            typer.echo(one_line(path.as_posix()))


def _list(formats: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(formats, indent=1))
        return
    widest = max(map(len, formats))
    for name, what in formats.items():
        typer.echo(f"{name:{widest}}  {what}")
