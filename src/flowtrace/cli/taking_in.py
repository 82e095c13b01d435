"""``flowtrace import``: files taken in as evidence of a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import CaseOption, Quiet
from flowtrace.cli.progress import told

if TYPE_CHECKING:
    from flowtrace.case import Case

app = typer.Typer(no_args_is_help=True, help="Take files in as evidence of a case.")


@app.command("recordings")
def recordings(
    folder: Annotated[Path, typer.Argument(help="A folder of recorded answers with a manifest.json.")],
    case: CaseOption = "",
    quiet: Quiet = False,
) -> None:
    """Keep a folder of recorded HTTP answers as evidence, as if just received."""
    from flowtrace.case import Case  # noqa: PLC0415  half a second of imports; --help must not pay it

    with told(quiet=quiet) as say:
        opened, held = Case.of_recordings(folder, Path(case or folder.resolve().name), say)
    _say_next(opened, held, quiet=quiet)


@app.command("transfers")
def transfers(
    file: Annotated[Path, typer.Argument(help="A transfer table, CSV (or .csv.gz) or Parquet.")],
    case: CaseOption = "",
    quiet: Quiet = False,
) -> None:
    """Keep a transfer table in flowtrace's own schema as evidence."""
    from flowtrace.case import Case  # noqa: PLC0415  the same

    with told(quiet=quiet) as say:
        opened = Case.start(Path(case or file.name.partition(".")[0]), "", say)
        held = opened.import_transfers(file)
    _say_next(opened, held, quiet=quiet)


def _say_next(opened: Case, held: int, *, quiet: bool) -> None:
    if not quiet:
        typer.echo(f"{opened.folder} holds {held} answers. Next: flowtrace trace {opened.folder}", err=True)
