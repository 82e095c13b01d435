"""The command line: verbs over the library, no logic. Results on stdout, words on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.errors import FlowtraceError

if TYPE_CHECKING:
    from rich.table import Table

    from flowtrace.case import Case
    from flowtrace.report import AccountTable

_WIDE, _WIDEST = 140, 10_000
_INTERRUPTED = 130
app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Trace stolen crypto assets from the theft to a freeze request, on kept evidence, exactly.",
)
imports = typer.Typer(no_args_is_help=True, help="Take files in as evidence of a case.")
app.add_typer(imports, name="import")

CaseName = Annotated[
    str, typer.Argument(metavar="CASE", help="A case folder, or the name of a bundled case.")
]
CaseOption = Annotated[str, typer.Option("--case", help="The case folder; by default named after the input.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of a table.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress, no closing words, only what failed.")
]


def main() -> None:
    """Run the command line; every expected failure is one line on stderr and its exit code."""
    try:
        app(prog_name="flowtrace")
    except FlowtraceError as error:
        typer.echo(f"flowtrace: {_one_line(str(error))}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        typer.echo(f"flowtrace: {_one_line(str(error))}", err=True)
        sys.exit(FlowtraceError.exit_code)
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # what typer makes of an interrupt
            words = "interrupted; what was gathered is kept, run the same command again"
            typer.echo(f"flowtrace: {words}", err=True)
        raise


def _version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  only for those who ask

        typer.echo(version("flowtrace"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda wanted: _version(wanted=wanted),
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Trace stolen crypto assets from the theft to a freeze request, on kept evidence, exactly."""


@app.command()
def trace(case: CaseName, as_json: Json = False, quiet: Quiet = False) -> None:
    """Work a case: ledger, clusters, trace under every rule, and every output into CASE/out."""
    from flowtrace.case import Case  # noqa: PLC0415  half a second of imports; --help must not pay it

    with _progress(quiet=quiet or as_json) as say:
        opened = Case.open(case, say)
        opened.report()
    if as_json:
        sys.stdout.buffer.write((opened.out / "summary.json").read_bytes())
        return
    _print_account(opened)
    if not quiet:
        typer.echo(
            f"Written to {opened.out}: start with report.pdf and flow.png; requests/ holds the letters. "
            f"Check it any time: flowtrace verify {opened.folder}",
            err=True,
        )


@app.command()
def verify(case: CaseName, as_json: Json = False, quiet: Quiet = False) -> None:
    """Re-hash a case's evidence, rebuild every result, and compare; exit code 5 if anything differs."""
    from flowtrace import case as cases  # noqa: PLC0415
    from flowtrace.errors import IntegrityError  # noqa: PLC0415

    with _progress(quiet=quiet or as_json) as say:
        checks = list(cases.verify(cases.Case(_existing(case), say)))
    if as_json:
        rows = [{"item": c.item, "passed": c.passed, "why": c.why} for c in checks]
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        for check in checks:
            if not (check.passed and quiet):
                typer.echo(
                    _one_line(f"{'PASS' if check.passed else 'FAIL'}  {check.item}  {check.why}".rstrip())
                )
    failed = [check for check in checks if not check.passed]
    if failed:
        raise IntegrityError(
            f"{len(failed)} of {len(checks)} checks failed, first: {failed[0].item} {failed[0].why}"
        )


@imports.command("recordings")
def import_recordings(
    folder: Annotated[Path, typer.Argument(help="A folder of recorded answers with a manifest.json.")],
    case: CaseOption = "",
    quiet: Quiet = False,
) -> None:
    """Keep a folder of recorded HTTP answers as evidence, as if just received."""
    from flowtrace.case import Case  # noqa: PLC0415

    with _progress(quiet=quiet) as say:
        opened, held = Case.of_recordings(folder, Path(case or folder.resolve().name), say)
    if not quiet:
        typer.echo(f"{opened.folder} holds {held} answers. Next: flowtrace trace {opened.folder}", err=True)


@imports.command("transfers")
def import_transfers(
    file: Annotated[Path, typer.Argument(help="A transfer table, CSV (or .csv.gz) or Parquet.")],
    case: CaseOption = "",
    quiet: Quiet = False,
) -> None:
    """Keep a transfer table in flowtrace's own schema as evidence."""
    from flowtrace.case import Case  # noqa: PLC0415

    with _progress(quiet=quiet) as say:
        opened = Case.start(Path(case or file.name.partition(".")[0]), "", say)
        held = opened.import_transfers(file)
    if not quiet:
        typer.echo(f"{opened.folder} holds {held} answers. Next: flowtrace trace {opened.folder}", err=True)


@app.command()
def heuristics(as_json: Json = False) -> None:
    """List the installed heuristics with claim, class, citation, failures and measured error rate."""
    from flowtrace.heuristic import by, load  # noqa: PLC0415

    cards = [h.card for h in load()]
    if as_json:
        rows = [{"id": by(c), "claim": c.claim, "class": c.cls, "citation": c.citation,
                 "parameters": dict(c.parameters), "failures": c.failures, "falsified_by": c.falsified_by,
                 "measured": c.measured or "unmeasured"} for c in cards]  # fmt: skip
        typer.echo(json.dumps(rows, indent=1))
        return
    for card in cards:
        typer.echo(f"{by(card)}  class {card.cls}, {card.cls.words}\n  {card.claim}")
        typer.echo(f"  after {card.citation}\n  error rate: {card.measured or 'unmeasured'}")
        for failure in card.failures:
            typer.echo(f"  fails: {failure}")
        typer.echo(f"  falsified by: {card.falsified_by}\n")


@app.command()
def doctor() -> None:
    """Say whether this installation is whole: versions, heuristics, labels, bundled cases."""
    from flowtrace.case import diagnosis  # noqa: PLC0415

    for line in diagnosis():
        typer.echo(line)
    typer.echo("whole")


def _existing(name: str) -> Path:
    """Return the case's folder; verifying never lays out a bundled case that is not there."""
    return Path(name)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield something to tell what is being done; shown on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415

    with Console(stderr=True).status("starting") as status:
        yield lambda words: status.update(escape(_one_line(words)))


def _print_account(case: Case) -> None:
    """Print where the money went: one line per recipient, one column per rule, and the range.

    A terminal too narrow for every rule gets the range alone: a figure is never cut off.
    """
    from rich.console import Console  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    for block in case.account():
        table = _table(block, range(len(block.columns)))
        if console.measure(table, options=console.options.update(width=_WIDEST)).maximum > console.width:
            table = _table(block, (0, len(block.columns) - 1))
        console.print(table)


def _table(block: AccountTable, places: Sequence[int]) -> Table:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        title=Text(block.title), title_justify="left", caption=Text(block.note), caption_justify="left"
    )
    for place in places:
        table.add_column(Text(block.columns[place]), justify="right" if place else "left", no_wrap=True)
    for row in block.rows:
        table.add_row(*(Text(row[place]) for place in places))
    return table


def _one_line(text: str) -> str:
    """Make text safe for a terminal: no control characters, no line breaks."""
    return "".join(c if c.isprintable() else " " for c in text)
