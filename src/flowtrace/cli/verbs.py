"""The verb trace; and what is installed: heuristics, doctor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli import (
    asking,
    clustering,
    exporting,
    freezing,
    labelling,
    reaching,
    reporting,
    requesting,
    rules,
    sealing,
    taking_in,
    who,
)
from flowtrace.cli.options import (
    CaseOption,
    ChainName,
    Confirm,
    Json,
    Minutes,
    Offline,
    Quiet,
    Refresh,
    Requests,
    SourceNames,
)
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line, print_accounts
from flowtrace.errors import FlowtraceError, IncompleteError, InputError

if TYPE_CHECKING:
    from flowtrace.case import Case

_INTERRUPTED = 130
app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Trace stolen crypto assets from the theft to a freeze request, on kept evidence, exactly.",
)
app.add_typer(taking_in.app, name="import")


def main() -> None:
    """Run the command line; every expected failure is one line on stderr and its exit code."""
    try:
        app(prog_name="flowtrace")
    except FlowtraceError as error:
        typer.echo(f"flowtrace: {one_line(str(error))}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        typer.echo(f"flowtrace: {one_line(str(error))}", err=True)
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
def trace(
    target: Annotated[
        str,
        typer.Argument(metavar="CASE", help="A case folder, a bundled case, an address or a transaction."),
    ],
    case: CaseOption = "",
    chain: ChainName = "",
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Also fetch what an imported or bundled case lacks.")
    ] = False,
    offline: Offline = False,
    requests: Requests = 0,
    minutes: Minutes = 0,
    confirm: Confirm = False,
    refresh: Refresh = False,
    source: SourceNames = None,
    prices: Annotated[
        bool, typer.Option("--prices", help="Also fetch what thefts and deposits were worth at their time.")
    ] = False,
    freezes: Annotated[
        bool, typer.Option("--freezes", help="Also ask the issuers of USDT and USDC what they froze.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say whom it would ask, and how fast; send nothing.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Work a case: fetch what it lacks, cluster, trace under every rule, and write it all into CASE/out."""
    reach = reaching.reach_of(
        requests=requests, minutes=minutes, confirm=confirm, offline=offline, refresh=refresh, source=source
    )
    with told(quiet=quiet or as_json) as say:
        opened = reaching.opened(target, case=case, chain=chain, say=say)
    if dry_run:
        reaching.print_plan(opened, reach)
        return
    unfinished = reaching.followed(opened, reach, wanted=fetch, quiet=quiet, as_json=as_json)
    try:
        if prices and not offline:
            unfinished = reaching.quoted(opened, reach, quiet=quiet) or unfinished
        if freezes:
            opened, stopped = freezing.with_freezes(opened, reach, quiet=quiet or as_json)
            unfinished = unfinished or stopped
        with told(quiet=quiet or as_json) as say:
            opened.say = say
            opened.report()
    except InputError as error:
        raise (unfinished or error) from None  # what was not fetched is why there is nothing to report
    if as_json:
        sys.stdout.buffer.write((opened.out / "summary.json").read_bytes())
    else:
        print_accounts(opened.account())
        if not quiet:
            _say_where(opened, confirm=confirm)
    why = str(unfinished or opened.unfinished)
    if why:
        raise IncompleteError(f"the trace is not complete: {why}")


def _say_where(case: Case, *, confirm: bool) -> None:
    if confirm:
        way = {hop.transfer.id for hop in case.result.trace.hops}
        told = len(way & case.result.confirmed)
        typer.echo(f"{told} of {len(way)} transfers of the way are told alike by two services", err=True)
    letters = (
        "; requests/ holds drafts of the letters, flowtrace freeze writes what to send"
        if (case.out / "requests").is_dir()
        else ""
    )
    typer.echo(
        f"Written to {case.out}: start with report.pdf, flow.png and flow.html{letters}. "
        f"Check it any time: flowtrace verify {case.folder}",
        err=True,
    )


app.command("report")(reporting.report)
app.command("evidence")(reporting.evidence)
app.command("explain")(asking.explain)
app.command("origin")(asking.origin)
app.command("fetch")(reaching.fetch)
app.command("sources")(reaching.sources)


app.add_typer(rules.app, name="heuristics")
app.add_typer(labelling.app, name="labels")
app.command("screen")(labelling.screen)
app.command("cluster")(clustering.cluster)
app.command("decide")(rules.decide)
app.command("incidents")(who.incidents)
app.command("vasps")(who.vasps)
app.command("freezes")(freezing.freezes)
app.command("export")(exporting.export)
app.command("freeze")(requesting.freeze)
app.add_typer(requesting.requests, name="requests")
app.command("verify")(sealing.verify)
app.command("pack")(sealing.pack)
app.command("stamp")(sealing.stamp)
app.command("custody")(sealing.custody)


@app.command()
def doctor() -> None:
    """Say whether this installation is whole: versions, heuristics, labels, bundled cases."""
    from flowtrace.case import diagnosis  # noqa: PLC0415

    for line in diagnosis():
        typer.echo(line)
    typer.echo("whole")
