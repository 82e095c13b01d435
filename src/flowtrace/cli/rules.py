"""The verbs about the rules themselves: heuristics, heuristics measure, and decide on what one found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import CaseName, Json, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line
from flowtrace.errors import InputError

if TYPE_CHECKING:
    from flowtrace.model import Measure, RuleCard

app = typer.Typer(help="List the installed heuristics, or measure their error rates.")


@app.callback(invoke_without_command=True)
def heuristics(context: typer.Context, as_json: Json = False) -> None:
    """List the installed heuristics with claim, class, citation, failures and measured error rate."""
    if context.invoked_subcommand is not None:
        return
    from flowtrace.heuristic import load  # noqa: PLC0415  --help must not pay it

    cards = [one.card for one in load()]
    if as_json:
        typer.echo(json.dumps([_plain(card) for card in cards], indent=1))
        return
    for card in cards:
        for line in _lines(card):
            typer.echo(one_line(line))
        typer.echo()


def _plain(card: RuleCard) -> dict[str, object]:
    from flowtrace.heuristic import by  # noqa: PLC0415  the same

    return {
        "id": by(card),
        "claim": card.claim,
        "class": card.cls,
        "nature": card.nature,
        "citation": card.citation,
        "parameters": dict(card.parameters),
        "chains": card.chains,
        "needs": card.needs,
        "on": card.on,
        "failures": card.failures,
        "falsified_by": card.falsified_by,
        "measured": list(card.measured),
    }


def _lines(card: RuleCard) -> list[str]:
    from flowtrace.heuristic import by  # noqa: PLC0415  the same

    off = "" if card.on else "  (off unless the case's [heuristics] on names it)"
    return [
        f"{by(card)}  class {card.cls}, {card.cls.words}; {card.nature}{off}",
        f"  {card.claim}",
        f"  reads: {', '.join(f'{family} chains' for family in card.chains) or 'every chain'}",
        *((f"  rests on: {', '.join(card.needs)}",) if card.needs else ()),
        f"  after {card.citation}",
        *(f"  parameter {name}: {value}" for name, value in card.parameters),
        *(f"  error rate: {rate}" for rate in card.measured or ("unmeasured",)),
        *(f"  fails: {failure}" for failure in card.failures),
        f"  falsified by: {card.falsified_by}",
    ]


@app.command()
def measure(
    data: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A folder of public data with a known truth.")
    ],
    write: Annotated[
        str, typer.Option("--write", help="Also write the rates to this file, as a pack keeps them.")
    ] = "",
    only: Annotated[str, typer.Option("--only", help="Measure this heuristic alone.")] = "",
    quiet: Quiet = False,
) -> None:
    """Measure the error rates of the installed heuristics on data whose truth is known otherwise."""
    from datetime import UTC, datetime  # noqa: PLC0415  the same

    from flowtrace import measure as measuring  # noqa: PLC0415  the same

    today = datetime.now(UTC).date().isoformat()
    samples = [one for one in measuring.load_samples() if only in ("", one.by, one.by.partition("/")[0])]
    if only and not samples:
        raise InputError(f"no installed pack has a sample for {only!r}: flowtrace heuristics lists the ids")
    if write and not Path(write).absolute().parent.is_dir():
        raise InputError(f"{write} cannot be written: there is no folder {Path(write).absolute().parent}")
    found: list[Measure] = []
    with told(quiet=quiet) as say:
        for sample in samples:
            say(f"measuring {sample.by} on {sample.name}")
            found += measuring.measure(data, (sample,), today=today)
    for one in found:
        typer.echo(one_line(f"{one.by}  {one.words}"))
    absent = len(samples) - len(found)
    if not found:
        raise InputError(f"{data} holds none of the {len(samples)} samples of the installed packs")
    if absent and not quiet:
        typer.echo(f"{absent} samples are not in {data}", err=True)
    if write:
        try:
            Path(write).write_text(measuring.as_json(found), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{write} cannot be written: {error.strerror}") from None


def decide(
    case: CaseName,
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The finding's id, or its beginning.")],
    accept: Annotated[bool, typer.Option("--accept/--reject", help="Whether it counts; say one of both.")],
    who: Annotated[str, typer.Option("--who", help="Who decides.")],
    why: Annotated[str, typer.Option("--why", help="The reason.")],
    quiet: Quiet = False,
) -> None:
    """Accept or reject what a heuristic found; the word is kept in the custody log, and counts."""
    from flowtrace.case import Case  # noqa: PLC0415  the same

    with told(quiet=quiet) as say:
        opened = Case.open(Path(case), say)
        found = opened.decide(finding, accept=accept, who=who, why=why)
    if not quiet:
        word = "accepted" if accept else "rejected"
        typer.echo(one_line(f"{word}: {found.by}. Trace the case again: flowtrace trace {case}"), err=True)
