"""``flowtrace import``: files taken in as evidence of a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import CaseOption, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line

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


@app.command("files")
def files(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of them.")],
    chain: Annotated[
        str, typer.Option("--chain", help="Which chain they are of; iso20022:BIC for a bank.")
    ] = "ethereum",
    decimals: Annotated[
        list[str] | None,
        typer.Option("--decimals", metavar="TOKEN=N", help="A token's decimals, where no file states them."),
    ] = None,
    case: CaseOption = "",
    quiet: Quiet = False,
) -> None:
    """Keep files that others export: Etherscan, ethereum-etl, BigQuery, bitcoin-etl, cryo, AWS; and banks.

    A bank's statements are camt.053 or MT940; where they do not name the bank, --chain does.
    """
    from flowtrace.case import Case  # noqa: PLC0415  the same
    from flowtrace.model import Chain  # noqa: PLC0415  the same

    with told(quiet=quiet) as say:
        named = Chain.of(chain)
        opened = Case.start(Path(case or paths[0].resolve().name.partition(".")[0]), "", say)
        kept = opened.import_files(paths, named, decimals or ())
    if not quiet:
        for line in kept:
            typer.echo(one_line(line), err=True)
    _say_next(opened, len(kept), quiet=quiet, what="more files")


def _say_next(opened: Case, held: int, *, quiet: bool, what: str = "answers") -> None:
    if not quiet:
        typer.echo(f"{opened.folder} holds {held} {what}. Next: flowtrace trace {opened.folder}", err=True)
